//! Everything there is in a simulation besides the tasks: hosts with their disks and clocks, the network, operations
//! in flight, and the agenda of what will happen to them.
//!
//! ```text
//!   submit ──> in flight ──(a delay the seed draws)──> effect on disk or network ──> completion
//! ```
//!
//! Architecture invariant: nothing here runs a task. The world hands completions to the loop in `run.rs`, which holds
//! no borrow of the world while a task runs.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::clock::Clock;
use super::disk::{Disk, Sequence};
use super::events::Events;
use super::faults::{Faults, Injection};
use super::network::Network;
use super::random::Random;
use super::trace::Trace;
use crate::{Completion, Handle, Operation, Token};

/// A host, by the order in which the simulation met it.
pub(crate) type HostId = usize;
/// An executor; never reused.
pub(crate) type ExecutorId = u64;
/// An operation in flight.
pub(crate) type OperationKey = (ExecutorId, Token);

/// A completion is seen by its task this much after it took effect.
const WAKE_DELAY: (Duration, Duration) = (Duration::ZERO, Duration::from_micros(10));

/// Something that will happen.
#[derive(Debug)]
pub(crate) enum Event {
    /// A file operation (or a blocking job) takes effect; the number tells apart reuses of the key.
    Perform(OperationKey, u64),
    /// The completion of an operation reaches its executor.
    Deliver(OperationKey, u64),
    /// The first packet of a path arrives.
    Arrive(u64),
    /// A path that has been stalled since then gives up.
    GiveUp(u64, u64),
    /// An attempt to connect gives up.
    ConnectTimeout(u64),
    /// A request to connect that found the backlog full is sent again.
    ConnectAgain(u64),
}

/// An operation that has been submitted and not been delivered.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(crate) id: u64,
    pub(crate) host: HostId,
    pub(crate) state: State,
}

/// How far an operation in flight has come.
#[derive(Debug)]
pub(crate) enum State {
    /// On its way to the disk. `covered` is what a sync submitted then covers, `sample` a hash of what is written.
    Disk { operation: Operation, covered: Sequence, sample: u64 },
    /// Waiting for a peer.
    Waiting(Operation, u64),
    /// Done; the completion is on its way.
    Done(Completion),
}

/// What an open handle stands for.
#[derive(Debug)]
pub(crate) enum Object {
    File { host: HostId, handle: usize, path: PathBuf },
    Listener,
    Endpoint,
}

/// A machine.
#[derive(Debug)]
pub(crate) struct HostState {
    pub(crate) name: String,
    pub(crate) address: Ipv4Addr,
    pub(crate) disk: Disk,
    pub(crate) clock: Clock,
    pub(crate) powered: bool,
    pub(crate) direct_io: bool,
    /// File operations that have taken effect.
    pub(crate) operations: u64,
    pub(crate) injections: Vec<Injection>,
    pub(crate) next_port: u16,
}

/// What the loop must do outside the borrow of the world.
pub(crate) enum Outcome {
    Complete(OperationKey, Completion),
    RunJob(OperationKey, crate::BlockingJob),
    Nothing,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    /// True time, nanoseconds since the start.
    pub(crate) now: u64,
    pub(crate) random: Random,
    pub(crate) trace: Trace,
    pub(crate) faults: Faults,
    pub(crate) hosts: Vec<HostState>,
    pub(crate) network: Network,
    pub(crate) objects: BTreeMap<u64, Object>,
    pub(crate) in_flight: BTreeMap<OperationKey, InFlight>,
    pub(crate) executors: BTreeMap<ExecutorId, HostId>,
    pub(crate) events: Events<Event>,
    next_id: u64,
    closed: Arc<Mutex<Vec<u64>>>,
}

impl World {
    pub(crate) fn new(seed: u64) -> World {
        World {
            seed,
            now: 0,
            random: Random::new(seed),
            trace: Trace::new(seed),
            faults: Faults::default(),
            hosts: Vec::new(),
            network: Network::default(),
            objects: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            executors: BTreeMap::new(),
            events: Events::default(),
            next_id: 1,
            closed: Arc::default(),
        }
    }

    pub(crate) fn add_host(&mut self, name: &str) -> HostId {
        let index = self.hosts.len();
        let number = u8::try_from(index + 1).expect("a simulation has at most 254 hosts");
        let clock = Clock::new(&mut self.random, self.now);
        self.hosts.push(HostState {
            name: name.to_owned(),
            address: Ipv4Addr::new(10, 0, 0, number),
            disk: Disk::default(),
            clock,
            powered: true,
            direct_io: true,
            operations: 0,
            injections: Vec::new(),
            next_port: 32_768,
        });
        index
    }

    /// The host that an address means to `from`.
    pub(crate) fn host_at(&self, from: HostId, address: IpAddr) -> Option<HostId> {
        if address.is_loopback() || address.is_unspecified() {
            return Some(from);
        }
        self.hosts.iter().position(|host| IpAddr::V4(host.address) == address)
    }

