//! Everything a shard asks of the world, as values.
//!
//! An [`Operation`] owns all it needs (buffers, paths, handles) and is `Send`, so that a driver can keep it until the
//! kernel has answered, or hand it to a file thread. A [`Completion`] gives the buffers back with the result.

use std::any::Any;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use bytes::Bytes;

use crate::{Buffer, Handle};

/// Names one operation in flight inside one executor. Reused only after its completion was delivered.
pub type Token = usize;

/// A request to the driver. The comment of each variant names the [`Completion`] that answers it.
#[derive(Debug)]
pub enum Operation {
    /// Open (perhaps create, perhaps lock) a file. Answer: `Opened`.
    Open {
        /// Absolute path.
        path: PathBuf,
        /// How.
        options: OpenOptions,
    },
    /// Read up to `length` bytes at `offset`, appended to the filled part of `buffer`; 0 at the end of the file.
    /// Answer: `Read`.
    Read {
        /// From where.
        file: Handle,
        /// Room for at least `length` more bytes.
        buffer: Buffer,
        /// Position in the file, bytes.
        offset: u64,
        /// How many bytes at most.
        length: usize,
    },
    /// Write the parts in order at `offset`; may write less than all. Answer: `Written`.
    Write {
        /// To where.
        file: Handle,
        /// What; none of them empty.
        parts: Vec<Bytes>,
        /// Position in the file, bytes.
        offset: u64,
        /// Whether the write itself is to be durable.
        durability: Durability,
    },
    /// Make what was written durable. Answer: `Unit`.
    Sync {
        /// Which file.
        file: Handle,
        /// How much of it.
        scope: SyncScope,
    },
    /// Allocate or zero a range. Answer: `Unit`.
    Allocate {
        /// Which file.
        file: Handle,
        /// Start, bytes.
        offset: u64,
        /// Length, bytes.
        length: u64,
        /// What is to happen to the range.
        allocation: Allocation,
    },
    /// Set the length. Answer: `Unit`.
    Truncate {
        /// Which file.
        file: Handle,
        /// New length, bytes.
        length: u64,
    },
    /// Length of an open file. Answer: `Metadata`.
    Length {
        /// Which file.
        file: Handle,
    },
    /// Drop a range from the page cache. Answer: `Unit`.
    DontNeed {
        /// Which file.
        file: Handle,
        /// Start, bytes.
        offset: u64,
        /// Length, bytes; 0 for up to the end.
        length: u64,
    },
    /// Rename, replacing an existing file. Answer: `Unit`.
    Rename {
        /// Old name.
        from: PathBuf,
        /// New name.
        to: PathBuf,
    },
    /// Unlink a file. Answer: `Unit`.
    RemoveFile {
        /// Absolute path.
        path: PathBuf,
    },
    /// Make a directory. Answer: `Unit`.
    CreateDirectory {
        /// Absolute path.
        path: PathBuf,
    },
    /// Remove an empty directory. Answer: `Unit`.
    RemoveDirectory {
        /// Absolute path.
        path: PathBuf,
    },
    /// List a directory. Answer: `Directory`.
    ReadDirectory {
        /// Absolute path.
        path: PathBuf,
    },
    /// Make creations, renames and removals inside a directory durable. Answer: `Unit`.
    SyncDirectory {
        /// Absolute path.
        path: PathBuf,
    },
    /// Length and kind of whatever is at a path. Answer: `Metadata`.
    Stat {
        /// Absolute path.
        path: PathBuf,
    },
    /// Space of the file system that holds a path. Answer: `Space`.
    Space {
        /// Absolute path.
        path: PathBuf,
    },
    /// Take one connection from a listener. Answer: `Accepted`.
    Accept {
        /// The listener.
        listener: Handle,
    },
    /// Connect. Answer: `Connected`.
    Connect {
        /// Where to.
        address: SocketAddr,
    },
    /// Receive up to `length` bytes, appended to the filled part of `buffer`; 0 when the peer has finished.
    /// Answer: `Read`.
    Receive {
        /// From where.
        socket: Handle,
        /// Room for at least `length` more bytes.
        buffer: Buffer,
        /// How many bytes at most.
        length: usize,
        /// A hint that completing with fewer than `length` bytes is of no use; the driver may ignore it.
        wait_all: bool,
    },
    /// Send the parts in order; may send less than all. Answer: `Written`.
    Send {
        /// To where.
        socket: Handle,
        /// What; none of them empty.
        parts: Vec<Bytes>,
        /// A hint that more is sent at once after this, so that the peer need not be woken yet; the driver may ignore it.
        more: bool,
    },
    /// Wait until the socket can take bytes to send. Answer: `Unit`.
    Writable {
        /// Which socket.
        socket: Handle,
    },
    /// Send a range of a file to a socket without copying it through user memory; may send less than all, 0 at the
    /// end of the file, `WouldBlock` if the socket takes nothing now (then wait with `Writable`). Answer: `Count`.
    SendFile {
        /// To where.
        socket: Handle,
        /// From which file.
        file: Handle,
        /// Start in the file, bytes.
        offset: u64,
        /// How many bytes at most.
        length: u64,
    },
    /// Shut down one or both ways of a connection. Answer: `Unit`.
    Shutdown {
        /// Which connection.
        socket: Handle,
        /// Which way.
        way: Way,
    },
    /// Run a closure where it may block. Answer: `Blocking`.
    Blocking(BlockingJob),
}

