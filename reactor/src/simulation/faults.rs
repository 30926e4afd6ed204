//! What goes wrong, and how often: random faults under a budget, and faults aimed at one file.

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use super::random::Random;

/// Random faults and delays of a whole simulation. A rate is a number per million; the budget bounds how many
/// faults are injected in all, so that a run can first be hurt and then be asked to recover.
#[derive(Debug, Clone)]
pub struct Faults {
    /// Reads of files that fail with EIO.
    pub read_errors: u32,
    /// Writes that fail with EIO, a part of them done.
    pub write_errors: u32,
    /// Syncs that fail with EIO: what they covered may be lost, and no later sync saves it.
    pub sync_errors: u32,
    /// Syncs that take [`Faults::slow_sync`].
    pub slow_syncs: u32,
    /// Connections that break while data is on its way.
    pub lost_connections: u32,
    /// Reads, writes and receives that move less than asked. Not a fault but everyday life: free of the budget.
    pub short_transfers: u32,
    /// How many faults may still be injected.
    pub budget: u32,
    /// How long a slow sync takes.
    pub slow_sync: RangeInclusive<Duration>,
    /// How long a packet travels between hosts.
    pub network_delay: RangeInclusive<Duration>,
    /// How long an ordinary read or write of a file takes.
    pub transfer_delay: RangeInclusive<Duration>,
    /// How long an ordinary sync takes.
    pub sync_delay: RangeInclusive<Duration>,
    /// Whether blocks that a power loss tears may become unreadable instead of old or new.
    pub unreadable_torn_blocks: bool,
    /// Which unsynced changes survive a power loss.
    pub survival: super::Pattern,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults {
            read_errors: 0,
            write_errors: 0,
            sync_errors: 0,
            slow_syncs: 0,
            lost_connections: 0,
            short_transfers: 20_000,
            budget: 0,
            slow_sync: Duration::from_millis(100)..=Duration::from_secs(3),
            network_delay: Duration::from_micros(50)..=Duration::from_millis(2),
            transfer_delay: Duration::from_micros(10)..=Duration::from_micros(300),
            sync_delay: Duration::from_micros(100)..=Duration::from_millis(3),
            unreadable_torn_blocks: false,
            survival: super::Pattern::Any,
        }
    }
}

impl Faults {
    /// Whether a fault of this rate strikes now; if so it is paid from the budget.
    pub(crate) fn strikes(&mut self, rate: u32, random: &mut Random) -> bool {
        if rate == 0 || self.budget == 0 || !random.chance(u64::from(rate), 1_000_000) {
            return false;
        }
        self.budget -= 1;
        true
    }

    /// Whether this transfer moves less than asked, and if so how much of `length`, in units of `unit`.
    pub(crate) fn shorten(&self, length: usize, unit: usize, random: &mut Random) -> usize {
        if length <= unit
            || self.short_transfers == 0
            || !random.chance(u64::from(self.short_transfers), 1_000_000)
        {
            return length;
        }
        (random.between(1, (length / unit) as u64) as usize * unit).min(length)
    }
}

/// Kinds of file operations that an [`Injection`] can aim at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileOperation {
    /// Opening or creating.
    Open,
    /// Reading.
    Read,
    /// Writing. An injection aimed at it strikes synced writes too.
    Write,
    /// Writing, durable on completion.
    SyncedWrite,
    /// fdatasync or fsync.
    Sync,
    /// Allocating or zeroing.
    Allocate,
    /// Setting the length.
    Truncate,
    /// Renaming (the path is the old name).
    Rename,
    /// Removing a file or directory.
    Remove,
    /// Syncing a directory.
    SyncDirectory,
    /// Everything else about names: listing, making directories, asking for metadata.
    Other,
}

/// What an [`Injection`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// The operation fails with this error number.
    Error(i32),
    /// The operation takes this much longer.
    Delay(Duration),
}

/// A fault aimed at certain operations on certain files of one host.
#[derive(Debug, Clone)]
pub struct Injection {
    /// The kind of operation; `None` for any.
    pub operation: Option<FileOperation>,
    /// Text that the file's path contains.
    pub path_contains: String,
    /// How many matching operations pass unharmed first.
    pub skip: u64,
    /// How many are harmed then.
    pub times: u64,
    /// What happens to them.
    pub harm: Harm,
}

impl Injection {
    /// EIO for the next such operation.
    pub fn error_once(operation: FileOperation, path_contains: &str) -> Injection {
        Injection {
            operation: Some(operation),
            path_contains: path_contains.to_owned(),
            skip: 0,
            times: 1,
            harm: Harm::Error(libc::EIO),
        }
    }

    /// Whether it strikes this operation; counts down if the operation matches.
    pub(crate) fn strikes(&mut self, operation: FileOperation, path: &Path) -> bool {
        let covers = |wanted| {
            wanted == operation || (wanted, operation) == (FileOperation::Write, FileOperation::SyncedWrite)
        };
        let matches =
            self.operation.is_none_or(covers) && path.to_string_lossy().contains(&self.path_contains);
        if !matches || self.times == 0 {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.times -= 1;
        true
    }
}
