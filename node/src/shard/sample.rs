//! Numbers that are looked at now and then instead of being counted where they change.

use super::Shard;
use core::time::Duration;

/// How often. Also how often the shard's delay is measured: seldom enough to cost nothing, often enough for a scraper.
const EVERY: Duration = Duration::from_millis(250);

impl Shard {
    /// Looks for the life of the shard.
    pub(super) async fn run_samples(&self) {
        loop {
            let due = self.instant().plus(EVERY);
            self.reactor.sleep_until(due.0).await;
            let late = self.instant().since(due);
            self.counters.delay.record(u64::try_from(late.as_micros()).unwrap_or(u64::MAX));
            self.sample();
        }
    }

    fn sample(&self) {
        let counters = &self.counters;
        counters.request_bytes_in_flight.set(self.request_budget.used() as u64);
        counters.response_bytes_in_flight.set(self.response_budget.used() as u64);
        counters.appends_queued.set(self.appends.len() as u64);
        counters.appends_unacknowledged.set(self.waiting_appends.borrow().len() as u64);
        counters.fetches_waiting.set(self.fetch_signals.borrow().len() as u64);
    }
}
