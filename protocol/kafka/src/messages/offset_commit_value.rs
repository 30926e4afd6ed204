// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink, Tag};
use ringlog_model::Uuid;

/// A committed position (KIP-211, KIP-320, KIP-915).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetCommitValue<'a> {
    pub offset: i64,
    pub leader_epoch: i32,
    pub metadata: &'a str,
    pub commit_timestamp: i64,
    pub expire_timestamp: i64,
    pub topic_id: Uuid,
}

impl Default for OffsetCommitValue<'_> {
    fn default() -> Self {
        Self {
            offset: 0,
            leader_epoch: -1,
            metadata: "",
            commit_timestamp: 0,
            expire_timestamp: -1,
            topic_id: Uuid::ZERO,
        }
    }
}

impl<'a> Decode<'a> for OffsetCommitValue<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 18,
            1 => 26,
            2 => 18,
            _ => 22,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let mut value = Self {
            offset: reader.int64("OffsetCommitValue.offset")?,
            leader_epoch: if version >= 3 { reader.int32("OffsetCommitValue.leader_epoch")? } else { -1 },
            metadata: reader.string(form, "OffsetCommitValue.metadata")?,
            commit_timestamp: reader.int64("OffsetCommitValue.commit_timestamp")?,
            expire_timestamp: if version == 1 {
                reader.int64("OffsetCommitValue.expire_timestamp")?
            } else {
                -1
            },
            topic_id: Uuid::ZERO,
        };
        if form == Form::Compact {
            reader.tags("OffsetCommitValue", |reader, tag| {
                match tag {
                    0 => value.topic_id = reader.uuid("OffsetCommitValue.topic_id")?,
                    _ => return Ok(Tag::Unknown),
                }
                Ok(Tag::Read)
            })?;
        }
        Ok(value)
    }
}

impl Encode for OffsetCommitValue<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.int64(self.offset);
        if version >= 3 {
            sink.int32(self.leader_epoch);
        }
        sink.string(form, self.metadata);
        sink.int64(self.commit_timestamp);
        if version == 1 {
            sink.int64(self.expire_timestamp);
        }
        if form == Form::Compact {
            sink.varint(u32::from(self.topic_id != Uuid::ZERO));
            if self.topic_id != Uuid::ZERO {
                let mark = sink.begin_tag(0);
                sink.uuid(self.topic_id);
                sink.end_tag(mark);
            }
        }
    }
}
