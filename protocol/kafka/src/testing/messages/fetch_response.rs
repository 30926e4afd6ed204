// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::ErrorCode;
use crate::messages::fetch_response::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for FetchResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            error_code: if version >= 7 { source.error_code() } else { ErrorCode::NONE },
            session_id: if version >= 7 { source.int32() } else { 0 },
            responses: source.list(|source| FetchableTopicResponse::generate(source, version)),
            node_endpoints: if version >= 16 {
                source.list(|source| NodeEndpoint::generate(source, version))
            } else {
                Vec::new()
            },
        }
    }
}

impl<'a> Generate<'a> for FetchableTopicResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topic: if version <= 12 { source.string() } else { "" },
            topic_id: if version >= 13 { source.uuid() } else { Uuid::ZERO },
            partitions: source.list(|source| PartitionData::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for PartitionData<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            error_code: source.error_code(),
            high_watermark: source.int64(),
            last_stable_offset: source.int64(),
            log_start_offset: if version >= 5 { source.int64() } else { -1 },
            diverging_epoch: if version >= 12 {
                EpochEndOffset::generate(source, version)
            } else {
                EpochEndOffset::default()
            },
            current_leader: if version >= 12 {
                LeaderIdAndEpoch::generate(source, version)
            } else {
                LeaderIdAndEpoch::default()
            },
            snapshot_id: if version >= 12 {
                SnapshotId::generate(source, version)
            } else {
                SnapshotId::default()
            },
            aborted_transactions: source
                .optional(|source| source.list(|source| AbortedTransaction::generate(source, version))),
            preferred_read_replica: if version >= 11 { source.int32() } else { -1 },
            records: source.optional(|source| source.records()),
        }
    }
}

impl<'a> Generate<'a> for EpochEndOffset {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { epoch: source.int32(), end_offset: source.int64() }
    }
}

impl<'a> Generate<'a> for LeaderIdAndEpoch {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { leader_id: source.int32(), leader_epoch: source.int32() }
    }
}

impl<'a> Generate<'a> for SnapshotId {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { end_offset: source.int64(), epoch: source.int32() }
    }
}

impl<'a> Generate<'a> for AbortedTransaction {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { producer_id: source.int64(), first_offset: source.int64() }
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
