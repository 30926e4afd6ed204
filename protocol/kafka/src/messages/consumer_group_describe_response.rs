// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// State and members of groups of the newer protocol (KIP-848, KIP-1099).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerGroupDescribeResponse<'a> {
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup<'a>>,
}

impl<'a> Decode<'a> for ConsumerGroupDescribeResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            throttle_time_ms: reader.int32("ConsumerGroupDescribeResponse.throttle_time_ms")?,
            groups: reader.structures(Form::Compact, version, "ConsumerGroupDescribeResponse.groups")?,
        };
        reader.skip_tags(Form::Compact, "ConsumerGroupDescribeResponse")?;
        Ok(value)
    }
}

impl Encode for ConsumerGroupDescribeResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.throttle_time_ms);
        sink.structures(Form::Compact, version, &self.groups);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedGroup<'a> {
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub group_id: &'a str,
    pub group_state: &'a str,
    pub group_epoch: i32,
    pub assignment_epoch: i32,
    pub assignor_name: &'a str,
    pub members: Vec<Member<'a>>,
    pub authorized_operations: i32,
}

impl Default for DescribedGroup<'_> {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            error_message: None,
            group_id: "",
            group_state: "",
            group_epoch: 0,
            assignment_epoch: 0,
            assignor_name: "",
            members: Vec::new(),
            authorized_operations: i32::MIN,
        }
    }
}

impl<'a> Decode<'a> for DescribedGroup<'a> {
    fn minimum_size(_version: i16) -> usize {
        20
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            error_code: reader.error_code("DescribedGroup.error_code")?,
            error_message: reader.nullable_string(Form::Compact, "DescribedGroup.error_message")?,
            group_id: reader.string(Form::Compact, "DescribedGroup.group_id")?,
            group_state: reader.string(Form::Compact, "DescribedGroup.group_state")?,
            group_epoch: reader.int32("DescribedGroup.group_epoch")?,
            assignment_epoch: reader.int32("DescribedGroup.assignment_epoch")?,
            assignor_name: reader.string(Form::Compact, "DescribedGroup.assignor_name")?,
            members: reader.structures(Form::Compact, version, "DescribedGroup.members")?,
            authorized_operations: reader.int32("DescribedGroup.authorized_operations")?,
        };
        reader.skip_tags(Form::Compact, "DescribedGroup")?;
        Ok(value)
    }
}

impl Encode for DescribedGroup<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.error_code(self.error_code);
        sink.nullable_string(Form::Compact, self.error_message);
        sink.string(Form::Compact, self.group_id);
        sink.string(Form::Compact, self.group_state);
        sink.int32(self.group_epoch);
        sink.int32(self.assignment_epoch);
        sink.string(Form::Compact, self.assignor_name);
        sink.structures(Form::Compact, version, &self.members);
        sink.int32(self.authorized_operations);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    pub member_id: &'a str,
    pub instance_id: Option<&'a str>,
    pub rack_id: Option<&'a str>,
    pub member_epoch: i32,
    pub client_id: &'a str,
    pub client_host: &'a str,
    pub subscribed_topic_names: Vec<&'a str>,
    pub subscribed_topic_regex: Option<&'a str>,
    pub assignment: Assignment<'a>,
    pub target_assignment: Assignment<'a>,
    pub member_type: i8,
}

impl Default for Member<'_> {
    fn default() -> Self {
        Self {
            member_id: "",
            instance_id: None,
            rack_id: None,
            member_epoch: 0,
            client_id: "",
            client_host: "",
            subscribed_topic_names: Vec::new(),
            subscribed_topic_regex: None,
            assignment: Assignment::default(),
            target_assignment: Assignment::default(),
            member_type: -1,
        }
    }
}

impl<'a> Decode<'a> for Member<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 16,
            _ => 17,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            member_id: reader.string(Form::Compact, "Member.member_id")?,
            instance_id: reader.nullable_string(Form::Compact, "Member.instance_id")?,
            rack_id: reader.nullable_string(Form::Compact, "Member.rack_id")?,
            member_epoch: reader.int32("Member.member_epoch")?,
            client_id: reader.string(Form::Compact, "Member.client_id")?,
            client_host: reader.string(Form::Compact, "Member.client_host")?,
            subscribed_topic_names: reader.array(
                Form::Compact,
                Form::Compact.string_length_size(),
                "Member.subscribed_topic_names",
                |reader| reader.string(Form::Compact, "Member.subscribed_topic_names"),
            )?,
            subscribed_topic_regex: reader.nullable_string(Form::Compact, "Member.subscribed_topic_regex")?,
            assignment: Assignment::decode(reader, version)?,
            target_assignment: Assignment::decode(reader, version)?,
            member_type: if version >= 1 { reader.int8("Member.member_type")? } else { -1 },
        };
        reader.skip_tags(Form::Compact, "Member")?;
        Ok(value)
    }
}

impl Encode for Member<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Compact, self.member_id);
        sink.nullable_string(Form::Compact, self.instance_id);
        sink.nullable_string(Form::Compact, self.rack_id);
        sink.int32(self.member_epoch);
        sink.string(Form::Compact, self.client_id);
        sink.string(Form::Compact, self.client_host);
        sink.array(Form::Compact, &self.subscribed_topic_names, |sink, item| {
            sink.string(Form::Compact, item)
        });
        sink.nullable_string(Form::Compact, self.subscribed_topic_regex);
        self.assignment.encode(sink, version);
        self.target_assignment.encode(sink, version);
        if version >= 1 {
            sink.int8(self.member_type);
        }
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment<'a> {
    pub topic_partitions: Vec<TopicPartitions<'a>>,
}

impl<'a> Decode<'a> for Assignment<'a> {
    fn minimum_size(_version: i16) -> usize {
        2
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic_partitions: reader.structures(Form::Compact, version, "Assignment.topic_partitions")?,
        };
        reader.skip_tags(Form::Compact, "Assignment")?;
        Ok(value)
    }
}

impl Encode for Assignment<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.structures(Form::Compact, version, &self.topic_partitions);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicPartitions<'a> {
    pub topic_id: Uuid,
    pub topic_name: &'a str,
    pub partitions: Vec<i32>,
}

impl<'a> Decode<'a> for TopicPartitions<'a> {
    fn minimum_size(_version: i16) -> usize {
        19
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            topic_id: reader.uuid("TopicPartitions.topic_id")?,
            topic_name: reader.string(Form::Compact, "TopicPartitions.topic_name")?,
            partitions: reader.array(Form::Compact, 4, "TopicPartitions.partitions", |reader| {
                reader.int32("TopicPartitions.partitions")
            })?,
        };
        reader.skip_tags(Form::Compact, "TopicPartitions")?;
        Ok(value)
    }
}

impl Encode for TopicPartitions<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.uuid(self.topic_id);
        sink.string(Form::Compact, self.topic_name);
        sink.array(Form::Compact, &self.partitions, |sink, item| sink.int32(*item));
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for ConsumerGroupDescribeResponse<'a> {
    const API: ApiKey = ApiKey::ConsumerGroupDescribe;
    const VERSIONS: Versions = super::versions::CONSUMER_GROUP_DESCRIBE;
}