/// The answer to an [`Operation`]; buffers come home with it.
#[derive(Debug)]
pub enum Completion {
    /// Answer without a value.
    Unit(io::Result<()>),
    /// An open file.
    Opened(io::Result<Opened>),
    /// A connection from a listener, with the peer's address.
    Accepted(io::Result<(Handle, SocketAddr)>),
    /// A connection to a peer.
    Connected(io::Result<Handle>),
    /// Bytes read or received; on success they are already part of the buffer's filled part.
    Read {
        /// How many bytes were added.
        result: io::Result<usize>,
        /// The buffer of the operation.
        buffer: Buffer,
    },
    /// Bytes written or sent.
    Written {
        /// How many bytes went out, counted from the start of the first part.
        result: io::Result<usize>,
        /// The parts of the operation, unchanged.
        parts: Vec<Bytes>,
    },
    /// Bytes sent from a file.
    Count(io::Result<u64>),
    /// Length and kind.
    Metadata(io::Result<Metadata>),
    /// Space of a file system.
    Space(io::Result<Space>),
    /// Entries of a directory, sorted by name.
    Directory(io::Result<Vec<DirectoryEntry>>),
    /// What the closure returned, or its panic.
    Blocking(std::thread::Result<Box<dyn Any + Send>>),
}

impl Operation {
    /// The answer that says: this operation failed with `error`. Gives the buffers back.
    pub fn fail(self, error: io::Error) -> Completion {
        match self {
            Self::Open { .. } => Completion::Opened(Err(error)),
            Self::Read { buffer, .. } | Self::Receive { buffer, .. } => {
                Completion::Read { result: Err(error), buffer }
            }
            Self::Write { parts, .. } | Self::Send { parts, .. } => {
                Completion::Written { result: Err(error), parts }
            }
            Self::Length { .. } | Self::Stat { .. } => Completion::Metadata(Err(error)),
            Self::Space { .. } => Completion::Space(Err(error)),
            Self::ReadDirectory { .. } => Completion::Directory(Err(error)),
            Self::Accept { .. } => Completion::Accepted(Err(error)),
            Self::Connect { .. } => Completion::Connected(Err(error)),
            Self::SendFile { .. } => Completion::Count(Err(error)),
            Self::Blocking(_) => Completion::Blocking(Err(Box::new(error))),
            Self::Sync { .. }
            | Self::Allocate { .. }
            | Self::Truncate { .. }
            | Self::DontNeed { .. }
            | Self::Rename { .. }
            | Self::RemoveFile { .. }
            | Self::CreateDirectory { .. }
            | Self::RemoveDirectory { .. }
            | Self::SyncDirectory { .. }
            | Self::Writable { .. }
            | Self::Shutdown { .. } => Completion::Unit(Err(error)),
        }
    }
}

