//! Types 3 to 8 and 16: changes of consumer groups, in Apache Kafka's formats.

use super::{
    change::{Change, GroupEpoch, ResolvedRegex, TargetEpoch},
    member::{ClassicMember, CurrentAssignment, MemberMetadata, MemberState},
};
use crate::{
    Name,
    partitions::{OwnedPartitions, Partitions},
    record::{EncodedRecord, RecordError, encode, read_value},
};
use bytes::Bytes;
use ringlog_kafka::{
    Decode, Encode, EncodeError, Reader,
    messages::{
        ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupKey, ConsumerGroupMemberKey,
        ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataValue, ConsumerGroupPartitionMetadataValue,
        ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue,
        ConsumerGroupTargetAssignmentMemberValue, ConsumerGroupTargetAssignmentMetadataValue,
        consumer_group_current_member_assignment_value::TopicPartitions,
        consumer_group_member_metadata_value::{ClassicMemberMetadata, ClassicProtocol},
        consumer_group_target_assignment_member_value::TopicPartition,
    },
};
use ringlog_model::{PartitionIndex, Timestamp, TopicId};

const EPOCH: i16 = 3;
const PARTITION_METADATA: i16 = 4;
const MEMBER: i16 = 5;
const TARGET_EPOCH: i16 = 6;
const TARGET: i16 = 7;
const CURRENT: i16 = 8;
const REGEX: i16 = 16;

/// All values are of this version.
const VERSION: i16 = 0;

/// A change of one consumer group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerRecord {
    /// Whose.
    pub group: Name,
    /// What.
    pub change: Change,
}

impl ConsumerRecord {
    pub(crate) fn encode(&self) -> Result<EncodedRecord, EncodeError> {
        let group_id = &*self.group;
        let group = ConsumerGroupKey { group_id };
        let of_member = |member_id| ConsumerGroupMemberKey { group_id, member_id };
        match &self.change {
            Change::Epoch(value) => with_value(EPOCH, &group, value.as_ref().map(epoch_value).as_ref()),
            // Only its removal is ever written.
            Change::PartitionMetadata { .. } => tombstone(PARTITION_METADATA, &group),
            Change::Member(id, value) => {
                with_value(MEMBER, &of_member(id), value.as_ref().map(member_value).as_ref())
            }
            Change::TargetEpoch(value) => {
                let value = value.as_ref().map(|value| ConsumerGroupTargetAssignmentMetadataValue {
                    assignment_epoch: value.epoch,
                    assignment_timestamp: value.made_at.0,
                });
                with_value(TARGET_EPOCH, &group, value.as_ref())
            }
            Change::Target(id, value) => {
                with_value(TARGET, &of_member(id), value.as_ref().map(target_value).as_ref())
            }
            Change::Current(id, value) => {
                with_value(CURRENT, &of_member(id), value.as_ref().map(current_value).as_ref())
            }
            Change::Regex(expression, value) => {
                let key = ConsumerGroupRegularExpressionKey { group_id, regular_expression: expression };
                with_value(REGEX, &key, value.as_ref().map(regex_value).as_ref())
            }
        }
    }

