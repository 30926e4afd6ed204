// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Appends record batches to partitions (KIP-98, KIP-516, KIP-951).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProduceRequest<'a> {
    pub transactional_id: Option<&'a str>,
    /// 0: send no answer; 1: the leader has the records; -1: all in-sync replicas have them.
    pub acks: i16,
    pub timeout_ms: i32,
    pub topic_data: Vec<TopicProduceData<'a>>,
}

impl<'a> Decode<'a> for ProduceRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=8 => 12,
            _ => 9,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let value = Self {
            transactional_id: reader.nullable_string(form, "ProduceRequest.transactional_id")?,
            acks: reader.int16("ProduceRequest.acks")?,
            timeout_ms: reader.int32("ProduceRequest.timeout_ms")?,
            topic_data: reader.structures(form, version, "ProduceRequest.topic_data")?,
        };
        reader.skip_tags(form, "ProduceRequest")?;
        Ok(value)
    }
}

impl Encode for ProduceRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        sink.nullable_string(form, self.transactional_id);
        sink.int16(self.acks);
        sink.int32(self.timeout_ms);
        sink.structures(form, version, &self.topic_data);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicProduceData<'a> {
    /// Empty where the version names topics by id.
    pub name: &'a str,
    pub topic_id: Uuid,
    pub partition_data: Vec<PartitionProduceData<'a>>,
}

impl<'a> Decode<'a> for TopicProduceData<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=8 => 6,
            9..=12 => 3,
            _ => 18,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let value = Self {
            name: if version <= 12 { reader.string(form, "TopicProduceData.name")? } else { "" },
            topic_id: if version >= 13 { reader.uuid("TopicProduceData.topic_id")? } else { Uuid::ZERO },
            partition_data: reader.structures(form, version, "TopicProduceData.partition_data")?,
        };
        reader.skip_tags(form, "TopicProduceData")?;
        Ok(value)
    }
}

impl Encode for TopicProduceData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        if version <= 12 {
            sink.string(form, self.name);
        }
        if version >= 13 {
            sink.uuid(self.topic_id);
        }
        sink.structures(form, version, &self.partition_data);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionProduceData<'a> {
    pub index: i32,
    pub records: Option<&'a [u8]>,
}

impl<'a> Decode<'a> for PartitionProduceData<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=8 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 9);
        let value = Self {
            index: reader.int32("PartitionProduceData.index")?,
            records: reader.nullable_bytes(form, "PartitionProduceData.records")?,
        };
        reader.skip_tags(form, "PartitionProduceData")?;
        Ok(value)
    }
}

impl Encode for PartitionProduceData<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 9);
        sink.int32(self.index);
        sink.nullable_bytes(form, self.records);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for ProduceRequest<'a> {
    const API: ApiKey = ApiKey::Produce;
    const VERSIONS: Versions = super::versions::PRODUCE;
}
