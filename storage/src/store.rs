//! One shard's logs in one directory: a commit domain.

use crate::{DirectoryHandle, Log, LogError, LogSpec, RecoveredLog, StoreConfig, StoreFault};
use ringlog_model::{LogId, Offset, ShardId};
use ringlog_reactor::Reactor;

/// A commit domain: the logs of one shard in one directory, made durable together. Cheap to clone; not `Send`.
#[derive(Clone, Debug)]
pub struct Store {}

/// How far a log has come, as exclusive ends: `flushed <= written <= end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Handed to the device or the operating system.
    pub written: Offset,
    /// Synced: a crash does not take it away.
    pub flushed: Offset,
}

/// What happened since the last call of [`Store::progress`].
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Logs whose marks moved, each once, with their newest marks.
    pub marks: Vec<(LogId, Marks)>,
    /// Logs for which a fresh [`Log::attach`] would shorten the next recovery.
    pub attachments_wanted: Vec<LogId>,
    /// The store has failed and takes no more appends. Reported once.
    pub fault: Option<StoreFault>,
}

impl Store {
    /// Starts the domain of `shard` over a directory with the logs it shall own. At most one store per shard and
    /// directory, and `shard` below [`DirectoryConfig::domains`](crate::DirectoryConfig).
    pub async fn start(
        reactor: &Reactor,
        directory: DirectoryHandle,
        shard: ShardId,
        logs: Vec<RecoveredLog>,
        config: StoreConfig,
    ) -> Result<Store, StoreFault> {
        let _ = (reactor, directory, shard, logs, config);
        todo!()
    }

    /// Creates a log; durable when this returns.
    pub async fn create_log(&self, spec: LogSpec) -> Result<Log, LogError> {
        let _ = spec;
        todo!()
    }

    /// Deletes a log; durable when this returns. Read plans made earlier stay readable.
    pub async fn delete_log(&self, log: LogId) -> Result<(), LogError> {
        let _ = log;
        todo!()
    }

    /// The log of that id.
    pub fn log(&self, log: LogId) -> Option<Log> {
        let _ = log;
        todo!()
    }

    /// All logs, by id.
    pub fn logs(&self) -> Vec<Log> {
        todo!()
    }

    /// Waits until marks move, a fault happens or attachments are wanted. One caller at a time. After
    /// [`Store::shutdown`] it returns an empty progress.
    pub async fn progress(&self) -> Progress {
        todo!()
    }

    /// Waits until an append is not refused with [`AppendError::Backpressure`](crate::AppendError).
    pub async fn ready(&self) {
        todo!()
    }

    /// Whether appends are refused for want of space.
    pub fn is_disk_full(&self) -> bool {
        todo!()
    }

    /// Waits until everything accepted is durable, writes a checkpoint so that the next open has nothing to replay,
    /// and stops. Appends are refused from the first moment on.
    pub async fn shutdown(&self) -> Result<(), StoreFault> {
        todo!()
    }
}
