//! The version number in front of keys and values.

use super::{EncodedRecord, RecordError};
use ringlog_kafka::{Decode, Encode, EncodeError, Reader, Sink, Writer};

/// Encodes a record: `key` behind its type, the value behind its version.
pub(crate) fn encode<K: Encode, V: Encode>(
    key_type: i16,
    key: &K,
    value: Option<(i16, &V)>,
) -> Result<EncodedRecord, EncodeError> {
    let key = prefixed(key_type, key, 0)?;
    let value = value.map(|(version, value)| prefixed(version, value, version)).transpose()?;
    Ok(EncodedRecord { key, value })
}

fn prefixed<M: Encode>(prefix: i16, message: &M, version: i16) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer::with_capacity(2 + message.size(version));
    writer.int16(prefix);
    message.encode(&mut writer, version);
    Ok(writer.finish()?.into_bytes(|_| &[]).into())
}

/// Reads a value of one of the versions 0 to `newest`. What newer minor versions append is passed over.
pub(crate) fn read_value<'a, V: Decode<'a>>(
    key_type: i16,
    bytes: &'a [u8],
    newest: i16,
) -> Result<V, RecordError> {
    let mut reader = Reader::new(bytes);
    let version = reader.int16("value.version")?;
    if !(0..=newest).contains(&version) {
        return Err(RecordError::ValueVersion { key_type, version });
    }
    Ok(V::decode(&mut reader, version)?)
}