/// A closure for [`Operation::Blocking`].
pub struct BlockingJob {
    work: Box<dyn FnOnce() -> Box<dyn Any + Send> + Send>,
    is_background: bool,
}

impl BlockingJob {
    /// Wraps a closure.
    pub fn new(job: impl FnOnce() -> Box<dyn Any + Send> + Send + 'static) -> Self {
        Self { work: Box::new(job), is_background: false }
    }

    /// The same job, to be done while the processors have nothing better to do.
    #[must_use]
    pub fn in_background(self) -> Self {
        Self { is_background: true, ..self }
    }

    /// Whether everything else goes first.
    pub fn is_background(&self) -> bool {
        self.is_background
    }

    /// Runs it here and now, catching a panic so that it can be raised where the result is awaited.
    pub fn run(self) -> Completion {
        Completion::Blocking(std::panic::catch_unwind(std::panic::AssertUnwindSafe(self.work)))
    }
}

impl fmt::Debug for BlockingJob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BlockingJob")
    }
}

/// Whether a write is durable when it completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Durable only after a later sync.
    Later,
    /// Durable on completion (`RWF_DSYNC`).
    OnCompletion,
}

/// How much a sync makes durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncScope {
    /// Bytes and whatever metadata is needed to read them back, the length included (`fdatasync`).
    Data,
    /// All metadata (`fsync`).
    All,
}

/// What [`Operation::Allocate`] does to its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// Reserve blocks, extending the file; existing bytes stay.
    Reserve,
    /// Reserve blocks and make the range read as zeroes, extending the file.
    Zero,
}

/// Which way of a connection to shut down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// No more will be received.
    Receive,
    /// No more will be sent: the peer sees the end of the stream.
    Send,
    /// Both.
    Both,
}

/// How to open a file. All off by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// Reading is allowed.
    pub read: bool,
    /// Writing is allowed.
    pub write: bool,
    /// Create if missing.
    pub create: bool,
    /// Create; fail with `AlreadyExists` if it is there.
    pub create_new: bool,
    /// Cut to length 0.
    pub truncate: bool,
    /// Ask for direct I/O (`O_DIRECT`); where it is refused the file is buffered and says so.
    pub direct: bool,
    /// Take an exclusive lock; fail with `WouldBlock` if another process (or another open) holds it.
    pub lock: bool,
}

impl OpenOptions {
    /// All off.
    pub const fn new() -> Self {
        Self {
            read: false,
            write: false,
            create: false,
            create_new: false,
            truncate: false,
            direct: false,
            lock: false,
        }
    }
}

macro_rules! option_setters {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        impl OpenOptions {
            $($(#[$doc])* #[must_use] pub const fn $name(mut self, on: bool) -> Self { self.$name = on; self })*
        }
    };
}

option_setters! {
    /// Allow reading.
    read;
    /// Allow writing.
    write;
    /// Create if missing.
    create;
    /// Create; fail if it is there.
    create_new;
    /// Cut to length 0.
    truncate;
    /// Ask for direct I/O.
    direct;
    /// Take an exclusive lock.
    lock;
}

/// An opened file as the driver gives it.
#[derive(Debug)]
pub struct Opened {
    /// The open file.
    pub handle: Handle,
    /// Whether direct I/O is in force.
    pub direct: bool,
    /// Alignment in bytes of pointer, length and offset that direct I/O demands: a power of two, at least 4,096 and
    /// at least the device's physical block. Given (but not demanded) for buffered files as well.
    pub alignment: usize,
}

/// Length and kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// Length in bytes.
    pub length: u64,
    /// Whether it is a directory.
    pub is_directory: bool,
}

/// Space of a file system, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// What an ordinary user can still allocate.
    pub free: u64,
    /// All of it.
    pub total: u64,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// Name without the directory.
    pub name: OsString,
    /// Whether it is a directory itself.
    pub is_directory: bool,
    /// Length in bytes; 0 for directories.
    pub length: u64,
}
