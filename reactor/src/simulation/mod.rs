//! The deterministic driver: one thread, any number of hosts, shards and clients, and a seed that decides everything
//! the world would decide: which ready task runs next, how long each operation takes, what breaks and what survives.
//!
//! ```no_run
//! use ringlog_reactor::simulation::{Crash, Simulation};
//! use std::path::Path;
//!
//! let simulation = Simulation::new(7);
//! let host = simulation.host("node");
//! let wrote = simulation.run_on(&host, |reactor| async move {
//!     reactor.write_file_durably(Path::new("/state"), b"1").await
//! });
//! host.crash(Crash::Power);
//! let read = simulation.run_on(&host, |reactor| async move { reactor.read_file(Path::new("/state")).await });
//! ```
//!
//! Time is virtual. It passes by a hair with every task that runs, and jumps to the next event when nothing is ready.
//! The same seed and the same program give the same run, down to the hash of all I/O ([`Simulation::trace_hash`]),
//! in every process; what breaks that is a bug of the program (a clock, a thread, a hash map in iteration order).
//!
//! What is simulated, and where: files with cached and durable state (`disk`), sockets (`network`, `sockets`, `packets`), drifting
//! clocks (`clock`), crashes (`crash`), faults with a budget (`faults`), the loop (`run`).
//!
//! Architecture invariant: nothing here reads a real clock, file, socket or random number.

mod clock;
mod crash;
mod describe;
mod disk;
mod driver;
mod events;
mod faults;
mod files;
mod host;
mod network;
mod packets;
mod random;
mod run;
mod sockets;
mod trace;
mod world;

#[cfg(test)]
mod tests;

pub use crash::Crash;
pub use disk::Pattern;
pub use faults::{Faults, FileOperation, Harm, Injection};
pub use host::{DiskImage, Host, Running};
pub use random::Random;

use std::fmt;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use run::{Machinery, Step};

use crate::Reactor;

/// How much virtual time a condition may take to come true.
const PATIENCE_DEFAULT: Duration = Duration::from_secs(600);

/// A world of hosts, run step by step by its owner.
pub struct Simulation {
    machinery: Rc<Machinery>,
    patience: Duration,
}

impl Simulation {
    /// An empty world, whose every chance is decided by `seed`.
    pub fn new(seed: u64) -> Simulation {
        Simulation { machinery: Machinery::new(seed), patience: PATIENCE_DEFAULT }
    }

    /// The host of that name, made at the first call.
    pub fn host(&self, name: &str) -> Host {
        let mut world = self.machinery.world.borrow_mut();
        let known = world.hosts.iter().position(|host| host.name == name);
        let id = known.unwrap_or_else(|| world.add_host(name));
        Host { machinery: self.machinery.clone(), id }
    }

