//! One run by seed: a safety phase in which anything may crash while producers and consumers work, then a liveness
//! phase in which everything must come to its end, then the judgement.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use ringlog_reactor::simulation::{
    Crash, FileOperation, Host, Injection, Random, Running, Simulation, Stuck,
};

use crate::client::{Connection, Failure};
use crate::cluster::{Cluster, ClusterShape};
use crate::consumer::{ConsumerPlan, Progress, consume};
use crate::group_history::GroupHistory;
use crate::history::{History, Violation};
use crate::member::{MemberPlan, MemberProtocol, take_part};
use crate::producer::{ProducerPlan, produce};

const TOPIC: &str = "events";

/// What happens in a run.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The cluster.
    pub shape: ClusterShape,
    /// Partitions of the topic.
    pub partitions: i32,
    /// Producers; each writes to one partition.
    pub producers: u32,
    /// Records of each producer.
    pub records: u32,
    /// Members of a group of the classic protocol that share the topic.
    pub members: u32,
    /// Members of a group of the newer protocol that share it as well.
    pub balanced_members: u32,
    /// Members of a group that is carried from one protocol to the other and back.
    pub mixed_members: u32,
    /// How many things go wrong in the safety phase.
    pub disasters: u32,
    /// Which kinds of things.
    pub kinds: Vec<Disaster>,
    /// Configuration of the topic.
    pub configs: Vec<(&'static str, &'static str)>,
    /// Whether syncs are slow now and then, and connections break by themselves.
    pub weather: Weather,
}

/// What goes wrong all the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Nothing.
    Fair,
    /// Slow syncs and lost connections.
    Foul,
}

/// A kind of thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disaster {
    /// A node's process is killed and started again.
    NodeProcess,
    /// A node's host loses power and comes back.
    NodePower,
    /// A node's process is killed, and while the next one recovers its host loses power.
    NodeTwice,
    /// A node comes back with another number of shards.
    NodeResharded,
    /// A sync of a node's fails; its process is then killed and started again.
    NodeSyncError,
    /// A node's disk is as good as full for a while; its process is then killed and started again, still without
    /// room, and gets room later.
    NodeDiskFull,
    /// A controller's process is killed and started again.
    ControllerProcess,
    /// A controller's host loses power and comes back.
    ControllerPower,
    /// Connections between clients and a node break.
    Connections,
    /// Packets pass in one direction only, for a while.
    OneWayCut,
    /// A node loses sight of the controllers for a while.
    ControllersUnreachable,
}

impl Default for Scenario {
    fn default() -> Scenario {
        Scenario {
            shape: ClusterShape { controllers: 1, nodes: 1, shards: 2 },
            partitions: 3,
            producers: 4,
            records: 400,
            members: 3,
            balanced_members: 3,
            mixed_members: 3,
            disasters: 6,
            kinds: vec![
                Disaster::NodeProcess,
                Disaster::NodePower,
                Disaster::NodeTwice,
                Disaster::NodeResharded,
                Disaster::NodeSyncError,
                Disaster::NodeDiskFull,
                Disaster::ControllerProcess,
                Disaster::ControllerPower,
                Disaster::Connections,
                Disaster::OneWayCut,
                Disaster::ControllersUnreachable,
            ],
            configs: Vec::new(),
            weather: Weather::Fair,
        }
    }
}

