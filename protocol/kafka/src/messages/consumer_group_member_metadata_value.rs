// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{Decode, DecodeError, Encode, Form, Reader, Sink, Tag};

/// Key 5: a member and what it subscribes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerGroupMemberMetadataValue<'a> {
    pub instance_id: Option<&'a str>,
    pub rack_id: Option<&'a str>,
    pub client_id: &'a str,
    pub client_host: &'a str,
    pub subscribed_topic_names: Vec<&'a str>,
    pub subscribed_topic_regex: Option<&'a str>,
    pub rebalance_timeout_ms: i32,
    pub server_assignor: Option<&'a str>,
    pub classic_member_metadata: Option<ClassicMemberMetadata<'a>>,
}

impl Default for ConsumerGroupMemberMetadataValue<'_> {
    fn default() -> Self {
        Self {
            instance_id: None,
            rack_id: None,
            client_id: "",
            client_host: "",
            subscribed_topic_names: Vec::new(),
            subscribed_topic_regex: None,
            rebalance_timeout_ms: -1,
            server_assignor: None,
            classic_member_metadata: None,
        }
    }
}

impl<'a> Decode<'a> for ConsumerGroupMemberMetadataValue<'a> {
    fn minimum_size(_version: i16) -> usize {
        12
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let mut value = Self {
            instance_id: reader
                .nullable_string(Form::Compact, "ConsumerGroupMemberMetadataValue.instance_id")?,
            rack_id: reader.nullable_string(Form::Compact, "ConsumerGroupMemberMetadataValue.rack_id")?,
            client_id: reader.string(Form::Compact, "ConsumerGroupMemberMetadataValue.client_id")?,
            client_host: reader.string(Form::Compact, "ConsumerGroupMemberMetadataValue.client_host")?,
            subscribed_topic_names: reader.array(
                Form::Compact,
                Form::Compact.string_length_size(),
                "ConsumerGroupMemberMetadataValue.subscribed_topic_names",
                |reader| {
                    reader.string(Form::Compact, "ConsumerGroupMemberMetadataValue.subscribed_topic_names")
                },
            )?,
            subscribed_topic_regex: reader
                .nullable_string(Form::Compact, "ConsumerGroupMemberMetadataValue.subscribed_topic_regex")?,
            rebalance_timeout_ms: reader.int32("ConsumerGroupMemberMetadataValue.rebalance_timeout_ms")?,
            server_assignor: reader
                .nullable_string(Form::Compact, "ConsumerGroupMemberMetadataValue.server_assignor")?,
            classic_member_metadata: None,
        };
        reader.tags("ConsumerGroupMemberMetadataValue", |reader, tag| {
            match tag {
                0 => {
                    value.classic_member_metadata = reader.nullable_structure(
                        version,
                        "ConsumerGroupMemberMetadataValue.classic_member_metadata",
                    )?
                }
                _ => return Ok(Tag::Unknown),
            }
            Ok(Tag::Read)
        })?;
        Ok(value)
    }
}

impl Encode for ConsumerGroupMemberMetadataValue<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.nullable_string(Form::Compact, self.instance_id);
        sink.nullable_string(Form::Compact, self.rack_id);
        sink.string(Form::Compact, self.client_id);
        sink.string(Form::Compact, self.client_host);
        sink.array(Form::Compact, &self.subscribed_topic_names, |sink, item| {
            sink.string(Form::Compact, item)
        });
        sink.nullable_string(Form::Compact, self.subscribed_topic_regex);
        sink.int32(self.rebalance_timeout_ms);
        sink.nullable_string(Form::Compact, self.server_assignor);
        sink.varint(u32::from(self.classic_member_metadata.is_some()));
        if self.classic_member_metadata.is_some() {
            let mark = sink.begin_tag(0);
            sink.nullable_structure(version, self.classic_member_metadata.as_ref());
            sink.end_tag(mark);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassicMemberMetadata<'a> {
    pub session_timeout_ms: i32,
    pub supported_protocols: Vec<ClassicProtocol<'a>>,
}

impl<'a> Decode<'a> for ClassicMemberMetadata<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            session_timeout_ms: reader.int32("ClassicMemberMetadata.session_timeout_ms")?,
            supported_protocols: reader.structures(
                Form::Compact,
                version,
                "ClassicMemberMetadata.supported_protocols",
            )?,
        };
        reader.skip_tags(Form::Compact, "ClassicMemberMetadata")?;
        Ok(value)
    }
}

impl Encode for ClassicMemberMetadata<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.int32(self.session_timeout_ms);
        sink.structures(Form::Compact, version, &self.supported_protocols);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassicProtocol<'a> {
    pub name: &'a str,
    pub metadata: &'a [u8],
}

impl<'a> Decode<'a> for ClassicProtocol<'a> {
    fn minimum_size(_version: i16) -> usize {
        3
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Compact, "ClassicProtocol.name")?,
            metadata: reader.bytes(Form::Compact, "ClassicProtocol.metadata")?,
        };
        reader.skip_tags(Form::Compact, "ClassicProtocol")?;
        Ok(value)
    }
}

impl Encode for ClassicProtocol<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Compact, self.name);
        sink.bytes(Form::Compact, self.metadata);
        sink.no_tags(Form::Compact);
    }
}
