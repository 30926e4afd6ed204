// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// The node that coordinates a group, a transaction or a share partition (KIP-699, KIP-932).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindCoordinatorResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub node_id: i32,
    pub host: &'a str,
    pub port: i32,
    pub coordinators: Vec<Coordinator<'a>>,
}

impl<'a> Decode<'a> for FindCoordinatorResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 12,
            1..=2 => 18,
            3 => 17,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 3);
        let value = Self {
            throttle_time_ms: if version >= 1 {
                reader.int32("FindCoordinatorResponse.throttle_time_ms")?
            } else {
                0
            },
            error_code: if version <= 3 {
                reader.error_code("FindCoordinatorResponse.error_code")?
            } else {
                ErrorCode::NONE
            },
            error_message: if (1..=3).contains(&version) {
                reader.nullable_string(form, "FindCoordinatorResponse.error_message")?
            } else {
                None
            },
            node_id: if version <= 3 { reader.int32("FindCoordinatorResponse.node_id")? } else { 0 },
            host: if version <= 3 { reader.string(form, "FindCoordinatorResponse.host")? } else { "" },
            port: if version <= 3 { reader.int32("FindCoordinatorResponse.port")? } else { 0 },
            coordinators: if version >= 4 {
                reader.structures(form, version, "FindCoordinatorResponse.coordinators")?
            } else {
                Vec::new()
            },
        };
        reader.skip_tags(form, "FindCoordinatorResponse")?;
        Ok(value)
    }
}

impl Encode for FindCoordinatorResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 3);
        if version >= 1 {
            sink.int32(self.throttle_time_ms);
        }
        if version <= 3 {
            sink.error_code(self.error_code);
        } else if self.error_code != ErrorCode::NONE {
            sink.unsupported("FindCoordinatorResponse.error_code", version);
        }
        if (1..=3).contains(&version) {
            sink.nullable_string(form, self.error_message);
        }
        if version <= 3 {
            sink.int32(self.node_id);
        }
        if version <= 3 {
            sink.string(form, self.host);
        } else if !self.host.is_empty() {
            sink.unsupported("FindCoordinatorResponse.host", version);
        }
        if version <= 3 {
            sink.int32(self.port);
        }
        if version >= 4 {
            sink.structures(form, version, &self.coordinators);
        } else if !self.coordinators.is_empty() {
            sink.unsupported("FindCoordinatorResponse.coordinators", version);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coordinator<'a> {
    pub key: &'a str,
    pub node_id: i32,
    pub host: &'a str,
    pub port: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
}

impl<'a> Decode<'a> for Coordinator<'a> {
    fn minimum_size(_version: i16) -> usize {
        14
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            key: reader.string(Form::Compact, "Coordinator.key")?,
            node_id: reader.int32("Coordinator.node_id")?,
            host: reader.string(Form::Compact, "Coordinator.host")?,
            port: reader.int32("Coordinator.port")?,
            error_code: reader.error_code("Coordinator.error_code")?,
            error_message: reader.nullable_string(Form::Compact, "Coordinator.error_message")?,
        };
        reader.skip_tags(Form::Compact, "Coordinator")?;
        Ok(value)
    }
}

impl Encode for Coordinator<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Compact, self.key);
        sink.int32(self.node_id);
        sink.string(Form::Compact, self.host);
        sink.int32(self.port);
        sink.error_code(self.error_code);
        sink.nullable_string(Form::Compact, self.error_message);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for FindCoordinatorResponse<'a> {
    const API: ApiKey = ApiKey::FindCoordinator;
    const VERSIONS: Versions = super::versions::FIND_COORDINATOR;
}
