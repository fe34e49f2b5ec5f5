//! Connections over streams of the caller's: what it is told to do with them.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use vite_native_ws::core::connection::bridge::{MAX_UNWRITTEN_BYTES, Step};
use vite_native_ws::core::context::config::Config;
use vite_native_ws::core::hub::{Hub, Upgraded};
use vite_native_ws::core::io::caller_thread::CallerThread;
use vite_native_ws::core::outgoing::backpressure::WaterMarks;
use vite_native_ws::core::peer::Subscriptions;
use vite_native_ws::core::resume::control;
use vite_native_ws::core::resume::resumption::Replay;

fn server(config: Config) -> (Arc<Hub>, CallerThread) {
    let hub = Hub::new(config, || {});
    let caller = hub.caller_thread();
    (hub, caller)
}

fn open(hub: &Hub) -> u32 {
    let nothing = Subscriptions::from_bits(0);
    let id = hub.open(Upgraded::default(), true, nothing, None).unwrap().id();
    hub.start(id, false);
    id
}

fn carry_once(caller: &CallerThread) -> (VecDeque<(u32, Step)>, bool) {
    let mut steps = VecDeque::new();
    let has_more = caller.carry(&mut steps);
    (steps, has_more)
}

/// All steps, each with its connection; a write as its bytes.
fn carry(caller: &CallerThread) -> Vec<(u32, Result<Vec<u8>, &'static str>)> {
    let mut all = Vec::new();
    loop {
        let (steps, has_more) = carry_once(caller);
        all.extend(steps.into_iter().map(|(id, step)| match step {
            Step::Write { frame, .. } => (id, Ok(frame.slices().concat())),
            Step::End => (id, Err("end")),
            Step::Resume => (id, Err("resume")),
            Step::Destroy => (id, Err("destroy")),
        }));
        if !has_more {
            return all;
        }
    }
}

/// The bytes of all writes, one behind the other.
fn written(caller: &CallerThread) -> Vec<u8> {
    carry(caller).into_iter().filter_map(|(_, step)| step.ok()).flatten().collect()
}

/// A masked frame of a client.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len() as u8;
    [&[0x80 | opcode, 0x80 | length, 0, 0, 0, 0], payload].concat()
}

/// A short text frame of the server.
fn frame_of(text: &str) -> Vec<u8> {
    [&[0x81, text.len() as u8], text.as_bytes()].concat()
}

