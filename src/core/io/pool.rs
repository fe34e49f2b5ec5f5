//! The I/O threads of the process. They are started when needed and shared by all servers in it.

use super::fifo::Fifo;
use super::thread::Worker;
use crate::core::context::threads::MAX_IO_THREADS;
use crate::core::error::Error;
use crate::core::socket::{Adopted, Socket};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Connections that one thread serves before a second one is started. Measured: below this a
/// second thread costs more in wake-ups than it writes.
const CONNECTIONS_PER_THREAD: usize = 250;

/// The handle of a thread. The threads are started when needed and live as long as the process:
/// they are shared by all servers in it.
pub(crate) struct IoThread {
    fifo: Arc<Fifo>,
    connections: Arc<AtomicUsize>,
    runtime: tokio::runtime::Handle,
}

static THREADS: [OnceLock<IoThread>; MAX_IO_THREADS] = [const { OnceLock::new() }; MAX_IO_THREADS];
static STARTING: Mutex<()> = Mutex::new(());

impl IoThread {
    /// Gives a socket to a thread, which is started if need be. It is served once that is told of it.
    ///
    /// # Errors
    /// [`Error::Thread`] if there is no thread to be had, [`Error::NotAdoptable`] if the kernel does not
    /// watch the socket.
    pub(crate) fn register(adopted: Adopted) -> Result<(usize, Socket), Error> {
        let (index, thread) = Self::for_new_connection()?;
        let fd = adopted.fd();
        let _entered = thread.runtime.enter();
        match Socket::new(adopted) {
            Ok(socket) => Ok((index, socket)),
            Err(error) => {
                thread.connections.fetch_sub(1, Ordering::Relaxed);
                Err(Error::NotAdoptable { fd, reason: error.to_string() })
            }
        }
    }

    fn for_new_connection() -> Result<(usize, &'static IoThread), Error> {
        // Asking reads files of the kernel each time.
        static CORES: OnceLock<usize> = OnceLock::new();
        let cores = std::thread::available_parallelism;
        let cores = *CORES.get_or_init(|| cores().map_or(1, usize::from));
        let load = |thread: &IoThread| thread.connections.load(Ordering::Relaxed);
        let started: Vec<_> = Self::started().map(load).collect();
        let least = (0..started.len()).min_by_key(|index| started[*index]);
        let index = match least {
            Some(index) if started[index] < CONNECTIONS_PER_THREAD => index,
            _ if started.len() < cores.min(MAX_IO_THREADS) => started.len(),
            least => least.unwrap_or(0),
        };
        let thread = Self::start(index)?;
        thread.connections.fetch_add(1, Ordering::Relaxed);
        Ok((index, thread))
    }

    fn started() -> impl Iterator<Item = &'static IoThread> {
        THREADS.iter().map_while(OnceLock::get)
    }

    pub(crate) fn get(index: usize) -> Option<&'static IoThread> {
        THREADS.get(index).and_then(OnceLock::get)
    }

    fn start(index: usize) -> Result<&'static IoThread, Error> {
        let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = Self::get(index) {
            return Ok(thread);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(Error::Thread)?;
        let handle = runtime.handle().clone();
        let (fifo, connections) = (Arc::<Fifo>::default(), Arc::<AtomicUsize>::default());
        let worker = (fifo.clone(), connections.clone());
        std::thread::Builder::new()
            .name(format!("vite-native-ws-{index}"))
            .spawn(move || {
                crate::core::io::scheduling::yield_to_wakers();
                let worker = Rc::new(Worker::new(index, worker.0, worker.1));
                tokio::task::LocalSet::new().block_on(&runtime, worker.run());
            })
            .map_err(Error::Thread)?;
        Ok(THREADS[index].get_or_init(|| IoThread { fifo, connections, runtime: handle }))
    }

    pub(crate) fn fifo(&self) -> &Fifo {
        &self.fifo
    }
}
