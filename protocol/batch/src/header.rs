//! The 61 bytes before the records.
//!
//! ```text
//!  0 base offset              i64  ─┐ assigned by the broker,
//!  8 batch length             i32   │ outside the checksum
//! 12 partition leader epoch   i32  ─┘
//! 16 magic                    i8      2
//! 17 checksum                 u32     CRC-32C of everything from byte 21
//! 21 attributes               i16     bits 0-2 compression, 3 log append time, 4 transactional, 5 control, 6 delete horizon
//! 23 last offset delta        i32
//! 27 base timestamp           i64
//! 35 max timestamp            i64
//! 43 producer id              i64
//! 51 producer epoch           i16
//! 53 base sequence            i32
//! 57 record count             i32
//! 61 records
//! ```
//!
//! All numbers are big-endian. The batch length counts the bytes after its own field.

use crate::{BatchError, Compression};
use ringlog_model::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use zerocopy::byteorder::big_endian::{I16, I32, I64, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Bytes of a batch header.
pub const HEADER_SIZE: usize = 61;
/// Bytes up to and including the length field; a batch has this many bytes more than its length field says.
pub const LENGTH_END: usize = 12;
/// Where the checksummed part begins.
pub(crate) const CHECKED_FROM: usize = 21;
/// The only record format there is now.
pub const MAGIC: i8 = 2;

const MAGIC_AT: usize = 16;

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned, Clone, Copy)]
#[repr(C)]
struct WireHeader {
    base_offset: I64,
    batch_length: I32,
    leader_epoch: I32,
    magic: i8,
    checksum: U32,
    attributes: I16,
    last_offset_delta: I32,
    base_timestamp: I64,
    max_timestamp: I64,
    producer_id: I64,
    producer_epoch: I16,
    base_sequence: I32,
    record_count: I32,
}

const _: () = assert!(size_of::<WireHeader>() == HEADER_SIZE);

/// The attribute bits of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes(pub i16);

impl Attributes {
    const COMPRESSION: i16 = 0b111;
    /// Timestamps are the broker's clock at the append, not the producer's.
    pub const LOG_APPEND_TIME: i16 = 1 << 3;
    /// The batch belongs to a transaction.
    pub const TRANSACTIONAL: i16 = 1 << 4;
    /// The batch holds a marker written by the broker.
    pub const CONTROL: i16 = 1 << 5;
    /// The base timestamp is the time after which compaction may drop the batch's tombstones (KIP-534).
    pub const DELETE_HORIZON: i16 = 1 << 6;

    /// The codec of the records, or [`BatchError::CompressionUnknown`] for codes 5 to 7.
    pub fn compression(self) -> Result<Compression, BatchError> {
        Compression::from_code((self.0 & Self::COMPRESSION) as u8)
    }

    /// The same attributes with another codec.
    #[must_use]
    pub fn with_compression(self, compression: Compression) -> Attributes {
        Attributes((self.0 & !Self::COMPRESSION) | i16::from(compression.code()))
    }

    /// The same attributes with these bits set.
    #[must_use]
    pub fn with(self, bits: i16) -> Attributes {
        Attributes(self.0 | bits)
    }

    /// Whether all of these bits are set.
    #[must_use]
    pub fn has(self, bits: i16) -> bool {
        self.0 & bits == bits
    }
}

/// A batch header in native numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record.
    pub base_offset: Offset,
    /// Bytes after the length field; at least 49 once parsed.
    pub batch_length: i32,
    /// Leadership under which the batch was appended; what a client sent here has no meaning.
    pub leader_epoch: LeaderEpoch,
    /// Record format, always [`MAGIC`] once parsed.
    pub magic: i8,
    /// CRC-32C of everything from the attributes on.
    pub checksum: u32,
    /// Codec, timestamp type, transactional and control bits.
    pub attributes: Attributes,
    /// Last record's offset less the base offset.
    pub last_offset_delta: i32,
    /// What the records' timestamp deltas are added to.
    pub base_timestamp: Timestamp,
    /// Largest timestamp of the batch.
    pub max_timestamp: Timestamp,
    /// Producer, or [`ProducerId::NONE`].
    pub producer_id: ProducerId,
    /// Producer's epoch, or [`ProducerEpoch::NONE`].
    pub producer_epoch: ProducerEpoch,
    /// Sequence of the first record, or [`Sequence::NONE`].
    pub base_sequence: Sequence,
    /// Number of records.
    pub record_count: i32,
}

