//! A partition that this shard holds: its machine, its log, its topic's settings.

use super::housekeeping::CompactionMemory;
use core::cell::{Cell, RefCell};
use core::time::Duration;
use ringlog_batch::BatchHeader;
use ringlog_image::config::{TimestampType as TopicTimestampType, TopicConfig};
use ringlog_model::NodeId;
use ringlog_model::{Offset, PartitionId, Timestamp};
use ringlog_partition::{
    EpochHistory, EpochStart, LoggedBatch, OfflineReason, Partition, PartitionConfig, ProducerTable,
    RecoveredPartition, Role, TimestampType,
};
use ringlog_storage::{Log, LogConfig, ReadError, Rolling};

/// One partition on this shard.
pub(crate) struct Hosted {
    /// Which.
    pub(crate) id: PartitionId,
    /// Its records.
    pub(crate) log: Log,
    /// Which of the shard's stores the log is in.
    pub(crate) store: usize,
    /// Its state. Never borrowed across an await.
    pub(crate) machine: RefCell<Partition>,
    /// One past the last offset that the producer table left with the log knows of; never beyond the log's end. No node cuts its
    /// logs yet: what will send [`Event::Truncated`](ringlog_partition::Event::Truncated) must lower this to the new end.
    pub(crate) attached: Cell<Offset>,
    /// What is remembered of its compaction.
    pub(super) compaction: CompactionMemory,
    /// What went in and out.
    pub(crate) traffic: Traffic,
}

/// Bytes of a partition since the node started.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) appended_bytes: Cell<u64>,
    pub(crate) fetched_bytes: Cell<u64>,
}

impl Traffic {
    pub(crate) fn appended(&self, bytes: u64) {
        self.appended_bytes.set(self.appended_bytes.get() + bytes);
    }

    pub(crate) fn fetched(&self, bytes: u64) {
        self.fetched_bytes.set(self.fetched_bytes.get() + bytes);
    }
}

impl Hosted {
    /// A partition over its log; `attachment` is what the log's owner left with it before.
    pub(crate) async fn open(
        log: Log,
        store: usize,
        node: NodeId,
        config: PartitionConfig,
        attachment: Option<Vec<u8>>,
        seen: Timestamp,
    ) -> Result<Hosted, ReadError> {
        let end = log.end();
        let (producers, attached) = producers(&log, attachment, &config, seen).await?;
        let epochs = log.epoch_history().into_iter().map(|(epoch, start)| EpochStart { epoch, start });
        let recovered = RecoveredPartition {
            log_start: log.start(),
            end,
            epochs: EpochHistory::recovered(epochs),
            producers,
        };
        let id = log.partition();
        let machine = RefCell::new(Partition::new(id, node, config, recovered));
        Ok(Hosted {
            id,
            log,
            store,
            machine,
            attached: Cell::new(attached),
            compaction: CompactionMemory::default(),
            traffic: Traffic::default(),
        })
    }

    /// Leaves the producers' state with the log.
    pub(crate) fn attach(&self, upto: Offset, snapshot: Vec<u8>) {
        self.attached.set(upto);
        self.log.attach(upto, snapshot);
    }

    /// Whether nothing will be synced any more.
    pub(crate) fn is_given_up(&self) -> bool {
        let machine = self.machine.borrow();
        matches!(machine.role(), Role::Offline(OfflineReason::DiskFault | OfflineReason::Deleted))
    }
}

/// The producers that the log knows: what was left with it, and the batches behind that.
async fn producers(
    log: &Log,
    attachment: Option<Vec<u8>>,
    config: &PartitionConfig,
    seen: Timestamp,
) -> Result<(ProducerTable, Offset), ReadError> {
    let restored = attachment.map(|bytes| ProducerTable::restore(&bytes, log.end()));
    let (mut table, known) = match restored {
        Some(Ok(restored)) => restored,
        Some(Err(error)) => {
            tracing::warn!(partition = %log.partition(), %error, "producers are rebuilt from the whole log");
            (ProducerTable::new(), log.start())
        }
        None => (ProducerTable::new(), log.start()),
    };
    if known < log.end() {
        let mut visit = |bytes: &[u8]| {
            // Storage has checked the batch: a header that does not parse cannot come.
            if let Ok(header) = BatchHeader::parse(bytes) {
                table.replay(seen, &LoggedBatch::of(&header), config.producers_max);
            }
        };
        log.scan_headers(known.max(log.start()), &mut visit).await?;
    }
    Ok((table, known))
}

/// What a topic's settings mean to the partition machine.
pub(crate) fn partition_config(config: &TopicConfig) -> PartitionConfig {
    PartitionConfig {
        durability: config.durability,
        min_insync_replicas: u16::try_from(config.in_sync_replicas_min).unwrap_or(1),
        timestamp_type: match config.timestamp_type {
            TopicTimestampType::CreateTime => TimestampType::CreateTime,
            TopicTimestampType::LogAppendTime => TimestampType::LogAppendTime,
        },
        ..PartitionConfig::default()
    }
}

/// How long files stay that the topic's logs let go of.
pub(crate) fn file_delete_delay(config: &TopicConfig) -> Duration {
    Duration::from_millis(u64::try_from(config.file_delete_delay_ms).unwrap_or(0))
}

/// When segments of the topic's logs are closed before they are full.
pub(crate) fn rolling(config: &TopicConfig) -> Rolling {
    let bytes = |number: i32| u64::try_from(number).unwrap_or(0);
    Rolling {
        jitter_ms: config.segment_jitter_ms,
        index_bytes: bytes(config.segment_index_bytes),
        index_interval_bytes: bytes(config.index_interval_bytes),
    }
}

/// What a topic's settings mean to its logs. `segment_bytes_max` is the node's own bound.
pub(crate) fn log_config(config: &TopicConfig, segment_bytes_max: Option<u64>) -> LogConfig {
    let segment_bytes = u64::try_from(config.segment_bytes).unwrap_or(1 << 30);
    LogConfig {
        segment_bytes: segment_bytes.min(segment_bytes_max.unwrap_or(u64::MAX)),
        // What is not sealed is not compacted: the longest delay of compaction bounds this one as well.
        segment_ms: if config.cleanup_policy.compact {
            config.segment_ms.min(config.compaction_lag_max_ms)
        } else {
            config.segment_ms
        },
        durability: config.durability,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_closed_early_as_the_topic_says() {
        let of = |pairs: &[(&str, &str)]| {
            let overrides =
                pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            rolling(&TopicConfig::from_overrides(&overrides))
        };
        let usual = Rolling { jitter_ms: 0, index_bytes: 10 << 20, index_interval_bytes: 4096 };
        let cases: [(&[_], _); 4] = [
            (&[], usual),
            (&[("segment.jitter.ms", "7")], Rolling { jitter_ms: 7, ..usual }),
            (&[("segment.index.bytes", "800")], Rolling { index_bytes: 800, ..usual }),
            (&[("index.interval.bytes", "0")], Rolling { index_interval_bytes: 0, ..usual }),
        ];
        for (pairs, expected) in cases {
            assert_eq!(of(pairs), expected, "{pairs:?}");
        }
    }
}
