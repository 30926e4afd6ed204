// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Reader, Sink, Tag};

/// Key 6: the epoch of the target assignment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConsumerGroupTargetAssignmentMetadataValue {
    pub assignment_epoch: i32,
    pub assignment_timestamp: i64,
}

impl<'a> Decode<'a> for ConsumerGroupTargetAssignmentMetadataValue {
    fn minimum_size(_version: i16) -> usize {
        5
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let mut value = Self {
            assignment_epoch: reader.int32("ConsumerGroupTargetAssignmentMetadataValue.assignment_epoch")?,
            assignment_timestamp: 0,
        };
        reader.tags("ConsumerGroupTargetAssignmentMetadataValue", |reader, tag| {
            match tag {
                0 => {
                    value.assignment_timestamp =
                        reader.int64("ConsumerGroupTargetAssignmentMetadataValue.assignment_timestamp")?
                }
                _ => return Ok(Tag::Unknown),
            }
            Ok(Tag::Read)
        })?;
        Ok(value)
    }
}

impl Encode for ConsumerGroupTargetAssignmentMetadataValue {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int32(self.assignment_epoch);
        sink.varint(u32::from(self.assignment_timestamp != 0));
        if self.assignment_timestamp != 0 {
            let mark = sink.begin_tag(0);
            sink.int64(self.assignment_timestamp);
            sink.end_tag(mark);
        }
    }
}
