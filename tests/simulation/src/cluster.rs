//! A cluster in the simulator: controllers and nodes, each on a host of its own, with disks that outlive them.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use ringlog_controller::ControllerOptions;
use ringlog_model::{ControllerId, NodeId};
use ringlog_node::{Housekeeping, ListenerOptions, NodeOptions};
use ringlog_reactor::simulation::{Crash, Host, Simulation};

/// Where controllers listen for nodes and for each other.
const CONTROLLER_PORT: u16 = 9093;
/// Where nodes listen for clients.
const KAFKA_PORT: u16 = 9092;
/// Where processes keep their data.
const DATA: &str = "/data";

/// How large a cluster is.
#[derive(Debug, Clone, Copy)]
pub struct ClusterShape {
    /// Voters of the quorum: 1, 3 or 5.
    pub controllers: usize,
    /// Nodes.
    pub nodes: usize,
    /// Shards of each node.
    pub shards: u16,
}

/// Retention and compaction at a pace that a run of a minute sees.
fn housekeeping() -> Housekeeping {
    Housekeeping {
        retention_interval: Duration::from_secs(10),
        compaction_interval: Duration::from_secs(3),
        ..Housekeeping::default()
    }
}

/// The processes of a cluster and the hosts they run on.
pub struct Cluster {
    controllers: Vec<Host>,
    nodes: Vec<Host>,
    /// Shards that each node starts with.
    shards: Vec<Cell<u16>>,
    /// How often each node has become ready.
    ready: Vec<Rc<Cell<u32>>>,
    /// What processes that ended by themselves said.
    ends: Rc<RefCell<Vec<String>>>,
}

impl Cluster {
    /// Hosts for a cluster; nothing runs yet.
    pub fn new(simulation: &Simulation, shape: ClusterShape) -> Cluster {
        let hosts = |kind: &str, count: usize| -> Vec<Host> {
            (1..=count).map(|number| simulation.host(&format!("{kind}-{number}"))).collect()
        };
        Cluster {
            controllers: hosts("controller", shape.controllers),
            nodes: hosts("node", shape.nodes),
            shards: (0..shape.nodes).map(|_| Cell::new(shape.shards)).collect(),
            ready: (0..shape.nodes).map(|_| Rc::default()).collect(),
            ends: Rc::default(),
        }
    }

    /// Starts everything.
    pub fn start(&self) {
        (0..self.controllers.len()).for_each(|index| self.start_controller(index));
        (0..self.nodes.len()).for_each(|index| self.start_node(index));
    }

    /// Starts the controller process of one host.
    pub fn start_controller(&self, index: usize) {
        let host = &self.controllers[index];
        let mut options = ControllerOptions::alone(PathBuf::from(DATA), host.socket_address(CONTROLLER_PORT));
        let ids = (1..).map(ControllerId);
        let addresses = self.controllers.iter().map(|controller| controller.socket_address(CONTROLLER_PORT));
        options.peers = ids.zip(addresses).collect();
        options.id = ControllerId(index as u64 + 1);
        let (ends, name) = (self.ends.clone(), host.name());
        let _running = host.start("controller", move |reactor| async move {
            let end = ringlog_controller::run(reactor, options, |_| ()).await;
            ends.borrow_mut().push(format!("{name}: {end:?}"));
        });
    }

    /// Starts the node process of one host.
    pub fn start_node(&self, index: usize) {
        let host = &self.nodes[index];
        let mut options = NodeOptions::new(NodeId(index as i32 + 1), PathBuf::from(DATA));
        options.controllers =
            self.controllers.iter().map(|controller| controller.socket_address(CONTROLLER_PORT)).collect();
        options.kafka = vec![ListenerOptions::new("KAFKA", host.socket_address(KAFKA_PORT))];
        options.shards = self.shards[index].get();
        options.defaults.segment_bytes_max = Some(256 << 10);
        options.housekeeping = housekeeping();
        // As short as that of classic members, whose timeout is their own.
        options.groups.coordinator.consumer_session_timeout = Duration::from_secs(6);
        let ready = self.ready[index].clone();
        let (ends, name) = (self.ends.clone(), host.name());
        let _running = host.start("node", move |reactor| async move {
            let count = ready.clone();
            let said = Rc::new(move |_: &ringlog_node::ReadyAddresses| count.set(count.get() + 1));
            let end = ringlog_node::run(reactor, options, said).await;
            ends.borrow_mut().push(format!("{name}: {end:?}"));
        });
    }

    /// From its next start on, a node has this many shards.
    pub fn set_shards(&self, index: usize, shards: u16) {
        self.shards[index].set(shards);
    }

    /// Stops everything on a node's host; it stays down until `start_node`.
    pub fn crash_node(&self, index: usize, crash: Crash) {
        self.nodes[index].crash(crash);
    }

    /// The same for a controller.
    pub fn crash_controller(&self, index: usize, crash: Crash) {
        self.controllers[index].crash(crash);
    }

    /// Hosts of the nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Host] {
        &self.nodes
    }

    /// Hosts of the controllers.
    #[must_use]
    pub fn controllers(&self) -> &[Host] {
        &self.controllers
    }

    /// Where clients may ask.
    #[must_use]
    pub fn bootstrap(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(|node| node.socket_address(KAFKA_PORT)).collect()
    }

    /// How often all nodes together have become ready.
    #[must_use]
    pub fn ready_count(&self) -> u32 {
        self.ready.iter().map(|count| count.get()).sum()
    }

    /// What processes said that ended by themselves, which none should unless it was asked to.
    #[must_use]
    pub fn ends(&self) -> Vec<String> {
        self.ends.borrow().clone()
    }

    /// Forgets what was said: it had a reason.
    pub fn forgive_ends(&self) {
        self.ends.borrow_mut().clear();
    }
}
