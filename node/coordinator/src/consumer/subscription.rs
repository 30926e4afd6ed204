//! What a group subscribes to, and when that calls for a new epoch.

use super::{
    change::{Change, GroupEpoch, ResolvedRegex},
    group::ConsumerGroup,
    member::MemberMetadata,
    step::Step,
    topics_hash,
};
use crate::{Name, Refusal, Topics, regex::TopicPattern};
use ringlog_model::TopicId;
use std::collections::BTreeSet;

/// Whether the members' subscriptions have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subscriptions {
    Same,
    Changed,
}

impl ConsumerGroup {
    /// The names of the topics that any member subscribes to, whether they exist or not.
    pub(super) fn subscribed_names(&self) -> BTreeSet<&Name> {
        let by_regex = self.regexes.values().flat_map(|resolved| &resolved.topics);
        self.name_subscribers.keys().chain(by_regex).collect()
    }

    /// The topics that a member subscribes to, as far as they exist.
    pub(super) fn subscribed_topics(
        &self,
        member: &MemberMetadata,
        topics: &dyn Topics,
    ) -> BTreeSet<TopicId> {
        let resolved = member.topic_regex.as_ref().and_then(|expression| self.regexes.get(expression));
        let by_regex = resolved.into_iter().flat_map(|resolved| &resolved.topics);
        member
            .topic_names
            .iter()
            .chain(by_regex)
            .filter_map(|name| topics.by_name(name).map(|topic| topic.id))
            .collect()
    }

    /// The hash of the subscribed topics that exist.
    pub(super) fn hash_of_topics(&self, topics: &dyn Topics) -> i64 {
        let names = self.subscribed_names().into_iter();
        let there = names.filter_map(|name| topics.by_name(name));
        topics_hash::of_group(there.map(|topic| topics_hash::of_topic(&topic)))
    }
}

impl Step<'_> {
    /// Puts a member's metadata if they differ; whether its subscription does.
    pub(super) fn put_metadata(&mut self, id: &Name, metadata: MemberMetadata) -> Subscriptions {
        let Some(before) = self.group.members.get(id) else {
            // A new member calls for a target even if it subscribes to nothing.
            self.put(Change::Member(id.clone(), Some(metadata)));
            return Subscriptions::Changed;
        };
        if before.metadata == metadata {
            return Subscriptions::Same;
        }
        let same = before.metadata.topic_names == metadata.topic_names
            && before.metadata.topic_regex == metadata.topic_regex;
        self.put(Change::Member(id.clone(), Some(metadata)));
        if same { Subscriptions::Same } else { Subscriptions::Changed }
    }

    /// Raises the group's epoch if subscriptions or the topics behind them have changed.
    pub(super) fn refresh_epoch(&mut self, subscriptions: Subscriptions) {
        let version = self.context.topics.version();
        let topics_changed = self.group.topics_seen != Some(version);
        if subscriptions == Subscriptions::Same && !topics_changed {
            return;
        }
        let resolved_anew = self.refresh_regexes(topics_changed);
        let metadata_hash = self.group.hash_of_topics(self.context.topics);
        let raise = subscriptions == Subscriptions::Changed || resolved_anew;
        if raise || metadata_hash != self.group.metadata_hash {
            let epoch = self.group.epoch + 1;
            self.put(Change::Epoch(Some(GroupEpoch { epoch, metadata_hash })));
            if self.group.has_partition_metadata {
                self.put(Change::PartitionMetadata { exists: false });
            }
        }
        self.group.topics_seen = Some(version);
    }

    /// Forgets expressions that nobody subscribes by, resolves new ones, and all of them if topics have come or gone. Whether the topics of
    /// any have changed.
    fn refresh_regexes(&mut self, topics_changed: bool) -> bool {
        let subscribers = &self.group.regex_subscribers;
        let unused = self.group.regexes.keys().filter(|expression| !subscribers.contains_key(*expression));
        let unused: Vec<Name> = unused.cloned().collect();
        let due = subscribers
            .keys()
            .filter(|expression| topics_changed || !self.group.regexes.contains_key(*expression));
        let due: Vec<Name> = due.cloned().collect();
        for expression in unused {
            self.put(Change::Regex(expression, None));
        }
        let mut changed = false;
        for expression in due {
            let topics = matching_topics(&expression, self.context.topics);
            let before = self.group.regexes.get(&expression);
            if before.is_some_and(|before| before.topics == topics) {
                continue;
            }
            changed = true;
            let version = i64::try_from(self.context.topics.version()).unwrap_or(i64::MAX);
            let resolved = ResolvedRegex { topics, version, resolved_at: self.context.now.wall };
            self.put(Change::Regex(expression, Some(resolved)));
        }
        changed
    }
}

/// Whether an expression is one.
pub(super) fn check_regex(expression: &str) -> Result<(), Refusal> {
    match TopicPattern::new(expression) {
        Ok(_) => Ok(()),
        Err(error) => Err(Refusal::InvalidRegularExpression(format!(
            "the expression `{expression}` is not valid: {error}"
        ))),
    }
}

fn matching_topics(expression: &str, topics: &dyn Topics) -> BTreeSet<Name> {
    // Checked when the member joined. One that an older program accepted and this one does not matches nothing.
    let Ok(pattern) = TopicPattern::new(expression) else { return BTreeSet::new() };
    let mut matching = BTreeSet::new();
    topics.for_each_name(&mut |name| {
        if pattern.matches(name) {
            matching.insert(Name::from(name));
        }
    });
    matching
}
