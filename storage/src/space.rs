//! Space on the disk: allocation ahead of need, refusal before there is none, and what is given up when there is none.
//!
//! ```text
//!             free space falls below the low-water mark          an allocation fails all the same
//!  appends ─────────────────────────────────────────────> refused ───────────────────────────────> pool and reserve
//!  taken   <───────────────────────────────────────────── (reads and deletes go on)                 are given up
//!             a quarter above the mark, the reserve made again
//! ```
//! What was accepted waits for space, it does not fail: nothing of it is acknowledged before it is on the disk.

use crate::directory::Shared;
use crate::segment::allocate::grown_length;
use crate::segment::files::{FilePool, SegmentFiles};
use ringlog_reactor::local::Notify;
use ringlog_reactor::{File, Reactor};
use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

/// The low-water mark of a file system nobody chose one for: its fiftieth part, within these bounds. On a large disk
/// more than the upper one would only be wasted; the lower one is what a checkpoint and a few deletes may need.
const LOW_SHARE: u64 = 50;
const LOW_BYTES_MAX: u64 = 256 << 20;
const LOW_BYTES_MIN: u64 = 8 << 20;

/// Space is scarce below so many low-water marks: files that could go do not wait for their time any more.
const SCARCE: u64 = 4;

/// The space of a data directory, seen by one domain.
#[derive(Debug)]
pub(crate) struct Space {
    reactor: Reactor,
    shared: Arc<Shared>,
    pool: Rc<FilePool>,
    free: Cell<u64>,
    low: Cell<u64>,
    low_chosen: Option<u64>,
    /// Appends are refused.
    full: Cell<bool>,
    /// Nobody waits for space any more: the store is to stop.
    closing: Cell<bool>,
    looked: Notify,
    /// Wakes the keeper when appends are refused: whoever met that waits until it has looked.
    keeping: Rc<Notify>,
}

impl Space {
    pub(crate) fn new(
        reactor: Reactor,
        shared: Arc<Shared>,
        pool: Rc<FilePool>,
        low_chosen: Option<u64>,
        keeping: Rc<Notify>,
    ) -> Space {
        Space {
            reactor,
            shared,
            pool,
            free: Cell::new(u64::MAX),
            low: Cell::new(low_chosen.unwrap_or(LOW_BYTES_MIN)),
            low_chosen,
            full: Cell::new(false),
            closing: Cell::new(false),
            looked: Notify::new(),
            keeping,
        }
    }

    /// Whether appends are refused. Where one domain has given the reserve up, the others take nothing either: what that gave
    /// back is not for appends.
    pub(crate) fn is_full(&self) -> bool {
        self.full.get() || self.shared.reserve.is_missing()
    }

    /// Whether everything that could be given back should be.
    pub(crate) fn is_scarce(&self) -> bool {
        self.is_full() || self.free.get() < self.low.get().saturating_mul(SCARCE)
    }

    /// From now on nobody waits for space.
    pub(crate) fn close(&self) {
        self.closing.set(true);
        self.looked.notify_all();
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.get()
    }

    /// Looks at the disk. Full begins below the low-water mark, or where there is no room for the reserve; it ends a quarter
    /// above the mark, and not before the reserve is there again.
    pub(crate) async fn look(&self) {
        match self.reactor.space(&self.shared.path).await {
            Ok(space) => {
                self.free.set(space.free);
                self.low.set(self.low_chosen.unwrap_or_else(|| low_water_mark(space.total)));
                let least = if self.full.get() { self.low_end() } else { self.low.get() };
                self.set_full(space.free < least || self.shared.reserve.is_missing());
            }
            Err(error) => tracing::warn!(%error, "the free space of the data directory is not known"),
        }
        self.looked.notify_all();
    }

    /// Free space at which appends are taken again.
    fn low_end(&self) -> u64 {
        self.low.get() + self.low.get() / 4
    }

    /// Makes the reserve again if that leaves more than the low-water mark.
    pub(crate) async fn restore_reserve(&self) {
        if self.shared.reserve.is_missing() {
            self.shared.reserve.make(&self.reactor, &self.shared.path, self.low_end()).await;
        }
    }

    /// Whether so much may be written without getting near the low-water mark, if need be after files that nobody refers
    /// to were given up.
    pub(crate) async fn make_room(&self, bytes: u64, files: &SegmentFiles) -> bool {
        self.look().await;
        if !self.has_room(bytes) {
            self.pool.give_up_free(files).await;
            self.look().await;
        }
        self.has_room(bytes)
    }

    fn has_room(&self, bytes: u64) -> bool {
        !self.is_full() && self.free.get().saturating_sub(self.low.get()) >= bytes
    }

    fn set_full(&self, full: bool) {
        if full != self.full.replace(full) {
            let (path, free, low) = (self.shared.path.display(), self.free.get(), self.low.get());
            if full {
                self.keeping.notify_all();
                tracing::error!(%path, free, low, "disk full: appends are refused");
            } else {
                tracing::info!(%path, free, low, "the disk has space again: appends are taken");
            }
        }
    }

    /// Makes a file longer than it must be yet; returns its new length.
    pub(crate) async fn grow(&self, file: &File, allocated: u64, limit: u64) -> io::Result<u64> {
        let length = grown_length(allocated, allocated, limit.max(allocated), self.free.get());
        if length > allocated {
            file.allocate(allocated, length - allocated).await?;
        }
        Ok(length.max(allocated))
    }

    /// Makes a file at least `needed` long; returns its new length.
    pub(crate) async fn allocate(
        &self,
        file: &File,
        files: &SegmentFiles,
        allocated: u64,
        needed: u64,
        limit: u64,
    ) -> io::Result<u64> {
        let length = grown_length(allocated, needed, limit, self.free.get());
        match file.allocate(allocated, length - allocated).await {
            Ok(()) => return Ok(length),
            Err(error) if is_full(&error) => {}
            Err(error) => return Err(error),
        }
        self.give_up_reserve(files).await;
        file.allocate(allocated, needed - allocated).await?;
        Ok(needed)
    }

    /// The disk is full: retired files and the reserve go, appends are refused until there is space again.
    pub(crate) async fn give_up_reserve(&self, files: &SegmentFiles) {
        self.set_full(true);
        self.pool.give_up_free(files).await;
        self.shared.reserve.give_up(&self.reactor, &self.shared.path).await;
    }

    /// Waits until somebody has looked at the disk again; whether to go on waiting is the caller's question.
    pub(crate) async fn looked_at_again(&self) {
        self.looked.notified().await;
    }
}

/// The low-water mark of a file system of so many bytes, if nobody chose one.
#[must_use]
pub fn low_water_mark(total: u64) -> u64 {
    (total / LOW_SHARE).clamp(LOW_BYTES_MIN, LOW_BYTES_MAX)
}

/// Whether an error says that the disk (or the quota) is full.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_low_water_mark_follows_the_size_of_the_disk() {
        assert_eq!(low_water_mark(100 << 20), 8 << 20);
        assert_eq!(low_water_mark(5000 << 20), 100 << 20);
        assert_eq!(low_water_mark(4 << 40), 256 << 20);
    }
}
