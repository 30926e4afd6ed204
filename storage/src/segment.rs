//! A segment: a file of batches, its index, its tail in memory.

pub mod index;

pub use index::{IndexEntry, SegmentIndex, batch_fields_checksum};
