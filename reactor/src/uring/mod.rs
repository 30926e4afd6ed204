//! The io_uring driver: one ring per shard, entered once per turn.

mod accept;
mod entry;
mod setup;
mod wake;

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use io_uring::{IoUring, cqueue, opcode, squeue, types};
use rustix::net::{SocketFlags, sockopt};
use rustix::thread::CpuSet;
use slab::Slab;

use crate::arena::Arena;
use crate::production::{self, Production};
use crate::{
    Buffer, Completion, Driver, DriverChoice, DriverKind, Handle, Launch, ListenOptions, Operation, Options,
    Release, Remote, Token, Wait,
};

use accept::{Accepts, Next};
use entry::{InFlight, is_for_the_ring, prepare};
use setup::{Setup, setup};
use wake::RingWake;

/// What a completion is about, in the upper half of its user data; the lower half is a number of that kind.
mod kind {
    pub(super) const OPERATION: u64 = 0;
    pub(super) const IGNORED: u64 = 1 << 32;
    pub(super) const EVENT: u64 = 2 << 32;
    pub(super) const ACCEPT: u64 = 3 << 32;
    pub(super) const MESSAGE_SENT: u64 = 4 << 32;
    pub(super) const OF: u64 = !0 << 32;
}

/// How long the end of a driver waits for the kernel to let go of its buffers. Only a disk that hangs takes longer;
/// then they are leaked rather than freed under the kernel's hands.
const DRAIN: Duration = Duration::from_secs(30);

pub(crate) struct Uring {
    state: RefCell<State>,
    wake: Arc<RingWake>,
    production: Production,
    /// What this shard was told to take, for those it launches.
    choice: DriverChoice,
    /// Dropped after the ring that has it registered.
    arena: Option<Arc<Arena>>,
}

struct State {
    ring: IoUring,
    /// By token.
    in_flight: Vec<Option<InFlight>>,
    accepts: Accepts,
    /// Messages on their way to other rings.
    messages: Slab<Arc<RingWake>>,
    /// Where the kernel puts the count of the eventfd.
    event: Box<[u8; 8]>,
    event_armed: bool,
    completed: Vec<(Token, Completion)>,
    arrived: Vec<(u64, i32, u32)>,
    /// The end has come: nothing is armed again.
    closing: bool,
}

impl Uring {
    pub(crate) fn start(
        options: &Options,
        processors: Option<CpuSet>,
    ) -> io::Result<(Rc<dyn Driver>, Arc<Remote>)> {
        let Setup { ring, arena, messages } = setup(options.registered_bytes)?;
        let wake = RingWake::new()?;
        if messages {
            wake.open(ring.as_raw_fd());
            wake::start_messages();
        }
        let remote = Remote::new(wake.clone());
        let production = Production::new(remote.clone(), options, processors);
        let state = State {
            ring,
            in_flight: Vec::new(),
            accepts: Accepts::default(),
            messages: Slab::new(),
            event: Box::default(),
            event_armed: false,
            completed: Vec::new(),
            arrived: Vec::new(),
            closing: false,
        };
        let driver = Self { state: RefCell::new(state), wake, production, choice: options.driver, arena };
        driver.state.borrow_mut().arm_event(&driver.wake);
        Ok((Rc::new(driver), remote))
    }

    fn connect(&self, token: Token, address: SocketAddr) {
        let operation = Operation::Connect { address };
        match production::new_socket(address, SocketFlags::empty()) {
            Ok(socket) => self.submit_to_ring(token, operation, Some(Handle::from_kernel(socket))),
            Err(error) => self.state.borrow_mut().completed.push((token, operation.fail(error))),
        }
    }

    fn submit_to_ring(&self, token: Token, operation: Operation, connecting: Option<Handle>) {
        let (entry, in_flight) = prepare(operation, connecting, self.arena.as_deref());
        self.state.borrow_mut().submit(token, entry, in_flight);
    }
}

impl State {
    fn submit(&mut self, token: Token, entry: squeue::Entry, in_flight: InFlight) {
        if self.in_flight.len() <= token {
            self.in_flight.resize_with(token + 1, || None);
        }
        let previous = self.in_flight[token].replace(in_flight);
        assert!(previous.is_none(), "token {token} was submitted twice");
        self.push(entry.user_data(kind::OPERATION | token as u64));
    }

