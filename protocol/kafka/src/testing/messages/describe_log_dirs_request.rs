// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_log_dirs_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeLogDirsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            topics: source
                .optional(|source| source.list(|source| DescribableLogDirTopic::generate(source, version))),
        }
    }
}

impl<'a> Generate<'a> for DescribableLogDirTopic<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { topic: source.string(), partitions: source.list(|source| source.int32()) }
    }
}
