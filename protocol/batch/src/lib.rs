//! The record batch, Kafka's format version 2: what clients send, what lies on disk, what consumers get.
//!
//! Place in the flow: the node checks a client's batch here ([`BatchView::validate`]) before it is routed, patches its
//! place ([`patched_header`]) when the partition has accepted it, and storage walks batches ([`split_batches`]) when it recovers
//! and looks up times. The native client builds batches ([`BatchBuilder`]) and reads them.
//!
//! Main types: [`BatchHeader`] (the 61 bytes in front, parsed), [`BatchView`] (one batch over borrowed bytes), [`RecordView`],
//! [`BatchBuilder`], [`Compression`] with [`Scratch`] (reused memory for decoding), [`BatchError`] (one variant per refusal).
//!
//! Architecture invariant: no I/O, no clock, no randomness; bytes in, values out.
//!
//! Architecture invariant: no input makes it panic, and no input makes it allocate more than a small multiple of its own size
//! or, for compressed records, the output cap that the caller gave.
//!
//! Architecture invariant: the checksum is computed in one file, `checksum.rs`.
#![forbid(unsafe_code)]

mod builder;
mod checksum;
mod compression;
mod describe;
mod error;
mod header;
mod lookup;
mod patch;
mod record;
mod retain;
mod validate;
mod varint;
mod view;

pub use builder::{BatchBuilder, recompress};
pub use checksum::{checksum, checksum_append, checksum_replace_front};
pub use compression::{Compression, Scratch};
pub use describe::{
    Description, Detail, EXCERPT_BYTES, Excerpt, RecordDescription, describe, describe_batch,
};
pub use error::BatchError;
pub use header::{Attributes, BatchHeader, HEADER_SIZE, LENGTH_END, MAGIC};
pub use lookup::TimedOffset;
pub use patch::{patch_base_offset, patched_header, stamp_log_append_time, stamp_max_timestamp};
pub use record::{RecordHeader, RecordView};
pub use retain::Retained;
pub use validate::{Keys, Limits, TimestampLimits, Validated};
pub use view::{BatchView, Batches, Records, split_batches};
