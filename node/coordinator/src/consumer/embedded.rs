//! What Kafka's own consumers put into the opaque bytes of the classic protocol, where the broker has to read and write it.

use super::group::ConsumerGroup;
use crate::{Name, Topics, partitions::Partitions};
use bytes::Bytes;
use ringlog_kafka::{
    Decode, Encode, Reader, Sink, Writer,
    messages::{ConsumerProtocolAssignment, consumer_protocol_assignment},
};
use ringlog_model::PartitionIndex;
use std::collections::BTreeSet;

pub(super) use crate::classic::CONSUMER as PROTOCOL_TYPE;

/// The newest version that this program knows; of newer ones it reads what it knows, as Kafka does.
const NEWEST: i16 = 3;

/// What a classic member says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Subscription {
    pub(super) topics: BTreeSet<Name>,
    pub(super) owned: Partitions,
    pub(super) rack: Option<Name>,
}

/// Reads a subscription; owned partitions of topics that are gone are left out.
pub(super) fn read_subscription(bytes: &[u8], topics: &dyn Topics) -> Option<Subscription> {
    let read = crate::classic::read_subscription(bytes)?;
    let mut owned = Partitions::default();
    for list in &read.owned_partitions {
        if let Some(topic) = topics.by_name(list.topic) {
            list.partitions.iter().for_each(|index| owned.insert(topic.id, PartitionIndex(*index)));
        }
    }
    Some(Subscription {
        topics: read.topics.into_iter().map(Name::from).collect(),
        owned,
        rack: read.rack_id.filter(|rack| !rack.is_empty()).map(Name::from),
    })
}

/// An assignment that cannot be carried over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    /// The bytes are not of Kafka's consumers.
    Malformed,
    /// It has data of an assignor that the broker does not know.
    UserData,
}

/// Reads an assignment; partitions of topics that are gone are left out.
pub(super) fn read_assignment(bytes: &[u8], topics: &dyn Topics) -> Result<Partitions, Foreign> {
    if bytes.is_empty() {
        return Ok(Partitions::default());
    }
    let mut reader = Reader::new(bytes);
    let version = version(&mut reader).ok_or(Foreign::Malformed)?;
    let read = ConsumerProtocolAssignment::decode(&mut reader, version).map_err(|_| Foreign::Malformed)?;
    if read.user_data.is_some_and(|data| !data.is_empty()) {
        return Err(Foreign::UserData);
    }
    let mut assigned = Partitions::default();
    for list in &read.assigned_partitions {
        if let Some(topic) = topics.by_name(list.topic) {
            list.partitions.iter().for_each(|index| assigned.insert(topic.id, PartitionIndex(*index)));
        }
    }
    Ok(assigned)
}

/// Writes an assignment in the version that the member speaks, which its subscription tells.
pub(super) fn write_assignment(partitions: &Partitions, subscription: &[u8], topics: &dyn Topics) -> Bytes {
    let version = version(&mut Reader::new(subscription)).unwrap_or(0);
    let named: Vec<_> =
        partitions.topics().filter_map(|(id, indexes)| Some((topics.by_id(id)?, indexes))).collect();
    let lists = named.iter().map(|(topic, indexes)| consumer_protocol_assignment::TopicPartition {
        topic: &topic.name,
        partitions: indexes.iter().map(|index| index.0).collect(),
    });
    let assignment = ConsumerProtocolAssignment { assigned_partitions: lists.collect(), user_data: None };
    let mut writer = Writer::new();
    writer.int16(version);
    assignment.encode(&mut writer, version);
    let written = writer.finish().expect("topic names are short");
    written.into_bytes(|_| &[])
}

fn version(reader: &mut Reader<'_>) -> Option<i16> {
    let version = reader.int16("version").ok()?;
    (version >= 0).then_some(version.min(NEWEST))
}

impl ConsumerGroup {
    /// Whether members with these protocols can be in the group: one of them is known to all its classic members.
    pub(super) fn supports(&self, protocol_type: &str, protocols: &[&str]) -> bool {
        let known_to_all =
            |name: &&&str| self.classic_protocols.get(**name).copied().unwrap_or(0) == self.classic_members;
        protocol_type == PROTOCOL_TYPE && protocols.iter().any(|name| known_to_all(&name))
    }
}
