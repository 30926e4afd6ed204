//! Deadlines by what they are for.

use crate::{Name, consumer::ConsumerTimer};
use ringlog_model::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// What a deadline is for. One per kind, group and member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// A classic group stops waiting for members to join.
    Join(Name),
    /// A classic group stops waiting for members to fetch their assignment.
    Sync(Name),
    /// A classic group's member was not heard of.
    Session(Name, Name),
    /// A member id was given away and not used to join.
    Pending(Name, Name),
    /// Something of a consumer group.
    Consumer(Name, ConsumerTimer),
    /// Positions that nobody needs any more are looked for.
    Expiry,
}

/// All deadlines, in order.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    by_time: BTreeSet<(Instant, Timer)>,
    times: BTreeMap<Timer, Instant>,
}

impl Timers {
    /// Sets a deadline; an earlier one for the same is forgotten.
    pub(crate) fn set(&mut self, timer: Timer, at: Instant) {
        if let Some(was) = self.times.insert(timer.clone(), at) {
            if was == at {
                return;
            }
            self.by_time.remove(&(was, timer.clone()));
        }
        self.by_time.insert((at, timer));
    }

    pub(crate) fn cancel(&mut self, timer: &Timer) {
        if let Some(was) = self.times.remove(timer) {
            self.by_time.remove(&(was, timer.clone()));
        }
    }

    /// When the timer is due, if it is set.
    pub(crate) fn at(&self, timer: &Timer) -> Option<Instant> {
        self.times.get(timer).copied()
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes out the first timer that is due.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        let (_, timer) = self.by_time.pop_first()?;
        self.times.remove(&timer);
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_set_again_is_due_once_and_later() {
        let mut timers = Timers::default();
        let session = Timer::Session(Name::from("g"), Name::from("m"));
        timers.set(session.clone(), Instant(5));
        timers.set(Timer::Expiry, Instant(7));
        timers.set(session.clone(), Instant(9));
        assert_eq!(timers.next(), Some(Instant(7)));
        assert_eq!(timers.pop_due(Instant(8)), Some(Timer::Expiry));
        assert_eq!(timers.pop_due(Instant(8)), None);
        assert_eq!(timers.pop_due(Instant(9)), Some(session));
        assert_eq!(timers.next(), None);
    }
}