impl BatchHeader {
    /// Reads a header from the front of `bytes`. Nothing but magic and the least length is judged; the checksum and the
    /// other fields are not.
    ///
    /// # Errors
    /// [`BatchError::Truncated`], [`BatchError::MagicUnsupported`], [`BatchError::LengthInvalid`].
    pub fn parse(bytes: &[u8]) -> Result<BatchHeader, BatchError> {
        let truncated = BatchError::Truncated { needed: HEADER_SIZE, available: bytes.len() };
        // The magic stands at the same place in all formats: an old one is named before its other length matters.
        let magic = bytes.get(MAGIC_AT).map(|&byte| byte as i8).ok_or(truncated.clone())?;
        if magic != MAGIC {
            return Err(BatchError::MagicUnsupported { magic });
        }
        let (wire, _) = WireHeader::ref_from_prefix(bytes).map_err(|_| truncated)?;
        let header = BatchHeader {
            base_offset: Offset(wire.base_offset.get()),
            batch_length: wire.batch_length.get(),
            leader_epoch: LeaderEpoch(wire.leader_epoch.get()),
            magic,
            checksum: wire.checksum.get(),
            attributes: Attributes(wire.attributes.get()),
            last_offset_delta: wire.last_offset_delta.get(),
            base_timestamp: Timestamp(wire.base_timestamp.get()),
            max_timestamp: Timestamp(wire.max_timestamp.get()),
            producer_id: ProducerId(wire.producer_id.get()),
            producer_epoch: ProducerEpoch(wire.producer_epoch.get()),
            base_sequence: Sequence(wire.base_sequence.get()),
            record_count: wire.record_count.get(),
        };
        if header.batch_length < (HEADER_SIZE - LENGTH_END) as i32 {
            return Err(BatchError::LengthInvalid { batch_length: header.batch_length });
        }
        Ok(header)
    }

    /// The header's bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_SIZE] {
        let wire = WireHeader {
            base_offset: self.base_offset.0.into(),
            batch_length: self.batch_length.into(),
            leader_epoch: self.leader_epoch.0.into(),
            magic: self.magic,
            checksum: self.checksum.into(),
            attributes: self.attributes.0.into(),
            last_offset_delta: self.last_offset_delta.into(),
            base_timestamp: self.base_timestamp.0.into(),
            max_timestamp: self.max_timestamp.0.into(),
            producer_id: self.producer_id.0.into(),
            producer_epoch: self.producer_epoch.0.into(),
            base_sequence: self.base_sequence.0.into(),
            record_count: self.record_count.into(),
        };
        let mut bytes = [0; HEADER_SIZE];
        bytes.copy_from_slice(wire.as_bytes());
        bytes
    }

    /// Size of the whole batch in bytes, the header included.
    #[must_use]
    pub fn size(&self) -> usize {
        // Parsed headers have a positive length; a hand-made one below zero counts as empty.
        LENGTH_END + usize::try_from(self.batch_length).unwrap_or(0)
    }

    /// Offset of the last record; the largest offset there is if the (unjudged) fields overflow.
    #[must_use]
    pub fn last_offset(&self) -> Offset {
        Offset(self.base_offset.0.saturating_add(i64::from(self.last_offset_delta)))
    }

    /// One past the last record's offset, with the same reservation.
    #[must_use]
    pub fn next_offset(&self) -> Offset {
        Offset(self.last_offset().0.saturating_add(1))
    }

    /// Sequence of the last record; [`Sequence::NONE`] if the batch is not from an idempotent producer.
    #[must_use]
    pub fn last_sequence(&self) -> Sequence {
        if !self.has_producer() || self.base_sequence.0 < 0 || self.last_offset_delta < 0 {
            return Sequence::NONE;
        }
        self.base_sequence.plus(self.last_offset_delta)
    }

    /// Whether the batch names a producer (KIP-98).
    #[must_use]
    pub fn has_producer(&self) -> bool {
        self.producer_id.0 >= 0
    }

    /// Whether the batch holds a control record.
    #[must_use]
    pub fn is_control(&self) -> bool {
        self.attributes.has(Attributes::CONTROL)
    }

    /// Whether the batch belongs to a transaction.
    #[must_use]
    pub fn is_transactional(&self) -> bool {
        self.attributes.has(Attributes::TRANSACTIONAL)
    }

    /// Whether the broker's clock stamped the batch.
    #[must_use]
    pub fn is_log_append_time(&self) -> bool {
        self.attributes.has(Attributes::LOG_APPEND_TIME)
    }
}