impl Scenario {
    /// A scenario whose size and weather the seed chooses as well.
    #[must_use]
    pub fn of_seed(seed: u64) -> Scenario {
        let mut random = Random::new(seed ^ 0x7368_6170_6573);
        let shape = ClusterShape {
            controllers: if random.chance(1, 4) { 3 } else { 1 },
            nodes: 1 + random.index(3),
            shards: random.between(1, 3) as u16,
        };
        Scenario {
            shape,
            partitions: random.between(1, 6) as i32,
            producers: random.between(2, 8) as u32,
            members: random.between(0, 5) as u32,
            disasters: random.between(2, 10) as u32,
            weather: if random.chance(1, 3) { Weather::Foul } else { Weather::Fair },
            balanced_members: random.between(0, 5) as u32,
            mixed_members: random.between(0, 4) as u32,
            ..Scenario::default()
        }
    }
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Hash of all I/O.
    pub trace_hash: u64,
    /// Records that were acknowledged.
    pub acknowledged: usize,
    /// Virtual time it took.
    pub took: Duration,
}

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RunFailure {
    /// Promises were broken.
    #[error("seed {seed}: {violations:#?}\nafter {struck:#?}")]
    Unsafe {
        /// To run it again.
        seed: u64,
        /// What went wrong before, and when.
        struck: Vec<String>,
        /// Which.
        violations: Vec<Violation>,
    },
    /// Something did not come to its end although nothing was broken any more.
    #[error("{stuck}\nprocesses that ended: {ends:#?}")]
    Stuck {
        /// What waits.
        stuck: Stuck,
        /// What ended processes said.
        ends: Vec<String>,
    },
    /// A process ended that nobody stopped.
    #[error("seed {seed}: processes ended by themselves: {ends:#?}\nafter {struck:#?}")]
    Ended {
        /// To run it again.
        seed: u64,
        /// What went wrong before, and when.
        struck: Vec<String>,
        /// What they said.
        ends: Vec<String>,
    },
}

/// Runs a scenario under a seed.
pub fn run(seed: u64, scenario: &Scenario) -> Result<Outcome, RunFailure> {
    let mut run = Run::new(seed, scenario);
    run.prepare()?;
    run.safety_phase()?;
    run.liveness_phase()?;
    run.judge()
}

/// A group, its members at work and what they met.
struct Group {
    _members: Vec<Running<()>>,
    history: Rc<RefCell<GroupHistory>>,
}

struct Run<'a> {
    seed: u64,
    scenario: &'a Scenario,
    /// Decides about disasters, apart from the simulation's own chances.
    random: Random,
    simulation: Simulation,
    cluster: Cluster,
    clients: Host,
    history: Rc<RefCell<History>>,
    producers: Vec<Running<()>>,
    consumers: Vec<Rc<Progress>>,
    groups: Vec<Group>,
    struck: Vec<String>,
    was_full: bool,
}

