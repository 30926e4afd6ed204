//! What the owner of a directory, a store or a log may choose.

use ringlog_model::{ClusterId, Durability, LogId, NodeId, PartitionId};
use std::path::PathBuf;

/// Whose data a directory holds; written into `ringlog.format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The cluster.
    pub cluster: ClusterId,
    /// The node.
    pub node: NodeId,
}

/// How to open a data directory.
#[derive(Clone, Debug)]
pub struct DirectoryConfig {
    /// Absolute path; created when missing.
    pub path: PathBuf,
    /// Whose data it must hold. `None` accepts whatever is there; a new directory then has no identity until
    /// [`Directory::set_identity`](crate::Directory::set_identity).
    pub identity: Option<Identity>,
    /// How many stores (shards) will run over it, at least 1; journals of more are removed.
    pub domains: u16,
    /// Bytes of the preallocated file that is given up when the disk is full; at most an eighth of the file
    /// system. It is for deletes, checkpoints and the next start, never for appends.
    pub reserve_bytes: u64,
    /// Open even though an acknowledged part of a journal is unreadable. The logs that lost something then carry a
    /// [`Damage`](crate::Damage). Off by default: the operator decides.
    pub accept_damage: bool,
}

impl DirectoryConfig {
    /// The defaults for one store over `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> DirectoryConfig {
        DirectoryConfig {
            path: path.into(),
            identity: None,
            domains: 1,
            reserve_bytes: 64 << 20,
            accept_damage: false,
        }
    }
}

/// The bounds of one store: one shard's logs in one directory.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// Bytes of each of the two journal halves. A checkpoint runs whenever one is full.
    pub journal_half_bytes: u64,
    /// Bytes accepted but not yet durable; beyond it appends get [`AppendError::Backpressure`](crate::AppendError).
    pub unflushed_bytes_max: u64,
    /// Bytes of batches in one commit group, at most 3 MiB: what a disk writes and syncs at nearly its full speed.
    pub group_bytes_max: u64,
    /// From how many bytes of one log in one commit group on the bytes go to the segment directly instead of
    /// travelling in the journal.
    pub external_bytes_min: usize,
    /// Appends that would go to their segments directly travel in the journal all the same while they are together no
    /// more than so many bytes: one synced write instead of two. Where many logs have little each, up to
    /// [`StoreConfig::group_bytes_max`]: one instead of many.
    pub small_group_bytes: u64,
    /// Groups on their way to the journal at the same time.
    pub groups_at_once: usize,
    /// How far ahead of its groups the journal's blocks are written once, so that their sync need not wait for the file
    /// system's own records; 0 for not at all.
    pub journal_ahead_bytes: u64,
    /// Bytes of tail chunks kept in memory for readers; the oldest are given up first.
    pub tail_bytes_max: u64,
    /// Bytes written to segments directly after which a checkpoint runs even if the journal half is not full: the
    /// bound of what recovery must read again.
    pub recovery_bytes_max: u64,
    /// Files kept open.
    pub open_files_max: usize,
    /// Retired segment files kept for reuse.
    pub recycled_files_max: usize,
    /// How fast sealed segments are checked in the background, each once a week; 0 for not at all.
    pub scrub_bytes_per_second: u64,
    /// Appends are refused with [`AppendError::DiskFull`](crate::AppendError) while less than this is free. `None`
    /// stands for 2 % of the file system, at least 8 MiB and at most 256 MiB.
    pub free_bytes_low: Option<u64>,
}

impl Default for StoreConfig {
    fn default() -> StoreConfig {
        StoreConfig {
            journal_half_bytes: 64 << 20,
            unflushed_bytes_max: 64 << 20,
            group_bytes_max: 2 << 20,
            external_bytes_min: 32 << 10,
            small_group_bytes: 768 << 10,
            groups_at_once: 1,
            journal_ahead_bytes: 4 << 20,
            tail_bytes_max: 64 << 20,
            recovery_bytes_max: 512 << 20,
            open_files_max: 512,
            recycled_files_max: 16,
            scrub_bytes_per_second: 4 << 20,
            free_bytes_low: None,
        }
    }
}

/// What a topic chooses about its logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// A segment is sealed when the next batch would make it larger (Kafka's `segment.bytes`).
    pub segment_bytes: u64,
    /// A segment is sealed when it is older, in milliseconds (Kafka's `segment.ms`).
    pub segment_ms: i64,
    /// What an acknowledgement promises. The store keeps both marks whatever is chosen; with `Written` it does not
    /// hurry to sync.
    pub durability: Durability,
}

impl Default for LogConfig {
    fn default() -> LogConfig {
        LogConfig { segment_bytes: 1 << 30, segment_ms: 7 * 24 * 3600 * 1000, durability: Durability::Fsync }
    }
}

/// A log to create.
#[derive(Clone, Debug)]
pub struct LogSpec {
    /// Its identity in this directory, never used before: see
    /// [`Directory::unused_log_id`](crate::Directory::unused_log_id).
    pub log: LogId,
    /// The partition it is a replica of.
    pub partition: PartitionId,
    /// The topic's name, for people who look at the files.
    pub topic: String,
    /// The topic's choices.
    pub config: LogConfig,
}
