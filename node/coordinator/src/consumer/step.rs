//! One step of a group: changes are applied as they are made, and collected for the log.

use super::{
    change::Change,
    group::ConsumerGroup,
    member::{CurrentAssignment, Member, MemberState},
    reconcile::{Goal, reconcile},
};
use crate::{
    Config, GroupSettings, Name, Refusal, Topics,
    partitions::Partitions,
    timers::{Timer, Timers},
};
use core::time::Duration;
use ringlog_model::{Instant, Now};
use std::borrow::Cow;

/// The world at the moment of a step.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) now: Now,
    pub(crate) topics: &'a dyn Topics,
    pub(crate) config: &'a Config,
    pub(crate) settings: GroupSettings,
}

impl<'a> Context<'a> {
    pub(super) fn new(now: Now, topics: &'a dyn Topics, config: &'a Config, group: &str) -> Context<'a> {
        let settings = topics.group_settings(group).unwrap_or(GroupSettings {
            session_timeout: config.consumer_session_timeout,
            heartbeat_interval: config.consumer_heartbeat_interval,
            assignment_interval: config.consumer_assignment_interval,
        });
        Context { now, topics, config, settings }
    }
}

/// What a deadline of a consumer group is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ConsumerTimer {
    /// The member was not heard of.
    Session(Name),
    /// The member has not given up partitions.
    Revocation(Name),
    /// A member of the classic protocol was told to join again and has not.
    Join(Name),
    /// A member of the classic protocol has joined and not fetched its assignment.
    Sync(Name),
    /// The next target may be made (KIP-1263).
    Target,
}

/// A step in progress. What can refuse a request is checked before the first change: a refusal leaves the group as it was.
pub(crate) struct Step<'a> {
    pub(super) group: &'a mut ConsumerGroup,
    pub(super) context: Context<'a>,
    outcome: Outcome,
}

/// What a step did.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// For the log, in this order, together or not at all.
    pub(crate) changes: Vec<Change>,
    /// What becomes of deadlines, in this order.
    pub(crate) timers: TimerChanges,
    /// Set when the group shall go on as a classic one.
    pub(crate) downgrade: Option<super::downgrade::Downgrade>,
}

/// What becomes of deadlines, in this order.
pub(crate) type TimerChanges = Vec<(ConsumerTimer, TimerChange)>;

/// What becomes of a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimerChange {
    Set(Instant),
    /// One that is set already stays as it is.
    SetIfAbsent(Instant),
    Cancel,
}

impl TimerChange {
    pub(super) fn apply(self, timers: &mut Timers, timer: Timer) {
        match self {
            TimerChange::Set(at) => timers.set(timer, at),
            TimerChange::SetIfAbsent(_) if timers.at(&timer).is_some() => {}
            TimerChange::SetIfAbsent(at) => timers.set(timer, at),
            TimerChange::Cancel => timers.cancel(&timer),
        }
    }
}

impl<'a> Step<'a> {
    pub(super) fn new(group: &'a mut ConsumerGroup, context: Context<'a>) -> Step<'a> {
        Step { group, context, outcome: Outcome::default() }
    }

    pub(super) fn finish(self) -> Outcome {
        self.outcome
    }

    pub(super) fn outcome_mut(&mut self) -> &mut Outcome {
        &mut self.outcome
    }

    /// Makes a change.
    pub(super) fn put(&mut self, change: Change) {
        self.group.apply(&change);
        self.outcome.changes.push(change);
    }

    pub(super) fn set_timer(&mut self, timer: ConsumerTimer, after: Duration) {
        self.outcome.timers.push((timer, TimerChange::Set(self.context.now.monotonic.plus(after))));
    }

    pub(super) fn set_timer_if_absent(&mut self, timer: ConsumerTimer, after: Duration) {
        let at = self.context.now.monotonic.plus(after);
        self.outcome.timers.push((timer, TimerChange::SetIfAbsent(at)));
    }

    pub(super) fn cancel_timer(&mut self, timer: ConsumerTimer) {
        self.outcome.timers.push((timer, TimerChange::Cancel));
    }

    pub(super) fn cancel_member_timers(&mut self, id: &Name) {
        for timer in
            [ConsumerTimer::Session, ConsumerTimer::Revocation, ConsumerTimer::Join, ConsumerTimer::Sync]
        {
            self.cancel_timer(timer(id.clone()));
        }
    }

    /// Brings a member one step nearer to its target. Whether `reported` lets it is to be asked before any change: see [`check_state`].
    pub(super) fn reconcile(&mut self, id: &Name, reported: Option<&Partitions>) {
        let member = self.group.members.get(id).expect("the member of the request was put before");
        let target = self.subscribed_target(id, member);
        let is_narrowed = matches!(target, Cow::Owned(_));
        let goal = Goal { epoch: self.group.target_epoch, target: &target, reported, is_narrowed };
        let next = reconcile(&member.current, &goal, |topic, index| self.group.is_free(id, topic, index));
        let next = next.expect("states that may be refused were checked before the first change");
        if next == member.current {
            return;
        }
        self.watch_revocation(id, &next);
        self.put(Change::Current(id.clone(), Some(next)));
    }

    /// A member's target, without the topics it no longer subscribes to while the next target is still to come.
    fn subscribed_target(&self, id: &Name, member: &Member) -> Cow<'_, Partitions> {
        static NONE: Partitions = Partitions::new();
        let target = self.group.target.get(id).unwrap_or(&NONE);
        if self.group.epoch == self.group.target_epoch {
            return Cow::Borrowed(target);
        }
        let topics = self.group.subscribed_topics(&member.metadata, self.context.topics);
        Cow::Owned(target.iter().filter(|(topic, _)| topics.contains(topic)).collect())
    }

    /// Members of the consumer protocol have their rebalance timeout to give up partitions; those of the classic one are told to join again.
    fn watch_revocation(&mut self, id: &Name, next: &CurrentAssignment) {
        let Some(member) = self.group.members.get(id).filter(|member| !member.is_classic()) else { return };
        match next.state {
            MemberState::UnrevokedPartitions => {
                let timeout = milliseconds(member.metadata.rebalance_timeout_ms);
                self.set_timer(ConsumerTimer::Revocation(id.clone()), timeout);
            }
            _ => self.cancel_timer(ConsumerTimer::Revocation(id.clone())),
        }
    }
}

/// Whether the member's state allows it to go on with what it owns.
pub(super) fn check_state(current: &CurrentAssignment, reported: Option<&Partitions>) -> Result<(), Refusal> {
    let owns_nothing = reported.is_some_and(Partitions::is_empty);
    if current.state == MemberState::Unknown && !owns_nothing {
        return Err(Refusal::FencedMemberEpoch);
    }
    Ok(())
}

/// A timeout of the protocol; a negative one is none at all.
pub(super) fn milliseconds(value: i32) -> Duration {
    Duration::from_millis(u64::try_from(value).unwrap_or(0))
}
