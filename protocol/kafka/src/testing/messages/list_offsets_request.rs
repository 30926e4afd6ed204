// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::list_offsets_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ListOffsetsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            replica_id: source.int32(),
            isolation_level: if version >= 2 { source.int8() } else { 0 },
            topics: source.list(|source| ListOffsetsTopic::generate(source, version)),
            timeout_ms: if version >= 10 { source.int32() } else { 0 },
        }
    }
}

impl<'a> Generate<'a> for ListOffsetsTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            partitions: source.list(|source| ListOffsetsPartition::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for ListOffsetsPartition {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            current_leader_epoch: if version >= 4 { source.int32() } else { -1 },
            timestamp: source.int64(),
        }
    }
}
