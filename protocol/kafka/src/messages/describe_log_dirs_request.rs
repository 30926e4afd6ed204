// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// What lies in the data directories of a broker (KIP-113, KIP-827).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeLogDirsRequest<'a> {
    pub topics: Option<Vec<DescribableLogDirTopic<'a>>>,
}

impl<'a> Decode<'a> for DescribeLogDirsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 4,
            _ => 2,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value =
            Self { topics: reader.nullable_structures(form, version, "DescribeLogDirsRequest.topics")? };
        reader.skip_tags(form, "DescribeLogDirsRequest")?;
        Ok(value)
    }
}

impl Encode for DescribeLogDirsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.nullable_structures(form, version, self.topics.as_deref());
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribableLogDirTopic<'a> {
    pub topic: &'a str,
    pub partitions: Vec<i32>,
}

impl<'a> Decode<'a> for DescribableLogDirTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            topic: reader.string(form, "DescribableLogDirTopic.topic")?,
            partitions: reader.array(form, 4, "DescribableLogDirTopic.partitions", |reader| {
                reader.int32("DescribableLogDirTopic.partitions")
            })?,
        };
        reader.skip_tags(form, "DescribableLogDirTopic")?;
        Ok(value)
    }
}

impl Encode for DescribableLogDirTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.topic);
        sink.array(form, &self.partitions, |sink, item| sink.int32(*item));
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DescribeLogDirsRequest<'a> {
    const API: ApiKey = ApiKey::DescribeLogDirs;
    const VERSIONS: Versions = super::versions::DESCRIBE_LOG_DIRS;
}
