// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// The node that coordinates a group, a transaction or a share partition (KIP-699, KIP-932).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindCoordinatorRequest<'a> {
    pub key: &'a str,
    /// 0: a group; 1: a transaction; 2: a share partition.
    pub key_type: i8,
    /// From version 4 on several may be asked for at once.
    pub coordinator_keys: Vec<&'a str>,
}

impl<'a> Decode<'a> for FindCoordinatorRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 2,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 3);
        let value = Self {
            key: if version <= 3 { reader.string(form, "FindCoordinatorRequest.key")? } else { "" },
            key_type: if version >= 1 { reader.int8("FindCoordinatorRequest.key_type")? } else { 0 },
            coordinator_keys: if version >= 4 {
                reader.array(
                    form,
                    form.string_length_size(),
                    "FindCoordinatorRequest.coordinator_keys",
                    |reader| reader.string(form, "FindCoordinatorRequest.coordinator_keys"),
                )?
            } else {
                Vec::new()
            },
        };
        reader.skip_tags(form, "FindCoordinatorRequest")?;
        Ok(value)
    }
}

impl Encode for FindCoordinatorRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 3);
        if version <= 3 {
            sink.string(form, self.key);
        } else if !self.key.is_empty() {
            sink.unsupported("FindCoordinatorRequest.key", version);
        }
        if version >= 1 {
            sink.int8(self.key_type);
        } else if self.key_type != 0 {
            sink.unsupported("FindCoordinatorRequest.key_type", version);
        }
        if version >= 4 {
            sink.array(form, &self.coordinator_keys, |sink, item| sink.string(form, item));
        } else if !self.coordinator_keys.is_empty() {
            sink.unsupported("FindCoordinatorRequest.coordinator_keys", version);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for FindCoordinatorRequest<'a> {
    const API: ApiKey = ApiKey::FindCoordinator;
    const VERSIONS: Versions = super::versions::FIND_COORDINATOR;
}
