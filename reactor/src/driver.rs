//! What a driver must offer to an executor.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use crate::{Buffer, Completion, Handle, Operation, Reactor, Shutdown, Token, reply};

/// Which driver carries a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriverKind {
    /// io_uring.
    Uring,
    /// epoll and file threads.
    Epoll,
    /// The deterministic simulator.
    Simulated,
}

impl DriverKind {
    /// The word for logs and options.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uring => "uring",
            Self::Epoll => "epoll",
            Self::Simulated => "simulated",
        }
    }
}

/// How long [`Driver::turn`] may wait for something to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Not at all: collect what is there.
    Poll,
    /// Up to this monotonic time, nanoseconds of [`Driver::now_nanos`].
    Until(u64),
    /// Until a completion or a wake.
    Forever,
}

/// The world, seen from one executor. Called only on that executor's thread, never re-entrantly from `turn`.
///
/// A driver keeps every submitted [`Operation`] (and so its buffers) until it delivers exactly one [`Completion`] for
/// its token, whether it succeeded, failed or was cancelled.
pub trait Driver {
    /// Which driver this is.
    fn kind(&self) -> DriverKind;

    /// Why the preferred driver was not taken, if it was not.
    fn fallback_reason(&self) -> Option<&str> {
        None
    }

    /// Takes an operation. Must not complete it re-entrantly: completions are delivered by `turn` (or, for a driver
    /// that hosts executors itself, by [`crate::Executor::complete`]).
    fn submit(&self, token: Token, operation: Operation);

    /// Gives the world what was submitted, if that waits for the next turn.
    fn hand_over(&self) {}

    /// Asks for an early completion of an operation whose future was dropped. A hint: the completion still comes, and
    /// may be a success.
    fn cancel(&self, token: Token);

    /// The last user of a socket on this executor is gone (operations on it may still be in flight, all cancelled).
    fn release(&self, _socket: &Handle, _release: Release) {}

    /// Submits what is pending, waits as told, appends what completed.
    fn turn(&self, wait: Wait, completed: &mut Vec<(Token, Completion)>) -> io::Result<()>;

    /// Monotonic clock, nanoseconds since an arbitrary start. It may be as old as the last turn or the last
    /// [`Driver::forget_time`].
    fn now_nanos(&self) -> u64;

    /// Lets the clocks be read again when they are next asked for.
    fn forget_time(&self) {}

    /// Wall clock, milliseconds since 1970-01-01 UTC. As old as the other one.
    fn wall_millis(&self) -> i64;

    /// A random number; in the simulator drawn from the seed.
    fn random_u64(&self) -> u64;

    /// A buffer, from memory registered with the kernel where possible.
    fn allocate(&self, capacity: usize) -> Buffer {
        Buffer::with_capacity(capacity)
    }

    /// Binds and listens. Gives the address actually bound (port 0 picks a free one).
    fn listen(&self, address: SocketAddr, options: ListenOptions) -> io::Result<(Handle, SocketAddr)>;

    /// Turns Nagle's algorithm off or on.
    fn set_nodelay(&self, socket: &Handle, on: bool) -> io::Result<()>;

    /// Local address of a connection.
    fn local_address(&self, socket: &Handle) -> io::Result<SocketAddr>;

    /// Address of the peer of a connection.
    fn peer_address(&self, socket: &Handle) -> io::Result<SocketAddr>;

    /// Prepares a connection accepted on another shard for use on this one.
    fn adopt(&self, _socket: &Handle) -> io::Result<()> {
        Ok(())
    }

    /// Starts another shard: in production a thread, in the simulator another executor of the same host.
    fn launch(&self, launch: Launch) -> io::Result<()>;
}

/// What becomes of a socket that an executor lets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// It is closed as soon as the operations on it have completed; the peer is to see the end at once.
    Close,
    /// It moves to another executor.
    Move,
}

/// Options of a listening socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenOptions {
    /// Connections the kernel may hold before they are accepted.
    pub backlog: i32,
}

impl Default for ListenOptions {
    fn default() -> Self {
        Self { backlog: 4096 }
    }
}

/// A boxed future that stays on its thread.
pub type LocalBoxFuture<T> = Pin<Box<dyn Future<Output = T> + 'static>>;

/// What a launched shard runs: given its own reactor, on its own thread.
pub type ShardBody = Box<dyn FnOnce(Reactor) -> LocalBoxFuture<()> + Send>;

/// Name and place of a shard to launch.
#[derive(Debug, Clone, Default)]
pub struct LaunchOptions {
    /// Name of the thread.
    pub name: String,
    /// Processor to pin the thread to.
    pub pin: Option<usize>,
}

/// A request to [`Driver::launch`].
pub struct Launch {
    /// Name and place.
    pub options: LaunchOptions,
    /// What to run.
    pub body: ShardBody,
    /// The launching shard's shutdown state, shared by all shards of a process.
    pub shutdown: Arc<Shutdown>,
    /// Sent when the body has finished and the shard's operations have drained, or with the error that kept the shard
    /// from running; dropped if it panicked.
    pub finished: reply::ReplySender<io::Result<()>>,
}

/// Wakes an executor from another thread.
pub trait Unpark: Send + Sync {
    /// Ends the current (or next) wait of the executor's driver.
    fn unpark(&self);
}
