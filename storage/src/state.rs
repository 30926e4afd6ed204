//! What is true of a log, and the only way it changes.
//!
//! A [`LogState`] changes by [`LogState::apply`] and by nothing else: live operation applies a [`Change`] and writes
//! it into the journal; recovery reads it from there and applies it again. So what is found after a crash is what
//! was there, or less of it, never something third.

mod change;
mod log_state;
#[cfg(test)]
mod tests;

pub use change::{Appended, Change, Compacted};
pub use log_state::{Contradiction, LogState, SegmentState};

use ringlog_model::Offset;
use std::fmt;

/// A segment file. The number is its name; a file that is used again for another segment keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u64);

impl FileId {
    const DOMAIN_BITS: u32 = 10;
    const COUNTER_BITS: u32 = 30;

    /// The domain under which recovery itself makes files.
    pub const RECOVERY_DOMAIN: u16 = (1 << Self::DOMAIN_BITS) - 1;

    /// The `counter`-th file that `domain` makes in `boot`: no other boot or domain makes the same number.
    #[must_use]
    pub fn new(boot: u64, domain: u16, counter: u32) -> FileId {
        assert!(domain <= Self::RECOVERY_DOMAIN, "domains are far fewer than 1,023");
        assert!(counter < 1 << Self::COUNTER_BITS, "no boot makes 2^30 files");
        assert!(boot < 1 << 24, "16 million boots");
        FileId(
            boot << (Self::DOMAIN_BITS + Self::COUNTER_BITS)
                | u64::from(domain) << Self::COUNTER_BITS
                | u64::from(counter),
        )
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// The base offset of a segment, its name within its log.
pub type SegmentBase = Offset;
