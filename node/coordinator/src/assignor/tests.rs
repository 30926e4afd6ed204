use super::*;
use proptest::prelude::*;
use ringlog_model::{PartitionIndex, Uuid};

fn topic(number: u8) -> TopicId {
    TopicId(Uuid([number; 16]))
}

/// A group that owns what a [`GroupView`] borrows.
#[derive(Clone, Debug, Default)]
struct Group {
    topics: BTreeMap<TopicId, i32>,
    members: BTreeMap<String, (Option<String>, BTreeSet<TopicId>, Partitions)>,
}

impl Group {
    fn assign(&self, assignor: Assignor) -> BTreeMap<String, Partitions> {
        let members = self.members.iter().map(|(id, (instance_id, topics, previous))| {
            (id.as_str(), MemberView { instance_id: instance_id.as_deref(), topics, previous })
        });
        let view = GroupView { members: members.collect(), topics: self.topics.clone() };
        assignor.assign(&view).into_iter().map(|(id, partitions)| (id.to_owned(), partitions)).collect()
    }

    fn settle(&mut self, target: &BTreeMap<String, Partitions>) {
        for (id, (_, _, previous)) in &mut self.members {
            *previous = target[id].clone();
        }
    }

    fn member(mut self, id: &str, topics: &[u8]) -> Group {
        let topics = topics.iter().map(|number| topic(*number)).collect();
        self.members.insert(id.to_owned(), (None, topics, Partitions::default()));
        self
    }
}

fn with_topics(counts: &[i32]) -> Group {
    let topics = (0..).zip(counts).map(|(number, count)| (topic(number), *count)).collect();
    Group { topics, members: BTreeMap::new() }
}

fn indexes(partitions: &Partitions, number: u8) -> Vec<i32> {
    partitions.iter().filter(|(id, _)| *id == topic(number)).map(|(_, index)| index.0).collect()
}

/// Each partition of a subscribed topic at exactly one member, and that one subscribes.
fn check_cover(group: &Group, target: &BTreeMap<String, Partitions>) {
    assert!(target.keys().eq(group.members.keys()));
    let mut seen = BTreeSet::new();
    for (id, partitions) in target {
        for (topic, index) in partitions.iter() {
            assert!(group.members[id].1.contains(&topic), "{id} has {topic} without a subscription");
            assert!(index.0 < group.topics[&topic]);
            assert!(seen.insert((topic, index)), "{topic} {index} twice");
        }
    }
    let subscribed: BTreeSet<_> = group.members.values().flat_map(|member| &member.1).collect();
    let all: i32 = subscribed.into_iter().map(|topic| group.topics.get(topic).copied().unwrap_or(0)).sum();
    assert_eq!(seen.len(), usize::try_from(all).unwrap());
}

fn moved(before: &BTreeMap<String, Partitions>, after: &BTreeMap<String, Partitions>) -> usize {
    after
        .iter()
        .map(|(id, partitions)| {
            let empty = Partitions::default();
            let before = before.get(id).unwrap_or(&empty);
            partitions.iter().filter(|(topic, index)| !before.contains(*topic, *index)).count()
        })
        .sum()
}

#[test]
fn range_gives_equal_ranges_of_every_topic() {
    let group = with_topics(&[5, 5]).member("a", &[0, 1]).member("b", &[0, 1]);
    let target = group.assign(Assignor::Range);
    for number in [0, 1] {
        assert_eq!(indexes(&target["a"], number), [0, 1, 2]);
        assert_eq!(indexes(&target["b"], number), [3, 4]);
    }
}

#[test]
fn range_orders_static_members_by_instance_so_that_a_new_member_id_keeps_the_range() {
    let mut group = with_topics(&[4]).member("m1", &[0]).member("m9", &[0]);
    group.members.get_mut("m9").unwrap().0 = Some("first".to_owned());
    assert_eq!(indexes(&group.assign(Assignor::Range)["m9"], 0), [0, 1]);
    let returned = group.members.remove("m9").unwrap();
    group.members.insert("m0".to_owned(), returned);
    assert_eq!(indexes(&group.assign(Assignor::Range)["m0"], 0), [0, 1]);
}

#[test]
fn more_members_than_partitions_leave_some_without() {
    let group = with_topics(&[1]).member("a", &[0]).member("b", &[0]);
    for assignor in Assignor::ALL {
        let target = group.assign(assignor);
        check_cover(&group, &target);
        assert!(target["b"].is_empty());
    }
}

