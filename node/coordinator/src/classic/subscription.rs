//! What Kafka's consumers say in the opaque bytes of their protocols.

use super::group::ClassicGroup;
use crate::Name;
use ringlog_kafka::{Decode, Reader, messages::ConsumerProtocolSubscription};
use std::collections::BTreeSet;

/// The newest version that this program knows; of newer ones it reads what it knows.
const NEWEST: i16 = 3;

/// The topics that the members of a group of consumers read; none if that cannot be told.
pub(super) fn topics(group: &ClassicGroup) -> Option<BTreeSet<Name>> {
    group.protocol_type.as_ref()?;
    if group.members.is_empty() {
        return Some(BTreeSet::new());
    }
    if !group.is_of_consumers() {
        return None;
    }
    let protocol = group.protocol.as_ref()?;
    let mut topics = BTreeSet::new();
    for member in group.members.values() {
        topics.extend(read(member.metadata(protocol)?)?.topics.into_iter().map(Name::from));
    }
    Some(topics)
}

/// Reads a subscription.
pub(crate) fn read(bytes: &[u8]) -> Option<ConsumerProtocolSubscription<'_>> {
    let mut reader = Reader::new(bytes);
    let version = reader.int16("subscription.version").ok()?;
    if version < 0 {
        return None;
    }
    ConsumerProtocolSubscription::decode(&mut reader, version.min(NEWEST)).ok()
}
