//! Time as an argument. std's clock types cannot be made from a virtual clock, so these are our own.

use core::time::Duration;

/// Monotonic time: nanoseconds since a start that only its own machine knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub u64);

impl Instant {
    /// The instant `duration` later; stays at the largest instant instead of wrapping.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Instant {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Instant(self.0.saturating_add(nanos))
    }

    /// The time from `earlier` to `self`, zero if `earlier` is the later one.
    #[must_use]
    pub fn since(self, earlier: Instant) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Wall-clock time: milliseconds since the Unix epoch, as Kafka's record timestamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Kafka's `-1`: no timestamp.
    pub const NONE: Timestamp = Timestamp(-1);
}

/// Both clocks, as a pure machine is told them with each event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// For deadlines and intervals.
    pub monotonic: Instant,
    /// For record timestamps and retention.
    pub wall: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_saturate_instead_of_wrapping() {
        assert_eq!(Instant(u64::MAX - 1).plus(Duration::from_secs(1)), Instant(u64::MAX));
        assert_eq!(Instant(1).since(Instant(5)), Duration::ZERO);
    }
}
