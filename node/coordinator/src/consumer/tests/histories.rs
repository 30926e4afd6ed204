//! Random histories: members of both protocols join, change, fall silent, lose answers and come back; topics grow; the coordinator dies.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const MEMBERS: usize = 5;

/// Topics by the number that histories know them by.
const TOPICS: [&str; 3] = ["orders", "bills", "mails"];

type Owned = BTreeSet<(TopicId, i32)>;

/// A client that follows the protocol: it keeps what it was given until it is told otherwise, and then takes its time.
#[derive(Clone, Debug, Default)]
struct Consumer {
    member: String,
    epoch: i32,
    is_in: bool,
    owned: Owned,
    /// What it was told to have and has not acted upon.
    told: Option<Owned>,
    /// What it last said that it owns and knows to have been heard.
    said: Option<Owned>,
    topics: BTreeSet<usize>,
    by_regex: bool,
    /// Incarnations so far: a member id is never used again after a crash.
    lives: u32,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Beat {
        who: usize,
        answer_is_lost: bool,
    },
    /// Gives up and takes over what it was told to.
    Act(usize),
    Leave(usize),
    Crash(usize),
    Subscribe {
        who: usize,
        topics: u8,
        by_regex: bool,
    },
    Grow(usize),
    Pass(u64),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..MEMBERS;
    prop_oneof![
        20 => (who.clone(), prop::bool::weighted(0.1))
            .prop_map(|(who, answer_is_lost)| Step::Beat { who, answer_is_lost }),
        12 => who.clone().prop_map(Step::Act),
        1 => who.clone().prop_map(Step::Leave),
        1 => who.clone().prop_map(Step::Crash),
        1 => (who, 0..8u8, any::<bool>())
            .prop_map(|(who, topics, by_regex)| Step::Subscribe { who, topics, by_regex }),
        1 => (0..TOPICS.len()).prop_map(Step::Grow),
        3 => (1..9u64).prop_map(Step::Pass),
        1 => Just(Step::Restart),
    ]
}

struct World {
    driver: Driver,
    consumers: Vec<Consumer>,
}

