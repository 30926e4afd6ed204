// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::offset_commit_value::*;
use crate::testing::{Generate, Source};
use ringlog_model::Uuid;

impl<'a> Generate<'a> for OffsetCommitValue<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            offset: source.int64(),
            leader_epoch: if version >= 3 { source.int32() } else { -1 },
            metadata: source.string(),
            commit_timestamp: source.int64(),
            expire_timestamp: if version == 1 { source.int64() } else { -1 },
            topic_id: if version >= 4 { source.uuid() } else { Uuid::ZERO },
        }
    }
}
