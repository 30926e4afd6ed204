//! The loop: one event or one task at a time, and time passes only when there is neither.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use super::Crash;
use super::driver::{NobodySleeps, SimulatedDriver};
use super::world::{ExecutorId, HostId, Outcome, World};
use crate::{Driver, Executor, Launch, Reactor, Remote, Shutdown, ShutdownTrigger, reply};

/// What running one task costs, nanoseconds: enough that a task which waits by yielding sees time pass.
const TASK_NANOS: (u64, u64) = (100, 2_000);

/// The world and the executors in it.
pub(crate) struct Machinery {
    pub(crate) world: RefCell<World>,
    shards: RefCell<BTreeMap<ExecutorId, Shard>>,
}

/// One executor of a host.
struct Shard {
    host: HostId,
    name: String,
    executor: Rc<Executor>,
    /// Set by the main task when it has finished.
    finished: Rc<Cell<bool>>,
    /// The main task has finished and all others are cancelled; only operations are left.
    draining: bool,
    shutdown: Arc<Shutdown>,
    /// Told when everything is over.
    joined: Option<reply::ReplySender<io::Result<()>>>,
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Something happened.
    Progress,
    /// Nothing can happen before the time that was given.
    Quiet,
    /// Nothing will ever happen.
    Idle,
}

impl Machinery {
    pub(crate) fn new(seed: u64) -> Rc<Machinery> {
        Rc::new(Machinery { world: RefCell::new(World::new(seed)), shards: RefCell::default() })
    }