    /// `key` stands behind the type.
    pub(crate) fn decode(
        key_type: i16,
        mut key: Reader<'_>,
        value: Option<&[u8]>,
    ) -> Result<Option<ConsumerRecord>, RecordError> {
        let key = &mut key;
        let (group, change) = match key_type {
            EPOCH => (group(key)?, Change::Epoch(value.map(read_epoch).transpose()?)),
            PARTITION_METADATA => {
                let exists =
                    value.map(read::<ConsumerGroupPartitionMetadataValue<'_>>).transpose()?.is_some();
                (group(key)?, Change::PartitionMetadata { exists })
            }
            MEMBER => {
                let (group, member) = group_and_member(key)?;
                (group, Change::Member(member, value.map(read_member).transpose()?))
            }
            TARGET_EPOCH => (group(key)?, Change::TargetEpoch(value.map(read_target_epoch).transpose()?)),
            TARGET => {
                let (group, member) = group_and_member(key)?;
                (group, Change::Target(member, value.map(read_target).transpose()?))
            }
            CURRENT => {
                let (group, member) = group_and_member(key)?;
                (group, Change::Current(member, value.map(read_current).transpose()?))
            }
            REGEX => {
                let key = ConsumerGroupRegularExpressionKey::decode(key, 0)?;
                let change = Change::Regex(key.regular_expression.into(), value.map(read_regex).transpose()?);
                (key.group_id.into(), change)
            }
            _ => return Ok(None),
        };
        Ok(Some(ConsumerRecord { group, change }))
    }
}

fn with_value<K: Encode, V: Encode>(
    key_type: i16,
    key: &K,
    value: Option<&V>,
) -> Result<EncodedRecord, EncodeError> {
    encode(key_type, key, value.map(|value| (VERSION, value)))
}

fn tombstone<K: Encode>(key_type: i16, key: &K) -> Result<EncodedRecord, EncodeError> {
    encode(key_type, key, None::<(i16, &K)>)
}

fn read<'a, V: Decode<'a>>(value: &'a [u8]) -> Result<V, RecordError> {
    read_value(EPOCH, value, VERSION)
}

fn group(key: &mut Reader<'_>) -> Result<Name, RecordError> {
    Ok(ConsumerGroupKey::decode(key, 0)?.group_id.into())
}

fn group_and_member(key: &mut Reader<'_>) -> Result<(Name, Name), RecordError> {
    let key = ConsumerGroupMemberKey::decode(key, 0)?;
    Ok((key.group_id.into(), key.member_id.into()))
}

fn epoch_value(value: &GroupEpoch) -> ConsumerGroupMetadataValue {
    ConsumerGroupMetadataValue { epoch: value.epoch, metadata_hash: value.metadata_hash }
}

fn read_epoch(value: &[u8]) -> Result<GroupEpoch, RecordError> {
    let value: ConsumerGroupMetadataValue = read(value)?;
    Ok(GroupEpoch { epoch: value.epoch, metadata_hash: value.metadata_hash })
}

fn read_target_epoch(value: &[u8]) -> Result<TargetEpoch, RecordError> {
    let value: ConsumerGroupTargetAssignmentMetadataValue = read(value)?;
    Ok(TargetEpoch { epoch: value.assignment_epoch, made_at: Timestamp(value.assignment_timestamp) })
}

fn member_value(value: &MemberMetadata) -> ConsumerGroupMemberMetadataValue<'_> {
    ConsumerGroupMemberMetadataValue {
        instance_id: value.instance.as_deref(),
        rack_id: value.rack.as_deref(),
        client_id: &value.client_id,
        client_host: &value.client_host,
        subscribed_topic_names: value.topic_names.iter().map(|name| &**name).collect(),
        subscribed_topic_regex: value.topic_regex.as_deref(),
        rebalance_timeout_ms: value.rebalance_timeout_ms,
        server_assignor: value.assignor.as_deref(),
        classic_member_metadata: value.classic.as_ref().map(|classic| ClassicMemberMetadata {
            session_timeout_ms: classic.session_timeout_ms,
            supported_protocols: classic
                .protocols
                .iter()
                .map(|(name, metadata)| ClassicProtocol { name, metadata })
                .collect(),
        }),
    }
}

