//! A segment: a file of batches, its index, its tail in memory.

pub(crate) mod allocate;
pub mod check;
pub(crate) mod cover;
pub(crate) mod files;
pub(crate) mod history;
pub mod index;
pub(crate) mod live;
pub(crate) mod tail;

pub use check::{Checker, Expected, Failure, check_batches};
pub use index::{IndexEntry, SegmentIndex, batch_fields_checksum, newest_record};
