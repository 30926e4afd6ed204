//! Random histories of a consumer group in which members of both protocols live.

use super::{
    migration::{classic_join, read_assignment},
    *,
};
use crate::group::Group;
use proptest::prelude::*;

const PARTITIONS: i32 = 7;
const MEMBERS: usize = 2;
const CLASSICS: usize = 3;

/// A client of the newer protocol, as prompt as can be.
#[derive(Clone, Debug, Default)]
struct Newer {
    epoch: i32,
    owned: BTreeSet<i32>,
}

/// A client of the classic protocol with a cooperative assignor: it keeps reading while it joins, and joins again after it gave something up.
#[derive(Clone, Debug, Default)]
struct Classic {
    member: Name,
    generation: i32,
    next: Next,
    owned: BTreeSet<i32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Join,
    Sync,
    Beat,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Newer(usize),
    Classic(usize),
    LeaveNewer(usize),
    LeaveClassic(usize),
    CrashClassic(usize),
    Pass(u64),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (0..MEMBERS).prop_map(Step::Newer),
        20 => (0..CLASSICS).prop_map(Step::Classic),
        1 => (0..MEMBERS).prop_map(Step::LeaveNewer),
        1 => (0..CLASSICS).prop_map(Step::LeaveClassic),
        1 => (0..CLASSICS).prop_map(Step::CrashClassic),
        2 => (1..5u64).prop_map(Step::Pass),
        1 => Just(Step::Restart),
    ]
}

struct World {
    driver: Driver,
    topic: TopicId,
    newer: Vec<Newer>,
    classics: Vec<Classic>,
    fresh: u8,
}

impl World {
    fn new() -> World {
        let (mut driver, topic) = driver(PARTITIONS);
        // Going on as a classic group needs a leader that assigns: that is another history.
        driver.coordinator.config.migration = Migration::Upgrade;
        let newer = vec![Newer::default(); MEMBERS];
        World { driver, topic, newer, classics: vec![Classic::default(); CLASSICS], fresh: 0 }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Newer(who) => self.newer(who),
            Step::Classic(who) if self.is_populated() => self.classic(who),
            Step::LeaveNewer(who) => {
                let left = std::mem::take(&mut self.newer[who]);
                if left.epoch > 0 {
                    let _ = ask(&mut self.driver, beat(&format!("m{who}"), -1));
                }
            }
            Step::LeaveClassic(who) => {
                let left = std::mem::take(&mut self.classics[who]);
                self.driver.answer(leave(GROUP, &left.member));
            }
            Step::CrashClassic(who) => self.classics[who] = Classic::default(),
            Step::Pass(seconds) => self.driver.pass(Duration::from_secs(seconds)),
            Step::Restart => self.driver.restart(),
            Step::Classic(_) => {}
        }
        self.check();
    }

    fn is_populated(&self) -> bool {
        let group = self.driver.coordinator.groups.get(GROUP);
        matches!(group, Some(Group::Consumer(group)) if group.state() != GroupState::Empty)
    }

    fn newer(&mut self, who: usize) {
        let client = self.newer[who].clone();
        let owned: Vec<i32> = client.owned.iter().copied().collect();
        let request = ConsumerHeartbeat {
            member_epoch: client.epoch,
            owned: owning(self.topic, &owned),
            ..joining(&format!("m{who}"))
        };
        match ask(&mut self.driver, request) {
            Ok(response) => {
                let client = &mut self.newer[who];
                client.epoch = response.member_epoch;
                if let Some(lists) = response.assignment {
                    client.owned = lists.into_iter().flat_map(|(_, list)| list).collect();
                }
            }
            Err(_) => self.newer[who] = Newer::default(),
        }
    }

    fn classic(&mut self, who: usize) {
        let client = self.classics[who].clone();
        let next = match client.next {
            Next::Join => self.join(who, &client),
            Next::Sync => self.sync(who, &client),
            Next::Beat => match self.driver.answer(heartbeat(GROUP, &client.member, client.generation)) {
                Response::Heartbeat(Ok(())) => Ok(Next::Beat),
                Response::Heartbeat(Err(refusal)) => Err(refusal),
                other => panic!("{other:?}"),
            },
        };
        match next {
            Ok(next) => self.classics[who].next = next,
            Err(Refusal::RebalanceInProgress) => self.classics[who].next = Next::Join,
            Err(Refusal::UnknownMemberId | Refusal::IllegalGeneration) => {
                self.classics[who] = Classic::default()
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    fn join(&mut self, who: usize, client: &Classic) -> Result<Next, Refusal> {
        self.fresh = self.fresh.wrapping_add(1);
        let owned: Vec<i32> = client.owned.iter().copied().collect();
        let fresh = Uuid([self.fresh; 16]);
        let token = self.driver.ask(Join { fresh, ..classic_join(&client.member, &owned) });
        let joined = self.driver.joined(token);
        match joined.refusal {
            Some(Refusal::MemberIdRequired) => {
                self.classics[who].member = joined.member;
                Ok(Next::Join)
            }
            Some(refusal) => Err(refusal),
            None => {
                self.classics[who].member = joined.member;
                self.classics[who].generation = joined.generation;
                Ok(Next::Sync)
            }
        }
    }

    fn sync(&mut self, who: usize, client: &Classic) -> Result<Next, Refusal> {
        let token = self.driver.ask(sync(GROUP, &client.member, client.generation, &[]));
        let assigned: BTreeSet<i32> = read_assignment(&self.driver.synced(token)?.assignment);
        let gave_up = !client.owned.is_subset(&assigned);
        self.classics[who].owned = assigned;
        Ok(if gave_up { Next::Join } else { Next::Beat })
    }

    fn check(&self) {
        if !self.is_populated() {
            return;
        }
        super::check(&self.driver);
        let group = group(&self.driver.coordinator);
        let newer = self
            .newer
            .iter()
            .enumerate()
            .map(|(who, one)| (Name::from(format!("m{who}")), one.owned.clone()));
        let classics = self.classics.iter().map(|one| (one.member.clone(), one.owned.clone()));
        for (id, owned) in newer.chain(classics).filter(|(id, _)| group.members.contains_key(id)) {
            for index in owned {
                let holder = group.holders.get(&(self.topic, ringlog_model::PartitionIndex(index)));
                assert_eq!(holder, Some(&id), "partition {index} is read by a member that does not have it");
            }
        }
    }

    fn converge(&mut self) {
        for round in 0..80 {
            (0..MEMBERS).for_each(|who| self.step(Step::Newer(who)));
            (0..CLASSICS).for_each(|who| self.step(Step::Classic(who)));
            if round % 8 == 0 {
                self.step(Step::Pass(6));
            }
        }
        let group = group(&self.driver.coordinator);
        assert_eq!(group.members.len(), MEMBERS + CLASSICS, "{:?}", self.classics);
        assert_eq!(group.state(), GroupState::Stable);
        let newer = self.newer.iter().map(|one| one.owned.len());
        let classics = self.classics.iter().map(|one| one.owned.len());
        let read: usize = newer.chain(classics).sum();
        assert_eq!(read, usize::try_from(PARTITIONS).unwrap(), "every partition is read by somebody");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn members_of_both_protocols_share_no_partition_and_all_get_there(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut world = World::new();
        world.step(Step::Newer(0));
        for step in steps {
            world.step(step);
        }
        world.converge();
    }
}
