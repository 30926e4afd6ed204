//! Type 2: classic groups.

use super::{EncodedRecord, Record, RecordError, codec};
use crate::Name;
use bytes::Bytes;
use ringlog_kafka::{
    Decode, EncodeError, Reader,
    messages::{GroupMetadataKey, GroupMetadataValue, group_metadata_value::MemberMetadata},
};
use ringlog_model::Timestamp;

const KEY_TYPE: i16 = 2;
/// The newest version of the value.
const NEWEST: i16 = 4;
/// The version that is written, as Kafka 4.x does: the newest that is not flexible.
const WRITTEN: i16 = 3;

/// A classic group's finished generation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct ClassicGroupValue {
    pub protocol_type: Name,
    pub generation: i32,
    /// The assignor that was chosen; none in an empty group.
    pub protocol: Option<Name>,
    pub leader: Option<Name>,
    /// When the group entered its state.
    pub since: Option<Timestamp>,
    pub members: Vec<ClassicMemberValue>,
}

/// A member of a finished generation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct ClassicMemberValue {
    pub member: Name,
    pub instance: Option<Name>,
    pub client_id: Name,
    pub client_host: Name,
    pub rebalance_timeout_ms: i32,
    pub session_timeout_ms: i32,
    /// What it said with the chosen protocol.
    pub subscription: Bytes,
    pub assignment: Bytes,
}

pub(super) fn encode(group: &Name, value: Option<&ClassicGroupValue>) -> Result<EncodedRecord, EncodeError> {
    let value = value.map(|value| {
        let members = value.members.iter().map(|member| MemberMetadata {
            member_id: &member.member,
            group_instance_id: member.instance.as_deref(),
            client_id: &member.client_id,
            client_host: &member.client_host,
            rebalance_timeout: member.rebalance_timeout_ms,
            session_timeout: member.session_timeout_ms,
            subscription: &member.subscription,
            assignment: &member.assignment,
        });
        GroupMetadataValue {
            protocol_type: &value.protocol_type,
            generation: value.generation,
            protocol: value.protocol.as_deref(),
            leader: value.leader.as_deref(),
            current_state_timestamp: value.since.map_or(-1, |since| since.0),
            members: members.collect(),
        }
    });
    codec::encode(KEY_TYPE, &GroupMetadataKey { group }, value.as_ref().map(|value| (WRITTEN, value)))
}

pub(super) fn decode(mut key: Reader<'_>, value: Option<&[u8]>) -> Result<Record, RecordError> {
    let group: Name = GroupMetadataKey::decode(&mut key, 0)?.group.into();
    let Some(value) = value else { return Ok(Record::ClassicGroup(group, None)) };
    let value: GroupMetadataValue<'_> = codec::read_value(KEY_TYPE, value, NEWEST)?;
    let members = value.members.iter().map(|member| ClassicMemberValue {
        member: member.member_id.into(),
        instance: member.group_instance_id.map(Name::from),
        client_id: member.client_id.into(),
        client_host: member.client_host.into(),
        // Version 0 had no timeout for rebalances: it was the session's.
        rebalance_timeout_ms: if member.rebalance_timeout < 0 {
            member.session_timeout
        } else {
            member.rebalance_timeout
        },
        session_timeout_ms: member.session_timeout,
        subscription: Bytes::copy_from_slice(member.subscription),
        assignment: Bytes::copy_from_slice(member.assignment),
    });
    let value = ClassicGroupValue {
        protocol_type: value.protocol_type.into(),
        generation: value.generation,
        protocol: value.protocol.map(Name::from),
        leader: value.leader.map(Name::from),
        since: (value.current_state_timestamp >= 0).then_some(Timestamp(value.current_state_timestamp)),
        members: members.collect(),
    };
    Ok(Record::ClassicGroup(group, Some(value)))
}
