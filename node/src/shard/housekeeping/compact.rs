//! Compacts a shard's logs, one after the other.

use super::due::{Cleanness, CompactionPolicy, Due};
use crate::shard::{Hosted, Shard};
use core::{cell::Cell, time::Duration};
use ringlog_model::{Instant, Offset, Timestamp};
use ringlog_partition::{Isolation, Reader};
use ringlog_storage::{Compaction, CompactionError, ReadError, SegmentDescription};
use std::rc::Rc;

/// How long a log is left alone that could not be compacted for a reason that may pass.
const LEFT_ALONE: Duration = Duration::from_secs(300);

/// A log that has been due for so long is compacted as if nobody waited for commits: else one that grows faster than a patient
/// compaction would never be clean.
const PATIENCE: Duration = Duration::from_secs(600);

/// What a shard remembers of a log's compaction.
#[derive(Default)]
pub(in crate::shard) struct CompactionMemory {
    /// When the first of the tombstones that were kept may go.
    next_horizon: Cell<Option<Timestamp>>,
    /// Not to be compacted before.
    not_before: Cell<Instant>,
    /// Since when there has been something to compact.
    due_since: Cell<Option<Instant>>,
    /// Where a damaged segment begins. It is reported once and not read again in this life; what lies before it is compacted.
    damaged: Cell<Option<Offset>>,
}

impl CompactionMemory {
    /// Where the damaged segment begins, if the log still has it.
    fn damaged_among(&self, segments: &[SegmentDescription]) -> Option<Offset> {
        let found = self.damaged.get()?;
        if segments.iter().any(|segment| segment.base_offset == found) {
            return Some(found);
        }
        self.damaged.set(None);
        None
    }
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
        let (mut dirtiest, mut damaged) = (0, 0);
        let mut first: Option<(Rc<Hosted>, Due, i64)> = None;
        for (config, hosted) in self.configured() {
            let Some(policy) = CompactionPolicy::of(&config) else { continue };
            let segments = hosted.log.segments();
            let damage = hosted.compaction.damaged_among(&segments);
            damaged += u64::from(damage.is_some());
            let limit = hosted.machine.borrow().read_limits(Reader::Consumer(Isolation::ReadCommitted)).limit;
            let known = Cleanness {
                clean: hosted.log.clean(),
                limit: damage.map_or(limit, |damage| limit.min(damage)),
                next_horizon: hosted.compaction.next_horizon.get(),
            };
            let Some(due) = policy.survey(&segments, &known, now.wall) else { continue };
            dirtiest = dirtiest.max(due.dirty_percent());
            let since = hosted.compaction.due_since.get().unwrap_or(now.monotonic);
            hosted.compaction.due_since.set(due.is_due().then_some(since));
            let may_begin = due.is_due() && hosted.compaction.not_before.get() <= now.monotonic;
            if may_begin && first.as_ref().is_none_or(|(_, other, _)| due.precedence(other).is_ge()) {
                first = Some((hosted, due, config.delete_retention_ms));
            }
        }
        self.counters.compaction_dirty_percent.set(dirtiest);
        self.counters.compaction_damaged.set(damaged);
        first
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
            patience: self.patience(hosted, due),
        };
        let before = hosted.log.clean();
        match hosted.log.compact(wanted).await {
            Ok(report) => {
                tracing::info!(
                    partition = %hosted.id,
                    clean = %report.clean,
                    bytes_before = report.bytes_before,
                    bytes_after = report.bytes_after,
                    records_removed = report.records_removed,
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
            Err(CompactionError::Read(ReadError::Damaged(damage))) => {
                tracing::error!(partition = %hosted.id, %damage, "a log is compacted up to its damage only");
                hosted.compaction.damaged.set(Some(damage.segment));
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

    /// How long the compaction of a log that is due may give way to those who wait for commits.
    fn patience(&self, hosted: &Hosted, due: &Due) -> Duration {
        if due.is_overdue() {
            return Duration::ZERO;
        }
        let since = hosted.compaction.due_since.get().unwrap_or(self.instant());
        since.plus(PATIENCE).since(self.instant())
    }

    fn leave_alone(&self, hosted: &Hosted) {
        hosted.compaction.not_before.set(self.instant().plus(LEFT_ALONE));
    }
}
