// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_user_scram_credentials_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeUserScramCredentialsRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self { users: source.optional(|source| source.list(|source| UserName::generate(source, version))) }
    }
}

impl<'a> Generate<'a> for UserName<'a> {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { name: source.string() }
    }
}
