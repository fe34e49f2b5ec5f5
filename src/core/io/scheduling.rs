//! How our threads share the cores with JavaScript.

/// Added to the nice value of the process.
///
/// Enough that a fan-out takes no core from the `send` that wakes its thread, and so little that pings
/// are answered at once on a busy machine, and messages are read quickly where there is one core. On
/// two cores, Linux 6.18: the worst pong beside a tight loop of broadcasts; the main thread per `send`
/// of a burst to 100; messages a second on one core, of Vite's. With 2: 11 ms, 14 µs, 1.1 to 1.7. With 0:
/// 12 ms, 19 µs, 1.4 to 1.8. With 3: 15 ms, 10 µs, 1.0 to 1.3. With `SCHED_BATCH`: 120 ms, 13 µs, 1.1 to 1.6.
#[cfg(target_os = "linux")]
const NICE_INCREMENT: i32 = 2;

/// Lets this thread stand back behind JavaScript's, where the system has a nice value for each thread.
#[cfg(target_os = "linux")]
pub(crate) fn stand_back() {
    // Where it is not allowed, the thread serves as it is.
    let _ = rustix::process::nice(NICE_INCREMENT);
}

/// Elsewhere a nice value is that of the whole process.
#[cfg(not(target_os = "linux"))]
pub(crate) fn stand_back() {}
