//! Compacts a shard's logs, one after the other.

use super::due::{Cleanness, CompactionPolicy, Due};
use crate::shard::{Hosted, Shard};
use core::{cell::Cell, time::Duration};
use ringlog_model::{Instant, Timestamp};
use ringlog_partition::{Isolation, Reader};
use ringlog_storage::{Compaction, CompactionError};
use std::rc::Rc;

/// How long a log is left alone that could not be compacted: the same damage is not reported all the time.
const LEFT_ALONE: Duration = Duration::from_secs(300);

/// What a shard remembers of a log's compaction.
#[derive(Default)]
pub(in crate::shard) struct CompactionMemory {
    /// When the first of the tombstones that were kept may go.
    next_horizon: Cell<Option<Timestamp>>,
    /// Not to be compacted before.
    not_before: Cell<Instant>,
}

impl Shard {
    /// Compacts what is due, again and again, for the life of the shard.
    pub(in crate::shard) async fn run_compaction(&self) {
        loop {
            self.reactor.sleep(self.node.housekeeping.compaction_interval).await;
            // At most as often as there are partitions: then time goes on in any case. Counted first, because the borrow
            // would last as long as the loop, and a partition that is created meanwhile could not be taken in.
            let most = self.partitions.borrow().len();
            for _ in 0..most {
                let Some((hosted, due, delete_retention_ms)) = self.most_due() else { break };
                self.compact(&hosted, &due, delete_retention_ms).await;
            }
        }
    }

    fn most_due(&self) -> Option<(Rc<Hosted>, Due, i64)> {
        let now = self.now();
        let candidates = self.configured().into_iter().filter_map(|(config, hosted)| {
            let policy = CompactionPolicy::of(&config)?;
            if hosted.compaction.not_before.get() > now.monotonic {
                return None;
            }
            let limit = hosted.machine.borrow().read_limits(Reader::Consumer(Isolation::ReadCommitted)).limit;
            let next_horizon = hosted.compaction.next_horizon.get();
            let known = Cleanness { clean: hosted.log.clean(), limit, next_horizon };
            let due = policy.due(&hosted.log.segments(), &known, now.wall)?;
            Some((hosted, due, config.delete_retention_ms))
        });
        candidates.max_by(|(_, one, _), (_, other, _)| one.precedence(other))
    }

    async fn compact(&self, hosted: &Hosted, due: &Due, delete_retention_ms: i64) {
        let housekeeping = &self.node.housekeeping;
        let now = self.now();
        let wanted = Compaction {
            upto: due.upto,
            now: now.wall,
            delete_retention_ms,
            producers: hosted.machine.borrow().producers().last_offsets().collect(),
            keys_bytes_max: housekeeping.compaction_keys_bytes_max,
            bytes_per_second: housekeeping.compaction_bytes_per_second,
        };
        let before = hosted.log.clean();
        match hosted.log.compact(wanted).await {
            Ok(report) => {
                tracing::info!(
                    partition = %hosted.id,
                    clean = %report.clean,
                    bytes_before = report.bytes_before,
                    bytes_after = report.bytes_after,
                    segments_before = report.segments_before,
                    segments_after = report.segments_after,
                    keys = report.keys,
                    "compacted a log"
                );
                let may_go_now = report.next_horizon.is_some_and(|horizon| horizon <= now.wall);
                if report.clean == before && may_go_now {
                    self.leave_alone(hosted);
                }
                hosted.compaction.next_horizon.set(report.next_horizon);
            }
            Err(CompactionError::Interrupted) => {
                tracing::debug!(partition = %hosted.id, "a compaction was interrupted");
                self.leave_alone(hosted);
            }
            Err(error) => {
                tracing::error!(partition = %hosted.id, %error, "a log could not be compacted");
                self.leave_alone(hosted);
            }
        }
    }

    fn leave_alone(&self, hosted: &Hosted) {
        hosted.compaction.not_before.set(self.instant().plus(LEFT_ALONE));
    }
}
