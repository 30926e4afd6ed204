//! Where much is on its way to the disk, large appends go to their segments directly, and need not wait until a group takes
//! them: the write begins with the append, beside the group that will speak of it. Until that is durable the bytes mean
//! nothing.

use super::Domain;
use crate::format::block_floor;
use crate::log::core::LogCore;
use crate::segment::live::LiveSegment;
use ringlog_model::Durability;
use std::rc::Rc;
use std::time::Duration;

/// Bytes of one log on their way, on average, from which a write and a sync of its own cost the disk less than writing them
/// twice.
const ALONE_BYTES: u64 = 160 << 10;
/// How long much on its way to the disk counts after there is less: a log that changes from one way to the other must first
/// write what is in the journal only.
const BUSY_FOR: Duration = Duration::from_millis(20);

impl Domain {
    /// Whether more is on its way to the disk than the journal should carry, or was a moment ago. It carries a little in any
    /// case; somewhat more, up to what makes a whole group, only where it spares many logs a small write each.
    pub(crate) fn is_busy(&self) -> bool {
        let now = self.reactor.now_nanos();
        let unflushed = self.unflushed.get();
        let of_each_log = unflushed / self.moving_logs.get().max(1);
        let small = self.config.small_group_bytes;
        let is_much = unflushed > self.config.group_bytes_max || of_each_log >= ALONE_BYTES.min(small);
        if unflushed > small && is_much {
            self.busy_until.set(now + BUSY_FOR.as_nanos() as u64);
        }
        now < self.busy_until.get()
    }

    /// A log has accepted batches.
    pub(crate) fn begin_moving(&self, log: &LogCore) {
        if !log.is_moving.replace(true) {
            self.moving_logs.set(self.moving_logs.get() + 1);
        }
    }

    /// Nothing of a log is on its way any more.
    pub(crate) fn end_moving(&self, log: &LogCore) {
        if log.is_moving.replace(false) {
            self.moving_logs.set(self.moving_logs.get() - 1);
        }
    }

    /// A large append was accepted: begins to write it if it will not travel in the journal.
    pub(crate) fn write_early(self: &Rc<Self>, log: &LogCore, segment: &Rc<LiveSegment>) {
        let is_wanted = log.config().durability == Durability::Fsync && self.is_busy();
        if is_wanted && !segment.is_early.replace(true) {
            self.reactor.spawn(write(self.clone(), segment.clone())).detach();
        }
    }
}

async fn write(domain: Rc<Domain>, segment: Rc<LiveSegment>) {
    let _turn = domain.beside.acquire(1).await;
    segment.is_early.set(false);
    let written = segment.write_synced_upto(block_floor(segment.length.get())).await;
    if let Err(error) = written {
        domain.fail("writing segment", &segment.lease.file.to_string(), &error);
    }
}
