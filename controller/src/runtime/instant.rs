//! openraft's clock is the reactor's.

use super::scope;
use ringlog_reactor::Reactor;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::time::Duration;

/// Nanoseconds of the reactor's monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ReactorInstant(u64);

impl ReactorInstant {
    pub(super) fn nanos(self) -> u64 {
        self.0
    }

    /// How long ago this was, told by a reactor at hand.
    pub(crate) fn elapsed_on(self, reactor: &Reactor) -> Duration {
        Duration::from_nanos(reactor.now_nanos().saturating_sub(self.0))
    }
}

impl openraft_rt::Instant for ReactorInstant {
    fn now() -> ReactorInstant {
        ReactorInstant(scope::current().now_nanos())
    }
}

impl Add<Duration> for ReactorInstant {
    type Output = ReactorInstant;

    fn add(self, duration: Duration) -> ReactorInstant {
        ReactorInstant(self.0.saturating_add(nanos(duration)))
    }
}

impl AddAssign<Duration> for ReactorInstant {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for ReactorInstant {
    type Output = ReactorInstant;

    fn sub(self, duration: Duration) -> ReactorInstant {
        ReactorInstant(self.0.saturating_sub(nanos(duration)))
    }
}

impl SubAssign<Duration> for ReactorInstant {
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}

impl Sub for ReactorInstant {
    type Output = Duration;

    fn sub(self, earlier: ReactorInstant) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
