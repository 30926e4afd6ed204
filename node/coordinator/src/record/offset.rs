//! Types 0 and 1: committed positions.

use super::{EncodedRecord, Record, RecordError, codec};
use crate::Name;
use ringlog_kafka::{
    Decode, EncodeError, Reader,
    messages::{OffsetCommitKey, OffsetCommitValue},
};
use ringlog_model::{LeaderEpoch, Offset, Timestamp, TopicId};

/// The type that is written; type 0 is read as well.
const KEY_TYPE: i16 = 1;
/// The newest version of the value.
const NEWEST: i16 = 4;
/// The version that is written: the lowest of those that Kafka still writes (4 says nothing more without a topic id, and
/// older brokers could not read it).
const WRITTEN: i16 = 3;
/// The version for a position that expires at a time of its own.
const WRITTEN_WITH_EXPIRY: i16 = 1;
/// The version for a position with its topic's id.
const WRITTEN_WITH_TOPIC_ID: i16 = 4;

/// Whose position, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub struct OffsetKey {
    pub group: Name,
    pub topic: Name,
    pub partition: i32,
}

/// A committed position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetValue {
    /// The next offset to read.
    pub offset: Offset,
    /// The epoch of the last record read.
    pub leader_epoch: Option<LeaderEpoch>,
    /// Whatever the client wants to keep with it.
    pub metadata: Name,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// When it expires, where the commit said so.
    pub expires_at: Option<Timestamp>,
    /// The topic's id; zero where it is not known.
    pub topic_id: TopicId,
}

pub(super) fn encode(key: &OffsetKey, value: Option<&OffsetValue>) -> Result<EncodedRecord, EncodeError> {
    let OffsetKey { group, topic, partition } = key;
    let key = OffsetCommitKey { group, topic, partition: *partition };
    let value = value.map(|value| {
        let version = if value.expires_at.is_some() {
            WRITTEN_WITH_EXPIRY
        } else if value.topic_id != TopicId::default() {
            WRITTEN_WITH_TOPIC_ID
        } else {
            WRITTEN
        };
        let value = OffsetCommitValue {
            offset: value.offset.0,
            leader_epoch: value.leader_epoch.map_or(-1, |epoch| epoch.0),
            metadata: &value.metadata,
            commit_timestamp: value.committed_at.0,
            expire_timestamp: value.expires_at.map_or(-1, |at| at.0),
            topic_id: value.topic_id.0,
        };
        (version, value)
    });
    codec::encode(KEY_TYPE, &key, value.as_ref().map(|(version, value)| (*version, value)))
}

pub(super) fn decode(mut key: Reader<'_>, value: Option<&[u8]>) -> Result<Record, RecordError> {
    let key = OffsetCommitKey::decode(&mut key, 0)?;
    let key = OffsetKey { group: key.group.into(), topic: key.topic.into(), partition: key.partition };
    let Some(value) = value else { return Ok(Record::Offset(key, None)) };
    let value: OffsetCommitValue<'_> = codec::read_value(KEY_TYPE, value, NEWEST)?;
    let value = OffsetValue {
        offset: Offset(value.offset),
        leader_epoch: (value.leader_epoch >= 0).then_some(LeaderEpoch(value.leader_epoch)),
        metadata: value.metadata.into(),
        committed_at: Timestamp(value.commit_timestamp),
        expires_at: (value.expire_timestamp >= 0).then_some(Timestamp(value.expire_timestamp)),
        topic_id: TopicId(value.topic_id),
    };
    Ok(Record::Offset(key, Some(value)))
}
