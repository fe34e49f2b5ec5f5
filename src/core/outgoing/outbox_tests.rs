use super::*;
use crate::core::protocol::opcode::Opcode;
use std::sync::atomic::{AtomicU32, Ordering};

fn marks(policy: OverflowPolicy) -> WaterMarks {
    WaterMarks { high_water_bytes: 100, low_water_bytes: 20, policy }
}

/// A frame of its own turn.
fn update(length: usize) -> Entry {
    static TURN: AtomicU32 = AtomicU32::new(1);
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    Entry { turn, ..Entry::new(Frame::text(vec![b'x'; length - 2]), true) }
}

fn written(outbox: &Outbox) -> Vec<u8> {
    let mut slices = [IoSlice::new(&[]); 3];
    let count = outbox.fill(&mut slices);
    slices[..count].iter().flat_map(|slice| slice.to_vec()).collect()
}

#[test]
fn frames_leave_in_order_however_the_writes_are_cut() {
    let frames = [b"one".to_vec(), vec![b'2'; 20_000], b"three".to_vec(), Vec::new()];
    let expected: Vec<u8> =
        frames.iter().flat_map(|data| Frame::text(data.clone()).slices().concat()).collect();
    for step in [61, 1000, 20_003] {
        let mut outbox =
            Outbox::new(WaterMarks { policy: OverflowPolicy::Keep, ..marks(OverflowPolicy::Keep) });
        for (token, data) in frames.iter().enumerate() {
            let frame = Frame::text(data.clone());
            outbox.push(Entry { token: Some(token as u32), ..Entry::new(frame, false) }, 1);
        }
        assert_eq!(outbox.bytes(), expected.len());
        let (mut stream, mut tokens) = (Vec::new(), Vec::new());
        while !outbox.is_empty() {
            let next = written(&outbox);
            let count = step.min(next.len());
            stream.extend_from_slice(&next[..count]);
            outbox.advance(count, |entry| tokens.extend(entry.token));
        }
        assert!(stream == expected, "in steps of {step}");
        assert_eq!(tokens, [0, 1, 2, 3]);
        assert_eq!(outbox.bytes(), 0);
    }
}

#[test]
fn over_the_mark_everything_unsent_gives_way_to_one_reload() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    assert_eq!(outbox.push(update(60), 1), Pushed::Queued);
    outbox.advance(10, |_| {});
    assert_eq!(outbox.push(update(40), 1), Pushed::Queued);
    assert_eq!(outbox.push(update(30), 1), Pushed::Dropped { frames: 2 });
    assert_eq!(outbox.bytes(), 50, "the frame under way is finished");
    assert_eq!(outbox.push(update(5), 1), Pushed::Dropped { frames: 1 });
    assert!(!outbox.take_recovery(), "it has not read yet");
    outbox.advance(40, |_| {});
    assert!(!outbox.take_recovery(), "the kernel may take a part of a frame from a stalled client");
    outbox.advance(10, |_| {});
    assert!(outbox.take_recovery());
    assert!(!outbox.take_recovery(), "once");
    assert_eq!(outbox.push(update(30), 1), Pushed::Queued);
}

#[test]
fn what_is_not_vites_is_never_dropped() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    outbox.push(update(90), 1);
    assert_eq!(outbox.push(Entry { droppable: false, ..update(20) }, 1), Pushed::Overflow);
    let ping = Entry { frame: Frame::new(Opcode::Ping, true, vec![0; 90]), ..update(20) };
    assert_eq!(outbox.push(ping, 1), Pushed::Queued);
}

#[test]
fn the_other_policies_close_or_keep() {
    let mut closing = Outbox::new(marks(OverflowPolicy::Close));
    assert_eq!(closing.push(update(90), 1), Pushed::Queued);
    assert_eq!(closing.push(update(11), 1), Pushed::Overflow);
    let mut keeping = Outbox::new(marks(OverflowPolicy::Keep));
    for _ in 0..100 {
        assert_eq!(keeping.push(update(90), 1), Pushed::Queued);
    }
    assert_eq!(keeping.bytes(), 9000);
}

#[test]
fn one_frame_above_the_mark_is_sent_to_a_client_that_reads() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    assert_eq!(outbox.push(update(5000), 1), Pushed::Queued);
}

#[test]
fn waiting_pongs_are_counted() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    outbox.push(Entry { frame: Frame::new(Opcode::Pong, true, vec![1]), ..update(20) }, 1);
    assert_eq!(outbox.pongs(), 1);
    outbox.advance(3, |_| {});
    assert_eq!(outbox.pongs(), 0);
}

#[test]
fn patience_moves_the_mark() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Close));
    outbox.push(update(90), 2);
    assert_eq!(outbox.push(update(110), 2), Pushed::Queued);
    assert!(outbox.is_over());
    assert_eq!(outbox.push(update(2), 2), Pushed::Overflow);
}

#[test]
fn what_is_sent_in_one_turn_is_no_fault_of_the_client() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    let burst = |length| Entry { turn: 0, ..update(length) };
    outbox.push(update(50), 1);
    for _ in 0..8 {
        assert_eq!(outbox.push(burst(50), 1), Pushed::Queued);
    }
    assert!(outbox.bytes() > 100);
    assert_eq!(outbox.push(update(50), 1), Pushed::Dropped { frames: 10 });
    assert_eq!(outbox.push(burst(700), 1), Pushed::Dropped { frames: 1 }, "until it has read");
}

#[test]
fn a_burst_too_is_bounded() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    let burst = |length| Entry { turn: 0, ..update(length) };
    for _ in 0..8 {
        assert_eq!(outbox.push(burst(100), 1), Pushed::Queued);
    }
    assert_eq!(outbox.push(burst(2), 1), Pushed::Dropped { frames: 9 });
}

#[test]
fn frames_that_stay_together_are_counted_one_by_one() {
    let three = || {
        let frames = ["a", "b", "c"].map(Frame::text);
        Entry { frame: Frame::joined(&frames.each_ref()), ..update(3) }
    };
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    outbox.push(three(), 1);
    assert_eq!(outbox.advance(9, |_| {}), Left { frames: 3, messages: 3 });
    outbox.push(update(60), 1);
    outbox.push(three(), 1);
    assert_eq!(outbox.push(update(90), 1), Pushed::Dropped { frames: 5 });
}