#[test]
fn a_broadcast_is_one_frame_that_each_stream_is_to_write() {
    let (hub, caller) = server(Config::default());
    let (a, b) = (open(&hub), open(&hub));
    hub.broadcast("hi", Replay::Yes, None);
    let (steps, has_more) = carry_once(&caller);
    let frames: Vec<_> = steps
        .iter()
        .map(|(id, step)| match step {
            Step::Write { frame, .. } => (*id, frame),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(frames.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [a, b]);
    assert_eq!(frames[0].1.slices().concat(), b"\x81\x02hi");
    assert!(frames[0].1.is_same(frames[1].1), "shared");
    assert!(!has_more);
}

#[test]
fn what_waits_for_one_stream_is_joined_in_order() {
    let (hub, caller) = server(Config::default());
    let id = open(&hub);
    hub.broadcast("a", Replay::Yes, None);
    hub.send_payload(id, "b", None);
    hub.broadcast("c", Replay::Yes, None);
    assert_eq!(written(&caller), b"\x81\x01a\x81\x01b\x81\x01c");
}

#[test]
fn a_broadcast_does_not_overtake_what_waits_for_a_stream() {
    let (hub, caller) = server(Config::default());
    let id = open(&hub);
    assert_eq!(carry(&caller), []);
    caller.set_unwritten(id, 1);
    hub.broadcast("a", Replay::Yes, None);
    assert_eq!(carry(&caller), []);
    hub.broadcast("b", Replay::Yes, None);
    caller.set_unwritten(id, 0);
    hub.broadcast("c", Replay::Yes, None);
    assert_eq!(written(&caller), b"\x81\x01a\x81\x01b\x81\x01c");
}

#[test]
fn there_is_work_until_it_has_been_carried() {
    let (hub, caller) = server(Config::default());
    let id = open(&hub);
    assert_eq!(carry(&caller), []);
    assert!(!caller.has_work());
    caller.push(id, &frame(1, b"nobody hears"));
    assert!(!caller.has_work());
    caller.push(id, &frame(9, b"p"));
    assert!(caller.has_work(), "the pong");
    carry(&caller);
    assert!(!caller.has_work());
    hub.broadcast("hi", Replay::Yes, None);
    assert!(caller.has_work());
}

#[test]
fn an_announcement_is_kept_for_events_only() {
    let wakes = Arc::new(AtomicUsize::new(0));
    let counter = wakes.clone();
    let hub = Hub::new(Config::default(), move || {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let caller = hub.caller_thread();
    let everything = Subscriptions::from_bits(u8::MAX);
    let id = hub.open(Upgraded::default(), true, everything, None).unwrap().id();
    hub.start(id, false);
    carry(&caller);
    hub.announce_take();
    assert!(!hub.keep_announcement());
    caller.push(id, &frame(1, b"heard"));
    assert_eq!(wakes.load(Ordering::SeqCst), 1, "woken, since nobody comes");
    assert!(hub.keep_announcement());
    assert_eq!(hub.take_events(10).len(), 1);
}

#[test]
fn a_ping_is_answered_and_a_close_ends_the_stream_within_the_call() {
    let (hub, caller) = server(Config::default());
    let id = open(&hub);
    assert_eq!(carry(&caller), []);
    caller.push(id, &frame(9, b"p"));
    assert_eq!(carry(&caller), [(id, Ok(b"\x8a\x01p".to_vec()))]);
    caller.push(id, &frame(8, &[3, 232]));
    let expected = [(id, Ok(b"\x88\x02\x03\xe8".to_vec())), (id, Err("end"))];
    assert_eq!(carry(&caller), expected);
    caller.on_end(id);
    assert_eq!(hub.snapshot().clients.len(), 1, "the stream may still hold what it was given");
    caller.on_closed(id);
    assert_eq!(hub.snapshot().clients.len(), 0);
}

#[test]
fn one_round_gives_a_stream_a_bounded_share() {
    let (hub, caller) = server(Config::default());
    let id = open(&hub);
    assert_eq!(carry(&caller), []);
    caller.set_unwritten(id, 1);
    for _ in 0..40 {
        hub.broadcast("x".repeat(20_000), Replay::Yes, None);
    }
    assert_eq!(carry(&caller), []);
    caller.set_unwritten(id, 0);
    let (steps, has_more) = carry_once(&caller);
    let given: usize = steps
        .iter()
        .map(|(_, step)| if let Step::Write { frame, .. } = step { frame.len() } else { 0 })
        .sum();
    assert!(given < MAX_UNWRITTEN_BYTES + 65_536, "{given}");
    assert!(has_more);
    caller.set_unwritten(id, given);
    assert_eq!(carry(&caller), [], "it could not write that");
}

#[test]
fn only_looks_count_as_silence() {
    let period = Duration::from_millis(80);
    let (hub, caller) = server(Config { keepalive: period, ..Config::default() });
    let id = open(&hub);
    assert_eq!(carry(&caller), []);
    // The caller was busy with something else for ten periods.
    std::thread::sleep(period * 10);
    caller.tick();
    caller.tick();
    assert_eq!(carry(&caller), []);
    let mut told = Vec::new();
    while !hub.snapshot().clients.is_empty() {
        std::thread::sleep(caller.period());
        caller.tick();
        told.extend(carry(&caller));
    }
    assert_eq!(told, [(id, Ok(b"\x89\x00".to_vec())), (id, Err("destroy"))]);
}

#[test]
fn a_client_that_lost_all_that_waited_is_sent_a_reload() {
    let marks = WaterMarks { high_water_bytes: 100, ..WaterMarks::default() };
    let (hub, caller) = server(Config { marks, ..Config::default() });
    let id = open(&hub);
    let long = "x".repeat(marks.hard_limit_bytes());
    hub.broadcast(long.clone(), Replay::Yes, None);
    hub.broadcast("lost", Replay::Yes, None);
    let reload = frame_of(r#"{"type":"full-reload"}"#);
    let is_right = |bytes: Vec<u8>| bytes.ends_with(&[long.as_bytes(), &reload].concat());
    assert!(is_right(written(&caller)));
    hub.send_payload(id, long.clone(), None);
    hub.send_payload(id, "lost", None);
    assert!(is_right(written(&caller)));
}

#[test]
fn nothing_follows_a_close_frame() {
    let (hub, caller) = server(Config::default());
    let id = open(&hub);
    caller.push(id, &frame(1, control::HELLO.as_bytes()));
    hub.begin_session(id, "instance", "key").unwrap();
    carry(&caller);
    hub.close(id, Some(4000), Vec::new());
    caller.push(id, &frame(1, control::PROBE.as_bytes()));
    assert_eq!(written(&caller), [0x88, 2, 0x0f, 0xa0]);
}
