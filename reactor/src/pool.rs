//! A few threads for work that may block: file operations without (or instead of) a ring, and closures.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use rustix::thread::CpuSet;

use crate::{Completion, Operation, Remote, Token, blocking};

/// Threads of one shard at most: enough to keep a disk busy, few enough not to fight the shards for processors.
const THREADS_MAX: usize = 8;
/// Threads of one shard for work in the background: what is small beside the shards need not be quick.
const BACKGROUND_THREADS_MAX: usize = 1;
/// How long a thread without work stays.
const IDLE: Duration = Duration::from_secs(10);

/// The file threads of one shard. They start when needed and end when idle.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    /// Closures in flight, which (unlike file operations) may be given up while they run.
    closures: RefCell<BTreeMap<Token, Arc<Claim>>>,
}

struct Shared {
    state: Mutex<State>,
    /// Something for the threads of a lane.
    work: [Condvar; 2],
    remote: Arc<Remote>,
    /// Processors of the process: a pinned shard must not pin its file threads with it.
    processors: Option<CpuSet>,
}

#[derive(Default)]
struct State {
    lanes: [LaneState; 2],
    completed: Vec<(Token, Completion)>,
    closed: bool,
}

#[derive(Default)]
struct LaneState {
    queue: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

/// Which threads do a job.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// Somebody may be waiting for it.
    Usual,
    /// It runs while the processors have nothing better to do.
    Background,
}

impl Lane {
    fn of(operation: &Operation) -> Lane {
        match operation {
            Operation::Blocking(job) if job.is_background() => Lane::Background,
            _ => Lane::Usual,
        }
    }

    fn threads_max(self) -> usize {
        match self {
            Lane::Usual => THREADS_MAX,
            Lane::Background => BACKGROUND_THREADS_MAX,
        }
    }

    fn thread_name(self) -> &'static str {
        match self {
            Lane::Usual => "file",
            Lane::Background => "background",
        }
    }
}

struct Job {
    token: Token,
    operation: Operation,
    claim: Option<Arc<Claim>>,
}

/// Who answers a closure's token: the thread that ran it, or the shard that gave it up. Exactly one of them.
#[derive(Default)]
struct Claim(AtomicU8);

impl Claim {
    fn take(&self) -> bool {
        self.0.swap(1, Ordering::AcqRel) == 0
    }
}

impl Pool {
    pub(crate) fn new(remote: Arc<Remote>, processors: Option<CpuSet>) -> Self {
        let shared = Shared { state: Mutex::default(), work: Default::default(), remote, processors };
        Self { shared: Arc::new(shared), closures: RefCell::default() }
    }

    /// Queues an operation; its completion comes with `drain`.
    pub(crate) fn submit(&self, token: Token, operation: Operation) {
        let claim = matches!(operation, Operation::Blocking(_)).then(Arc::<Claim>::default);
        if let Some(claim) = &claim {
            self.closures.borrow_mut().insert(token, claim.clone());
        }
        let lane = Lane::of(&operation);
        let mut state = self.shared.lock();
        let its = &mut state.lanes[lane as usize];
        its.queue.push_back(Job { token, operation, claim });
        if its.idle < its.queue.len() && its.threads < lane.threads_max() {
            self.start_thread(&mut state, lane);
        }
        drop(state);
        self.shared.work[lane as usize].notify_one();
    }

    /// Takes an operation back that has not begun; gives up a closure even while it runs.
    pub(crate) fn cancel(&self, token: Token) {
        let mut state = self.shared.lock();
        let found = state.lanes.iter_mut().find_map(|lane| {
            let position = lane.queue.iter().position(|job| job.token == token)?;
            lane.queue.remove(position)
        });
        if let Some(job) = found {
            drop(state);
            let completion = job.operation.fail(cancelled());
            self.shared.deliver(token, completion);
            return;
        }
        drop(state);
        let running = self.closures.borrow().get(&token).is_some_and(|claim| claim.take());
        if running {
            self.shared.deliver(token, Completion::Blocking(Err(Box::new(cancelled()))));
        }
    }

    /// Moves out what has completed.
    pub(crate) fn drain(&self, completed: &mut Vec<(Token, Completion)>) {
        if !self.shared.remote.take_call() {
            return;
        }
        let start = completed.len();
        completed.append(&mut self.shared.lock().completed);
        let mut closures = self.closures.borrow_mut();
        if !closures.is_empty() {
            for (token, _) in &completed[start..] {
                closures.remove(token);
            }
        }
    }

    fn start_thread(&self, state: &mut State, lane: Lane) {
        let shared = self.shared.clone();
        let thread = std::thread::Builder::new().name(lane.thread_name().to_owned());
        let its = &mut state.lanes[lane as usize];
        match thread.spawn(move || work(&shared, lane)) {
            Ok(_) => its.threads += 1,
            // With other threads at work this one is only slower; without any, nothing would ever happen.
            Err(error) if its.threads == 0 => {
                for job in its.queue.drain(..) {
                    let failure = io::Error::new(error.kind(), format!("no file thread: {error}"));
                    state.completed.push((job.token, job.operation.fail(failure)));
                }
                self.shared.remote.call();
            }
            Err(_) => {}
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.work.iter().for_each(Condvar::notify_all);
    }
}

impl Shared {
    fn deliver(&self, token: Token, completion: Completion) {
        self.lock().completed.push((token, completion));
        self.remote.call();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no code under this lock panics")
    }

    /// The next job of a lane; none when the pool is closed or the lane has been idle for long.
    fn next(&self, lane: Lane) -> Option<Job> {
        let place = lane as usize;
        let mut state = self.lock();
        loop {
            if let Some(job) = state.lanes[place].queue.pop_front() {
                return Some(job);
            }
            if state.closed {
                state.lanes[place].threads -= 1;
                return None;
            }
            state.lanes[place].idle += 1;
            let (woken, waited) =
                self.work[place].wait_timeout(state, IDLE).expect("no code under this lock panics");
            state = woken;
            state.lanes[place].idle -= 1;
            if waited.timed_out() && state.lanes[place].queue.is_empty() {
                state.lanes[place].threads -= 1;
                return None;
            }
        }
    }
}

fn work(shared: &Shared, lane: Lane) {
    if let Some(processors) = &shared.processors {
        // Sharing the shard's processor is slower, not wrong.
        let _ = rustix::thread::sched_setaffinity(None, processors);
    }
    if lane == Lane::Background {
        give_way();
    }
    while let Some(Job { token, operation, claim }) = shared.next(lane) {
        let completion = blocking::execute(operation);
        if claim.is_none_or(|claim| claim.take()) {
            shared.deliver(token, completion);
        }
    }
}

/// From now on this thread runs when nobody else wants the processor, and is interrupted at once when somebody does.
fn give_way() {
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: the pointer is to a live structure that the call only reads; 0 is the calling thread.
    // Where it is forbidden, the work is done all the same, only less politely.
    let _ = unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const parameters) };
}

pub(crate) fn cancelled() -> io::Error {
    io::Error::from_raw_os_error(libc::ECANCELED)
}
