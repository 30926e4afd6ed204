// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};
use ringlog_model::Uuid;

/// Reads a group's committed positions (KIP-709, KIP-848).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetFetchRequest<'a> {
    pub group_id: &'a str,
    pub topics: Option<Vec<OffsetFetchRequestTopic<'a>>>,
    pub groups: Vec<OffsetFetchRequestGroup<'a>>,
    pub require_stable: bool,
}

impl<'a> Decode<'a> for OffsetFetchRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=5 => 6,
            6 => 3,
            7 => 4,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            group_id: if version <= 7 { reader.string(form, "OffsetFetchRequest.group_id")? } else { "" },
            topics: if version <= 7 {
                if version >= 2 {
                    reader.nullable_structures(form, version, "OffsetFetchRequest.topics")?
                } else {
                    Some(reader.structures(form, version, "OffsetFetchRequest.topics")?)
                }
            } else {
                None
            },
            groups: if version >= 8 {
                reader.structures(form, version, "OffsetFetchRequest.groups")?
            } else {
                Vec::new()
            },
            require_stable: if version >= 7 {
                reader.boolean("OffsetFetchRequest.require_stable")?
            } else {
                false
            },
        };
        reader.skip_tags(form, "OffsetFetchRequest")?;
        Ok(value)
    }
}

impl Encode for OffsetFetchRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        if version <= 7 {
            sink.string(form, self.group_id);
        } else if !self.group_id.is_empty() {
            sink.unsupported("OffsetFetchRequest.group_id", version);
        }
        if version <= 7 {
            if version >= 2 {
                sink.nullable_structures(form, version, self.topics.as_deref());
            } else {
                let value = sink.required("OffsetFetchRequest.topics", version, self.topics.as_deref());
                sink.structures(form, version, value);
            }
        } else if self.topics.is_some() {
            sink.unsupported("OffsetFetchRequest.topics", version);
        }
        if version >= 8 {
            sink.structures(form, version, &self.groups);
        } else if !self.groups.is_empty() {
            sink.unsupported("OffsetFetchRequest.groups", version);
        }
        if version >= 7 {
            sink.boolean(self.require_stable);
        } else if self.require_stable {
            sink.unsupported("OffsetFetchRequest.require_stable", version);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetFetchRequestTopic<'a> {
    pub name: &'a str,
    pub partition_indexes: Vec<i32>,
}

impl<'a> Decode<'a> for OffsetFetchRequestTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=5 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 6);
        let value = Self {
            name: reader.string(form, "OffsetFetchRequestTopic.name")?,
            partition_indexes: reader.array(
                form,
                4,
                "OffsetFetchRequestTopic.partition_indexes",
                |reader| reader.int32("OffsetFetchRequestTopic.partition_indexes"),
            )?,
        };
        reader.skip_tags(form, "OffsetFetchRequestTopic")?;
        Ok(value)
    }
}

impl Encode for OffsetFetchRequestTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 6);
        sink.string(form, self.name);
        sink.array(form, &self.partition_indexes, |sink, item| sink.int32(*item));
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetFetchRequestGroup<'a> {
    pub group_id: &'a str,
    pub member_id: Option<&'a str>,
    pub member_epoch: i32,
    pub topics: Option<Vec<OffsetFetchRequestTopics<'a>>>,
}

impl Default for OffsetFetchRequestGroup<'_> {
    fn default() -> Self {
        Self { group_id: "", member_id: None, member_epoch: -1, topics: None }
    }
}

impl<'a> Decode<'a> for OffsetFetchRequestGroup<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=8 => 3,
            _ => 8,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            group_id: reader.string(Form::Compact, "OffsetFetchRequestGroup.group_id")?,
            member_id: if version >= 9 {
                reader.nullable_string(Form::Compact, "OffsetFetchRequestGroup.member_id")?
            } else {
                None
            },
            member_epoch: if version >= 9 {
                reader.int32("OffsetFetchRequestGroup.member_epoch")?
            } else {
                -1
            },
            topics: reader.nullable_structures(Form::Compact, version, "OffsetFetchRequestGroup.topics")?,
        };
        reader.skip_tags(Form::Compact, "OffsetFetchRequestGroup")?;
        Ok(value)
    }
}

impl Encode for OffsetFetchRequestGroup<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        sink.string(Form::Compact, self.group_id);
        if version >= 9 {
            sink.nullable_string(Form::Compact, self.member_id);
        }
        if version >= 9 {
            sink.int32(self.member_epoch);
        }
        sink.nullable_structures(Form::Compact, version, self.topics.as_deref());
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetFetchRequestTopics<'a> {
    pub name: &'a str,
    pub topic_id: Uuid,
    pub partition_indexes: Vec<i32>,
}

impl<'a> Decode<'a> for OffsetFetchRequestTopics<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=9 => 3,
            _ => 18,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: if version <= 9 {
                reader.string(Form::Compact, "OffsetFetchRequestTopics.name")?
            } else {
                ""
            },
            topic_id: if version >= 10 {
                reader.uuid("OffsetFetchRequestTopics.topic_id")?
            } else {
                Uuid::ZERO
            },
            partition_indexes: reader.array(
                Form::Compact,
                4,
                "OffsetFetchRequestTopics.partition_indexes",
                |reader| reader.int32("OffsetFetchRequestTopics.partition_indexes"),
            )?,
        };
        reader.skip_tags(Form::Compact, "OffsetFetchRequestTopics")?;
        Ok(value)
    }
}

impl Encode for OffsetFetchRequestTopics<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        if version <= 9 {
            sink.string(Form::Compact, self.name);
        }
        if version >= 10 {
            sink.uuid(self.topic_id);
        }
        sink.array(Form::Compact, &self.partition_indexes, |sink, item| sink.int32(*item));
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for OffsetFetchRequest<'a> {
    const API: ApiKey = ApiKey::OffsetFetch;
    const VERSIONS: Versions = super::versions::OFFSET_FETCH;
}
