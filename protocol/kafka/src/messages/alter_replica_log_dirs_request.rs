// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Moves replicas from one data directory of a broker to another (KIP-113).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlterReplicaLogDirsRequest<'a> {
    pub dirs: Vec<AlterReplicaLogDir<'a>>,
}

impl<'a> Decode<'a> for AlterReplicaLogDirsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 4,
            _ => 2,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self { dirs: reader.structures(form, version, "AlterReplicaLogDirsRequest.dirs")? };
        reader.skip_tags(form, "AlterReplicaLogDirsRequest")?;
        Ok(value)
    }
}

impl Encode for AlterReplicaLogDirsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.structures(form, version, &self.dirs);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlterReplicaLogDir<'a> {
    pub path: &'a str,
    pub topics: Vec<AlterReplicaLogDirTopic<'a>>,
}

impl<'a> Decode<'a> for AlterReplicaLogDir<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            path: reader.string(form, "AlterReplicaLogDir.path")?,
            topics: reader.structures(form, version, "AlterReplicaLogDir.topics")?,
        };
        reader.skip_tags(form, "AlterReplicaLogDir")?;
        Ok(value)
    }
}

impl Encode for AlterReplicaLogDir<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.path);
        sink.structures(form, version, &self.topics);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlterReplicaLogDirTopic<'a> {
    pub name: &'a str,
    pub partitions: Vec<i32>,
}

impl<'a> Decode<'a> for AlterReplicaLogDirTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            name: reader.string(form, "AlterReplicaLogDirTopic.name")?,
            partitions: reader.array(form, 4, "AlterReplicaLogDirTopic.partitions", |reader| {
                reader.int32("AlterReplicaLogDirTopic.partitions")
            })?,
        };
        reader.skip_tags(form, "AlterReplicaLogDirTopic")?;
        Ok(value)
    }
}

impl Encode for AlterReplicaLogDirTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.name);
        sink.array(form, &self.partitions, |sink, item| sink.int32(*item));
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for AlterReplicaLogDirsRequest<'a> {
    const API: ApiKey = ApiKey::AlterReplicaLogDirs;
    const VERSIONS: Versions = super::versions::ALTER_REPLICA_LOG_DIRS;
}
