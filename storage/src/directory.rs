//! A data directory: locked, recovered, then shared by the stores of all shards.

mod open;

use crate::config::{DirectoryConfig, Identity, LogConfig};
use crate::error::{Damage, OpenError};
use crate::format::snapshot::Attachment;
use crate::format::{identity, names};
use crate::read_pace::ReadPace;
use crate::reserve::Reserve;
use crate::state::{FileId, LogState};
use ringlog_model::{LeaderEpoch, LogId, Offset, PartitionId};
use ringlog_reactor::{File, Reactor};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// A locked, recovered data directory. The lock lasts until it and all stores over it are dropped.
#[derive(Debug)]
pub struct Directory {
    shared: Arc<Shared>,
    identity: Option<Identity>,
    next_log: u64,
    lock: File,
}

/// What [`Directory::open`] found.
#[derive(Debug)]
pub struct Opened {
    /// The directory.
    pub directory: Directory,
    /// Every log in it, in the order of their ids. Each goes to the store of the shard that shall own it.
    pub logs: Vec<RecoveredLog>,
    /// What recovery did.
    pub report: RecoveryReport,
}

/// What all shards know of a directory.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) path: PathBuf,
    pub(crate) boot: u64,
    pub(crate) domains: u16,
    /// Files that belong to no log, with their lengths.
    pub(crate) unused: Vec<(FileId, u64)>,
    pub(crate) reserve: Reserve,
    /// When a group that somebody waits for was last sent to a journal, of whatever domain: what can wait keeps off the disk.
    pub(crate) last_awaited_group: AtomicU64,
    /// How readers give way to commits.
    pub(crate) read_pace: Arc<ReadPace>,
}

impl Directory {
    /// Locks the directory, checks its format, recovers every log, syncs what it accepted and writes it down as the
    /// state of a new boot. Nothing an earlier boot wrote later can come back after that.
    pub async fn open(reactor: &Reactor, config: DirectoryConfig) -> Result<Opened, OpenError> {
        open::open(reactor, config).await
    }

    /// What the stores need of it; may be sent to other shards.
    #[must_use]
    pub fn handle(&self) -> DirectoryHandle {
        DirectoryHandle { shared: self.shared.clone(), _lock: self.lock.share() }
    }

    /// A log id such that it and all greater ones were never used here.
    #[must_use]
    pub fn unused_log_id(&self) -> LogId {
        LogId(self.next_log)
    }

    /// Whose data this is, if that was written down.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        self.identity
    }

    /// Writes down whose data this is.
    pub async fn set_identity(&mut self, reactor: &Reactor, identity: Identity) -> Result<(), OpenError> {
        let path = self.shared.path.join(names::FORMAT);
        let text = identity::write(Some(identity));
        reactor.write_file_durably(&path, text.as_bytes()).await.map_err(|source| OpenError::Io {
            action: "writing",
            path,
            source,
        })?;
        self.identity = Some(identity);
        Ok(())
    }
}

/// The part of a [`Directory`] that a store needs.
#[derive(Clone, Debug)]
pub struct DirectoryHandle {
    pub(crate) shared: Arc<Shared>,
    /// Keeps the lock as long as a store lives.
    pub(crate) _lock: ringlog_reactor::SharedFile,
}

/// A log as recovery left it, to be handed to a store.
#[derive(Clone, Debug)]
pub struct RecoveredLog {
    pub(crate) state: LogState,
    pub(crate) attachment: Option<Attachment>,
    /// The end of its last segment, if only the catalog has that.
    pub(crate) carried: Vec<u8>,
    pub(crate) damage: Option<Damage>,
}

impl RecoveredLog {
    /// Its identity in this directory.
    #[must_use]
    pub fn log(&self) -> LogId {
        self.state.log
    }
    /// The partition it is a replica of.
    #[must_use]
    pub fn partition(&self) -> PartitionId {
        self.state.partition
    }
    /// The topic's name when the log was created.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.state.topic
    }
    /// The topic's choices.
    #[must_use]
    pub fn config(&self) -> LogConfig {
        self.state.config
    }
    /// The first offset.
    #[must_use]
    pub fn start(&self) -> Offset {
        self.state.start
    }
    /// One past the last offset. All of it is synced.
    #[must_use]
    pub fn end(&self) -> Offset {
        self.state.end
    }
    /// Leader epochs with their first offsets, ascending.
    #[must_use]
    pub fn epoch_history(&self) -> &[(LeaderEpoch, Offset)] {
        &self.state.epochs
    }
    /// What [`Log::attach`](crate::Log::attach) left last, with its offset.
    #[must_use]
    pub fn attachment(&self) -> Option<(Offset, &[u8])> {
        self.attachment.as_ref().map(|(upto, bytes)| (*upto, bytes.as_slice()))
    }
    /// What recovery found wrong with it: something acknowledged is missing beyond its end.
    #[must_use]
    pub fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }
}

/// What recovery did, for the log line at start.
#[derive(Clone, Debug, Default)]
pub struct RecoveryReport {
    /// The boot that this open began, counted from 1.
    pub boot: u64,
    /// Journal groups read.
    pub groups: u64,
    /// Bytes that came out of the journals and were written to their segments.
    pub inline_bytes: u64,
    /// Bytes that came out of the journals and are kept in the catalog until the first checkpoint.
    pub carried_bytes: u64,
    /// Blocks that were being written again when the process ended, and were torn or unreadable.
    pub mended_blocks: u64,
    /// Bytes in segments whose checksums were compared.
    pub verified_bytes: u64,
    /// Files in the directory that belong to no log.
    pub unused_files: u64,
    /// Whether the stores had been shut down in order.
    pub clean: bool,
    /// The damage of a journal that was accepted.
    pub accepted_damage: Option<String>,
}
