// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::describe_user_scram_credentials_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for DescribeUserScramCredentialsResponse<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            results: source.list(|source| DescribeUserScramCredentialsResult::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for DescribeUserScramCredentialsResult<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            user: source.string(),
            error_code: source.error_code(),
            error_message: source.optional(|source| source.string()),
            credential_infos: source.list(|source| CredentialInfo::generate(source, version)),
        }
    }
}

impl<'a> Generate<'a> for CredentialInfo {
    fn generate(source: &mut Source<'a>, _version: i16) -> Self {
        Self { mechanism: source.int8(), iterations: source.int32() }
    }
}
