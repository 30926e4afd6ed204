//! Starts shards on threads.

use std::future::Future;
use std::io;
use std::sync::Arc;

use crate::reply::{Dropped, ReplyReceiver};
use crate::{Reactor, Shutdown};

/// Which driver to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DriverChoice {
    /// io_uring, or epoll where that is refused ([`Reactor::fallback_reason`] tells why).
    #[default]
    Auto,
    /// io_uring or an error.
    Uring,
    /// epoll and file threads.
    Epoll,
}

/// How to run a shard.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which driver.
    pub driver: DriverChoice,
    /// Processor to pin this thread to.
    pub pin: Option<usize>,
    /// Name, for errors and threads.
    pub name: String,
    /// Bytes of memory to register with the kernel for reads and writes of files, if it lets us; halved until it
    /// does. Registered memory is resident.
    pub registered_bytes: usize,
    /// The stop request shared by all shards of the process; a new one by default.
    pub shutdown: Arc<Shutdown>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            driver: DriverChoice::Auto,
            pin: None,
            name: "shard".to_owned(),
            registered_bytes: 4 << 20,
            shutdown: Arc::default(),
        }
    }
}

/// Runs a shard on this thread until the future that `body` returns has finished; then cancels its other tasks and
/// waits for their operations.
pub fn run<T, F>(options: Options, body: impl FnOnce(Reactor) -> F) -> io::Result<T>
where
    F: Future<Output = T> + 'static,
    T: 'static,
{
    let _ = (options, body);
    Err(io::ErrorKind::Unsupported.into())
}

/// A launched shard.
#[derive(Debug)]
pub struct ShardHandle {
    finished: ReplyReceiver<()>,
}

impl ShardHandle {
    pub(crate) fn new(finished: ReplyReceiver<()>) -> Self {
        Self { finished }
    }

    /// Waits until the shard has finished and its operations have drained; [`Dropped`] if it panicked.
    pub async fn join(self) -> Result<(), Dropped> {
        self.finished.await
    }
}
