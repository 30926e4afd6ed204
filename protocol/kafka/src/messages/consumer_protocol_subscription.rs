// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink};

/// What a member of a classic group subscribes to (KIP-429, KIP-792, KIP-881).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerProtocolSubscription<'a> {
    pub topics: Vec<&'a str>,
    pub user_data: Option<&'a [u8]>,
    pub owned_partitions: Vec<TopicPartition<'a>>,
    pub generation_id: i32,
    pub rack_id: Option<&'a str>,
}

impl Default for ConsumerProtocolSubscription<'_> {
    fn default() -> Self {
        Self {
            topics: Vec::new(),
            user_data: None,
            owned_partitions: Vec::new(),
            generation_id: -1,
            rack_id: None,
        }
    }
}

impl<'a> Decode<'a> for ConsumerProtocolSubscription<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 8,
            1 => 12,
            2 => 16,
            _ => 18,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topics: reader.array(
                Form::Classic,
                Form::Classic.string_length_size(),
                "ConsumerProtocolSubscription.topics",
                |reader| reader.string(Form::Classic, "ConsumerProtocolSubscription.topics"),
            )?,
            user_data: reader.nullable_bytes(Form::Classic, "ConsumerProtocolSubscription.user_data")?,
            owned_partitions: if version >= 1 {
                reader.structures(Form::Classic, version, "ConsumerProtocolSubscription.owned_partitions")?
            } else {
                Vec::new()
            },
            generation_id: if version >= 2 {
                reader.int32("ConsumerProtocolSubscription.generation_id")?
            } else {
                -1
            },
            rack_id: if version >= 3 {
                reader.nullable_string(Form::Classic, "ConsumerProtocolSubscription.rack_id")?
            } else {
                None
            },
        };
        Ok(value)
    }
}

impl Encode for ConsumerProtocolSubscription<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.array(Form::Classic, &self.topics, |sink, item| sink.string(Form::Classic, item));
        sink.nullable_bytes(Form::Classic, self.user_data);
        if version >= 1 {
            sink.structures(Form::Classic, version, &self.owned_partitions);
        }
        if version >= 2 {
            sink.int32(self.generation_id);
        }
        if version >= 3 {
            sink.nullable_string(Form::Classic, self.rack_id);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicPartition<'a> {
    pub topic: &'a str,
    pub partitions: Vec<i32>,
}

impl<'a> Decode<'a> for TopicPartition<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic: reader.string(Form::Classic, "TopicPartition.topic")?,
            partitions: reader.array(Form::Classic, 4, "TopicPartition.partitions", |reader| {
                reader.int32("TopicPartition.partitions")
            })?,
        };
        Ok(value)
    }
}

impl Encode for TopicPartition<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Classic, self.topic);
        sink.array(Form::Classic, &self.partitions, |sink, item| sink.int32(*item));
    }
}
