//! What can go wrong: refusals (the caller's affair) apart from faults (disk) and damage (what a check found).

use ringlog_model::{LogId, Offset};
use std::{io, path::PathBuf};
use thiserror::Error;

/// Why a data directory was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process holds the lock.
    #[error("data directory {0} is locked by another process")]
    Locked(PathBuf),
    /// The directory was written by another version of the format.
    #[error("data directory {path} has format version {found}; this program reads version {supported}")]
    WrongVersion {
        /// The directory.
        path: PathBuf,
        /// The version it has.
        found: String,
        /// The version this program reads and writes.
        supported: u32,
    },
    /// The directory belongs to another cluster or node.
    #[error("data directory {path} belongs to {found}, not to {expected}")]
    WrongIdentity {
        /// The directory.
        path: PathBuf,
        /// What its format file says.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// A file that holds the truth about the logs fails its checksum or contradicts itself.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An acknowledged part of a journal is unreadable.
    #[error(
        "journal {path} is damaged at byte {position}, within acknowledged data; opening anyway (accept_damage) \
         would lose part of some logs: {reason}"
    )]
    JournalDamaged {
        /// The journal file.
        path: PathBuf,
        /// Where the first unreadable group begins.
        position: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk refused.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
}

/// Why an append was refused. Nothing of it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AppendError {
    /// Too many bytes wait for the disk: `Store::ready().await`, then try again.
    #[error("too many bytes wait for the disk")]
    Backpressure,
    /// Less than the low-water mark is free.
    #[error("the disk is full")]
    DiskFull,
    /// A write or sync failed earlier; the store must be opened anew.
    #[error("the store has failed: {0}")]
    Failed(StoreFault),
    /// The log is deleted, or being truncated.
    #[error("the log does not take appends now")]
    Closed,
    /// The base offset is not the log's end.
    #[error("append at offset {found}, but the log ends at {end}")]
    NotAtEnd {
        /// The append's base offset.
        found: Offset,
        /// The log's end.
        end: Offset,
    },
    /// The bytes are not whole batches with consecutive offsets.
    #[error("the bytes are not whole consecutive batches: {0}")]
    Malformed(String),
    /// The append alone is larger than a segment may be (2 GiB).
    #[error("an append of {0} bytes is larger than any segment")]
    TooLarge(usize),
}

/// Why a read gave nothing.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The offset lies outside what the log holds or the caller allowed.
    #[error("offset {offset} is outside [{start}, {end}]")]
    OutOfRange {
        /// The offset asked for.
        offset: Offset,
        /// The log's start.
        start: Offset,
        /// The log's end.
        end: Offset,
    },
    /// A check failed: reported, not served.
    #[error("damaged: {0}")]
    Damaged(Damage),
    /// The log is deleted.
    #[error("the log is deleted")]
    Closed,
    /// The disk refused.
    #[error("reading segment {file}: {source}")]
    Io {
        /// Name of the segment file.
        file: String,
        /// The refusal.
        source: io::Error,
    },
}

/// Bytes that fail a check.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("log {log}, segment at {segment}, byte {position}: {reason}")]
pub struct Damage {
    /// The log.
    pub log: LogId,
    /// The segment's base offset.
    pub segment: Offset,
    /// Where in the segment file.
    pub position: u64,
    /// Which check failed.
    pub reason: String,
}

/// A failed write or sync. The store takes no more appends until it is opened anew: after a failed sync nobody
/// knows what reached the disk, and a second sync that succeeds proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{action} {file}: {reason}")]
pub struct StoreFault {
    /// What failed.
    pub action: &'static str,
    /// On which file.
    pub file: String,
    /// The system's words.
    pub reason: String,
}

/// Why a log was not created, deleted, truncated or changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LogError {
    /// The log id is in use.
    #[error("log {0} exists already")]
    Exists(LogId),
    /// The log is deleted or in the middle of another change.
    #[error("the log is closed")]
    Closed,
    /// The offset lies outside the log.
    #[error("offset {offset} is outside [{start}, {end}]")]
    OutOfRange {
        /// The offset asked for.
        offset: Offset,
        /// The log's start.
        start: Offset,
        /// The log's end.
        end: Offset,
    },
    /// A check failed on the way.
    #[error("damaged: {0}")]
    Damaged(Damage),
    /// The disk is full and the reserve is used up.
    #[error("the disk is full")]
    DiskFull,
    /// A write or sync failed; the store must be opened anew.
    #[error("the store has failed: {0}")]
    Failed(#[from] StoreFault),
}
