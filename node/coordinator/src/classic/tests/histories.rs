//! Random histories of members that join, leave, fall silent and come back, and of coordinators that die.

use super::*;
use core::time::Duration;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const PARTITIONS: i64 = 6;

/// A client that follows the protocol.
#[derive(Clone, Debug, Default)]
struct Consumer {
    member: Name,
    generation: i32,
    waiting: Option<Token>,
    /// What it was given in `generation`.
    owned: BTreeSet<i64>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The consumer does whatever is next for it.
    Go(usize),
    Leave(usize),
    /// The client dies without a word; a new one starts in its place.
    Crash(usize),
    Commit(usize),
    Pass(u64),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..4usize;
    prop_oneof![
        12 => who.clone().prop_map(Step::Go),
        1 => who.clone().prop_map(Step::Leave),
        1 => who.clone().prop_map(Step::Crash),
        4 => who.prop_map(Step::Commit),
        3 => (1..8u64).prop_map(Step::Pass),
        1 => Just(Step::Restart),
    ]
}

struct World {
    driver: Driver,
    consumers: Vec<Consumer>,
    fresh: u8,
    /// Per generation: what each member was told that it owns.
    told: BTreeMap<i32, BTreeMap<Name, BTreeSet<i64>>>,
    committed: i64,
}

impl World {
    fn step(&mut self, step: Step) {
        match step {
            Step::Go(who) => self.go(who),
            Step::Leave(who) => {
                let member = self.consumers[who].member.clone();
                if !member.is_empty() {
                    self.driver.ask(leave("g", &member));
                    self.assert_gone(&member);
                }
                self.consumers[who] = Consumer::default();
            }
            Step::Crash(who) => self.consumers[who] = Consumer::default(),
            Step::Commit(who) => self.commit(who),
            Step::Pass(seconds) => self.driver.pass(Duration::from_secs(seconds)),
            Step::Restart => {
                self.driver.restart();
                for consumer in &mut self.consumers {
                    // The connection broke: whatever it waited for, it asks again.
                    consumer.waiting = None;
                }
            }
        }
        for who in 0..self.consumers.len() {
            self.receive(who);
        }
        assert_eq!(position(&mut self.driver, "g"), self.committed, "a position moves by commits only");
        self.assert_rebuilt();
    }

    fn go(&mut self, who: usize) {
        let consumer = self.consumers[who].clone();
        if consumer.waiting.is_some() {
            return;
        }
        let needs_join = consumer.member.is_empty() || {
            let request = heartbeat("g", &consumer.member, consumer.generation);
            match self.driver.answer(request) {
                Response::Heartbeat(Ok(())) => false,
                Response::Heartbeat(Err(Refusal::RebalanceInProgress)) => true,
                Response::Heartbeat(Err(_)) => {
                    self.consumers[who] = Consumer::default();
                    true
                }
                other => panic!("{other:?}"),
            }
        };
        if needs_join {
            self.fresh = self.fresh.wrapping_add(1);
            let fresh = ringlog_model::Uuid([self.fresh; 16]);
            let request = Join { fresh, ..join("g", &self.consumers[who].member) };
            self.consumers[who].owned.clear();
            self.consumers[who].waiting = Some(self.driver.ask(request));
        }
    }

    fn receive(&mut self, who: usize) {
        let Some(token) = self.consumers[who].waiting else { return };
        match self.driver.take(token) {
            None => {}
            Some(Response::Join(response)) => self.joined(who, response),
            Some(Response::Sync(result)) => {
                self.consumers[who].waiting = None;
                if let Ok(synced) = result {
                    self.synced(who, &synced.assignment);
                }
            }
            Some(other) => panic!("{other:?}"),
        }
    }

    fn joined(&mut self, who: usize, response: JoinResponse) {
        let consumer = &mut self.consumers[who];
        consumer.waiting = None;
        match response.refusal {
            None => {
                consumer.member = response.member.clone();
                consumer.generation = response.generation;
            }
            Some(Refusal::MemberIdRequired) => {
                consumer.member = response.member;
                let request = join("g", &consumer.member);
                consumer.waiting = Some(self.driver.ask(request));
                return;
            }
            Some(_) => {
                *consumer = Consumer::default();
                return;
            }
        }
        let mut request = sync("g", &response.member, response.generation, &[]);
        let count = response.members.len() as i64;
        for (place, member) in response.members.iter().enumerate() {
            let owned = (0..PARTITIONS).filter(|partition| partition % count == place as i64);
            let text: Vec<_> = owned.map(|partition| partition.to_string()).collect();
            request.assignments.push((member.member.clone(), text.join(",").into()));
        }
        self.consumers[who].waiting = Some(self.driver.ask(request));
    }

    fn synced(&mut self, who: usize, assignment: &[u8]) {
        let consumer = &mut self.consumers[who];
        let text = std::str::from_utf8(assignment).unwrap();
        consumer.owned =
            text.split(',').filter(|text| !text.is_empty()).map(|text| text.parse().unwrap()).collect();
        let told = self.told.entry(consumer.generation).or_default();
        told.insert(consumer.member.clone(), consumer.owned.clone());
        let all: Vec<_> = told.values().flatten().collect();
        let distinct: BTreeSet<_> = all.iter().collect();
        assert_eq!(all.len(), distinct.len(), "no partition is owned twice in a generation");
    }

    fn commit(&mut self, who: usize) {
        let consumer = &self.consumers[who];
        if consumer.member.is_empty() {
            return;
        }
        let next = self.committed + 1;
        let request = commit("g", &consumer.member, consumer.generation, next);
        match self.driver.answer(request) {
            Response::OffsetCommit(results) if results[0].is_ok() => self.committed = next,
            Response::OffsetCommit(_) => {}
            other => panic!("{other:?}"),
        }
    }

    fn assert_gone(&mut self, member: &Name) {
        let describe = Request::DescribeGroup { group: "g".into(), version: 5 };
        let Response::DescribeGroup(Ok(group)) = self.driver.answer(describe) else { panic!() };
        assert!(group.members.iter().all(|one| one.member != *member), "nothing is owned by a gone member");
    }

    /// Whenever no rebalance is in flight, the records give the live state.
    fn assert_rebuilt(&mut self) {
        if matches!(state(&mut self.driver, "g"), GroupState::Stable | GroupState::Empty) {
            assert_eq!(self.driver.rebuilt().records(), self.driver.coordinator.records());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_history_gives_a_partition_to_two(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World {
            driver: Driver::prompt(),
            consumers: vec![Consumer::default(); 4],
            fresh: 0,
            told: BTreeMap::new(),
            committed: -1,
        };
        for step in steps {
            world.step(step);
        }
    }
}
