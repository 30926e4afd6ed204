// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Which users have SCRAM credentials, without the secrets (KIP-554).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeUserScramCredentialsRequest<'a> {
    /// Null or none: all.
    pub users: Option<Vec<UserName<'a>>>,
}

impl<'a> Decode<'a> for DescribeUserScramCredentialsRequest<'a> {
    fn minimum_size(_version: i16) -> usize {
        2
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            users: reader.nullable_structures(
                Form::Compact,
                version,
                "DescribeUserScramCredentialsRequest.users",
            )?,
        };
        reader.skip_tags(Form::Compact, "DescribeUserScramCredentialsRequest")?;
        Ok(value)
    }
}

impl Encode for DescribeUserScramCredentialsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.nullable_structures(Form::Compact, version, self.users.as_deref());
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserName<'a> {
    pub name: &'a str,
}

impl<'a> Decode<'a> for UserName<'a> {
    fn minimum_size(_version: i16) -> usize {
        2
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self { name: reader.string(Form::Compact, "UserName.name")? };
        reader.skip_tags(Form::Compact, "UserName")?;
        Ok(value)
    }
}

impl Encode for UserName<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Compact, self.name);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for DescribeUserScramCredentialsRequest<'a> {
    const API: ApiKey = ApiKey::DescribeUserScramCredentials;
    const VERSIONS: Versions = super::versions::DESCRIBE_USER_SCRAM_CREDENTIALS;
}
