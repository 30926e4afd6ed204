//! Syncs that nobody waits for: logs with `durability=written` are acknowledged when their bytes are written, so a sync for
//! them alone is put off, for at most a second or a number of bytes. A sync that others need covers them as well.

use super::{Domain, Running};
use ringlog_reactor::local::Notify;
use std::cell::Cell;
use std::time::Duration;

/// How long written bytes may stay without a sync: what a loss of power may take from such a log.
const LATEST_AFTER: Duration = Duration::from_secs(1);
/// How many bytes at most.
const BYTES_MAX: u64 = 32 << 20;

/// What is written and not yet due to be synced.
#[derive(Debug, Default)]
pub(crate) struct Lazy {
    /// Somebody waits for what is not synced.
    wanted: Cell<bool>,
    /// Tasks that wait until everything is durable.
    waiting: Cell<usize>,
    bytes: Cell<u64>,
    /// When the oldest of it was written, nanoseconds.
    since: Cell<Option<u64>>,
    /// What is written beside the journal follows the journal's syncs.
    round: Notify,
}

/// While it lives, no sync is put off.
pub(crate) struct Hurry<'a>(&'a Lazy);

impl Drop for Hurry<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(self.0.waiting.get() - 1);
    }
}

impl Domain {
    /// Lets no sync be put off while what it returns lives.
    pub(crate) fn hurry(&self) -> Hurry<'_> {
        self.lazy.waiting.set(self.lazy.waiting.get() + 1);
        self.to_sync.notify_all();
        Hurry(&self.lazy)
    }

    /// Something was written that must be synced at once.
    pub(crate) fn want_sync(&self) {
        self.lazy.wanted.set(true);
        self.to_sync.notify_all();
    }

    /// Something was written that may be synced later.
    pub(crate) fn want_sync_later(&self, bytes: u64) {
        let lazy = &self.lazy;
        lazy.bytes.set(lazy.bytes.get() + bytes);
        if lazy.since.get().is_none() {
            lazy.since.set(Some(self.reactor.now_nanos()));
        }
        self.to_sync.notify_all();
    }

    /// How long the next sync may be put off; `None` if there is nothing to sync.
    pub(crate) fn sync_due_in(&self) -> Option<Duration> {
        let lazy = &self.lazy;
        let is_needed = lazy.wanted.get() || (lazy.since.get().is_some() && lazy.waiting.get() > 0);
        if is_needed {
            return Some(Duration::ZERO);
        }
        let since = lazy.since.get()?;
        let bytes_max = BYTES_MAX.min(self.config.unflushed_bytes_max / 4);
        if lazy.bytes.get() >= bytes_max || self.running.get() != Running::Yes {
            return Some(Duration::ZERO);
        }
        let age = Duration::from_nanos(self.reactor.now_nanos() - since);
        Some(LATEST_AFTER.saturating_sub(age))
    }

    /// Whether a sync is wanted or put off.
    pub(crate) fn is_sync_put_off(&self) -> bool {
        self.lazy.wanted.get() || self.lazy.since.get().is_some()
    }

    /// A sync begins that covers everything written.
    pub(crate) fn begin_sync(&self) {
        self.lazy.wanted.set(false);
        self.lazy.bytes.set(0);
        self.lazy.since.set(None);
        self.lazy.round.notify_all();
    }

    /// Waits, with bytes written beside the journal, for the next sync.
    pub(crate) async fn until_next_sync(&self, bytes: u64) {
        let round = self.lazy.round.notified();
        self.want_sync_later(bytes);
        round.await;
    }

    /// Lets those go that wait for a sync which will not come.
    pub(crate) fn end_syncs(&self) {
        self.lazy.round.notify_all();
    }
}
