//! Making the target: who shall have what.

use super::{
    change::{Change, TargetEpoch},
    group::ConsumerGroup,
    step::{ConsumerTimer, Step},
};
use crate::{
    Name, Topics,
    assignor::{Assignor, GroupView, MemberView},
    partitions::Partitions,
};
use core::time::Duration;
use ringlog_model::TopicId;
use std::collections::{BTreeMap, BTreeSet};

impl ConsumerGroup {
    /// The assignor that most members ask for, or the first that is offered. Of two with as many votes, the one whose name comes first.
    /// Votes for one that is not offered any more do not count.
    pub(super) fn assignor(&self, offered: &[Name]) -> Assignor {
        let votes = self
            .assignor_votes
            .iter()
            .filter_map(|(name, votes)| Some((*votes, Assignor::among(offered, name)?)));
        let most = votes.rev().max_by_key(|(votes, _)| *votes);
        most.map_or_else(|| Assignor::first(offered), |(_, assignor)| assignor)
    }

    /// The target of the group as it is.
    fn compute_target(&self, topics: &dyn Topics, assignors: &[Name]) -> BTreeMap<Name, Partitions> {
        static NONE: Partitions = Partitions::new();
        let mut counts: BTreeMap<TopicId, i32> = BTreeMap::new();
        for name in self.subscribed_names() {
            if let Some(topic) = topics.by_name(name) {
                counts.insert(topic.id, topic.partitions);
            }
        }
        // Most members subscribe alike: their sets are made once.
        let mut sets: BTreeMap<_, BTreeSet<TopicId>> = BTreeMap::new();
        for member in self.members.values() {
            let key = (&member.metadata.topic_names, &member.metadata.topic_regex);
            sets.entry(key).or_insert_with(|| self.subscribed_topics(&member.metadata, topics));
        }
        let members = self.members.iter().map(|(id, member)| {
            let metadata = &member.metadata;
            let topics = &sets[&(&metadata.topic_names, &metadata.topic_regex)];
            let previous = self.target.get(id).unwrap_or(&NONE);
            (&**id, MemberView { instance_id: metadata.instance.as_deref(), topics, previous })
        });
        let view = GroupView { members: members.collect(), topics: counts };
        let target = self.assignor(assignors).assign(&view);
        let ids = self.members.keys();
        ids.map(|id| (id.clone(), target.get(&**id).cloned().unwrap_or_default())).collect()
    }
}

impl Step<'_> {
    /// Makes the target if the group's epoch is ahead of it. Targets follow each other at an interval, so that many members that join at
    /// once move partitions once (KIP-1263); the first is made at once.
    pub(super) fn refresh_target(&mut self) {
        if self.group.epoch <= self.group.target_epoch {
            return;
        }
        let wait = self.time_to_next_target();
        if wait > Duration::ZERO {
            self.set_timer(ConsumerTimer::Target, wait);
            return;
        }
        for (id, partitions) in
            self.group.compute_target(self.context.topics, &self.context.config.consumer_assignors)
        {
            if self.group.target.get(&id) != Some(&partitions) {
                self.put(Change::Target(id, Some(partitions)));
            }
        }
        let gone = self.group.target.keys().filter(|id| !self.group.members.contains_key(*id));
        for id in gone.cloned().collect::<Vec<_>>() {
            self.put(Change::Target(id, None));
        }
        let value = TargetEpoch { epoch: self.group.epoch, made_at: self.context.now.wall };
        self.put(Change::TargetEpoch(Some(value)));
        self.cancel_timer(ConsumerTimer::Target);
    }

    fn time_to_next_target(&self) -> Duration {
        let interval = self.context.settings.assignment_interval;
        let since = self.context.now.wall.0 - self.group.target_made_at.0;
        match u64::try_from(since) {
            _ if self.group.target_made_at.0 == 0 => Duration::ZERO,
            Ok(since) => interval.saturating_sub(Duration::from_millis(since)),
            // The wall clock went back: waiting for it could take any time.
            Err(_) => Duration::ZERO,
        }
    }
}
