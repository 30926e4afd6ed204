// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::delete_records_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DeleteRecordsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topics: source.list(|source| DeleteRecordsTopic::generate(source, version)),
            timeout_ms: source.int32(),
        }
    }
}

impl<'a> Generate<'a> for DeleteRecordsTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            partitions: source.list(|source| DeleteRecordsPartition::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DeleteRecordsPartition {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { partition_index: source.int32(), offset: source.int64() }
    }
}