fn read_member(value: &[u8]) -> Result<MemberMetadata, RecordError> {
    let value: ConsumerGroupMemberMetadataValue<'_> = read(value)?;
    let classic = value.classic_member_metadata.map(|classic| ClassicMember {
        session_timeout_ms: classic.session_timeout_ms,
        protocols: classic
            .supported_protocols
            .iter()
            .map(|protocol| (Name::from(protocol.name), Bytes::copy_from_slice(protocol.metadata)))
            .collect(),
    });
    Ok(MemberMetadata {
        instance: value.instance_id.map(Name::from),
        rack: value.rack_id.map(Name::from),
        client_id: value.client_id.into(),
        client_host: value.client_host.into(),
        topic_names: value.subscribed_topic_names.into_iter().map(Name::from).collect(),
        // Kafka writes an empty expression where a member gave up having one.
        topic_regex: value.subscribed_topic_regex.filter(|expression| !expression.is_empty()).map(Name::from),
        rebalance_timeout_ms: value.rebalance_timeout_ms,
        assignor: value.server_assignor.map(Name::from),
        classic,
    })
}

fn target_value(partitions: &Partitions) -> ConsumerGroupTargetAssignmentMemberValue {
    let lists = partitions.topics().map(|(topic, indexes)| TopicPartition {
        topic_id: topic.0,
        partitions: indexes.iter().map(|index| index.0).collect(),
    });
    ConsumerGroupTargetAssignmentMemberValue { topic_partitions: lists.collect() }
}

fn read_target(value: &[u8]) -> Result<Partitions, RecordError> {
    let value: ConsumerGroupTargetAssignmentMemberValue = read(value)?;
    let lists = value.topic_partitions.iter();
    Ok(lists
        .flat_map(|list| list.partitions.iter().map(|index| (TopicId(list.topic_id), PartitionIndex(*index))))
        .collect())
}

fn current_value(value: &CurrentAssignment) -> ConsumerGroupCurrentMemberAssignmentValue {
    ConsumerGroupCurrentMemberAssignmentValue {
        member_epoch: value.epoch,
        previous_member_epoch: value.previous_epoch,
        state: value.state.number(),
        assigned_partitions: owned_lists(&value.assigned),
        partitions_pending_revocation: owned_lists(&value.revoking),
    }
}

fn owned_lists(owned: &OwnedPartitions) -> Vec<TopicPartitions> {
    let lists = owned.topics().map(|(topic, indexes)| TopicPartitions {
        topic_id: topic.0,
        partitions: indexes.keys().map(|index| index.0).collect(),
        assignment_epochs: Some(indexes.values().copied().collect()),
    });
    lists.collect()
}

fn read_current(value: &[u8]) -> Result<CurrentAssignment, RecordError> {
    let value: ConsumerGroupCurrentMemberAssignmentValue = read(value)?;
    Ok(CurrentAssignment {
        epoch: value.member_epoch,
        previous_epoch: value.previous_member_epoch,
        state: MemberState::by_number(value.state),
        assigned: read_owned(&value.assigned_partitions, value.member_epoch),
        revoking: read_owned(&value.partitions_pending_revocation, value.member_epoch),
    })
}

/// Records of Apache Kafka before 4.3 say no epochs: the member's stands for them, so that nothing older is accepted.
fn read_owned(lists: &[TopicPartitions], member_epoch: i32) -> OwnedPartitions {
    let mut owned = OwnedPartitions::default();
    for list in lists {
        let epochs = list.assignment_epochs.as_ref().filter(|epochs| epochs.len() == list.partitions.len());
        for (place, index) in list.partitions.iter().enumerate() {
            let epoch = epochs.map_or(member_epoch, |epochs| epochs[place]);
            owned.insert(TopicId(list.topic_id), PartitionIndex(*index), epoch);
        }
    }
    owned
}

fn regex_value(value: &ResolvedRegex) -> ConsumerGroupRegularExpressionValue<'_> {
    ConsumerGroupRegularExpressionValue {
        topics: value.topics.iter().map(|name| &**name).collect(),
        version: value.version,
        timestamp: value.resolved_at.0,
    }
}

fn read_regex(value: &[u8]) -> Result<ResolvedRegex, RecordError> {
    let value: ConsumerGroupRegularExpressionValue<'_> = read(value)?;
    Ok(ResolvedRegex {
        topics: value.topics.into_iter().map(Name::from).collect(),
        version: value.version,
        resolved_at: Timestamp(value.timestamp),
    })
}
