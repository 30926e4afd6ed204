//! Thread-per-core reactor: tasks, timers, files, sockets and mailboxes over io_uring, epoll or a simulator.
//!
//! # Purpose and place
//!
//! [`Reactor`] is the one seam between Ringlog and the world. Node, storage, controller and client are written
//! against it and run unchanged on three drivers, chosen per thread at start:
//!
//! 1. **uring**: io_uring, probed rather than assumed. Linux 5.11 is the oldest that will do; 6.1 has all that is made
//!    use of (completions only when asked for, messages between rings, multishot accept);
//! 2. **epoll** with a few file threads, where io_uring is refused or too old;
//! 3. **simulated** ([`simulation`]): deterministic, many shards on one thread, virtual clocks, faults.
//!
//! ```no_run
//! use ringlog_reactor::{run, OpenOptions, Options};
//! use std::path::Path;
//!
//! let read = run(Options::default(), |reactor| async move {
//!     let file = reactor.open(Path::new("/etc/hostname"), OpenOptions::new().read(true)).await?;
//!     let (result, buffer) = file.read_at(reactor.buffer(512), 0, 512).await;
//!     result.map(|_| buffer.to_vec())
//! });
//! ```
//!
//! # Main types
//!
//! * [`Reactor`]: cheap handle (`Rc`) to the context of this shard: spawn, clocks, random numbers, files, network.
//! * [`Task`]: a spawned future; dropping it cancels, [`Task::detach`] lets it run.
//! * [`File`], [`Listener`], [`Stream`]: I/O on owned buffers. A future that is dropped cancels its operation; the
//!   buffers stay with the driver until the kernel has let go of them.
//! * [`Buffer`], [`TailBuffer`] and `bytes::Bytes`: the memory that I/O reads from and writes to.
//! * [`mailbox`], [`reply`]: messages between shards. [`local`]: coordination inside one shard, without atomics.
//! * [`metrics`](mod@metrics): numbers with one writer, which other threads read.
//! * [`Operation`], [`Completion`], [`Driver`], [`Executor`]: the inside, which a driver implements and a host of many
//!   executors (the simulator) drives.
//!
//! # Architecture invariants
//!
//! * Architecture invariant: this is the only crate with unsafe code.
//! * Architecture invariant: the reactor knows nothing of Ringlog: no offsets, no partitions, no protocol.
//! * Architecture invariant: a buffer belongs to its operation from submission to completion, whatever happens to the
//!   future that asked for it.
//! * Architecture invariant: nothing above the drivers touches a clock, a thread, a file or a socket.
#![allow(unsafe_code)]

mod arena;
mod blocking;
mod buffer;
mod context;
mod driver;
mod epoll;
mod executor;
mod file;
mod handle;
pub mod local;
pub mod mailbox;
pub mod metrics;
mod network;
mod operation;
mod pool;
mod production;
mod random;
mod reactor;
mod remote;
pub mod reply;
mod resident;
mod run;
mod shelf;
mod shutdown;
pub mod simulation;
mod slots;
mod tail;
mod task;
mod timers;
mod uring;
mod wake;

pub use buffer::Buffer;
pub use driver::{
    Driver, DriverKind, Launch, LaunchOptions, ListenOptions, LocalBoxFuture, Release, ShardBody, Unpark,
    Wait,
};
pub use executor::Executor;
pub use file::{File, SharedFile};
pub use handle::{Descriptor, Handle};
pub use network::{DetachedStream, Listener, Receive, Stream};
pub use operation::{
    Allocation, BlockingJob, Completion, DirectoryEntry, Durability, Metadata, OpenOptions, Opened,
    Operation, Space, SyncScope, Token, Way,
};
pub use reactor::{Elapsed, Reactor};
pub use remote::Remote;
pub use run::{DriverChoice, Options, ShardHandle, run};
pub use shelf::BufferShelf;
pub use shutdown::{Shutdown, ShutdownTrigger};
pub use tail::TailBuffer;
pub use task::Task;
pub use timers::{Alarm, Sleep};
