//! Types 3 to 8 and 16.

use crate::record::{EncodedRecord, RecordError};
use ringlog_kafka::{EncodeError, Reader};

/// A change of a consumer group. Without a value: what it names is gone.
#[derive(Clone, Debug, PartialEq)]
pub enum ConsumerRecord {}

impl ConsumerRecord {
    pub(crate) fn encode(&self) -> Result<EncodedRecord, EncodeError> {
        match *self {}
    }

    /// `key` stands behind the type.
    pub(crate) fn decode(
        _key_type: i16,
        _key: Reader<'_>,
        _value: Option<&[u8]>,
    ) -> Result<Option<ConsumerRecord>, RecordError> {
        Ok(None)
    }
}
