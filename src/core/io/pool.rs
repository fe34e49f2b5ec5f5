//! The I/O threads of the process. They are started when needed and shared by all servers in it.

use super::fifo::Fifo;
use super::thread::Drainer;
use crate::core::context::threads::MAX_IO_THREADS;
use crate::core::error::Error;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Connections that one thread serves before a second one is started. Measured: below this a
/// second thread costs more in wake-ups than it writes.
const CONNECTIONS_PER_SHARD: usize = 250;

/// The handle of a thread. The threads are started when needed and live as long as the process:
/// they are shared by all servers in it.
pub(crate) struct Shard {
    fifo: Arc<Fifo>,
    connections: Arc<AtomicUsize>,
}

static SHARDS: [OnceLock<Shard>; MAX_IO_THREADS] = [const { OnceLock::new() }; MAX_IO_THREADS];
static STARTING: Mutex<()> = Mutex::new(());

impl Shard {
    /// The thread for one more connection, started if need be.
    pub(crate) fn for_new_connection() -> Result<(usize, &'static Shard), Error> {
        // Asking reads files of the kernel each time.
        static CORES: OnceLock<usize> = OnceLock::new();
        let cores = std::thread::available_parallelism;
        let cores = *CORES.get_or_init(|| cores().map_or(1, usize::from));
        let load = |shard: &Shard| shard.connections.load(Ordering::Relaxed);
        let started: Vec<_> = Self::started().map(load).collect();
        let least = (0..started.len()).min_by_key(|index| started[*index]);
        let index = match least {
            Some(index) if started[index] < CONNECTIONS_PER_SHARD => index,
            _ if started.len() < cores.min(MAX_IO_THREADS) => started.len(),
            least => least.unwrap_or(0),
        };
        let shard = Self::start(index)?;
        shard.connections.fetch_add(1, Ordering::Relaxed);
        Ok((index, shard))
    }

    fn started() -> impl Iterator<Item = &'static Shard> {
        SHARDS.iter().map_while(OnceLock::get)
    }

    pub(crate) fn get(index: usize) -> Option<&'static Shard> {
        SHARDS.get(index).and_then(OnceLock::get)
    }

    fn start(index: usize) -> Result<&'static Shard, Error> {
        let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shard) = Self::get(index) {
            return Ok(shard);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(Error::Thread)?;
        let (fifo, connections) = (Arc::<Fifo>::default(), Arc::<AtomicUsize>::default());
        let drainer = (fifo.clone(), connections.clone());
        std::thread::Builder::new()
            .name(format!("vite-native-ws-{index}"))
            .spawn(move || {
                crate::core::io::scheduling::yield_to_wakers();
                let drainer = Rc::new(Drainer::new(index, drainer.0, drainer.1));
                tokio::task::LocalSet::new().block_on(&runtime, drainer.run());
            })
            .map_err(Error::Thread)?;
        Ok(SHARDS[index].get_or_init(|| Shard { fifo, connections }))
    }

    pub(crate) fn fifo(&self) -> &Fifo {
        &self.fifo
    }
}
