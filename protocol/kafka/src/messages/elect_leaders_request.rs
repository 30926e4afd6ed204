// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Asks for a leader election (KIP-460).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectLeadersRequest<'a> {
    pub election_type: i8,
    pub topic_partitions: Option<Vec<TopicPartitions<'a>>>,
    pub timeout_ms: i32,
}

impl Default for ElectLeadersRequest<'_> {
    fn default() -> Self {
        Self { election_type: 0, topic_partitions: None, timeout_ms: 60000 }
    }
}

impl<'a> Decode<'a> for ElectLeadersRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 8,
            1 => 9,
            _ => 7,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            election_type: if version >= 1 { reader.int8("ElectLeadersRequest.election_type")? } else { 0 },
            topic_partitions: reader.nullable_structures(
                form,
                version,
                "ElectLeadersRequest.topic_partitions",
            )?,
            timeout_ms: reader.int32("ElectLeadersRequest.timeout_ms")?,
        };
        reader.skip_tags(form, "ElectLeadersRequest")?;
        Ok(value)
    }
}

impl Encode for ElectLeadersRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        if version >= 1 {
            sink.int8(self.election_type);
        } else if self.election_type != 0 {
            sink.unsupported("ElectLeadersRequest.election_type", version);
        }
        sink.nullable_structures(form, version, self.topic_partitions.as_deref());
        sink.int32(self.timeout_ms);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicPartitions<'a> {
    pub topic: &'a str,
    pub partitions: Vec<i32>,
}

impl<'a> Decode<'a> for TopicPartitions<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            topic: reader.string(form, "TopicPartitions.topic")?,
            partitions: reader.array(form, 4, "TopicPartitions.partitions", |reader| {
                reader.int32("TopicPartitions.partitions")
            })?,
        };
        reader.skip_tags(form, "TopicPartitions")?;
        Ok(value)
    }
}

impl Encode for TopicPartitions<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.topic);
        sink.array(form, &self.partitions, |sink, item| sink.int32(*item));
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for ElectLeadersRequest<'a> {
    const API: ApiKey = ApiKey::ElectLeaders;
    const VERSIONS: Versions = super::versions::ELECT_LEADERS;
}
