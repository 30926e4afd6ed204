// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_group_describe_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerGroupDescribeResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            groups: source.list(|source| DescribedGroup::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DescribedGroup<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            group_id: source.string(),
            group_state: source.string(),
            group_epoch: source.int32(),
            assignment_epoch: source.int32(),
            assignor_name: source.string(),
            members: source.list(|source| Member::generate(source, version)),
            authorized_operations: source.int32(),
        }
    }
}

impl<'a> Generate<'a> for Member<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            member_id: source.string(),
            instance_id: source.optional(|source| source.string()),
            rack_id: source.optional(|source| source.string()),
            member_epoch: source.int32(),
            client_id: source.string(),
            client_host: source.string(),
            subscribed_topic_names: source.list(|source| source.string()),
            subscribed_topic_regex: source.optional(|source| source.string()),
            assignment: Assignment::generate(source, version),
            target_assignment: Assignment::generate(source, version),
            member_type: if version >= 1 { source.int8() } else { -1 },
        }
    }
}

impl<'a> Generate<'a> for Assignment<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self { topic_partitions: source.list(|source| TopicPartitions::generate(source, version)) }
    }
}

impl<'a> Generate<'a> for TopicPartitions<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            topic_id: source.uuid(),
            topic_name: source.string(),
            partitions: source.list(|source| source.int32()),
        }
    }
}