    pub(crate) fn next_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Takes an operation from an executor. One from an executor that is no more is dropped: its process is dead and
    /// only destructors are still running.
    pub(crate) fn submit(&mut self, key: OperationKey, operation: Operation) {
        self.close_dropped();
        let Some(host) = self.executors.get(&key.0).copied() else { return };
        match &operation {
            Operation::Accept { .. }
            | Operation::Connect { .. }
            | Operation::Receive { .. }
            | Operation::Send { .. }
            | Operation::SendFile { .. }
            | Operation::Writable { .. }
            | Operation::Shutdown { .. } => self.submit_to_network(key, host, operation),
            _ => self.submit_to_disk(key, host, operation),
        }
    }

    /// Asks for an early end of an operation. Those that wait for a peer end at once; the disk does what it was told.
    pub(crate) fn cancel(&mut self, key: OperationKey) {
        let Some(InFlight { state: State::Waiting(..), .. }) = self.in_flight.get(&key) else { return };
        self.forget_waiting(key);
        let Some(entry) = self.in_flight.get_mut(&key) else { return };
        let State::Waiting(operation, _) =
            std::mem::replace(&mut entry.state, State::Done(Completion::Unit(Ok(()))))
        else {
            return;
        };
        self.finish(key, operation.fail(super::disk::error(libc::ECANCELED)));
    }

    /// Handles one event that is due; `None` if there is none.
    pub(crate) fn turn(&mut self) -> Option<Outcome> {
        self.close_dropped();
        let event = self.events.pop_due(self.now)?;
        Some(match event {
            Event::Perform(key, id) => self.perform(key, id),
            Event::Deliver(key, id) => self.deliver(key, id),
            Event::Arrive(from) => self.arrive(from),
            Event::GiveUp(from, since) => self.give_up(from, since),
            Event::ConnectTimeout(endpoint) => self.connect_timeout(endpoint),
            Event::ConnectAgain(endpoint) => self.connect_again(endpoint),
        })
    }

    /// Registers an operation in flight.
    pub(crate) fn register(&mut self, key: OperationKey, host: HostId, state: State) -> u64 {
        let id = self.next_id();
        let previous = self.in_flight.insert(key, InFlight { id, host, state });
        debug_assert!(previous.is_none(), "a token names one operation at a time");
        id
    }

    /// Schedules the delivery of a completion of an operation in flight.
    pub(crate) fn finish(&mut self, key: OperationKey, completion: Completion) {
        let Some(entry) = self.in_flight.get_mut(&key) else { return };
        entry.state = State::Done(completion);
        let id = entry.id;
        let delay = self.random.duration(WAKE_DELAY.0, WAKE_DELAY.1);
        self.schedule(delay, Event::Deliver(key, id));
    }

    pub(crate) fn schedule(&mut self, delay: Duration, event: Event) {
        let at = self.now.saturating_add(delay.as_nanos() as u64);
        self.events.push(at, &mut self.random, event);
    }

    /// A handle of the given kind; the world learns when its last copy is dropped.
    pub(crate) fn handle(&mut self, id: u64, object: Object) -> Handle {
        self.objects.insert(id, object);
        Handle::simulated(id, Box::new(CloseOnDrop { id, closed: self.closed.clone() }))
    }

    /// Closes whatever lost its last handle since the last look.
    pub(crate) fn close_dropped(&mut self) {
        loop {
            let closed = std::mem::take(&mut *self.closed.lock().expect("no code under this lock panics"));
            if closed.is_empty() {
                return;
            }
            for id in closed {
                match self.objects.remove(&id) {
                    Some(Object::File { host, handle, .. }) => self.hosts[host].disk.close(handle),
                    Some(Object::Listener) => self.close_listener(id),
                    Some(Object::Endpoint) => self.close_endpoint(id),
                    None => {}
                }
            }
        }
    }

    /// Stands in for a program that changes a buffer which is being written: no safe code can.
    #[cfg(test)]
    pub(crate) fn spoil_a_sample(&mut self) -> bool {
        for entry in self.in_flight.values_mut() {
            if let State::Disk { operation: Operation::Write { .. }, sample, .. } = &mut entry.state {
                *sample ^= 1;
                return true;
            }
        }
        false
    }

    fn deliver(&mut self, key: OperationKey, id: u64) -> Outcome {
        if self.in_flight.get(&key).is_none_or(|entry| entry.id != id) {
            return Outcome::Nothing;
        }
        let Some(InFlight { state: State::Done(completion), .. }) = self.in_flight.remove(&key) else {
            unreachable!("a delivery is scheduled when the operation is done")
        };
        let (kind, numbers) = super::describe::completion(&completion);
        self.trace.record(self.now, kind, &[key.0, key.1 as u64, numbers[0], numbers[1]]);
        Outcome::Complete(key, completion)
    }
}

/// Part of every handle: tells the world of its end.
struct CloseOnDrop {
    id: u64,
    closed: Arc<Mutex<Vec<u64>>>,
}

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        if let Ok(mut closed) = self.closed.lock() {
            closed.push(self.id);
        }
    }
}
