// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::produce_response::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for ProduceResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            responses: source.list(|source| TopicProduceResponse::generate(source, version)),
            throttle_time_ms: source.int32(),
            node_endpoints: if version >= 10 {
                source.list(|source| NodeEndpoint::generate(source, version))
            } else {
                Vec::new()
            },
        }
    }
}

impl<'a> Generate<'a> for TopicProduceResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: if version <= 12 { source.string() } else { "" },
            topic_id: if version >= 13 { source.uuid() } else { Uuid::ZERO },
            partition_responses: source.list(|source| PartitionProduceResponse::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for PartitionProduceResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            index: source.int32(),
            error_code: source.error_code(),
            base_offset: source.int64(),
            log_append_time_ms: source.int64(),
            log_start_offset: if version >= 5 { source.int64() } else { -1 },
            record_errors: if version >= 8 {
                source.list(|source| BatchIndexAndErrorMessage::generate(source, version))
            } else {
                Vec::new()
            },
            error_message: if version >= 8 { source.optional(|source| source.string()) } else { None },
            current_leader: if version >= 10 {
                LeaderIdAndEpoch::generate(source, version)
            } else {
                LeaderIdAndEpoch::default()
            },
        }
    }
}

impl<'a> Generate<'a> for BatchIndexAndErrorMessage<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            batch_index: source.int32(),
            batch_index_error_message: source.optional(|source| source.string()),
        }
    }
}

impl<'a> Generate<'a> for LeaderIdAndEpoch {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { leader_id: source.int32(), leader_epoch: source.int32() }
    }
}

impl<'a> Generate<'a> for NodeEndpoint<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            node_id: source.int32(),
            host: source.string(),
            port: source.int32(),
            rack: source.optional(|source| source.string()),
        }
    }
}
