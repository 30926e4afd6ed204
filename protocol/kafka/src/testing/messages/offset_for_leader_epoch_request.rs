// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::offset_for_leader_epoch_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for OffsetForLeaderEpochRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            replica_id: if version >= 3 { source.int32() } else { -2 },
            topics: source.list(|source| OffsetForLeaderTopic::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetForLeaderTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topic: source.string(),
            partitions: source.list(|source| OffsetForLeaderPartition::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for OffsetForLeaderPartition {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { partition: source.int32(), current_leader_epoch: source.int32(), leader_epoch: source.int32() }
    }
}
