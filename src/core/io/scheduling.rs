//! How our threads share the cores with JavaScript.

/// Added to the nice value of the process.
///
/// Enough that a fan-out does not take a core from the `send` that wakes its thread, and so little
/// that pings are answered at once on a busy machine. Measured on two cores, Linux 6.18, the worst
/// pong beside a tight loop of broadcasts, and the main thread per `send` of a burst to 100: 14 ms and
/// 10 µs. With `SCHED_BATCH`: 68 to 120 ms and 13 µs. With 0: 14 ms and 13 µs. With 10: 300 ms.
#[cfg(target_os = "linux")]
const NICE_INCREMENT: i32 = 3;

/// Lets this thread stand back behind JavaScript's, where the system has a nice value for each thread.
#[cfg(target_os = "linux")]
pub(crate) fn stand_back() {
    // Where it is not allowed, the thread serves as it is.
    let _ = rustix::process::nice(NICE_INCREMENT);
}

/// Elsewhere a nice value is that of the whole process.
#[cfg(not(target_os = "linux"))]
pub(crate) fn stand_back() {}
