//! The I/O threads of the process. They are started when needed and shared by all servers in it.

use super::fifo::Fifo;
use super::place::Place;
use super::thread::serve;
use crate::core::context::threads::MAX_IO_THREADS;
use crate::core::error::Error;
use crate::core::socket::{Adopted, Socket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Connections that one thread serves before a second one is started. Measured: below this a
/// second thread costs more in wake-ups than it writes.
const CONNECTIONS_PER_THREAD: usize = 250;
/// How long a further thread is not asked for once the system has refused one.
const RETRY: Duration = Duration::from_secs(1);

/// The handle of a thread. The threads are started when needed and live as long as the process:
/// they are shared by all servers in it.
pub(crate) struct IoThread {
    fifo: Arc<Fifo>,
    connections: AtomicUsize,
    runtime: tokio::runtime::Handle,
}

static THREADS: [OnceLock<IoThread>; MAX_IO_THREADS] = [const { OnceLock::new() }; MAX_IO_THREADS];
/// When the system last refused a thread. Held while one is started.
static REFUSED: Mutex<Option<Instant>> = Mutex::new(None);

impl IoThread {
    /// Gives a socket to a thread, which is started if need be. It is served once the command arrives.
    ///
    /// # Errors
    /// [`Error::Thread`] or [`Error::Descriptors`] if there is no thread to be had,
    /// [`Error::NotAdoptable`] if the kernel does not watch the socket.
    pub(crate) fn register(adopted: Adopted) -> Result<(Place, Socket), Error> {
        let place = Self::reserve_place()?;
        let fd = adopted.fd();
        let thread = Self::get(place.thread()).ok_or(Error::Closed)?;
        let _entered = thread.runtime.enter();
        let refuse = |error: std::io::Error| Error::NotAdoptable { fd, reason: error.to_string() };
        Ok((place, Socket::new(adopted).map_err(refuse)?))
    }

    /// A place for one more connection, on a thread that is started if need be. Where a further
    /// thread cannot be had, those that there are serve on.
    ///
    /// # Errors
    /// [`Error::Thread`] or [`Error::Descriptors`] if there is no thread at all.
    fn reserve_place() -> Result<Place, Error> {
        // Asking reads files of the kernel each time.
        static CORES: OnceLock<usize> = OnceLock::new();
        let cores = std::thread::available_parallelism;
        let cores = *CORES.get_or_init(|| cores().map_or(1, usize::from));
        let loads: Vec<_> = Self::started().map(Self::load).collect();
        let least = (0..loads.len()).min_by_key(|index| loads[*index]);
        let is_full = least.is_none_or(|index| loads[index] >= CONNECTIONS_PER_THREAD);
        let index = match least {
            Some(least) if is_full && loads.len() < cores.min(MAX_IO_THREADS) => {
                Self::start_another(loads.len()).unwrap_or(least)
            }
            Some(least) => least,
            None => Self::start(0, &mut Self::starting())?,
        };
        let thread = Self::get(index).ok_or(Error::Closed)?;
        Ok(Place::new(index, &thread.connections))
    }

    fn started() -> impl Iterator<Item = &'static IoThread> {
        THREADS.iter().map_while(OnceLock::get)
    }

    pub(crate) fn get(index: usize) -> Option<&'static IoThread> {
        THREADS.get(index).and_then(OnceLock::get)
    }

    fn load(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    fn starting() -> std::sync::MutexGuard<'static, Option<Instant>> {
        REFUSED.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts one more thread, unless the system has just refused one.
    fn start_another(index: usize) -> Option<usize> {
        let mut refused = Self::starting();
        if refused.is_some_and(|at| at.elapsed() < RETRY) {
            return None;
        }
        let started = Self::start(index, &mut refused);
        if started.is_err() {
            *refused = Some(Instant::now());
        }
        started.ok()
    }

    /// Starts a thread, if no other call has done so in the meantime.
    fn start(index: usize, _one_at_a_time: &mut Option<Instant>) -> Result<usize, Error> {
        if Self::get(index).is_some() {
            return Ok(index);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(Error::thread)?;
        let handle = runtime.handle().clone();
        let fifo = Arc::<Fifo>::default();
        let orders = fifo.clone();
        std::thread::Builder::new()
            .name(format!("vite-native-ws-{index}"))
            .spawn(move || {
                super::scheduling::stand_back();
                serve(index, &runtime, &orders);
            })
            .map_err(Error::thread)?;
        THREADS[index].get_or_init(|| IoThread {
            fifo,
            connections: AtomicUsize::new(0),
            runtime: handle,
        });
        Ok(index)
    }

    pub(crate) fn fifo(&self) -> &Fifo {
        &self.fifo
    }
}
