//! Starts shards on threads.

use std::future::Future;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rustix::thread::CpuSet;

use crate::epoll::Epoll;
use crate::production::Production;
use crate::reply::ReplyReceiver;
use crate::uring::Uring;
use crate::wake::EventWake;
use crate::{Driver, Executor, Reactor, Remote, Shutdown};

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
    /// How long to look for work before going to sleep. Messages from other shards then need no wake, for the price
    /// of processor time: for shards that have a processor to themselves. Not at all by default.
    pub spin: Duration,
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
            spin: Duration::ZERO,
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
    let processors = rustix::thread::sched_getaffinity(None).ok();
    if let Some(processor) = options.pin {
        pin(processor)?;
    }
    let (driver, remote) = choose(&options, processors)?;
    let executor = Executor::new(driver, remote, options.shutdown);
    let main = body(executor.reactor());
    executor.run(main, options.spin)
}

fn pin(processor: usize) -> io::Result<()> {
    if processor >= CpuSet::MAX_CPU {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("no processor {processor}")));
    }
    let mut set = CpuSet::new();
    set.set(processor);
    Ok(rustix::thread::sched_setaffinity(None, &set)?)
}

fn choose(options: &Options, processors: Option<CpuSet>) -> io::Result<(Rc<dyn Driver>, Arc<Remote>)> {
    let refused = match options.driver {
        DriverChoice::Epoll => None,
        DriverChoice::Auto | DriverChoice::Uring => match Uring::start(options, processors) {
            Ok((driver, remote)) => return Ok((driver, remote)),
            Err(error) if options.driver == DriverChoice::Uring => return Err(error),
            Err(error) => Some(format!("io_uring is not available ({error}); using epoll and file threads")),
        },
    };
    let wake = Arc::new(EventWake::new()?);
    let remote = Remote::new(wake.clone());
    let mut production = Production::new(remote.clone(), options, processors);
    production.fallback_reason = refused;
    Ok((Rc::new(Epoll::new(wake, production)?), remote))
}

/// A launched shard.
#[derive(Debug)]
pub struct ShardHandle {
    finished: ReplyReceiver<io::Result<()>>,
}

impl ShardHandle {
    pub(crate) fn new(finished: ReplyReceiver<io::Result<()>>) -> Self {
        Self { finished }
    }

    /// Waits until the shard has finished and its operations have drained. An error if it could not run, or panicked.
    pub async fn join(self) -> io::Result<()> {
        self.finished.await.unwrap_or_else(|_| Err(io::Error::other("the shard panicked")))
    }
}