    /// Changes random faults and delays.
    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.machinery.world.borrow_mut().faults);
    }

    /// Closes the way of packets from one host to another; the opposite way stays as it is.
    pub fn cut(&self, from: &Host, to: &Host) {
        self.machinery.world.borrow_mut().network.cut(from.id, to.id);
    }

    /// Opens a way that was cut: what was held back travels on.
    pub fn heal(&self, from: &Host, to: &Host) {
        let mut world = self.machinery.world.borrow_mut();
        world.network.heal(from.id, to.id);
        world.resume_paths();
    }

    /// Opens all ways.
    pub fn heal_all(&self) {
        let mut world = self.machinery.world.borrow_mut();
        world.network.heal_all();
        world.resume_paths();
    }

    /// Breaks every connection between two hosts, for both ends.
    pub fn break_connections(&self, one: &Host, other: &Host) {
        self.machinery.world.borrow_mut().break_connections(one.id, other.id);
    }

    /// True time since the start.
    pub fn now(&self) -> Duration {
        Duration::from_nanos(self.machinery.world.borrow().now)
    }

    /// How much virtual time [`Simulation::run_until`] gives its condition; ten minutes unless set.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Does one thing (an event, or one poll of one task), or lets time jump to the next. False if nothing will ever
    /// happen again by itself.
    pub fn step(&self) -> bool {
        let _seed = SayTheSeed(&self.machinery);
        self.machinery.step(u64::MAX) != Step::Idle
    }

    /// Runs until the condition holds, which is asked after every step.
    pub fn run_until(&self, mut condition: impl FnMut() -> bool) -> Result<(), Stuck> {
        let _seed = SayTheSeed(&self.machinery);
        let limit = self.machinery.world.borrow().now.saturating_add(self.patience.as_nanos() as u64);
        while !condition() {
            match self.machinery.step(limit) {
                Step::Progress if self.machinery.world.borrow().now <= limit => {}
                Step::Progress | Step::Quiet => {
                    return Err(self.stuck("the condition did not come true in time"));
                }
                Step::Idle => return Err(self.stuck("nothing is ready and nothing is scheduled")),
            }
        }
        Ok(())
    }

    /// Runs for this long.
    pub fn run_for(&self, duration: Duration) {
        let _seed = SayTheSeed(&self.machinery);
        let limit = self.machinery.world.borrow().now.saturating_add(duration.as_nanos() as u64);
        while self.machinery.world.borrow().now < limit && self.machinery.step(limit) == Step::Progress {}
        self.machinery.pass_time(limit);
    }

    /// Starts a main task on a host and runs the world until it has ended.
    ///
    /// # Panics
    /// With the report of [`Stuck`] if it never ends.
    pub fn run_on<F, T>(&self, host: &Host, body: impl FnOnce(Reactor) -> F) -> T
    where
        F: Future<Output = T> + 'static,
        T: 'static,
    {
        let running = host.start("run_on", body);
        if let Err(stuck) = self.run_until(|| running.is_finished()) {
            panic!("{stuck}");
        }
        running.take_output().expect("finished, and taken only here")
    }

    /// A hash of all I/O so far: what was asked when, of whom, with which bytes, and what came of it.
    pub fn trace_hash(&self) -> u64 {
        self.machinery.world.borrow().trace.hash()
    }

    /// How many events the trace holds.
    pub fn trace_events(&self) -> u64 {
        self.machinery.world.borrow().trace.events()
    }

    /// Keeps the newest events as text, for the message of a failure. Slower.
    pub fn keep_trace_text(&self, keep: bool) {
        self.machinery.world.borrow_mut().trace.keep_text(keep);
    }

    /// The seed, for messages.
    pub fn seed(&self) -> u64 {
        self.machinery.world.borrow().seed
    }

    fn stuck(&self, what: &'static str) -> Stuck {
        let world = self.machinery.world.borrow();
        let (seed, now, recent) = (world.seed, world.now, world.trace.recent());
        drop(world);
        Stuck { seed, now: Duration::from_nanos(now), what, waiting: self.machinery.waiting(), recent }
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        self.machinery.clear();
    }
}

impl fmt::Debug for Simulation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Simulation(seed {}, at {:?})", self.seed(), self.now())
    }
}

/// A condition did not come true.
#[derive(Debug, Clone)]
pub struct Stuck {
    seed: u64,
    now: Duration,
    what: &'static str,
    waiting: String,
    recent: String,
}

impl fmt::Display for Stuck {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stuck { seed, now, what, waiting, recent } = self;
        writeln!(formatter, "simulation with seed {seed} is stuck at {now:?}: {what}\nwaiting:\n{waiting}")?;
        if recent.is_empty() { Ok(()) } else { writeln!(formatter, "last events:\n{recent}") }
    }
}

impl std::error::Error for Stuck {}

/// Prints the seed when a task panics, because without it nobody can run the same again.
struct SayTheSeed<'a>(&'a Machinery);

impl Drop for SayTheSeed<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        match self.0.world.try_borrow() {
            Ok(world) => eprintln!(
                "simulation with seed {} panicked at {:?}; last events (if kept):\n{}",
                world.seed,
                Duration::from_nanos(world.now),
                world.trace.recent()
            ),
            Err(_) => eprintln!("simulation panicked while the world was being changed"),
        }
    }
}
