// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::consumer_group_target_assignment_metadata_value::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for ConsumerGroupTargetAssignmentMetadataValue {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { assignment_epoch: source.int32(), assignment_timestamp: source.int64() }
    }
}
