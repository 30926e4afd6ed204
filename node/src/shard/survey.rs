//! What a shard tells about its partitions when it is asked: for reports and for people.

use super::{Hosted, Shard};
use crate::{cluster::View, refusal::Refusal};
use ringlog_model::{Offset, PartitionId};
use ringlog_partition::{Isolation, Reader};
use ringlog_storage::SegmentDescription;
use std::sync::Arc;

/// All partitions of one shard.
pub(crate) struct ShardSurvey {
    /// The metadata that the shard works by.
    pub(crate) view: Arc<View>,
    pub(crate) partitions: Vec<PartitionSurvey>,
}

/// One partition in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartitionSurvey {
    pub(crate) partition: PartitionId,
    pub(crate) log_start: Offset,
    pub(crate) end: Offset,
    pub(crate) high_watermark: Offset,
    /// Bytes of its batches.
    pub(crate) bytes: u64,
    /// Bytes appended since the node started.
    pub(crate) appended_bytes: u64,
    /// Bytes read for consumers since the node started.
    pub(crate) fetched_bytes: u64,
}

/// One partition's log in detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogSurvey {
    pub(crate) partition: PartitionSurvey,
    /// One past the last offset that is synced.
    pub(crate) flushed: Offset,
    /// Which data directory, as an index into the node's options.
    pub(crate) directory: usize,
    pub(crate) segments: Vec<SegmentDescription>,
}

impl Shard {
    /// Numbers of all partitions here.
    pub(super) fn serve_survey(&self) -> ShardSurvey {
        let partitions = self.partitions.borrow();
        let partitions = partitions.values().map(|hosted| survey(hosted)).collect();
        ShardSurvey { view: self.view(), partitions }
    }

    /// One partition in detail.
    pub(super) fn serve_log_survey(&self, partition: PartitionId) -> Result<LogSurvey, Refusal> {
        let hosted = self.hosted(partition)?;
        Ok(LogSurvey {
            partition: survey(&hosted),
            flushed: hosted.log.marks().flushed,
            directory: hosted.store,
            segments: hosted.log.segments(),
        })
    }
}

fn survey(hosted: &Hosted) -> PartitionSurvey {
    let limits = hosted.machine.borrow().read_limits(Reader::Consumer(Isolation::ReadUncommitted));
    PartitionSurvey {
        partition: hosted.id,
        log_start: limits.log_start,
        end: hosted.log.end(),
        high_watermark: limits.high_watermark,
        bytes: hosted.log.bytes(),
        appended_bytes: hosted.traffic.appended_bytes.get(),
        fetched_bytes: hosted.traffic.fetched_bytes.get(),
    }
}