impl<'a> Run<'a> {
    fn new(seed: u64, scenario: &'a Scenario) -> Run<'a> {
        let simulation = Simulation::new(seed);
        let cluster = Cluster::new(&simulation, scenario.shape);
        let clients = simulation.host("clients");
        Run {
            seed,
            scenario,
            random: Random::new(seed ^ 0x6469_7361_7374_6572),
            simulation,
            cluster,
            clients,
            history: Rc::default(),
            producers: Vec::new(),
            consumers: Vec::new(),
            groups: Vec::new(),
            struck: Vec::new(),
            was_full: false,
        }
    }

    /// A running cluster with its topic, and clients at work.
    fn prepare(&mut self) -> Result<(), RunFailure> {
        if self.scenario.weather == Weather::Foul {
            self.simulation.faults(|faults| {
                faults.slow_syncs = 20_000;
                faults.lost_connections = 2_000;
                faults.budget = 100;
            });
        }
        self.cluster.start();
        let (nodes, partitions) = (self.cluster.bootstrap(), self.scenario.partitions);
        let configs = self.scenario.configs.clone();
        let created = self.clients.start("create", move |reactor| async move {
            let attempt = async |node| -> Result<(), Failure> {
                Connection::open(&reactor, node).await?.create_topic(TOPIC, partitions, &configs).await
            };
            while attempt(nodes[0]).await.is_err() {
                reactor.sleep(Duration::from_millis(100)).await;
            }
        });
        let nodes = self.scenario.shape.nodes as u32;
        self.wait(|| created.is_finished() && self.cluster.ready_count() >= nodes)?;
        (0..self.scenario.producers).for_each(|number| self.start_producer(number));
        (0..self.scenario.partitions).for_each(|partition| self.start_consumer(partition));
        let scenario = self.scenario;
        self.start_group("members", MemberProtocol::Classic, scenario.members);
        self.start_group("balanced-members", MemberProtocol::Balanced, scenario.balanced_members);
        self.start_group("mixed-members", MemberProtocol::Either, scenario.mixed_members);
        Ok(())
    }

    fn start_group(&mut self, group: &'static str, protocol: MemberProtocol, members: u32) {
        if members == 0 {
            return;
        }
        let history = match protocol {
            MemberProtocol::Either => GroupHistory::of_mixed_group(),
            _ => GroupHistory::default(),
        };
        let history = Rc::new(RefCell::new(history));
        let plan = MemberPlan {
            group,
            protocol,
            topic: TOPIC.to_owned(),
            partitions: self.scenario.partitions,
            nodes: self.cluster.bootstrap(),
        };
        let member = |_| {
            let (plan, history) = (plan.clone(), history.clone());
            self.clients.start("member", move |reactor| take_part(reactor, plan, history))
        };
        self.groups.push(Group { _members: (0..members).map(member).collect(), history });
    }

    fn start_producer(&mut self, number: u32) {
        let plan = ProducerPlan {
            number,
            topic: TOPIC.to_owned(),
            partition: number as i32 % self.scenario.partitions,
            records: self.scenario.records,
            batch_records_max: 1 + self.random.below(20) as u32,
            idempotent: number % 4 != 3,
            acks: if number % 3 == 2 { 1 } else { -1 },
            pause_max: Duration::from_millis(self.random.between(1, 200)),
            nodes: self.cluster.bootstrap(),
        };
        let history = self.history.clone();
        self.producers.push(self.clients.start("producer", move |reactor| produce(reactor, plan, history)));
    }

    fn start_consumer(&mut self, partition: i32) {
        let plan = ConsumerPlan { topic: TOPIC.to_owned(), partition, nodes: self.cluster.bootstrap() };
        let (history, progress) = (self.history.clone(), Rc::new(Progress::default()));
        self.consumers.push(progress.clone());
        let _running =
            self.clients.start("consumer", move |reactor| consume(reactor, plan, history, progress));
    }

    fn safety_phase(&mut self) -> Result<(), RunFailure> {
        for _ in 0..self.scenario.disasters {
            let calm = Duration::from_millis(self.random.between(10, 3000));
            self.simulation.run_for(calm);
            let mut kind = self.scenario.kinds[self.random.index(self.scenario.kinds.len())];
            if kind == Disaster::NodeDiskFull && std::mem::replace(&mut self.was_full, true) {
                // The reserve is given up once; whether it could be taken again by now is not certain.
                kind = Disaster::NodeProcess;
            }
            self.strike(kind);
            self.still_safe()?;
        }
        Ok(())
    }

    fn strike(&mut self, kind: Disaster) {
        let node = self.random.index(self.cluster.nodes().len());
        let controller = self.random.index(self.cluster.controllers().len());
        let while_down = Duration::from_millis(self.random.between(0, 4000));
        let now = self.simulation.now();
        self.struck.push(format!("{now:?}: {kind:?} (node {}, for {while_down:?})", node + 1));
        let crash = match kind {
            Disaster::NodePower | Disaster::ControllerPower => Crash::Power,
            Disaster::NodeResharded if self.random.chance(1, 2) => Crash::Power,
            _ => Crash::Process,
        };
        let (simulation, hosts) = (&self.simulation, self.cluster.nodes());
        match kind {
            Disaster::NodeProcess | Disaster::NodePower => {
                self.cluster.crash_node(node, crash);
                simulation.run_for(while_down);
                self.cluster.start_node(node);
            }
            Disaster::NodeTwice => {
                self.cluster.crash_node(node, Crash::Process);
                self.cluster.start_node(node);
                simulation.run_for(while_down / 100);
                self.cluster.crash_node(node, Crash::Power);
                self.cluster.start_node(node);
            }
            Disaster::NodeResharded => {
                self.cluster.crash_node(node, crash);
                self.cluster.set_shards(node, self.random.between(1, 4) as u16);
                self.cluster.start_node(node);
            }
            Disaster::NodeSyncError => {
                hosts[node].inject(Injection::error_once(FileOperation::Sync, ""));
                simulation.run_for(while_down);
                hosts[node].clear_injections();
                // A node that was just starting is right to give up.
                self.cluster.forgive_ends();
                self.cluster.crash_node(node, crash);
                self.cluster.start_node(node);
            }
            Disaster::NodeDiskFull => {
                let (free, total) = hosts[node].space();
                hosts[node].set_capacity(total - free + self.random.below(512 << 10));
                simulation.run_for(while_down);
                self.cluster.crash_node(node, Crash::Process);
                self.cluster.start_node(node);
                simulation.run_for(while_down);
                hosts[node].set_capacity(total);
            }
            Disaster::ControllerProcess | Disaster::ControllerPower => {
                self.cluster.crash_controller(controller, crash);
                simulation.run_for(while_down);
                self.cluster.start_controller(controller);
            }
            Disaster::Connections => simulation.break_connections(&self.clients, &hosts[node]),
            Disaster::OneWayCut => {
                let (from, to) = (&self.clients, &hosts[node]);
                let (from, to) = if self.random.chance(1, 2) { (from, to) } else { (to, from) };
                simulation.cut(from, to);
                simulation.run_for(while_down);
                simulation.heal(from, to);
            }
            Disaster::ControllersUnreachable => {
                for other in self.cluster.controllers() {
                    simulation.cut(&hosts[node], other);
                    simulation.cut(other, &hosts[node]);
                }
                simulation.run_for(while_down);
                simulation.heal_all();
            }
        }
    }

    /// Everything is whole again: producers finish, consumers reach the end.
    fn liveness_phase(&mut self) -> Result<(), RunFailure> {
        self.simulation.heal_all();
        self.simulation.faults(|faults| faults.budget = 0);
        self.wait(|| self.producers.iter().all(Running::is_finished))?;
        self.groups_go_on()?;
        self.consumers.iter().for_each(|consumer| consumer.idle.set(0));
        self.wait(|| self.consumers.iter().all(|consumer| consumer.idle.get() >= 2))?;
        self.still_safe()
    }

    /// The members of each group share all partitions, and move their positions on.
    fn groups_go_on(&self) -> Result<(), RunFailure> {
        let partitions = self.scenario.partitions as usize;
        for group in &self.groups {
            let positions = |history: &GroupHistory| -> Vec<i64> {
                (0..self.scenario.partitions).map(|partition| history.promised(partition)).collect()
            };
            let before = positions(&group.history.borrow());
            self.wait(|| {
                let history = group.history.borrow();
                let moved = before.iter().zip(positions(&history)).all(|(before, now)| now >= before + 2);
                moved && history.is_shared(partitions)
            })?;
        }
        Ok(())
    }

    fn judge(&self) -> Result<Outcome, RunFailure> {
        let history = self.history.borrow();
        let mut violations = Vec::new();
        for (partition, consumer) in (0..).zip(&self.consumers) {
            violations.extend(history.judge(partition, consumer.high_watermark.get()));
        }
        if !violations.is_empty() {
            return Err(RunFailure::Unsafe { seed: self.seed, struck: self.struck.clone(), violations });
        }
        let (acknowledged, _) = history.totals();
        Ok(Outcome { trace_hash: self.simulation.trace_hash(), acknowledged, took: self.simulation.now() })
    }

    fn wait(&self, condition: impl FnMut() -> bool) -> Result<(), RunFailure> {
        self.simulation
            .run_until(condition)
            .map_err(|stuck| RunFailure::Stuck { stuck, ends: self.cluster.ends() })
    }

    fn still_safe(&self) -> Result<(), RunFailure> {
        if let Some(violation) = self.history.borrow().violation() {
            return Err(RunFailure::Unsafe {
                seed: self.seed,
                struck: self.struck.clone(),
                violations: vec![violation.clone()],
            });
        }
        for group in &self.groups {
            if let Some(what) = group.history.borrow().violations().first() {
                let violations = vec![Violation { partition: -1, what: what.clone() }];
                return Err(RunFailure::Unsafe { seed: self.seed, struck: self.struck.clone(), violations });
            }
        }
        let ends = self.cluster.ends();
        if ends.is_empty() {
            Ok(())
        } else {
            Err(RunFailure::Ended { seed: self.seed, struck: self.struck.clone(), ends })
        }
    }
}
