//! Socket operations that wait for readiness.

use std::collections::{BTreeMap, VecDeque};
use std::io::IoSlice;
use std::net::SocketAddr;
use std::os::fd::{AsFd, RawFd};

use rustix::event::epoll::{self, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, SocketFlags};

use crate::blocking::PARTS_MAX;
use crate::{Completion, Handle, Operation, Token, production};

/// Operations parked on sockets that would block.
#[derive(Default)]
pub(super) struct Sockets {
    sockets: BTreeMap<RawFd, Socket>,
    parked: BTreeMap<Token, (RawFd, Direction)>,
}

/// What is parked on one registered socket.
#[derive(Default)]
struct Socket {
    readers: VecDeque<Parked>,
    writers: VecDeque<Parked>,
}

struct Parked {
    token: Token,
    attempt: Attempt,
}

/// An operation with the socket it works on; a connect makes its own.
struct Attempt {
    socket: Handle,
    operation: Operation,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Read,
    Write,
}

pub(super) fn is_socket_operation(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::Accept { .. }
            | Operation::Connect { .. }
            | Operation::Receive { .. }
            | Operation::Send { .. }
            | Operation::Writable { .. }
            | Operation::Shutdown { .. }
    )
}

impl Sockets {
    /// Tries at once; parks what would block.
    pub(super) fn submit(
        &mut self,
        poll: impl AsFd,
        token: Token,
        operation: Operation,
    ) -> Option<Completion> {
        let attempt = match Attempt::begin(operation) {
            Ok(attempt) => attempt,
            Err(completion) => return Some(completion),
        };
        match attempt.carry_on() {
            Ok(completion) => Some(completion),
            Err(attempt) => self.park(poll, token, attempt),
        }
    }

    fn park(&mut self, poll: impl AsFd, token: Token, attempt: Attempt) -> Option<Completion> {
        let descriptor = attempt.socket.raw();
        let direction = attempt.direction();
        if !self.sockets.contains_key(&descriptor) {
            let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
            let data = epoll::EventData::new_u64(u64::from(descriptor.cast_unsigned()));
            match epoll::add(poll, attempt.socket.kernel(), data, flags) {
                // A socket adopted back from another shard may still be known.
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Some(attempt.operation.fail(error.into())),
            }
        }
        let socket = self.sockets.entry(descriptor).or_default();
        socket.queue(direction).push_back(Parked { token, attempt });
        self.parked.insert(token, (descriptor, direction));
        None
    }

    /// Carries on with what is parked on a socket that has become ready.
    pub(super) fn ready(
        &mut self,
        poll: impl AsFd,
        descriptor: u64,
        flags: EventFlags,
        completed: &mut Vec<(Token, Completion)>,
    ) {
        let Ok(descriptor) = RawFd::try_from(descriptor) else { return };
        let Some(socket) = self.sockets.get_mut(&descriptor) else { return };
        let failed = flags.intersects(EventFlags::ERR | EventFlags::HUP);
        for (direction, wanted) in
            [(Direction::Read, EventFlags::IN | EventFlags::RDHUP), (Direction::Write, EventFlags::OUT)]
        {
            if !failed && !flags.intersects(wanted) {
                continue;
            }
            let queue = socket.queue(direction);
            while let Some(Parked { token, attempt }) = queue.pop_front() {
                let connecting = attempt.is_connect().then(|| attempt.socket.clone());
                match attempt.carry_on() {
                    Ok(completion) => {
                        self.parked.remove(&token);
                        completed.push((token, completion));
                        if let Some(connecting) = connecting {
                            self.release(poll, &connecting);
                            return;
                        }
                    }
                    Err(attempt) => {
                        queue.push_front(Parked { token, attempt });
                        break;
                    }
                }
            }
        }
    }

    /// Takes a parked operation back.
    pub(super) fn take_back(&mut self, token: Token) -> Option<Operation> {
        let (descriptor, direction) = self.parked.remove(&token)?;
        let queue = self.sockets.get_mut(&descriptor)?.queue(direction);
        let position = queue.iter().position(|parked| parked.token == token)?;
        let parked = queue.remove(position)?;
        if parked.attempt.is_connect() {
            self.sockets.remove(&descriptor);
        }
        Some(parked.attempt.operation)
    }

    /// Forgets a socket, so that its number may come back as another one; gives back what was still parked on it.
    pub(super) fn release(&mut self, poll: impl AsFd, socket: &Handle) -> Vec<(Token, Operation)> {
        let Some(Socket { readers, writers }) = self.sockets.remove(&socket.raw()) else { return Vec::new() };
        // It may be on its way to another shard, so closing it is not enough.
        let _ = epoll::delete(poll, socket.kernel());
        let parked =
            readers.into_iter().chain(writers).map(|parked| (parked.token, parked.attempt.operation));
        let parked: Vec<_> = parked.collect();
        for (token, _) in &parked {
            self.parked.remove(token);
        }
        parked
    }
}

