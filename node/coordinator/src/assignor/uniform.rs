//! Balance of counts with as few moves as it takes.
//!
//! If all members subscribe to the same topics, counts differ by at most one, and a partition moves only if its member must give one up.
//! If subscriptions differ, partitions go where fewest are, and then move along chains of members until no chain makes the loads more
//! even: a member with 4 may hand one to a member with 3 that hands one to a member with 2.

use super::{GroupView, MemberView};
use crate::partitions::Partitions;
use ringlog_model::{PartitionIndex, TopicId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

type Partition = (TopicId, PartitionIndex);

/// The partitions that each member may keep, each partition with the first member that claims it.
fn kept<'a>(group: &GroupView<'a>) -> (BTreeMap<&'a str, Vec<Partition>>, BTreeSet<Partition>) {
    let mut claimed = BTreeSet::new();
    let may_keep = |member: &MemberView<'_>, (topic, index): Partition| {
        member.topics.contains(&topic) && (0..group.count(topic)).contains(&index.0)
    };
    let kept = group
        .members
        .iter()
        .map(|(id, member)| {
            let previous = member.previous.iter();
            (
                *id,
                previous
                    .filter(|partition| may_keep(member, *partition) && claimed.insert(*partition))
                    .collect(),
            )
        })
        .collect();
    (kept, claimed)
}

/// All partitions of `topics` that are not in `taken`.
fn open(
    group: &GroupView<'_>,
    topics: impl Iterator<Item = TopicId>,
    taken: &BTreeSet<Partition>,
) -> Vec<Partition> {
    topics
        .flat_map(|topic| (0..group.count(topic)).map(move |index| (topic, PartitionIndex(index))))
        .filter(|partition| !taken.contains(partition))
        .collect()
}

pub(super) fn assign_homogeneous<'a>(group: &GroupView<'a>) -> BTreeMap<&'a str, Partitions> {
    let Some(first) = group.members.values().next() else { return BTreeMap::new() };
    let total: i64 = first.topics.iter().map(|topic| i64::from(group.count(*topic))).sum();
    let total = usize::try_from(total).unwrap_or(0);
    let (least, mut longer) = (total / group.members.len(), total % group.members.len());

    let (mut kept, _) = kept(group);
    for partitions in kept.values_mut() {
        let over = partitions.len() > least && longer > 0;
        longer -= usize::from(over);
        partitions.truncate(least + usize::from(over));
    }
    let taken = kept.values().flatten().copied().collect();
    let mut short: VecDeque<(&str, usize)> = VecDeque::new();
    for (id, partitions) in &kept {
        // Who already got one of the longer shares is full and takes no second one.
        let over = partitions.len() == least && longer > 0;
        let under = partitions.len() < least && longer > 0;
        longer -= usize::from(over || under);
        short.push_back((id, (least + usize::from(over || under)).saturating_sub(partitions.len())));
    }
    short.retain(|(_, missing)| *missing > 0);
    // Round robin, so that the partitions of one topic spread.
    for partition in open(group, first.topics.iter().copied(), &taken) {
        let (id, missing) = short.pop_front().expect("shares add up to all partitions");
        kept.entry(id).or_default().push(partition);
        if missing > 1 {
            short.push_back((id, missing - 1));
        }
    }
    kept.into_iter().map(|(id, partitions)| (id, partitions.into_iter().collect())).collect()
}

pub(super) fn assign_heterogeneous<'a>(group: &GroupView<'a>) -> BTreeMap<&'a str, Partitions> {
    let mut loads = Loads::new(group);
    loads.place_open_partitions(group);
    loads.balance();
    loads.members.into_iter().map(|member| (member.id, member.owned.into_iter().collect())).collect()
}

struct Member<'a> {
    id: &'a str,
    previous: &'a Partitions,
    owned: BTreeSet<Partition>,
}

/// Who has how much, by place of the member in the group's order.
struct Loads<'a> {
    members: Vec<Member<'a>>,
    subscribers: BTreeMap<TopicId, Vec<usize>>,
}

