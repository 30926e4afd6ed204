//! Where everything is inside a data directory.

use crate::state::FileId;
use std::path::{Path, PathBuf};

/// The description of the directory.
pub const FORMAT: &str = "ringlog.format";
/// Held while a process uses the directory.
pub const LOCK: &str = "lock";
/// All logs at the beginning of the current boot.
pub const CATALOG: &str = "catalog";
/// Given up when the disk is full.
pub const RESERVE: &str = "reserve";
/// The directory of segment files.
pub const SEGMENTS: &str = "segments";

const SEGMENT_SUFFIX: &str = ".segment";
const INDEX_SUFFIX: &str = ".index";
const JOURNAL_PREFIX: &str = "journal-";
const CHECKPOINT_PREFIX: &str = "checkpoint-";
const COVER_PREFIX: &str = "cover-";

/// One half (0 or 1) of a domain's journal.
#[must_use]
pub fn journal(directory: &Path, domain: u16, half: u64) -> PathBuf {
    directory.join(format!("{JOURNAL_PREFIX}{domain}-{half}"))
}

/// A domain's checkpoint.
#[must_use]
pub fn checkpoint(directory: &Path, domain: u16) -> PathBuf {
    directory.join(format!("{CHECKPOINT_PREFIX}{domain}"))
}

/// Copies of a domain's blocks that may be written again.
#[must_use]
pub fn cover(directory: &Path, domain: u16) -> PathBuf {
    directory.join(format!("{COVER_PREFIX}{domain}"))
}

/// The name of a segment file.
#[must_use]
pub fn segment_name(file: FileId) -> String {
    format!("{file}{SEGMENT_SUFFIX}")
}

/// A segment file.
#[must_use]
pub fn segment(directory: &Path, file: FileId) -> PathBuf {
    directory.join(SEGMENTS).join(segment_name(file))
}

/// The index beside a sealed segment.
#[must_use]
pub fn index(directory: &Path, file: FileId) -> PathBuf {
    directory.join(SEGMENTS).join(index_name(file))
}

/// The name of the index beside a segment file.
#[must_use]
pub fn index_name(file: FileId) -> String {
    format!("{file}{INDEX_SUFFIX}")
}

/// What a file's name says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A segment.
    Segment(FileId),
    /// An index.
    Index(FileId),
    /// Half of a domain's journal.
    Journal(u16, u64),
    /// A domain's checkpoint.
    Checkpoint(u16),
    /// Copies of a domain's blocks that may be written again.
    Cover(u16),
    /// Anything else.
    Other,
}

/// What a file's name says it is.
#[must_use]
pub fn kind(name: &str) -> Kind {
    parse(name).unwrap_or(Kind::Other)
}

fn parse(name: &str) -> Option<Kind> {
    if let Some(number) = name.strip_suffix(SEGMENT_SUFFIX) {
        return parse_file(number).map(Kind::Segment);
    }
    if let Some(number) = name.strip_suffix(INDEX_SUFFIX) {
        return parse_file(number).map(Kind::Index);
    }
    if let Some(domain) = name.strip_prefix(CHECKPOINT_PREFIX) {
        return domain.parse().ok().map(Kind::Checkpoint);
    }
    if let Some(domain) = name.strip_prefix(COVER_PREFIX) {
        return domain.parse().ok().map(Kind::Cover);
    }
    let (domain, half) = name.strip_prefix(JOURNAL_PREFIX)?.split_once('-')?;
    Some(Kind::Journal(domain.parse().ok()?, half.parse().ok()?))
}

fn parse_file(number: &str) -> Option<FileId> {
    (number.len() == 16).then(|| u64::from_str_radix(number, 16).ok().map(FileId))?
}