    /// Queues an entry; hands the queue over to the kernel first if it is full.
    fn push(&mut self, entry: squeue::Entry) {
        loop {
            // SAFETY: the memory that entries of operations name is owned by `in_flight` (and that of the eventfd by
            // `event`) until their completion has been seen, and `Drop` waits for all of them.
            if unsafe { self.ring.submission().push(&entry) }.is_ok() {
                return;
            }
            match self.ring.submit() {
                Ok(_) => {}
                // Too many completions wait to be collected: make room.
                Err(error) if is_transient(&error) => self.gather(),
                Err(error) => panic!("the kernel takes no submissions: {error}"),
            }
        }
    }

    /// Copies what has completed out of the ring.
    fn gather(&mut self) {
        let Self { ring, arrived, .. } = self;
        arrived.extend(ring.completion().map(|entry| (entry.user_data(), entry.result(), entry.flags())));
    }

    fn arm_event(&mut self, wake: &RingWake) {
        let descriptor = types::Fd(wake.event.as_fd().as_raw_fd());
        let entry = opcode::Read::new(descriptor, self.event.as_mut_ptr(), 8).build();
        self.push(entry.user_data(kind::EVENT));
        self.event_armed = true;
    }

    fn carry_out(&mut self, next: Next) {
        match next {
            Next::Nothing => {}
            Next::Arm(_) if self.closing => {}
            Next::Arm(listener) => {
                let (descriptor, flags) = (types::Fd(listener), libc::SOCK_CLOEXEC);
                let entry = if self.accepts.single {
                    opcode::Accept::new(descriptor, std::ptr::null_mut(), std::ptr::null_mut())
                        .flags(flags)
                        .build()
                } else {
                    opcode::AcceptMulti::new(descriptor).flags(flags).build()
                };
                self.push(entry.user_data(accept_data(listener)));
            }
            Next::Cancel(listener) => self.cancel(accept_data(listener)),
        }
    }

    fn cancel(&mut self, user_data: u64) {
        self.push(opcode::AsyncCancel::new(user_data).build().user_data(kind::IGNORED));
    }

    fn send_messages(&mut self) {
        for wake in wake::take_messages() {
            let Some(ring) = wake.ring() else { continue };
            let number = self.messages.insert(wake);
            let entry = opcode::MsgRingData::new(types::Fd(ring), 0, kind::IGNORED, None).build();
            self.push(entry.user_data(kind::MESSAGE_SENT | number as u64));
        }
    }

    /// Enters the kernel: submits, and waits as told for at least one completion.
    fn enter(&mut self, wait: Wait) -> io::Result<()> {
        let entered = match wait {
            Wait::Poll => {
                let queue = self.ring.submission();
                if queue.is_empty() && !queue.taskrun() && !queue.cq_overflow() {
                    return Ok(());
                }
                drop(queue);
                self.ring.submit()
            }
            Wait::Forever => self.ring.submit_and_wait(1),
            Wait::Until(deadline) => {
                let left = Duration::from_nanos(deadline.saturating_sub(production::now_nanos()));
                let left = types::Timespec::from(left);
                self.ring.submitter().submit_with_args(1, &types::SubmitArgs::new().timespec(&left))
            }
        };
        match entered {
            Ok(_) => Ok(()),
            Err(error) if is_transient(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Turns what the kernel has answered into completions.
    fn settle(&mut self, wake: &RingWake) {
        self.gather();
        let mut arrived = std::mem::take(&mut self.arrived);
        for (user_data, result, flags) in arrived.drain(..) {
            let number = (user_data & !kind::OF) as usize;
            match user_data & kind::OF {
                kind::OPERATION => {
                    let in_flight =
                        self.in_flight[number].take().expect("one completion for each submission");
                    self.completed.push((number, in_flight.complete(result)));
                }
                kind::EVENT => {
                    self.event_armed = false;
                    if !self.closing {
                        self.arm_event(wake);
                    }
                }
                kind::ACCEPT => {
                    let more = cqueue::more(flags);
                    let next = self.accepts.arrived(number as RawFd, result, more, &mut self.completed);
                    self.carry_out(next);
                }
                kind::MESSAGE_SENT => {
                    let target = self.messages.remove(number);
                    if result < 0 {
                        crate::Unpark::unpark(&target.event);
                    }
                }
                _ => {}
            }
        }
        // Keep its memory, and whatever arrived while the queue was being emptied above.
        arrived.append(&mut self.arrived);
        self.arrived = arrived;
    }

    fn is_idle(&self) -> bool {
        !self.event_armed
            && self.messages.is_empty()
            && self.accepts.armed().next().is_none()
            && self.in_flight.iter().all(Option::is_none)
    }
}

/// The wait was cut short, or the kernel wants completions collected first: neither is a failure.
fn is_transient(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINTR | libc::ETIME | libc::EBUSY | libc::EAGAIN))
}

fn accept_data(listener: RawFd) -> u64 {
    kind::ACCEPT | u64::from(listener.cast_unsigned())
}

impl Driver for Uring {
    fn kind(&self) -> DriverKind {
        DriverKind::Uring
    }

