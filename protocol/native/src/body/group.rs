//! Consumer groups, for people and tools: consumers themselves speak Kafka's protocol.

use super::empty_body;
use crate::wire::{Reader, put_list, put_string};
use crate::{Body, DecodeError, Op};
use ringlog_model::Offset;

empty_body! {
    /// Asks a node for the groups that it coordinates.
    GroupList: Op::GROUP_LIST
}

/// The groups that the node coordinates, ordered by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupListReply {
    /// A line each.
    pub groups: Vec<GroupSummary>,
}

/// A group in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSummary {
    /// Its name.
    pub group: String,
    /// Kafka's name of its state.
    pub state: String,
    /// `classic` or `consumer`.
    pub kind: String,
}

impl Body for GroupListReply {
    const OP: Op = Op::GROUP_LIST;

    fn encode(&self, bytes: &mut Vec<u8>) {
        put_list(bytes, &self.groups, |bytes, group| {
            put_string(bytes, &group.group);
            put_string(bytes, &group.state);
            put_string(bytes, &group.kind);
        });
    }

    fn decode(bytes: &[u8]) -> Result<GroupListReply, DecodeError> {
        let mut reader = Reader::new(bytes);
        let groups = reader.list("groups", 6, |reader| {
            Ok(GroupSummary {
                group: reader.string("group")?,
                state: reader.string("state")?,
                kind: reader.string("kind")?,
            })
        })?;
        Ok(GroupListReply { groups })
    }
}

/// Asks for one group. Refused with Kafka's `GROUP_ID_NOT_FOUND` (69) and the codes of a coordinator that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescribe {
    /// Its name.
    pub group: String,
}

impl Body for GroupDescribe {
    const OP: Op = Op::GROUP_DESCRIBE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        put_string(bytes, &self.group);
    }

    fn decode(bytes: &[u8]) -> Result<GroupDescribe, DecodeError> {
        Ok(GroupDescribe { group: Reader::new(bytes).string("group")? })
    }
}

/// One group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescribeReply {
    /// Kafka's name of its state.
    pub state: String,
    /// `classic` or `consumer`.
    pub kind: String,
    /// The assignor, if there is one.
    pub assignor: String,
    /// Its members.
    pub members: Vec<GroupMember>,
    /// Its committed offsets, ordered by topic and partition.
    pub offsets: Vec<GroupOffset>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// Its id.
    pub member: String,
    /// What its client calls itself.
    pub client: String,
    /// Where it connects from.
    pub host: String,
    /// What it consumes.
    pub partitions: Vec<(String, i32)>,
}

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupOffset {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The next offset to consume.
    pub offset: Offset,
}

impl Body for GroupDescribeReply {
    const OP: Op = Op::GROUP_DESCRIBE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        for text in [&self.state, &self.kind, &self.assignor] {
            put_string(bytes, text);
        }
        put_list(bytes, &self.members, |bytes, member| {
            for text in [&member.member, &member.client, &member.host] {
                put_string(bytes, text);
            }
            put_list(bytes, &member.partitions, |bytes, (topic, partition)| {
                bytes.extend_from_slice(&partition.to_le_bytes());
                put_string(bytes, topic);
            });
        });
        put_offsets(bytes, &self.offsets);
    }

    fn decode(bytes: &[u8]) -> Result<GroupDescribeReply, DecodeError> {
        let mut reader = Reader::new(bytes);
        Ok(GroupDescribeReply {
            state: reader.string("state")?,
            kind: reader.string("kind")?,
            assignor: reader.string("assignor")?,
            members: reader.list("members", 10, |reader| {
                Ok(GroupMember {
                    member: reader.string("member")?,
                    client: reader.string("client")?,
                    host: reader.string("host")?,
                    partitions: reader.list("partitions", 6, |reader| {
                        let partition = reader.i32("partition index")?;
                        Ok((reader.string("topic name")?, partition))
                    })?,
                })
            })?,
            offsets: offsets(&mut reader)?,
        })
    }
}

/// Commits offsets in the place of a group that has no members. Refused with Kafka's `UNKNOWN_MEMBER_ID` (25) while it
/// has some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCommit {
    /// The group; created if it does not exist.
    pub group: String,
    /// What to commit.
    pub offsets: Vec<GroupOffset>,
}

impl Body for GroupCommit {
    const OP: Op = Op::GROUP_COMMIT;

    fn encode(&self, bytes: &mut Vec<u8>) {
        put_string(bytes, &self.group);
        put_offsets(bytes, &self.offsets);
    }

    fn decode(bytes: &[u8]) -> Result<GroupCommit, DecodeError> {
        let mut reader = Reader::new(bytes);
        Ok(GroupCommit { group: reader.string("group")?, offsets: offsets(&mut reader)? })
    }
}

empty_body! {
    /// The offsets are committed, all of them.
    GroupCommitReply: Op::GROUP_COMMIT
}

/// Deletes a group that has no members, and its offsets. Refused with Kafka's `NON_EMPTY_GROUP` (68) and
/// `GROUP_ID_NOT_FOUND` (69).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDelete {
    /// Its name.
    pub group: String,
}

impl Body for GroupDelete {
    const OP: Op = Op::GROUP_DELETE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        put_string(bytes, &self.group);
    }

    fn decode(bytes: &[u8]) -> Result<GroupDelete, DecodeError> {
        Ok(GroupDelete { group: Reader::new(bytes).string("group")? })
    }
}

empty_body! {
    /// The group is gone.
    GroupDeleteReply: Op::GROUP_DELETE
}

/// Deletes a group's offsets in these partitions. Refused with Kafka's `GROUP_SUBSCRIBED_TO_TOPIC` (86) where members
/// read them, and `GROUP_ID_NOT_FOUND` (69).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupForget {
    /// Its name.
    pub group: String,
    /// Topics and partition indexes.
    pub partitions: Vec<(String, i32)>,
}

impl Body for GroupForget {
    const OP: Op = Op::GROUP_FORGET;

    fn encode(&self, bytes: &mut Vec<u8>) {
        put_string(bytes, &self.group);
        put_list(bytes, &self.partitions, |bytes, (topic, partition)| {
            bytes.extend_from_slice(&partition.to_le_bytes());
            put_string(bytes, topic);
        });
    }

    fn decode(bytes: &[u8]) -> Result<GroupForget, DecodeError> {
        let mut reader = Reader::new(bytes);
        let group = reader.string("group")?;
        let partitions = reader.list("partitions", 6, |reader| {
            let partition = reader.i32("partition index")?;
            Ok((reader.string("topic name")?, partition))
        })?;
        Ok(GroupForget { group, partitions })
    }
}

empty_body! {
    /// The offsets are gone, all of them.
    GroupForgetReply: Op::GROUP_FORGET
}

fn put_offsets(bytes: &mut Vec<u8>, offsets: &[GroupOffset]) {
    put_list(bytes, offsets, |bytes, offset| {
        bytes.extend_from_slice(&offset.offset.0.to_le_bytes());
        bytes.extend_from_slice(&offset.partition.to_le_bytes());
        put_string(bytes, &offset.topic);
    });
}

fn offsets(reader: &mut Reader<'_>) -> Result<Vec<GroupOffset>, DecodeError> {
    reader.list("offsets", 14, |reader| {
        Ok(GroupOffset {
            offset: Offset(reader.i64("offset")?),
            partition: reader.i32("partition index")?,
            topic: reader.string("topic name")?,
        })
    })
}
