//! Lives of a node: in the simulator, and on this machine over epoll and io_uring.

use crate::{client::Client, controller::Controller};
use ringlog_model::NodeId;
use ringlog_node::{ListenerOptions, NodeOptions, ReadyAddresses, run};
use ringlog_reactor::{
    DriverChoice, LocalBoxFuture, Options, Reactor,
    local::oneshot,
    simulation::{Host, Simulation},
};
use std::{cell::RefCell, net::SocketAddr, path::Path, rc::Rc};

/// Where a node lives. Its data and its controller's survive from one life to the next.
pub(crate) struct World {
    place: Place,
    controller: Controller,
}

enum Place {
    Simulated { simulation: Simulation, host: Host },
    Real { driver: DriverChoice, directory: tempfile::TempDir },
}

/// Whether the controller is there in a life.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ControllerIs {
    There,
    Away,
}

type Scenario<T> = Box<dyn FnOnce(Running) -> LocalBoxFuture<T>>;

/// A running node, as a scenario sees it.
pub(crate) struct Running {
    pub(crate) reactor: Reactor,
    pub(crate) addresses: ReadyAddresses,
}

impl Running {
    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.reactor, self.addresses.kafka[0]).await
    }
}

impl World {
    pub(crate) fn simulated(seed: u64) -> World {
        let simulation = Simulation::new(seed);
        let host = simulation.host("node");
        World { place: Place::Simulated { simulation, host }, controller: Controller::default() }
    }

    pub(crate) fn real(driver: DriverChoice) -> World {
        let directory = tempfile::tempdir().unwrap();
        World { place: Place::Real { driver, directory }, controller: Controller::default() }
    }

    /// Starts the node with so many shards, runs the scenario, and stops the node in order.
    pub(crate) fn live<T: 'static, F>(&self, shards: u16, scenario: impl FnOnce(Running) -> F + 'static) -> T
    where
        F: Future<Output = T> + 'static,
    {
        self.live_with(shards, ControllerIs::There, |_| {}, scenario)
    }

    /// The same, with a controller that may be away and options that may be changed.
    pub(crate) fn live_with<T: 'static, F>(
        &self,
        shards: u16,
        controller_is: ControllerIs,
        change: impl FnOnce(&mut NodeOptions),
        scenario: impl FnOnce(Running) -> F + 'static,
    ) -> T
    where
        F: Future<Output = T> + 'static,
    {
        // Boxed, so that a life is compiled once and not once per scenario.
        let scenario: Scenario<T> = Box::new(|running| Box::pin(scenario(running)));
        self.live_boxed(shards, controller_is, Box::new(change), scenario)
    }

    fn live_boxed<T: 'static>(
        &self,
        shards: u16,
        controller_is: ControllerIs,
        change: Box<dyn FnOnce(&mut NodeOptions) + '_>,
        scenario: Scenario<T>,
    ) -> T {
        let controller = (controller_is == ControllerIs::There).then(|| self.controller.clone());
        match &self.place {
            Place::Simulated { simulation, host } => {
                let addresses = [9092, 9192, 9093].map(|port| host.socket_address(port));
                let mut options = options(Path::new("/data"), shards, addresses);
                change(&mut options);
                simulation.run_on(host, |reactor| life(reactor, controller, options, addresses[2], scenario))
            }
            Place::Real { driver, directory } => {
                let addresses = ["127.0.0.1:0"; 3].map(|address| address.parse().unwrap());
                let mut options = options(&directory.path().join("data"), shards, addresses);
                change(&mut options);
                let of_reactor = Options { driver: *driver, ..Options::default() };
                let body = |reactor| life(reactor, controller, options, addresses[2], scenario);
                ringlog_reactor::run(of_reactor, body).unwrap()
            }
        }
    }
}

fn options(data: &Path, shards: u16, [kafka, native, _]: [SocketAddr; 3]) -> NodeOptions {
    let mut options = NodeOptions::new(NodeId(1), data);
    options.kafka = vec![ListenerOptions::new("KAFKA", kafka)];
    options.native = vec![ListenerOptions::new("NATIVE", native)];
    options.shards = shards;
    options.reserve_bytes = 1 << 20;
    options.store.journal_half_bytes = 1 << 20;
    options.store.free_bytes_low = Some(1 << 20);
    options
}

async fn life<T>(
    reactor: Reactor,
    controller: Option<Controller>,
    mut options: NodeOptions,
    controller_address: SocketAddr,
    scenario: Scenario<T>,
) -> T {
    options.controllers = match controller {
        Some(controller) => vec![controller.start(&reactor, controller_address)],
        // Nobody listens there.
        None => vec![SocketAddr::new(controller_address.ip(), 1)],
    };
    let (ready, waiting) = oneshot();
    let ready = RefCell::new(Some(ready));
    let callback = move |addresses: &ReadyAddresses| {
        let ready = ready.borrow_mut().take().expect("called once");
        ready.send(addresses.clone()).expect("the test waits");
    };
    let node = reactor.spawn(run(reactor.clone(), options, Rc::new(callback)));
    let addresses = match waiting.await {
        Ok(addresses) => addresses,
        Err(_) => panic!("the node did not start: {:?}", node.await),
    };
    let result = scenario(Running { reactor: reactor.clone(), addresses }).await;
    reactor.shutdown_trigger().request();
    node.await.expect("the node stops in order");
    result
}

/// Runs a test in every world.
macro_rules! in_every_world {
    ($($name:ident),* $(,)?) => {
        mod simulated {
            $(#[test] fn $name() { super::$name(&crate::harness::World::simulated(7)); })*
        }
        mod epoll {
            $(#[test] fn $name() {
                super::$name(&crate::harness::World::real(ringlog_reactor::DriverChoice::Epoll));
            })*
        }
        mod automatic {
            $(#[test] fn $name() {
                super::$name(&crate::harness::World::real(ringlog_reactor::DriverChoice::Auto));
            })*
        }
    };
}
pub(crate) use in_every_world;
