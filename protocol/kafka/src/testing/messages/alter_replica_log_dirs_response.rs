// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::alter_replica_log_dirs_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for AlterReplicaLogDirsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            results: source.list(|source| AlterReplicaLogDirTopicResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for AlterReplicaLogDirTopicResult<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topic_name: source.string(),
            partitions: source.list(|source| AlterReplicaLogDirPartitionResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for AlterReplicaLogDirPartitionResult {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { partition_index: source.int32(), error_code: source.error_code() }
    }
}
