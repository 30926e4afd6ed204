// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Reader, Sink, Tag};

/// Key 3: the epoch of a group of the newer protocol (KIP-848, KIP-1101).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConsumerGroupMetadataValue {
    pub epoch: i32,
    pub metadata_hash: i64,
}

impl<'a> Decode<'a> for ConsumerGroupMetadataValue {
    fn minimum_size(_version: i16) -> usize {
        5
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let mut value = Self { epoch: reader.int32("ConsumerGroupMetadataValue.epoch")?, metadata_hash: 0 };
        reader.tags("ConsumerGroupMetadataValue", |reader, tag| {
            match tag {
                0 => value.metadata_hash = reader.int64("ConsumerGroupMetadataValue.metadata_hash")?,
                _ => return Ok(Tag::Unknown),
            }
            Ok(Tag::Read)
        })?;
        Ok(value)
    }
}

impl Encode for ConsumerGroupMetadataValue {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.epoch);
        sink.varint(u32::from(self.metadata_hash != 0));
        if self.metadata_hash != 0 {
            let mark = sink.begin_tag(0);
            sink.int64(self.metadata_hash);
            sink.end_tag(mark);
        }
    }
}
