//! One partition's log as its node has it on disk.

use crate::wire::{Reader, put_list, put_string};
use crate::{Body, DecodeError, Op};
use ringlog_model::{Offset, PartitionId, PartitionIndex, ShardId, Timestamp, TopicId, Uuid};

/// Asks a node about its log of a partition. Refused with `UnknownTopicOrPartition`, or `NotLeaderOrFollower` if the
/// node has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionDescribe {
    /// Which.
    pub partition: PartitionId,
}

impl Body for PartitionDescribe {
    const OP: Op = Op::PARTITION_DESCRIBE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.partition.topic.0.0);
        bytes.extend_from_slice(&self.partition.index.0.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<PartitionDescribe, DecodeError> {
        let mut reader = Reader::new(bytes);
        let topic: &[u8; 16] = reader.fixed("topic id")?;
        let topic = TopicId(Uuid(*topic));
        let index = PartitionIndex(reader.i32("partition index")?);
        Ok(PartitionDescribe { partition: PartitionId { topic, index } })
    }
}

/// The log: `log start <= high watermark <= end`, `flushed <= end`, all but the first exclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionDescribeReply {
    /// The first offset that can be read.
    pub log_start: Offset,
    /// Up to where consumers read.
    pub high_watermark: Offset,
    /// Up to where it is synced.
    pub flushed: Offset,
    /// Up to where it was appended.
    pub end: Offset,
    /// The shard that owns it.
    pub shard: ShardId,
    /// The data directory that it is in.
    pub directory: String,
    /// Ascending.
    pub segments: Vec<SegmentSummary>,
}

/// A segment of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentSummary {
    /// The first offset.
    pub base: Offset,
    /// One past the last.
    pub end: Offset,
    /// Bytes of batches.
    pub bytes: u64,
    /// The largest timestamp of its records.
    pub max_timestamp: Timestamp,
    /// When it began.
    pub created: Timestamp,
    /// Whether it takes no more appends.
    pub sealed: bool,
    /// The name of its file.
    pub file: String,
}

impl Body for PartitionDescribeReply {
    const OP: Op = Op::PARTITION_DESCRIBE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        for offset in [self.log_start, self.high_watermark, self.flushed, self.end] {
            bytes.extend_from_slice(&offset.0.to_le_bytes());
        }
        bytes.extend_from_slice(&self.shard.0.to_le_bytes());
        put_string(bytes, &self.directory);
        put_list(bytes, &self.segments, |bytes, segment| {
            bytes.extend_from_slice(&segment.base.0.to_le_bytes());
            bytes.extend_from_slice(&segment.end.0.to_le_bytes());
            bytes.extend_from_slice(&segment.bytes.to_le_bytes());
            bytes.extend_from_slice(&segment.max_timestamp.0.to_le_bytes());
            bytes.extend_from_slice(&segment.created.0.to_le_bytes());
            bytes.extend_from_slice(&u16::from(segment.sealed).to_le_bytes());
            put_string(bytes, &segment.file);
        });
    }

    fn decode(bytes: &[u8]) -> Result<PartitionDescribeReply, DecodeError> {
        let mut reader = Reader::new(bytes);
        Ok(PartitionDescribeReply {
            log_start: Offset(reader.i64("log start")?),
            high_watermark: Offset(reader.i64("high watermark")?),
            flushed: Offset(reader.i64("flushed")?),
            end: Offset(reader.i64("end")?),
            shard: ShardId(reader.u16("shard")?),
            directory: reader.string("directory")?,
            segments: reader.list("segments", 44, |reader| {
                Ok(SegmentSummary {
                    base: Offset(reader.i64("segment base")?),
                    end: Offset(reader.i64("segment end")?),
                    bytes: reader.u64("segment bytes")?,
                    max_timestamp: Timestamp(reader.i64("segment max timestamp")?),
                    created: Timestamp(reader.i64("segment created")?),
                    sealed: reader.u16("segment sealed")? != 0,
                    file: reader.string("segment file")?,
                })
            })?,
        })
    }
}