    fn submit(&self, token: Token, operation: Operation) {
        match operation {
            Operation::Accept { listener } => {
                let mut state = self.state.borrow_mut();
                let State { accepts, completed, .. } = &mut *state;
                let next = accepts.submit(token, listener, completed);
                state.carry_out(next);
            }
            Operation::Connect { address } => self.connect(token, address),
            Operation::Shutdown { socket, way } => {
                let result = rustix::net::shutdown(socket.kernel(), production::shutdown_way(way));
                let completion = Completion::Unit(result.map_err(io::Error::from));
                self.state.borrow_mut().completed.push((token, completion));
            }
            operation if is_for_the_ring(&operation) => self.submit_to_ring(token, operation, None),
            Operation::SendFile { ref socket, .. } => {
                // Sockets of a ring are in blocking mode. This bounds (to one tick) how long a file thread is held up
                // by a reader that stops; the ring's own operations never look at it.
                let tick = Some(Duration::from_micros(1));
                let _ = sockopt::set_socket_timeout(socket.kernel(), sockopt::Timeout::Send, tick);
                if let Some(completion) = self.production.send_file(token, operation) {
                    self.state.borrow_mut().completed.push((token, completion));
                }
            }
            operation => self.production.pool.submit(token, operation),
        }
    }

    fn hand_over(&self) {
        // What goes wrong here goes wrong in the next turn, which tells.
        let _ = self.state.borrow_mut().enter(Wait::Poll);
    }

    fn cancel(&self, token: Token) {
        let mut state = self.state.borrow_mut();
        if state.in_flight.get(token).is_some_and(Option::is_some) {
            state.cancel(kind::OPERATION | token as u64);
        } else if state.accepts.take_back(token) {
            let error = io::Error::from_raw_os_error(libc::ECANCELED);
            state.completed.push((token, Completion::Accepted(Err(error))));
        } else {
            self.production.pool.cancel(token);
        }
    }

    fn release(&self, socket: &Handle, release: Release) {
        let mut state = self.state.borrow_mut();
        let State { accepts, completed, .. } = &mut *state;
        let next = accepts.release(socket.raw(), completed);
        state.carry_out(next);
        if release == Release::Close {
            production::finish(socket);
        }
    }

    fn turn(&self, wait: Wait, completed: &mut Vec<(Token, Completion)>) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        state.send_messages();
        let wait = if state.completed.is_empty() && state.arrived.is_empty() { wait } else { Wait::Poll };
        state.enter(wait)?;
        self.production.clock.forget();
        state.settle(&self.wake);
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

    fn allocate(&self, capacity: usize) -> Buffer {
        match &self.arena {
            Some(arena) => Buffer::from_arena(arena, capacity),
            None => Buffer::with_capacity(capacity),
        }
    }

    fn listen(&self, address: SocketAddr, options: ListenOptions) -> io::Result<(Handle, SocketAddr)> {
        production::listen(address, options, SocketFlags::empty())
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
        Ok(rustix::io::ioctl_fionbio(socket.kernel(), false)?)
    }

    fn launch(&self, launch: Launch) -> io::Result<()> {
        // Refused there (the limit on locked memory, say), it can still do the same work over epoll.
        self.production.launch(launch, self.choice)
    }
}

impl Drop for Uring {
    /// Nothing is freed that the kernel may still write to.
    fn drop(&mut self) {
        self.wake.close();
        wake::stop_messages();
        let state = self.state.get_mut();
        state.closing = true;
        let operations = 0..state.in_flight.len();
        let operations =
            operations.filter(|token| state.in_flight[*token].is_some()).map(|token| token as u64);
        let accepts = state.accepts.armed().map(accept_data);
        let all: Vec<u64> = operations.chain(accepts).chain([kind::EVENT]).collect();
        for user_data in all {
            state.cancel(user_data);
        }
        let deadline = production::now_nanos() + DRAIN.as_nanos() as u64;
        while !state.is_idle() && production::now_nanos() < deadline {
            if state.enter(Wait::Until(deadline)).is_err() {
                break;
            }
            state.settle(&self.wake);
        }
        if !state.is_idle() {
            std::mem::forget(std::mem::take(&mut state.in_flight));
            std::mem::forget(std::mem::take(&mut state.event));
        }
    }
}