impl World {
    fn new(interval: Duration) -> World {
        let mut driver = Driver::new(Config { consumer_assignment_interval: interval, ..Config::default() });
        driver.topics.add(TOPICS[0], 5);
        driver.topics.add(TOPICS[1], 2);
        let consumers = (0..MEMBERS).map(|who| Consumer {
            member: format!("m{who}-0"),
            topics: [0].into(),
            ..Consumer::default()
        });
        World { driver, consumers: consumers.collect() }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Beat { who, answer_is_lost } => self.beat(who, answer_is_lost),
            Step::Act(who) => self.consumers[who].act(),
            Step::Leave(who) => self.leave(who),
            Step::Crash(who) => self.consumers[who].crash(),
            Step::Subscribe { who, topics, by_regex } => {
                let consumer = &mut self.consumers[who];
                consumer.topics = (0..TOPICS.len()).filter(|place| topics & (1 << place) != 0).collect();
                consumer.by_regex = by_regex;
            }
            Step::Grow(place) => {
                let count = self.driver.topics.0.get(TOPICS[place]).map_or(1, |facts| facts.partitions + 1);
                self.driver.topics.add(TOPICS[place], count.min(7));
            }
            Step::Pass(seconds) => self.driver.pass(Duration::from_secs(seconds)),
            Step::Restart => self.driver.restart(),
        }
        self.check();
    }

    fn beat(&mut self, who: usize, answer_is_lost: bool) {
        let consumer = &mut self.consumers[who];
        if consumer.said.is_none() {
            // It says all it has: what it was told before is part of that by then.
            consumer.act();
        }
        let request = consumer.request();
        let joins = request.member_epoch == 0;
        let result = ask(&mut self.driver, request);
        let consumer = &mut self.consumers[who];
        match result {
            _ if answer_is_lost => consumer.said = None,
            Ok(response) => {
                consumer.is_in = true;
                consumer.said = Some(consumer.owned.clone());
                consumer.epoch = response.member_epoch;
                if let Some(lists) = response.assignment {
                    let told = lists
                        .into_iter()
                        .flat_map(|(topic, list)| list.into_iter().map(move |index| (topic, index)));
                    consumer.told = Some(told.collect());
                }
            }
            Err(Refusal::FencedMemberEpoch | Refusal::UnknownMemberId | Refusal::GroupIdNotFound) => {
                assert!(!joins, "a join is never fenced");
                consumer.start_over();
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    fn leave(&mut self, who: usize) {
        let consumer = &mut self.consumers[who];
        if consumer.is_in {
            let member = consumer.member.clone();
            consumer.start_over();
            let _ = ask(&mut self.driver, beat(&member, -1));
        }
    }

    /// What must hold after every step.
    fn check(&self) {
        if !self.driver.coordinator.groups.contains_key(GROUP) {
            return;
        }
        super::check(&self.driver);
        let group = group(&self.driver.coordinator);
        let mut owners: BTreeMap<(TopicId, i32), &str> = BTreeMap::new();
        for consumer in &self.consumers {
            // One that was removed finds out later: its session ended, or its revocation took too long.
            let Some(member) = group.members.get(consumer.member.as_str()) else { continue };
            if !consumer.is_in {
                continue;
            }
            for (topic, index) in &consumer.owned {
                let other = owners.insert((*topic, *index), &consumer.member);
                assert_eq!(other, None, "{topic}-{index} is read by two");
                let index = ringlog_model::PartitionIndex(*index);
                let held = member.current.assigned.contains(*topic, index)
                    || member.current.revoking.contains(*topic, index);
                assert!(held, "{topic}-{index} is read by {} and not its any more", consumer.member);
            }
        }
    }

    /// When nothing happens but heartbeats, everybody gets what the target says.
    fn converge(&mut self) {
        for _ in 0..12 {
            for who in 0..MEMBERS {
                self.step(Step::Beat { who, answer_is_lost: false });
                self.step(Step::Act(who));
            }
            self.step(Step::Pass(1));
        }
        // Members that died lately still hold what they had.
        for _ in 0..10 {
            self.step(Step::Pass(7));
            for _ in 0..4 {
                for who in 0..MEMBERS {
                    self.step(Step::Beat { who, answer_is_lost: false });
                    self.step(Step::Act(who));
                }
            }
        }
        let group = group(&self.driver.coordinator);
        assert_eq!(group.state(), GroupState::Stable);
        assert_eq!(group.members.len(), MEMBERS);
        for consumer in &self.consumers {
            let target = &group.target[consumer.member.as_str()];
            let target: Owned = target.iter().map(|(topic, index)| (topic, index.0)).collect();
            assert_eq!(consumer.owned, target);
        }
        let read: usize = self.consumers.iter().map(|consumer| consumer.owned.len()).sum();
        let subscribed: BTreeSet<usize> = self.consumers.iter().flat_map(|one| one.topics.clone()).collect();
        let exist = subscribed.iter().filter_map(|place| self.driver.topics.0.get(TOPICS[*place]));
        let all: i32 = exist.map(|facts| facts.partitions).sum();
        assert_eq!(read, usize::try_from(all).unwrap(), "every partition is read by somebody");
    }
}

impl Consumer {
    fn request(&self) -> ConsumerHeartbeat {
        let mut lists: BTreeMap<TopicId, Vec<i32>> = BTreeMap::new();
        for (topic, index) in &self.owned {
            lists.entry(*topic).or_default().push(*index);
        }
        let names = || self.topics.iter().map(|place| TOPICS[*place]);
        let (names, regex) = match self.by_regex {
            true => (Vec::new(), Some(names().collect::<Vec<_>>().join("|"))),
            false => (names().map(Name::from).collect(), Some(String::new())),
        };
        ConsumerHeartbeat {
            rebalance_timeout_ms: 20_000,
            subscribed_names: Some(names),
            subscribed_regex: regex.map(|text| {
                if text.is_empty() && self.by_regex { "x^".into() } else { text.as_str().into() }
            }),
            // Nothing new is not said again.
            owned: (self.said.as_ref() != Some(&self.owned)).then(|| lists.into_iter().collect()),
            ..beat(&self.member, self.epoch)
        }
    }

    fn act(&mut self) {
        if let Some(told) = self.told.take() {
            self.owned = told;
        }
    }

    fn start_over(&mut self) {
        self.epoch = 0;
        self.is_in = false;
        self.owned.clear();
        self.told = None;
        self.said = None;
    }

    fn crash(&mut self) {
        self.start_over();
        self.lives += 1;
        let name = self.member.split('-').next().unwrap_or_default().to_owned();
        self.member = format!("{name}-{}", self.lives);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn nobody_shares_a_partition_and_all_get_there(
        steps in prop::collection::vec(step(), 1..120),
        interval in 0..3u64,
    ) {
        let mut world = World::new(Duration::from_secs(interval));
        for step in steps {
            world.step(step);
        }
        world.converge();
    }
}