impl Socket {
    fn queue(&mut self, direction: Direction) -> &mut VecDeque<Parked> {
        match direction {
            Direction::Read => &mut self.readers,
            Direction::Write => &mut self.writers,
        }
    }
}

impl Attempt {
    fn begin(operation: Operation) -> Result<Self, Completion> {
        let socket = match &operation {
            Operation::Accept { listener } => listener.clone(),
            Operation::Receive { socket, .. }
            | Operation::Send { socket, .. }
            | Operation::Writable { socket }
            | Operation::Shutdown { socket, .. } => socket.clone(),
            Operation::Connect { address } => match production::new_socket(*address, SocketFlags::NONBLOCK) {
                Ok(socket) => Handle::from_kernel(socket),
                Err(error) => return Err(operation.fail(error)),
            },
            other => panic!("{other:?} does not wait for readiness"),
        };
        Ok(Self { socket, operation })
    }

    /// A connect registers a socket of its own, which nobody releases if it fails or is given up; so its end, whatever
    /// it is, forgets the socket, and the stream that comes of it registers anew.
    fn is_connect(&self) -> bool {
        matches!(self.operation, Operation::Connect { .. })
    }

    fn direction(&self) -> Direction {
        match self.operation {
            Operation::Accept { .. } | Operation::Receive { .. } => Direction::Read,
            _ => Direction::Write,
        }
    }

    /// Makes one attempt; gives itself back if it would block.
    fn carry_on(mut self) -> Result<Completion, Self> {
        loop {
            return match self.attempt() {
                Ok(outcome) => Ok(self.succeed(outcome)),
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN | Errno::INPROGRESS | Errno::ALREADY) => Err(self),
                Err(error) => Ok(self.operation.fail(error.into())),
            };
        }
    }

    fn attempt(&mut self) -> rustix::io::Result<Outcome> {
        let socket = self.socket.kernel();
        match &mut self.operation {
            Operation::Accept { .. } => {
                let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
                let (accepted, peer) = rustix::net::acceptfrom_with(socket, flags)?;
                let peer = peer.ok_or(Errno::CONNABORTED)?.try_into()?;
                Ok(Outcome::Accepted(Handle::from_kernel(accepted), peer))
            }
            // Asking again tells how the connect that is under way has ended.
            Operation::Connect { address } => match rustix::net::connect(socket, address) {
                Ok(()) | Err(Errno::ISCONN) => Ok(Outcome::Done),
                Err(error) => Err(error),
            },
            Operation::Receive { buffer, length, .. } => {
                let ((received, _), _) =
                    rustix::net::recv(socket, &mut buffer.spare()[..*length], RecvFlags::empty())?;
                let count = received.len();
                // SAFETY: the system call initialised the first `count` bytes of the unfilled part.
                unsafe { buffer.assume_filled(count) };
                Ok(Outcome::Moved(count))
            }
            Operation::Send { parts, more, .. } => {
                let slices: Vec<_> = parts.iter().take(PARTS_MAX).map(|part| IoSlice::new(part)).collect();
                let mut control = SendAncillaryBuffer::default();
                let more = if *more { SendFlags::MORE } else { SendFlags::empty() };
                let flags = SendFlags::NOSIGNAL | more;
                Ok(Outcome::Moved(rustix::net::sendmsg(socket, &slices, &mut control, flags)?))
            }
            Operation::Writable { .. } => {
                let mut asked = [PollFd::from_borrowed_fd(socket, PollFlags::OUT)];
                match rustix::event::poll(&mut asked, Some(&Timespec::default()))? {
                    0 => Err(Errno::AGAIN),
                    _ => Ok(Outcome::Done),
                }
            }
            Operation::Shutdown { way, .. } => {
                rustix::net::shutdown(socket, production::shutdown_way(*way))?;
                Ok(Outcome::Done)
            }
            other => panic!("{other:?} does not wait for readiness"),
        }
    }

    fn succeed(self, outcome: Outcome) -> Completion {
        match (self.operation, outcome) {
            (_, Outcome::Accepted(socket, peer)) => Completion::Accepted(Ok((socket, peer))),
            (Operation::Connect { .. }, _) => Completion::Connected(Ok(self.socket)),
            (Operation::Receive { buffer, .. }, Outcome::Moved(count)) => {
                Completion::Read { result: Ok(count), buffer }
            }
            (Operation::Send { parts, .. }, Outcome::Moved(count)) => {
                Completion::Written { result: Ok(count), parts }
            }
            (_, _) => Completion::Unit(Ok(())),
        }
    }
}

/// What an attempt that did not block has brought.
enum Outcome {
    Done,
    Moved(usize),
    Accepted(Handle, SocketAddr),
}
