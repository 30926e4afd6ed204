// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_group_target_assignment_member_value::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerGroupTargetAssignmentMemberValue {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self { topic_partitions: source.list(|source| TopicPartition::generate(source, version)) }
    }
}

impl<'a> Generate<'a> for TopicPartition {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { topic_id: source.uuid(), partitions: source.list(|source| source.int32()) }
    }
}
