//! The clock that all processes of a run share: `process.hrtime()` in Node reads it too.

use nix::time::{ClockId, clock_gettime};

/// Nanoseconds of the monotonic clock.
pub fn now_ns() -> u64 {
    read(ClockId::CLOCK_MONOTONIC)
}

/// Nanoseconds of CPU time that this process has used.
pub fn cpu_ns() -> u64 {
    read(ClockId::CLOCK_PROCESS_CPUTIME_ID)
}

/// What to subtract from the kernel's time stamps to get monotonic time, in nanoseconds.
pub fn wall_offset_ns() -> u64 {
    read(ClockId::CLOCK_REALTIME) - now_ns()
}

fn read(clock: ClockId) -> u64 {
    let time = clock_gettime(clock).expect("these clocks exist on Linux");
    (time.tv_sec() as u64) * 1_000_000_000 + time.tv_nsec() as u64
}
