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
    work: Condvar,
    remote: Arc<Remote>,
    /// Processors of the process: a pinned shard must not pin its file threads with it.
    processors: Option<CpuSet>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    completed: Vec<(Token, Completion)>,
    threads: usize,
    idle: usize,
    closed: bool,
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
        let shared = Shared { state: Mutex::default(), work: Condvar::new(), remote, processors };
        Self { shared: Arc::new(shared), closures: RefCell::default() }
    }

    /// Queues an operation; its completion comes with `drain`.
    pub(crate) fn submit(&self, token: Token, operation: Operation) {
        let claim = matches!(operation, Operation::Blocking(_)).then(Arc::<Claim>::default);
        if let Some(claim) = &claim {
            self.closures.borrow_mut().insert(token, claim.clone());
        }
        let mut state = self.shared.lock();
        state.queue.push_back(Job { token, operation, claim });
        if state.idle < state.queue.len() && state.threads < THREADS_MAX {
            self.start_thread(&mut state);
        }
        drop(state);
        self.shared.work.notify_one();
    }

    /// Takes an operation back that has not begun; gives up a closure even while it runs.
    pub(crate) fn cancel(&self, token: Token) {
        let mut state = self.shared.lock();
        if let Some(position) = state.queue.iter().position(|job| job.token == token)
            && let Some(job) = state.queue.remove(position)
        {
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

    fn start_thread(&self, state: &mut State) {
        let shared = self.shared.clone();
        let started = std::thread::Builder::new().name("file".to_owned()).spawn(move || work(&shared));
        match started {
            Ok(_) => state.threads += 1,
            // With other threads at work this one is only slower; without any, nothing would ever happen.
            Err(error) if state.threads == 0 => {
                for job in state.queue.drain(..) {
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
        self.shared.work.notify_all();
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

    /// The next job; none when the pool is closed or has been idle for long.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                return Some(job);
            }
            if state.closed {
                state.threads -= 1;
                return None;
            }
            state.idle += 1;
            let (woken, waited) =
                self.work.wait_timeout(state, IDLE).expect("no code under this lock panics");
            state = woken;
            state.idle -= 1;
            if waited.timed_out() && state.queue.is_empty() {
                state.threads -= 1;
                return None;
            }
        }
    }
}

fn work(shared: &Shared) {
    if let Some(processors) = &shared.processors {
        // Sharing the shard's processor is slower, not wrong.
        let _ = rustix::thread::sched_setaffinity(None, processors);
    }
    while let Some(Job { token, operation, claim }) = shared.next() {
        let completion = blocking::execute(operation);
        if claim.is_none_or(|claim| claim.take()) {
            shared.deliver(token, completion);
        }
    }
}

pub(crate) fn cancelled() -> io::Error {
    io::Error::from_raw_os_error(libc::ECANCELED)
}
