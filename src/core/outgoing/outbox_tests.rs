use super::*;
use crate::core::outgoing::backpressure::STALL;

/// Room for four updates of 100 bytes.
fn marks(policy: OverflowPolicy) -> WaterMarks {
    WaterMarks { high_water_bytes: 4 * update(100).frame.cost(), low_water_bytes: 20, policy }
}

fn update(length: usize) -> Entry {
    Entry::new(Frame::text(vec![b'x'; length - 2]), true)
}

fn raw(length: usize) -> Entry {
    Entry { droppable: false, ..update(length) }
}

/// Pushes what nothing is behind, for a client that takes what it is sent.
fn push(outbox: &mut Outbox, entry: Entry) -> Pushed {
    outbox.push(entry, 0, Duration::ZERO)
}

/// The same for a client that has taken nothing for a while.
fn push_stalled(outbox: &mut Outbox, entry: Entry) -> Pushed {
    outbox.push(entry, 0, STALL)
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
            push(&mut outbox, Entry { token: Some(token as u32), ..Entry::new(frame, false) });
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
    assert_eq!(push_stalled(&mut outbox, update(100)), Pushed::Queued);
    outbox.advance(10, |_| {});
    for _ in 0..3 {
        assert_eq!(push_stalled(&mut outbox, update(100)), Pushed::Queued);
    }
    assert_eq!(push_stalled(&mut outbox, update(100)), Pushed::Dropped { frames: 4 });
    assert_eq!(outbox.bytes(), 90, "the frame under way is finished");
    assert_eq!(push(&mut outbox, update(5)), Pushed::Dropped { frames: 1 });
    assert!(!outbox.take_recovery(), "it has not read yet");
    outbox.advance(80, |_| {});
    assert!(!outbox.take_recovery(), "the kernel may take a part of a frame from a stalled client");
    outbox.advance(10, |_| {});
    assert!(outbox.take_recovery());
    assert!(!outbox.take_recovery(), "once");
    assert_eq!(push(&mut outbox, update(30)), Pushed::Queued);
}

#[test]
fn a_client_that_takes_something_may_hold_up_to_the_hard_limit() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    for _ in 0..32 {
        assert_eq!(push(&mut outbox, update(100)), Pushed::Queued);
    }
    assert_eq!(push(&mut outbox, update(2)), Pushed::Dropped { frames: 33 });
}

#[test]
fn what_is_behind_on_its_way_counts() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    let hard = marks(OverflowPolicy::Reload).hard_limit_bytes();
    let cost = update(100).frame.cost();
    assert_eq!(outbox.push(update(100), hard, Duration::ZERO), Pushed::Queued, "nothing waits");
    assert_eq!(outbox.push(update(100), hard - 2 * cost, Duration::ZERO), Pushed::Queued);
    let over = outbox.push(update(100), hard - 2 * cost, Duration::ZERO);
    assert_eq!(over, Pushed::Dropped { frames: 3 });
}

#[test]
fn a_stall_is_judged_by_the_clock_too() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    for _ in 0..6 {
        push(&mut outbox, update(100));
    }
    let moving = STALL - Duration::from_millis(1);
    assert_eq!(outbox.review(moving), None);
    assert_eq!(outbox.review(STALL), Some(Pushed::Dropped { frames: 6 }));
    assert!(outbox.is_dropping() && outbox.is_empty());
    assert_eq!(outbox.review(STALL), None);
    let mut closing = Outbox::new(marks(OverflowPolicy::Close));
    for _ in 0..6 {
        push(&mut closing, update(100));
    }
    assert_eq!(closing.review(STALL), Some(Pushed::Overflow));
}

#[test]
fn by_the_clock_too_what_is_not_vites_is_not_dropped() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    push(&mut outbox, raw(5000));
    assert_eq!(outbox.review(STALL), None, "one message, however long");
    for _ in 0..6 {
        push(&mut outbox, raw(100));
    }
    push(&mut outbox, update(100));
    assert_eq!(outbox.review(STALL), Some(Pushed::Dropped { frames: 1 }));
    assert_eq!(outbox.review(STALL), Some(Pushed::Overflow));
}

