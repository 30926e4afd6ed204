// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_group_current_member_assignment_value::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerGroupCurrentMemberAssignmentValue {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            member_epoch: source.int32(),
            previous_member_epoch: source.int32(),
            state: source.int8(),
            assigned_partitions: source.list(|source| TopicPartitions::generate(source, version)),
            partitions_pending_revocation: source.list(|source| TopicPartitions::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for TopicPartitions {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            topic_id: source.uuid(),
            partitions: source.list(|source| source.int32()),
            assignment_epochs: source.optional(|source| source.list(|source| source.int32())),
        }
    }
}
