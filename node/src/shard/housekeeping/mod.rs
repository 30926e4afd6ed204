//! What a shard does for its logs by itself, in the background: retention and compaction; and deleting records when it
//! is told to.
//!
//! ```text
//! every log.retention.check.interval.ms:  topic's settings + segments ──retention::decide──> new start (, roll)
//!                                          ──> log, partition machine ──> segments below are given up
//! every log.cleaner.backoff.ms:          the log that is most due ──due──> how far ──> Log::compact
//! ```
//! What is decided is a pure function; what is done goes through the partition's machine, so that
//! `log start <= high watermark` holds.

mod compact;
mod due;
mod records;
mod retention;

pub(super) use compact::CompactionMemory;

use super::{Hosted, Shard};
use ringlog_image::config::TopicConfig;
use ringlog_storage::LogError;
use std::rc::Rc;

/// Partitions looked at before others get their turn.
const LOOKED_AT_TOGETHER: usize = 64;

impl Shard {
    /// Applies the topics' retention, again and again, for the life of the shard.
    pub(super) async fn run_retention(&self) {
        loop {
            self.reactor.sleep(self.node.housekeeping.retention_interval).await;
            for (together, (config, hosted)) in self.configured().into_iter().enumerate() {
                if let Err(error) = self.retain(&hosted, &config).await {
                    tracing::warn!(partition = %hosted.id, %error, "retention could not be applied");
                }
                if together % LOOKED_AT_TOGETHER == LOOKED_AT_TOGETHER - 1 {
                    self.reactor.yield_now().await;
                }
            }
        }
    }

    /// This shard's partitions with the settings of their topics, as far as these are known.
    fn configured(&self) -> Vec<(Rc<TopicConfig>, Rc<Hosted>)> {
        let view = self.view();
        let partitions = self.partitions.borrow();
        let mut configured = Vec::with_capacity(partitions.len());
        for topic in view.image.topics() {
            let config = self.topic_config(topic);
            let hosted = topic.partitions().filter_map(|(id, _)| partitions.get(&id));
            configured.extend(hosted.map(|hosted| (config.clone(), hosted.clone())));
        }
        configured
    }

    async fn retain(&self, hosted: &Hosted, config: &TopicConfig) -> Result<(), LogError> {
        let marks = *hosted.machine.borrow().marks();
        let now = self.now().wall;
        let segments = hosted.log.segments();
        if retention::is_old(&segments, marks.log_start(), hosted.log.segment_age_max(), now) {
            hosted.log.roll()?;
        }
        let retention = retention::Retention::of(config);
        let Some(start) = retention.start(&hosted.log.segments(), marks.high_watermark(), now) else {
            return Ok(());
        };
        self.leave_producers(hosted, start).await;
        if start == hosted.log.end() {
            // The segment that takes the appends goes too: another must take them first.
            hosted.log.roll()?;
        }
        let before = hosted.log.bytes();
        let log_start = hosted.machine.borrow().marks().log_start();
        self.move_start(hosted, start.max(log_start))?;
        self.counters.retention_bytes.add(before.saturating_sub(hosted.log.bytes()));
        tracing::info!(partition = %hosted.id, %start, "expired records are deleted");
        Ok(())
    }
}
