//! A data directory: locked, recovered, then shared by the stores of all shards.

use crate::{Damage, DirectoryConfig, Identity, LogConfig, OpenError};
use ringlog_model::{LeaderEpoch, LogId, Offset, PartitionId};
use ringlog_reactor::Reactor;

/// A locked, recovered data directory. The lock lasts until it is dropped.
#[derive(Debug)]
pub struct Directory {}

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

impl Directory {
    /// Locks the directory, checks its format, recovers every log, syncs what it accepted and writes it down as the
    /// state of a new boot. Nothing an earlier boot wrote later can come back after that.
    pub async fn open(reactor: &Reactor, config: DirectoryConfig) -> Result<Opened, OpenError> {
        let _ = (reactor, config);
        todo!()
    }

    /// What the stores need of it; may be sent to other shards.
    pub fn handle(&self) -> DirectoryHandle {
        todo!()
    }

    /// A log id such that it and all greater ones were never used here.
    pub fn unused_log_id(&self) -> LogId {
        todo!()
    }

    /// Whose data this is, if that was written down.
    pub fn identity(&self) -> Option<Identity> {
        todo!()
    }

    /// Writes down whose data this is.
    pub async fn set_identity(&mut self, reactor: &Reactor, identity: Identity) -> Result<(), OpenError> {
        let _ = (reactor, identity);
        todo!()
    }
}

/// The part of a [`Directory`] that a store needs.
#[derive(Clone, Debug)]
pub struct DirectoryHandle {}

/// A log as recovery left it, to be handed to a store.
#[derive(Debug)]
pub struct RecoveredLog {}

impl RecoveredLog {
    /// Its identity in this directory.
    pub fn log(&self) -> LogId {
        todo!()
    }
    /// The partition it is a replica of.
    pub fn partition(&self) -> PartitionId {
        todo!()
    }
    /// The topic's name when the log was created.
    pub fn topic(&self) -> &str {
        todo!()
    }
    /// The topic's choices.
    pub fn config(&self) -> LogConfig {
        todo!()
    }
    /// The first offset.
    pub fn start(&self) -> Offset {
        todo!()
    }
    /// One past the last offset. All of it is synced.
    pub fn end(&self) -> Offset {
        todo!()
    }
    /// Leader epochs with their first offsets, ascending.
    pub fn epoch_history(&self) -> &[(LeaderEpoch, Offset)] {
        todo!()
    }
    /// What [`Log::attach`](crate::Log::attach) left last, with its offset.
    pub fn attachment(&self) -> Option<(Offset, &[u8])> {
        todo!()
    }
    /// What recovery found wrong with it: something acknowledged is missing beyond its end.
    pub fn damage(&self) -> Option<&Damage> {
        todo!()
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
    /// Bytes in segments whose checksums were compared.
    pub verified_bytes: u64,
    /// Files in the directory that belong to no log.
    pub unused_files: u64,
    /// Whether the stores had been shut down in order.
    pub clean: bool,
}
