//! The simulated driver: one per executor, all over the same world.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use super::disk::error;
use super::network::Endpoint;
use super::run::Machinery;
use super::world::{ExecutorId, HostId};
use crate::{Completion, Driver, DriverKind, Handle, Launch, ListenOptions, Operation, Token, Unpark, Wait};

/// One executor's view of the world.
pub(crate) struct SimulatedDriver {
    pub(crate) machinery: Rc<Machinery>,
    pub(crate) executor: ExecutorId,
    pub(crate) host: HostId,
}

impl Driver for SimulatedDriver {
    fn kind(&self) -> DriverKind {
        DriverKind::Simulated
    }

    fn submit(&self, token: Token, operation: Operation) {
        self.machinery.world.borrow_mut().submit((self.executor, token), operation);
    }

    fn cancel(&self, token: Token) {
        self.machinery.world.borrow_mut().cancel((self.executor, token));
    }

    /// Executors here are hosted: the loop of the simulation delivers their completions.
    fn turn(&self, _wait: Wait, _completed: &mut Vec<(Token, Completion)>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn now_nanos(&self) -> u64 {
        let world = self.machinery.world.borrow();
        world.hosts[self.host].clock.monotonic(world.now)
    }

    fn wall_millis(&self) -> i64 {
        let world = self.machinery.world.borrow();
        world.hosts[self.host].clock.wall_millis(world.now)
    }

    fn random_u64(&self) -> u64 {
        self.machinery.world.borrow_mut().random.next_u64()
    }

    fn listen(&self, address: SocketAddr, options: ListenOptions) -> io::Result<(Handle, SocketAddr)> {
        self.machinery.world.borrow_mut().listen(self.host, address, options)
    }

    fn set_nodelay(&self, socket: &Handle, _on: bool) -> io::Result<()> {
        self.of_endpoint(socket, |_| ())
    }

    fn local_address(&self, socket: &Handle) -> io::Result<SocketAddr> {
        self.of_endpoint(socket, |endpoint| endpoint.local)
    }

    fn peer_address(&self, socket: &Handle) -> io::Result<SocketAddr> {
        self.of_endpoint(socket, |endpoint| endpoint.remote)
    }

    fn launch(&self, launch: Launch) -> io::Result<()> {
        self.machinery.launch(self.host, launch)
    }
}

impl SimulatedDriver {
    fn of_endpoint<T>(&self, socket: &Handle, read: impl FnOnce(&Endpoint) -> T) -> io::Result<T> {
        let world = self.machinery.world.borrow();
        world.network.endpoints.get(&socket.simulated_id()).map(read).ok_or_else(|| error(libc::EBADF))
    }
}

/// Nobody sleeps in a simulation: the loop looks at every executor before it lets time pass.
pub(crate) struct NobodySleeps;

impl Unpark for NobodySleeps {
    fn unpark(&self) {}
}