#[test]
fn what_is_not_vites_is_never_dropped() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    push(&mut outbox, update(900));
    assert_eq!(push_stalled(&mut outbox, raw(20)), Pushed::Dropped { frames: 1 }, "it gives way");
    assert_eq!(push_stalled(&mut outbox, raw(20)), Pushed::Queued, "though something was lost");
    assert_eq!(push_stalled(&mut outbox, raw(900)), Pushed::Overflow);
    let ping = || Entry::new(Frame::new(Opcode::Ping, true, vec![0; 90]), false);
    assert_eq!(push_stalled(&mut outbox, ping()), Pushed::Queued);
    while outbox.cost() + ping().frame.cost() <= marks(OverflowPolicy::Reload).hard_limit_bytes() {
        assert_eq!(push(&mut outbox, ping()), Pushed::Queued);
    }
    assert_eq!(push(&mut outbox, ping()), Pushed::Overflow);
    let close = Entry::new(Frame::close(Some(1000), b""), false);
    assert_eq!(push(&mut outbox, close), Pushed::Queued);
}

#[test]
fn the_other_policies_close_or_keep() {
    let mut closing = Outbox::new(marks(OverflowPolicy::Close));
    assert_eq!(push_stalled(&mut closing, update(900)), Pushed::Queued);
    assert_eq!(push_stalled(&mut closing, update(11)), Pushed::Overflow);
    let mut keeping = Outbox::new(marks(OverflowPolicy::Keep));
    for _ in 0..100 {
        assert_eq!(push_stalled(&mut keeping, update(90)), Pushed::Queued);
    }
    assert_eq!(keeping.bytes(), 9000);
    assert_eq!(keeping.review(STALL * 100), None);
}

#[test]
fn one_frame_above_all_bounds_is_sent_to_a_client_that_reads() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    assert_eq!(push(&mut outbox, update(50_000)), Pushed::Queued);
}

#[test]
fn waiting_answers_and_pings_are_counted() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    push(&mut outbox, Entry::answer(Frame::new(Opcode::Pong, true, vec![1])));
    push(&mut outbox, Entry::new(Frame::new(Opcode::Pong, true, vec![1]), false));
    push(&mut outbox, Entry::answer(Frame::text("!")));
    push(&mut outbox, Entry::keepalive_ping(Frame::new(Opcode::Ping, true, vec![])));
    assert_eq!((outbox.answers(), outbox.has_sent_pings()), (3, false));
    outbox.advance(9, |_| {});
    assert_eq!((outbox.answers(), outbox.has_sent_pings()), (0, false));
    outbox.advance(2, |_| {});
    assert!(outbox.has_sent_pings());
}

#[test]
fn answers_are_queued_for_a_client_that_has_lost_something() {
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    assert_eq!(outbox.lose(3, true), Pushed::Dropped { frames: 3 });
    assert_eq!(push(&mut outbox, Entry::answer(Frame::text("!"))), Pushed::Queued);
    assert_eq!(push(&mut outbox, update(9)), Pushed::Dropped { frames: 1 });
}

#[test]
fn frames_that_stay_together_are_counted_one_by_one() {
    let three = || {
        let frames = ["a", "b", "c"].map(Frame::text);
        Entry { frame: Frame::joined(&frames.each_ref()), ..update(3) }
    };
    let mut outbox = Outbox::new(marks(OverflowPolicy::Reload));
    push(&mut outbox, three());
    assert_eq!(outbox.advance(9, |_| {}), Left { frames: 3, messages: 3, unframed: 0 });
    push(&mut outbox, update(600));
    push(&mut outbox, three());
    assert_eq!(push_stalled(&mut outbox, update(90)), Pushed::Dropped { frames: 5 });
}
