//! Consumer groups: records, refusals, the way to the target, static members, expressions, migration, and random histories.

mod histories;
mod migration;
mod mixed_histories;
mod reconciling;
mod records;
mod refusals;
mod subscriptions;

use crate::testing::*;
use crate::*;
use core::time::Duration;
use ringlog_model::{TopicId, Uuid};
use std::collections::BTreeSet;

const GROUP: &str = "g";

/// A driver with a topic of this many partitions, whose targets follow each other at once.
fn driver(partitions: i32) -> (Driver, TopicId) {
    let config = Config {
        initial_rebalance_delay: Duration::ZERO,
        consumer_assignment_interval: Duration::ZERO,
        ..Config::default()
    };
    let mut driver = Driver::new(config);
    let topic = driver.topics.add("orders", partitions);
    (driver, topic)
}

/// A heartbeat that says nothing new.
fn beat(member: &str, epoch: i32) -> ConsumerHeartbeat {
    ConsumerHeartbeat {
        group: GROUP.into(),
        client: client(),
        member: member.into(),
        member_epoch: epoch,
        instance: None,
        rack: None,
        rebalance_timeout_ms: -1,
        subscribed_names: None,
        subscribed_regex: None,
        assignor: None,
        owned: None,
        version: 1,
        fresh: Uuid([7; 16]),
    }
}

/// The heartbeat by which a member joins and reads `orders`.
fn joining(member: &str) -> ConsumerHeartbeat {
    ConsumerHeartbeat {
        rebalance_timeout_ms: 60_000,
        subscribed_names: Some(vec!["orders".into()]),
        owned: Some(Vec::new()),
        ..beat(member, 0)
    }
}

fn owning(topic: TopicId, partitions: &[i32]) -> Option<Vec<(TopicId, Vec<i32>)>> {
    Some(vec![(topic, partitions.to_vec())].into_iter().filter(|(_, list)| !list.is_empty()).collect())
}

fn ask(driver: &mut Driver, request: ConsumerHeartbeat) -> Result<ConsumerHeartbeatResponse, Refusal> {
    match driver.answer(request) {
        Response::ConsumerHeartbeat(result) => result,
        other => panic!("not a heartbeat's answer: {other:?}"),
    }
}

/// The epoch and the partitions of `orders` that an answer tells.
fn told(driver: &mut Driver, request: ConsumerHeartbeat) -> (i32, Option<Vec<i32>>) {
    let response = ask(driver, request).unwrap();
    let assignment = response.assignment.map(|lists| lists.into_iter().flat_map(|(_, list)| list).collect());
    (response.member_epoch, assignment)
}

fn describe(driver: &mut Driver) -> DescribedConsumerGroup {
    match driver.answer(Request::DescribeConsumerGroup { group: GROUP.into() }) {
        Response::DescribeConsumerGroup(Ok(described)) => described,
        other => panic!("{other:?}"),
    }
}

fn state(driver: &mut Driver) -> GroupState {
    describe(driver).state
}

fn group(coordinator: &Coordinator) -> super::ConsumerGroup {
    match coordinator.groups.get(GROUP) {
        Some(crate::group::Group::Consumer(group)) => group.clone(),
        other => panic!("not a consumer group: {other:?}"),
    }
}

/// What the records say, without what is only remembered.
fn durable(coordinator: &Coordinator) -> super::ConsumerGroup {
    super::ConsumerGroup { topics_seen: None, ..group(coordinator) }
}

/// The state that the records give is the live one, and nobody shares a partition.
fn check(driver: &Driver) {
    assert_eq!(durable(&driver.rebuilt()), durable(&driver.coordinator));
    check_holders(&group(&driver.coordinator));
}

fn check_holders(group: &super::ConsumerGroup) {
    let mut held = BTreeSet::new();
    for (id, member) in &group.members {
        for (topic, index, _) in member.current.assigned.iter().chain(member.current.revoking.iter()) {
            assert!(held.insert((topic, index)), "{topic}-{index} is at two members");
            assert_eq!(group.holders.get(&(topic, index)), Some(id));
        }
    }
    assert_eq!(held.len(), group.holders.len(), "nothing is held by a member that is gone");
    assert!(group.target.keys().all(|id| group.members.contains_key(id)));
    assert!(group.instances.values().all(|id| group.members.contains_key(id)));
}

/// A stable group of one that has all of `orders`.
fn with_one(partitions: i32) -> (Driver, TopicId) {
    let (mut driver, topic) = driver(partitions);
    let all: Vec<i32> = (0..partitions).collect();
    assert_eq!(told(&mut driver, joining("a")), (1, Some(all)));
    assert_eq!(state(&mut driver), GroupState::Stable);
    (driver, topic)
}
