//! PartitionDescribe: a partition's log as this node has it.

use super::{Session, plain, reply::Refused};
use bytes::Bytes;
use ringlog_native::{
    Frame,
    body::{PartitionDescribe, PartitionDescribeReply, SegmentSummary},
};
use std::rc::Rc;

pub(super) async fn describe(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let asked = frame.decode::<PartitionDescribe>()?;
    let shard = session.shard();
    let log = shard.survey_log(asked.partition).await?;
    let segments = log.segments.into_iter().map(|segment| SegmentSummary {
        base: segment.base_offset,
        end: segment.end_offset,
        bytes: segment.bytes,
        max_timestamp: segment.max_timestamp,
        created: segment.created,
        sealed: segment.sealed,
        file: segment.file,
    });
    let directory = shard.node.directories.get(log.directory);
    let reply = PartitionDescribeReply {
        log_start: log.partition.log_start,
        high_watermark: log.partition.high_watermark,
        flushed: log.flushed,
        end: log.partition.end,
        shard: shard.owner(asked.partition),
        directory: directory.map_or_else(String::new, |path| path.display().to_string()),
        segments: segments.collect(),
    };
    Ok(plain(frame.header.correlation, &reply))
}
