// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::ErrorCode;
use crate::messages::describe_log_dirs_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeLogDirsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            error_code: if version >= 3 { source.error_code() } else { ErrorCode::NONE },
            results: source.list(|source| DescribeLogDirsResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DescribeLogDirsResult<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            error_code: source.error_code(),
            log_dir: source.string(),
            topics: source.list(|source| DescribeLogDirsTopic::generate(source, version)),
            total_bytes: if version >= 4 { source.int64() } else { -1 },
            usable_bytes: if version >= 4 { source.int64() } else { -1 },
            is_cordoned: if version >= 5 { source.boolean() } else { false },
        }
    }
}

impl<'a> Generate<'a> for DescribeLogDirsTopic<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            name: source.string(),
            partitions: source.list(|source| DescribeLogDirsPartition::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DescribeLogDirsPartition {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self {
            partition_index: source.int32(),
            partition_size: source.int64(),
            offset_lag: source.int64(),
            is_future_key: source.boolean(),
        }
    }
}