    /// Starts an executor on a host with `main` as its main task.
    pub(crate) fn start<F: Future<Output = ()> + 'static>(
        self: &Rc<Self>,
        host: HostId,
        name: &str,
        shutdown: Arc<Shutdown>,
        joined: Option<reply::ReplySender<io::Result<()>>>,
        main: impl FnOnce(Reactor) -> F,
    ) {
        let executor_id = {
            let mut world = self.world.borrow_mut();
            world.power_on(host);
            let id = world.next_id();
            world.executors.insert(id, host);
            id
        };
        let driver: Rc<dyn Driver> =
            Rc::new(SimulatedDriver { machinery: self.clone(), executor: executor_id, host });
        let executor = Rc::new(Executor::new(driver, Remote::new(Arc::new(NobodySleeps)), shutdown.clone()));
        let finished = Rc::new(Cell::new(false));
        let reactor = executor.reactor();
        let (main, ended) = (main(reactor.clone()), finished.clone());
        let task = async move {
            main.await;
            ended.set(true);
        };
        reactor.spawn(task).detach();
        let shard =
            Shard { host, name: name.to_owned(), executor, finished, draining: false, shutdown, joined };
        self.shards.borrow_mut().insert(executor_id, shard);
    }

    pub(crate) fn launch(self: &Rc<Self>, host: HostId, launch: Launch) -> io::Result<()> {
        let Launch { options, body, shutdown, finished } = launch;
        self.start(host, &options.name, shutdown, Some(finished), body);
        Ok(())
    }

    /// Does one thing. Time does not pass beyond `limit`.
    pub(crate) fn step(&self, limit: u64) -> Step {
        let outcome = self.world.borrow_mut().turn();
        if let Some(outcome) = outcome {
            self.apply(outcome);
            return Step::Progress;
        }
        if let Some((id, executor, index)) = self.choose() {
            executor.run_ready(index);
            self.after_task(id, &executor);
            return Step::Progress;
        }
        match self.next_time() {
            Some(next) if next <= limit => {
                let mut world = self.world.borrow_mut();
                world.now = world.now.max(next);
                Step::Progress
            }
            Some(_) => Step::Quiet,
            None => Step::Idle,
        }
    }

    /// Lets time pass although nothing happens.
    pub(crate) fn pass_time(&self, until: u64) {
        let mut world = self.world.borrow_mut();
        world.now = world.now.max(until);
    }

    /// Kills everything on a host.
    pub(crate) fn crash(&self, host: HostId, crash: Crash) {
        let killed: Vec<Shard> = {
            let mut shards = self.shards.borrow_mut();
            let ids: Vec<ExecutorId> =
                shards.iter().filter(|(_, shard)| shard.host == host).map(|(id, _)| *id).collect();
            ids.into_iter().filter_map(|id| shards.remove(&id)).collect()
        };
        // First the disk and the network, so that no destructor of a dying task does orderly work.
        self.world.borrow_mut().crash(host, crash);
        for shard in &killed {
            shard.executor.cancel_all();
        }
        drop(killed);
        self.world.borrow_mut().close_dropped();
    }

    /// Requests an orderly stop of all processes of a host.
    pub(crate) fn request_shutdown(&self, host: HostId) {
        let triggers: Vec<Arc<Shutdown>> = self
            .shards
            .borrow()
            .values()
            .filter(|shard| shard.host == host)
            .map(|shard| shard.shutdown.clone())
            .collect();
        triggers.into_iter().for_each(|shutdown| ShutdownTrigger(shutdown).request());
    }

    /// Drops all executors, which breaks the circle of references through their drivers.
    pub(crate) fn clear(&self) {
        let shards = std::mem::take(&mut *self.shards.borrow_mut());
        self.world.borrow_mut().executors.clear();
        if std::thread::panicking() {
            // A destructor that panics now would abort the process and hide the first panic.
            std::mem::forget(shards);
        }
    }

    /// One line per executor: what it has and what it waits for.
    pub(crate) fn waiting(&self) -> String {
        let world = self.world.borrow();
        let mut report = String::new();
        for (id, shard) in &*self.shards.borrow() {
            let (tasks, ready) = (shard.executor.tasks(), shard.executor.ready());
            let host = &world.hosts[shard.host];
            report += &format!("  {} on {}: {tasks} tasks, {ready} ready", shard.name, host.name);
            if let Some(deadline) = shard.executor.next_deadline() {
                let due = host.clock.true_time_of(deadline);
                report += &format!(", next timer in {} us", due.saturating_sub(world.now) / 1000);
            }
            report += "\n";
            for (key, entry) in world.in_flight.iter().filter(|(key, _)| key.0 == *id) {
                report += &format!("    operation {}: {}\n", key.1, super::describe::state(&entry.state));
            }
        }
        report
    }

    fn apply(&self, outcome: Outcome) {
        let (key, completion) = match outcome {
            Outcome::Nothing => return,
            Outcome::Complete(key, completion) => (key, completion),
            Outcome::RunJob(key, job) => (key, job.run()),
        };
        let executor = self.shards.borrow().get(&key.0).map(|shard| shard.executor.clone());
        if let Some(executor) = executor {
            executor.complete(key.1, completion);
            self.after_task(key.0, &executor);
        }
    }

    /// Lets the seed choose among all ready tasks of all executors.
    fn choose(&self) -> Option<(ExecutorId, Rc<Executor>, usize)> {
        let shards = self.shards.borrow();
        let mut total = 0;
        for shard in shards.values() {
            shard.executor.collect();
            shard.executor.fire_timers();
            total += shard.executor.ready();
        }
        if total == 0 {
            return None;
        }
        let mut world = self.world.borrow_mut();
        world.now += world.random.between(TASK_NANOS.0, TASK_NANOS.1);
        let mut index = world.random.index(total);
        for (id, shard) in shards.iter() {
            if index < shard.executor.ready() {
                return Some((*id, shard.executor.clone(), index));
            }
            index -= shard.executor.ready();
        }
        None
    }

    /// A shard whose main task has finished is cancelled, drained, and then gone.
    fn after_task(&self, id: ExecutorId, executor: &Executor) {
        let cancel = match self.shards.borrow_mut().get_mut(&id) {
            Some(shard) if shard.finished.get() => !std::mem::replace(&mut shard.draining, true),
            _ => return,
        };
        if cancel {
            executor.cancel_all();
        }
        if executor.operations() > 0 {
            return;
        }
        let shard = self.shards.borrow_mut().remove(&id);
        self.world.borrow_mut().executors.remove(&id);
        if let Some(Shard { joined: Some(joined), .. }) = shard {
            // Whether anybody waits for the end is the launcher's affair.
            let _ = joined.send(Ok(()));
        }
    }

    fn next_time(&self) -> Option<u64> {
        let world = self.world.borrow();
        let timers = self.shards.borrow();
        let timers = timers.values().filter_map(|shard| {
            let deadline = shard.executor.next_deadline()?;
            Some(world.hosts[shard.host].clock.true_time_of(deadline))
        });
        timers.chain(world.events.next_time()).min()
    }
}
