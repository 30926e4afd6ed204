// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Which users have SCRAM credentials, without the secrets (KIP-554).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeUserScramCredentialsResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub results: Vec<DescribeUserScramCredentialsResult<'a>>,
}

impl<'a> Decode<'a> for DescribeUserScramCredentialsResponse<'a> {
    fn minimum_size(_version: i16) -> usize {
        9
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            throttle_time_ms: reader.int32("DescribeUserScramCredentialsResponse.throttle_time_ms")?,
            error_code: reader.error_code("DescribeUserScramCredentialsResponse.error_code")?,
            error_message: reader
                .nullable_string(Form::Compact, "DescribeUserScramCredentialsResponse.error_message")?,
            results: reader.structures(
                Form::Compact,
                version,
                "DescribeUserScramCredentialsResponse.results",
            )?,
        };
        reader.skip_tags(Form::Compact, "DescribeUserScramCredentialsResponse")?;
        Ok(value)
    }
}

impl Encode for DescribeUserScramCredentialsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.throttle_time_ms);
        sink.error_code(self.error_code);
        sink.nullable_string(Form::Compact, self.error_message);
        sink.structures(Form::Compact, version, &self.results);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeUserScramCredentialsResult<'a> {
    pub user: &'a str,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub credential_infos: Vec<CredentialInfo>,
}

impl<'a> Decode<'a> for DescribeUserScramCredentialsResult<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            user: reader.string(Form::Compact, "DescribeUserScramCredentialsResult.user")?,
            error_code: reader.error_code("DescribeUserScramCredentialsResult.error_code")?,
            error_message: reader
                .nullable_string(Form::Compact, "DescribeUserScramCredentialsResult.error_message")?,
            credential_infos: reader.structures(
                Form::Compact,
                version,
                "DescribeUserScramCredentialsResult.credential_infos",
            )?,
        };
        reader.skip_tags(Form::Compact, "DescribeUserScramCredentialsResult")?;
        Ok(value)
    }
}

impl Encode for DescribeUserScramCredentialsResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Compact, self.user);
        sink.error_code(self.error_code);
        sink.nullable_string(Form::Compact, self.error_message);
        sink.structures(Form::Compact, version, &self.credential_infos);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CredentialInfo {
    pub mechanism: i8,
    pub iterations: i32,
}

impl<'a> Decode<'a> for CredentialInfo {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            mechanism: reader.int8("CredentialInfo.mechanism")?,
            iterations: reader.int32("CredentialInfo.iterations")?,
        };
        reader.skip_tags(Form::Compact, "CredentialInfo")?;
        Ok(value)
    }
}

impl Encode for CredentialInfo {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.int8(self.mechanism);
        sink.int32(self.iterations);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for DescribeUserScramCredentialsResponse<'a> {
    const API: ApiKey = ApiKey::DescribeUserScramCredentials;
    const VERSIONS: Versions = super::versions::DESCRIBE_USER_SCRAM_CREDENTIALS;
}
