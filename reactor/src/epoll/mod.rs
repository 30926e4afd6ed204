//! The driver for systems that refuse io_uring: readiness for sockets, file threads for everything else.

mod sockets;

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{Timespec, epoll};
use rustix::net::SocketFlags;

use crate::pool::cancelled;
use crate::production::{self, Production};
use crate::wake::EventWake;
use crate::{
    Completion, Driver, DriverChoice, DriverKind, Handle, Launch, ListenOptions, Operation, Release, Token,
    Wait,
};

use sockets::{Sockets, is_socket_operation};

/// Marks the eventfd among the events; no descriptor has this number.
const WAKE: u64 = u64::MAX;
/// Events taken per turn.
const EVENTS_MAX: usize = 256;

/// epoll, edge-triggered. Sockets are tried at once and parked when they would block.
pub(crate) struct Epoll {
    poll: OwnedFd,
    wake: Arc<EventWake>,
    production: Production,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    sockets: Sockets,
    completed: Vec<(Token, Completion)>,
    events: Vec<epoll::Event>,
}

impl Epoll {
    pub(crate) fn new(wake: Arc<EventWake>, production: Production) -> io::Result<Self> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&poll, wake.as_fd(), epoll::EventData::new_u64(WAKE), flags)?;
        let state = State { events: Vec::with_capacity(EVENTS_MAX), ..State::default() };
        Ok(Self { poll, wake, production, state: RefCell::new(state) })
    }

    fn wait(&self, wait: Wait, events: &mut Vec<epoll::Event>) -> io::Result<()> {
        let timeout = match wait {
            Wait::Forever => None,
            Wait::Poll => Some(Timespec::default()),
            Wait::Until(deadline) => {
                let nanos = deadline.saturating_sub(production::now_nanos());
                let (seconds, nanos) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
                Some(Timespec { tv_sec: seconds.cast_signed(), tv_nsec: nanos.cast_signed() })
            }
        };
        events.clear();
        match epoll::wait(&self.poll, rustix::buffer::spare_capacity(events), timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Driver for Epoll {
    fn kind(&self) -> DriverKind {
        DriverKind::Epoll
    }

    fn fallback_reason(&self) -> Option<&str> {
        self.production.fallback_reason.as_deref()
    }

    fn submit(&self, token: Token, operation: Operation) {
        if matches!(operation, Operation::SendFile { .. }) {
            if let Some(completion) = self.production.send_file(token, operation) {
                self.state.borrow_mut().completed.push((token, completion));
            }
            return;
        }
        if !is_socket_operation(&operation) {
            self.production.pool.submit(token, operation);
            return;
        }
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        if let Some(completion) = state.sockets.submit(&self.poll, token, operation) {
            state.completed.push((token, completion));
        }
    }

    fn cancel(&self, token: Token) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        if let Some(operation) = state.sockets.take_back(token) {
            state.completed.push((token, operation.fail(cancelled())));
            return;
        }
        self.production.pool.cancel(token);
    }

    fn release(&self, socket: &Handle, release: Release) {
        let mut state = self.state.borrow_mut();
        for (token, operation) in state.sockets.release(&self.poll, socket) {
            state.completed.push((token, operation.fail(cancelled())));
        }
        if release == Release::Close {
            production::finish(socket);
        }
    }

    fn turn(&self, wait: Wait, completed: &mut Vec<(Token, Completion)>) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let wait = if state.completed.is_empty() { wait } else { Wait::Poll };
        self.wait(wait, &mut state.events)?;
        self.production.clock.forget();
        for event in &state.events {
            match event.data.u64() {
                WAKE => self.wake.reset(),
                descriptor => state.sockets.ready(&self.poll, descriptor, event.flags, &mut state.completed),
            }
        }
        completed.append(&mut state.completed);
        self.production.pool.drain(completed);
        Ok(())
    }

    fn now_nanos(&self) -> u64 {
        self.production.clock.now_nanos()
    }

    fn forget_time(&self) {
        self.production.clock.forget();
    }

    fn wall_millis(&self) -> i64 {
        self.production.clock.wall_millis()
    }

    fn random_u64(&self) -> u64 {
        self.production.random.next()
    }

    fn listen(&self, address: SocketAddr, options: ListenOptions) -> io::Result<(Handle, SocketAddr)> {
        production::listen(address, options, SocketFlags::NONBLOCK)
    }

    fn set_nodelay(&self, socket: &Handle, on: bool) -> io::Result<()> {
        production::set_nodelay(socket, on)
    }

    fn local_address(&self, socket: &Handle) -> io::Result<SocketAddr> {
        production::local_address(socket)
    }

    fn peer_address(&self, socket: &Handle) -> io::Result<SocketAddr> {
        production::peer_address(socket)
    }

    fn adopt(&self, socket: &Handle) -> io::Result<()> {
        Ok(rustix::io::ioctl_fionbio(socket.kernel(), true)?)
    }

    fn launch(&self, launch: Launch) -> io::Result<()> {
        self.production.launch(launch, DriverChoice::Epoll)
    }
}
