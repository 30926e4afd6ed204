//! What the disk has done becomes events of the partitions; and what time has done.

use super::{Hosted, Shard};
use core::time::Duration;
use ringlog_model::LogId;
use ringlog_partition::{Event, OfflineReason};
use std::rc::Rc;

/// How often deadlines of waiting producers are looked at. A producer's timeout is tens of seconds.
const TICK: Duration = Duration::from_millis(500);
/// Every so many ticks silent producers are forgotten as well.
const TICKS_PER_SWEEP: u32 = 120;

impl Shard {
    /// Follows one store until the shard stops.
    pub(super) async fn run_progress(&self, store: usize) {
        loop {
            let progress = self.stores[store].progress().await;
            let is_empty = progress.marks.is_empty()
                && progress.attachments_wanted.is_empty()
                && progress.damage.is_empty()
                && progress.fault.is_none();
            if is_empty && self.is_stopping.get() {
                return;
            }
            for (log, marks) in progress.marks {
                if let Some(hosted) = self.by_log(store, log) {
                    self.handle(&hosted, Event::Written { end: marks.written }, None);
                    self.handle(&hosted, Event::Flushed { end: marks.flushed }, None);
                }
            }
            for log in progress.attachments_wanted {
                if let Some(hosted) = self.by_log(store, log) {
                    self.handle(&hosted, Event::TakeSnapshot, None);
                }
            }
            if let Some(fault) = progress.fault {
                tracing::error!(%fault, shard = %self.id, "a store has failed: its partitions stop until a restart");
                self.stop_partitions_of(store);
            }
        }
    }

    fn stop_partitions_of(&self, store: usize) {
        let failed: Vec<_> =
            self.partitions.borrow().values().filter(|hosted| hosted.store == store).cloned().collect();
        self.counters.partitions_failed.add(failed.len() as u64);
        for hosted in failed {
            self.handle(&hosted, Event::GoOffline(OfflineReason::DiskFault), None);
        }
    }

    /// Lets deadlines pass.
    pub(super) async fn run_ticks(&self) {
        for tick in 1u32.. {
            self.reactor.sleep(TICK).await;
            let now = self.instant();
            let is_sweep = tick % TICKS_PER_SWEEP == 0;
            let is_due = |hosted: &&Rc<Hosted>| {
                is_sweep || hosted.machine.borrow().next_deadline().is_some_and(|deadline| deadline <= now)
            };
            let due: Vec<_> = self.partitions.borrow().values().filter(is_due).cloned().collect();
            for hosted in due {
                self.handle(&hosted, Event::Tick, None);
            }
        }
    }

    fn by_log(&self, store: usize, log: LogId) -> Option<Rc<Hosted>> {
        self.by_log.borrow().get(&(store, log)).cloned()
    }
}
