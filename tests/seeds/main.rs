//! The properties of the fuzz targets, over every seed and a fixed number of mutations of them.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod mutation;
#[path = "../../fuzz/src/lib.rs"]
mod properties;

use mutation::Mutator;
use properties::{handshake, inbound, outbox, receiver};
use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

/// The seeds of a target, in a stable order.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

fn replay(target: &str, mutations: usize, check: fn(&[u8])) {
    let seeds = seeds(target);
    assert!(seeds.len() >= 10, "the seeds were looked for in the wrong place");
    let run = |input: &[u8], origin: &str| {
        let outcome = catch_unwind(|| check(input));
        assert!(outcome.is_ok(), "{target}, {origin}: b\"{}\"", input.escape_ascii());
    };
    for seed in &seeds {
        run(seed, "a seed");
    }
    let mut mutator = Mutator::new(seeds);
    for number in 0..mutations {
        run(&mutator.next_input(), &format!("mutation {number}"));
    }
}

#[test]
fn a_stream_means_the_same_however_it_is_cut() {
    replay("receiver", 15_000, receiver::check);
}

#[test]
fn javascript_is_woken_for_what_it_listens_for() {
    replay("inbound", 30_000, inbound::check);
}

#[test]
fn only_handshakes_are_accepted() {
    replay("handshake", 40_000, handshake::check);
}

#[test]
fn what_is_queued_arrives_or_is_reported_dropped() {
    replay("outbox", 4_000, outbox::check);
}