impl<'a> Loads<'a> {
    fn new(group: &GroupView<'a>) -> Loads<'a> {
        let (mut kept, _) = kept(group);
        let mut subscribers: BTreeMap<TopicId, Vec<usize>> = BTreeMap::new();
        let mut members = Vec::with_capacity(group.members.len());
        for (place, (id, member)) in group.members.iter().enumerate() {
            for topic in member.topics {
                subscribers.entry(*topic).or_default().push(place);
            }
            let owned = kept.remove(id).unwrap_or_default().into_iter().collect();
            members.push(Member { id, previous: member.previous, owned });
        }
        Loads { members, subscribers }
    }

    fn load(&self, place: usize) -> usize {
        self.members[place].owned.len()
    }

    /// Gives what nobody has to the least loaded subscriber, topics with the fewest subscribers first: they have the least choice.
    fn place_open_partitions(&mut self, group: &GroupView<'_>) {
        let taken = self.members.iter().flat_map(|member| member.owned.iter().copied()).collect();
        let mut topics: Vec<TopicId> = self.subscribers.keys().copied().collect();
        topics.sort_by_key(|topic| self.subscribers[topic].len());
        for partition in open(group, topics.into_iter(), &taken) {
            let place = self.subscribers[&partition.0].iter().copied().min_by_key(|place| self.load(*place));
            let place = place.expect("a topic is listed by its subscribers");
            self.members[place].owned.insert(partition);
        }
    }

    /// Ends because every shift lowers the sum of the squared loads.
    fn balance(&mut self) {
        loop {
            let mut shifted = false;
            for from in 0..self.members.len() {
                while let Some(chain) = self.chain(from) {
                    self.shift(&chain);
                    shifted = true;
                }
            }
            if !shifted {
                return;
            }
        }
    }

    /// The shortest chain of hand-overs from a member to one with at least two partitions less: giver, topic, taker.
    fn chain(&self, from: usize) -> Option<Vec<(usize, TopicId, usize)>> {
        let mut reached_from: BTreeMap<usize, (usize, TopicId)> = BTreeMap::new();
        let mut expanded: BTreeSet<TopicId> = BTreeSet::new();
        let mut queue = VecDeque::from([from]);
        while let Some(giver) = queue.pop_front() {
            for topic in topics_of(&self.members[giver].owned) {
                if !expanded.insert(topic) {
                    continue;
                }
                for &taker in &self.subscribers[&topic] {
                    if taker == from || reached_from.contains_key(&taker) {
                        continue;
                    }
                    reached_from.insert(taker, (giver, topic));
                    if self.load(taker) + 2 <= self.load(from) {
                        return Some(chain_to(taker, from, &reached_from));
                    }
                    queue.push_back(taker);
                }
            }
        }
        None
    }

    fn shift(&mut self, chain: &[(usize, TopicId, usize)]) {
        for &(giver, topic, taker) in chain {
            let partition = self.least_missed(giver, topic, taker);
            self.members[giver].owned.remove(&partition);
            self.members[taker].owned.insert(partition);
        }
    }

    /// Which partition of the topic moves: one that returns to its last owner, else one that is new to the giver anyway, else the last.
    fn least_missed(&self, giver: usize, topic: TopicId, taker: usize) -> Partition {
        let (giver, taker) = (&self.members[giver], &self.members[taker]);
        let of_topic = (topic, PartitionIndex(0))..=(topic, PartitionIndex(i32::MAX));
        let cost = |partition: &&Partition| {
            let returns = taker.previous.contains(partition.0, partition.1);
            (!returns, giver.previous.contains(partition.0, partition.1), -partition.1.0)
        };
        *giver.owned.range(of_topic).min_by_key(cost).expect("a chain names topics that the giver owns")
    }
}

fn topics_of(owned: &BTreeSet<Partition>) -> impl Iterator<Item = TopicId> + '_ {
    let mut last = None;
    owned.iter().map(|(topic, _)| *topic).filter(move |topic| last.replace(*topic) != Some(*topic))
}

fn chain_to(
    end: usize,
    from: usize,
    reached_from: &BTreeMap<usize, (usize, TopicId)>,
) -> Vec<(usize, TopicId, usize)> {
    let mut chain = Vec::new();
    let mut taker = end;
    while taker != from {
        let (giver, topic) = reached_from[&taker];
        chain.push((giver, topic, taker));
        taker = giver;
    }
    // From the end: each member takes before it gives, so that what it owned when the chain was found is still there.
    chain
}
