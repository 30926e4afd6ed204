//! Finding offsets.

use super::Isolation;
use crate::wire::Reader;
use crate::{Body, DecodeError, Op};
use ringlog_model::{Offset, PartitionId, PartitionIndex, Timestamp, TopicId, Uuid};
use zerocopy::little_endian::{I32, I64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Which offset is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetQuery {
    /// The log's first.
    Beginning,
    /// One past the last that a reader of the given isolation may see.
    End,
    /// The first record whose timestamp is at or after this one.
    Timestamp(Timestamp),
    /// The record with the highest timestamp (KIP-734).
    LatestTimestamp,
}

/// Asks for one offset of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListOffsets {
    /// Where.
    pub partition: PartitionId,
    /// Which.
    pub query: OffsetQuery,
    /// What "end" means to the reader.
    pub isolation: Isolation,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct ListOffsetsFixed {
    topic: [u8; 16],
    index: I32,
    kind: u8,
    isolation: u8,
    reserved: [u8; 2],
    timestamp: I64,
}

impl Body for ListOffsets {
    const OP: Op = Op::LIST_OFFSETS;

    fn encode(&self, bytes: &mut Vec<u8>) {
        let (kind, timestamp) = match self.query {
            OffsetQuery::Beginning => (0, Timestamp::NONE),
            OffsetQuery::End => (1, Timestamp::NONE),
            OffsetQuery::Timestamp(timestamp) => (2, timestamp),
            OffsetQuery::LatestTimestamp => (3, Timestamp::NONE),
        };
        let fixed = ListOffsetsFixed {
            topic: self.partition.topic.0.0,
            index: self.partition.index.0.into(),
            kind,
            isolation: self.isolation.number(),
            reserved: [0; 2],
            timestamp: timestamp.0.into(),
        };
        bytes.extend_from_slice(fixed.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<ListOffsets, DecodeError> {
        let fixed: &ListOffsetsFixed = Reader::new(bytes).fixed("list offsets")?;
        let query = match fixed.kind {
            0 => OffsetQuery::Beginning,
            1 => OffsetQuery::End,
            2 => OffsetQuery::Timestamp(Timestamp(fixed.timestamp.get())),
            3 => OffsetQuery::LatestTimestamp,
            value => return Err(DecodeError::Value { field: "offset query", value: i64::from(value) }),
        };
        Ok(ListOffsets {
            partition: PartitionId {
                topic: TopicId(Uuid(fixed.topic)),
                index: PartitionIndex(fixed.index.get()),
            },
            query,
            isolation: Isolation::from_number(fixed.isolation)?,
        })
    }
}

/// The offset asked for. Where no record answers a query by timestamp, `offset` is the end and `timestamp` is
/// [`Timestamp::NONE`], so that a reader can go on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListOffsetsReply {
    /// The offset.
    pub offset: Offset,
    /// The record's timestamp, for queries by timestamp.
    pub timestamp: Timestamp,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct ListOffsetsReplyFixed {
    offset: I64,
    timestamp: I64,
}

impl Body for ListOffsetsReply {
    const OP: Op = Op::LIST_OFFSETS;

    fn encode(&self, bytes: &mut Vec<u8>) {
        let fixed =
            ListOffsetsReplyFixed { offset: self.offset.0.into(), timestamp: self.timestamp.0.into() };
        bytes.extend_from_slice(fixed.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<ListOffsetsReply, DecodeError> {
        let fixed: &ListOffsetsReplyFixed = Reader::new(bytes).fixed("list offsets reply")?;
        Ok(ListOffsetsReply {
            offset: Offset(fixed.offset.get()),
            timestamp: Timestamp(fixed.timestamp.get()),
        })
    }
}