#[test]
fn uniform_moves_only_what_a_new_member_needs() {
    let mut group = with_topics(&[6]).member("a", &[0]).member("b", &[0]);
    let before = group.assign(Assignor::Uniform);
    group.settle(&before);
    let group = group.member("c", &[0]);
    let after = group.assign(Assignor::Uniform);
    assert_eq!(moved(&before, &after), 2);
    assert!(after.values().all(|partitions| partitions.count() == 2));
}

#[test]
fn uniform_evens_out_along_chains() {
    // a may hand to b only, b to c only: direct moves end at 4, 3, 2.
    let mut group = with_topics(&[4, 3, 2]).member("a", &[0]).member("b", &[0, 1]).member("c", &[1, 2]);
    for (id, number, count) in [("a", 0, 4), ("b", 1, 3), ("c", 2, 2)] {
        group.members.get_mut(id).unwrap().2 =
            (0..count).map(|index| (topic(number), PartitionIndex(index))).collect();
    }
    let target = group.assign(Assignor::Uniform);
    check_cover(&group, &target);
    assert!(target.values().all(|partitions| partitions.count() == 3));
}

#[test]
fn names_are_kafkas() {
    assert_eq!(Assignor::by_name("uniform"), Some(Assignor::Uniform));
    assert_eq!(Assignor::by_name("range"), Some(Assignor::Range));
    assert_eq!(Assignor::by_name("sticky"), None);
}

prop_compose! {
    fn groups()(
        counts in prop::collection::vec(0i32..12, 1..5),
        members in prop::collection::btree_map("[a-f]", prop::collection::btree_set(0u8..6, 0..4), 0..7),
        previous in prop::collection::vec((0u8..6, 0i32..14, "[a-f]"), 0..30),
        alike in any::<bool>(),
    ) -> Group {
        let mut group = with_topics(&counts);
        let shared = members.values().next().cloned();
        for (id, topics) in members {
            let topics = if alike { shared.clone().unwrap() } else { topics };
            // A view names no unknown topic.
            let known: Vec<u8> = topics.into_iter().filter(|number| usize::from(*number) < counts.len()).collect();
            group = group.member(&id, &known);
        }
        for (number, index, id) in previous {
            if let Some(member) = group.members.get_mut(&id) {
                member.2.insert(topic(number), PartitionIndex(index));
            }
        }
        group
    }
}

proptest! {
    #[test]
    fn every_partition_goes_to_one_subscriber(group in groups()) {
        for assignor in Assignor::ALL {
            check_cover(&group, &group.assign(assignor));
        }
    }

    #[test]
    fn uniform_leaves_no_member_with_two_more_than_another_that_could_take_one(group in groups()) {
        let target = group.assign(Assignor::Uniform);
        for giver in target.values() {
            for (id, taker) in &target {
                let could_take = giver.iter().any(|(topic, _)| group.members[id].1.contains(&topic));
                prop_assert!(!could_take || giver.count() <= taker.count() + 1);
            }
        }
    }

    #[test]
    fn a_settled_group_does_not_move(mut group in groups()) {
        for assignor in Assignor::ALL {
            let target = group.assign(assignor);
            group.settle(&target);
            prop_assert_eq!(&group.assign(assignor), &target);
        }
    }

    #[test]
    fn uniform_moves_nothing_between_members_that_stay_when_one_leaves(mut group in groups(), place in any::<prop::sample::Index>()) {
        let before = group.assign(Assignor::Uniform);
        group.settle(&before);
        prop_assume!(group.members.len() > 1 && {
            let mut sets = group.members.values().map(|member| &member.1);
            let first = sets.next();
            sets.all(|set| Some(set) == first)
        });
        let gone = place.get(&group.members.keys().cloned().collect::<Vec<_>>()).clone();
        group.members.remove(&gone);
        let after = group.assign(Assignor::Uniform);
        prop_assert_eq!(moved(&before, &after), before[&gone].count());
    }

    #[test]
    fn ranges_of_topics_with_equal_counts_meet(mut group in groups()) {
        for count in group.topics.values_mut() {
            *count = 7;
        }
        let topics: BTreeSet<TopicId> = group.topics.keys().copied().collect();
        for member in group.members.values_mut() {
            member.1 = topics.clone();
        }
        for partitions in group.assign(Assignor::Range).values() {
            let mut ranges = partitions.topics().map(|(_, indexes)| indexes);
            let first = ranges.next();
            prop_assert!(ranges.all(|range| Some(range) == first));
        }
    }
}
