// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::alter_replica_log_dirs_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for AlterReplicaLogDirsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self { dirs: source.list(|source| AlterReplicaLogDir::generate(source, version)) }
    }
}

impl<'a> Generate<'a> for AlterReplicaLogDir<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            path: source.string(),
            topics: source.list(|source| AlterReplicaLogDirTopic::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for AlterReplicaLogDirTopic<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.string(), partitions: source.list(|source| source.int32()) }
    }
}
