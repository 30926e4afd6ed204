//! The records of `__consumer_offsets`, in Apache Kafka's formats.
//!
//! ```text
//! key    type (int16) | fields of that type
//! value  version (int16) | fields of that version     null: what the key names is gone
//! ```
//!
//! | type | key | value |
//! |---|---|---|
//! | 0, 1 | a group's position in a partition | offset, epoch, metadata, times |
//! | 2 | a classic group | its generation and members |
//! | 3-8, 16 | a consumer group | see [`ConsumerRecord`] |
//!
//! Records of other types (share groups, streams groups) are passed over, not lost: compaction keeps them.

mod classic;
mod codec;
mod offset;

pub use classic::{ClassicGroupValue, ClassicMemberValue};
pub(crate) use codec::{encode, read_value};
pub use offset::{OffsetKey, OffsetValue};

use crate::{ConsumerRecord, Name};
use ringlog_kafka::{DecodeError, EncodeError, Reader};

/// A change of the durable state. Without a value: what it names is gone.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A group's position in a partition.
    Offset(OffsetKey, Option<OffsetValue>),
    /// A classic group and its finished generation.
    ClassicGroup(Name, Option<ClassicGroupValue>),
    /// Something of a consumer group.
    Consumer(ConsumerRecord),
}

/// A record as it stands in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedRecord {
    /// Never empty.
    pub key: Vec<u8>,
    /// None: a tombstone.
    pub value: Option<Vec<u8>>,
}

/// Bytes that are no record of a known kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The fields cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The value is of a version that this program does not know.
    #[error("value version {version} of a record of type {key_type} is not known")]
    ValueVersion {
        /// The key's type.
        key_type: i16,
        /// The value's version.
        version: i16,
    },
}

impl Record {
    /// The record's bytes.
    ///
    /// # Errors
    /// If a string is longer than the format can say. Requests are bounded, so this does not happen to what came from one.
    pub fn encode(&self) -> Result<EncodedRecord, EncodeError> {
        match self {
            Record::Offset(key, value) => offset::encode(key, value.as_ref()),
            Record::ClassicGroup(group, value) => classic::encode(group, value.as_ref()),
            Record::Consumer(record) => record.encode(),
        }
    }

    /// Reads a record; `None` if it is of a type that is not kept here.
    ///
    /// # Errors
    /// If the type is known and the bytes are not of it.
    pub fn decode(key: &[u8], value: Option<&[u8]>) -> Result<Option<Record>, RecordError> {
        let mut reader = Reader::new(key);
        let key_type = reader.int16("key.type")?;
        Ok(match key_type {
            0 | 1 => Some(offset::decode(reader, value)?),
            2 => Some(classic::decode(reader, value)?),
            3..=8 | 16 => ConsumerRecord::decode(key_type, reader, value)?.map(Record::Consumer),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests;
