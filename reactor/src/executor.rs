//! Runs the tasks of one shard.

use std::future::Future;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::context::ShardContext;
use crate::remote::{LocalQueue, enter, schedule};
use crate::{Completion, Driver, LocalBoxFuture, Reactor, Remote, Shutdown, Task, Token, Wait};

/// Tasks run between two turns of the driver, so that a busy shard still sees its completions.
const TASKS_PER_TURN: usize = 128;
/// Tasks run between two readings of the clocks, which are read after every turn as well.
const TASKS_PER_READING: usize = 16;
/// Rounds given to destructors that spawn or wake more tasks while everything is being cancelled.
const CANCEL_ROUNDS_MAX: usize = 1000;

/// One shard: tasks, timers and operations over one driver.
///
/// In production [`crate::run()`] drives it. A host of many executors on one thread (the simulator) drives each one
/// itself: it delivers completions, moves its own clock, and decides which ready task runs next.
///
/// ```ignore
/// let executor = Executor::new(driver, Remote::new(unpark), shutdown);
/// let reactor = executor.reactor();
/// executor.collect();                      // take what other threads (or executors) have woken
/// executor.fire_timers();                  // what is due at driver.now_nanos()
/// let ready = executor.ready();            // how many tasks could run
/// executor.run_ready(choice % ready);      // run one of them
/// executor.complete(token, completion);    // an operation has completed
/// executor.next_deadline();                // when to come back if nothing is ready
/// executor.cancel_all();                   // drop every task (a crash, or the end)
/// ```
pub struct Executor {
    context: Rc<ShardContext>,
}

impl Executor {
    /// An executor without tasks.
    pub fn new(driver: Rc<dyn Driver>, remote: Arc<Remote>, shutdown: Arc<Shutdown>) -> Self {
        let context = ShardContext {
            driver,
            slots: Default::default(),
            timers: Default::default(),
            queue: Rc::new(LocalQueue::default()),
            remote,
            shutdown,
            metrics: Default::default(),
            tasks: Default::default(),
        };
        Self { context: Rc::new(context) }
    }

    /// The handle that tasks use.
    pub fn reactor(&self) -> Reactor {
        Reactor::new(self.context.clone())
    }

    /// Readies the tasks that were woken from elsewhere: by other threads, or by other executors of this one.
    pub fn collect(&self) {
        self.context.remote.collect(&self.context.queue);
    }

    /// How many tasks are ready to run.
    pub fn ready(&self) -> usize {
        self.context.queue.ready.borrow().len()
    }

    /// Runs the ready task at `index` (0 is the one that has waited longest).
    ///
    /// # Panics
    /// If there is none, and with the panic of the task if it has one.
    pub fn run_ready(&self, index: usize) {
        let runnable = self.context.queue.ready.borrow_mut().remove(index).expect("index below ready()");
        let _entered = enter(&self.context.remote, &self.context.queue);
        runnable.run();
    }

    /// Delivers the completion of an operation and readies whoever waits for it.
    pub fn complete(&self, token: Token, completion: Completion) {
        let _entered = enter(&self.context.remote, &self.context.queue);
        self.context.slots.complete(token, completion);
    }

    /// Operations in flight, those of dropped futures included.
    pub fn operations(&self) -> usize {
        self.context.slots.len()
    }

    /// Tasks that have not finished.
    pub fn tasks(&self) -> usize {
        self.context.tasks.borrow().len()
    }

    /// The earliest deadline of a sleeping task.
    pub fn next_deadline(&self) -> Option<u64> {
        self.context.timers.next_deadline()
    }

    /// Readies every task whose deadline has come.
    pub fn fire_timers(&self) {
        if self.context.timers.next_deadline().is_some() {
            let _entered = enter(&self.context.remote, &self.context.queue);
            self.context.timers.fire(self.context.driver.now_nanos());
        }
    }

    /// Drops every task without running it again. Operations they had in flight are cancelled and still complete.
    pub fn cancel_all(&self) {
        let _entered = enter(&self.context.remote, &self.context.queue);
        for _ in 0..CANCEL_ROUNDS_MAX {
            let wakers: Vec<_> = self.context.tasks.borrow().iter().map(|(_, waker)| waker.clone()).collect();
            for waker in wakers {
                waker.wake();
            }
            self.collect();
            let ready = std::mem::take(&mut *self.context.queue.ready.borrow_mut());
            if ready.is_empty() && self.tasks() == 0 {
                return;
            }
            drop(ready);
        }
        debug_assert!(self.tasks() == 0, "destructors keep spawning tasks");
    }

    /// Runs until `main` has finished, then cancels all other tasks and waits for their operations.
    pub(crate) fn run<F: Future + 'static>(&self, main: F, spin: Duration) -> io::Result<F::Output>
    where
        F::Output: 'static,
    {
        let _entered = enter(&self.context.remote, &self.context.queue);
        let task = spawn(&self.context, Box::pin(main));
        let mut completed = Vec::new();
        loop {
            self.run_batch();
            if task.is_finished() {
                break;
            }
            if !spin.is_zero() {
                self.spin(spin, &mut completed)?;
            }
            self.turn(&mut completed)?;
        }
        let output = futures_lite::future::block_on(futures_lite::future::poll_once(task));
        self.cancel_all();
        while self.operations() > 0 {
            self.turn(&mut completed)?;
            self.run_batch();
        }
        output.ok_or_else(|| io::Error::other("the main task finished without an output"))
    }

    fn run_batch(&self) {
        let mut runs = 0;
        while runs < TASKS_PER_TURN {
            let Some(runnable) = self.context.queue.ready.borrow_mut().pop_front() else { break };
            runnable.run();
            runs += 1;
            if runs % TASKS_PER_READING == 0 {
                self.context.driver.forget_time();
            }
        }
        self.context.metrics.task_runs.add(runs as u64);
    }

    /// Looks for work for a while before the wait that a turn would begin: whoever sends a message meanwhile need not
    /// wake us.
    fn spin(&self, limit: Duration, completed: &mut Vec<(Token, Completion)>) -> io::Result<()> {
        let end = self.context.driver.now_nanos() + limit.as_nanos() as u64;
        while self.ready() == 0 && !self.context.remote.has_work() {
            self.context.driver.turn(Wait::Poll, completed)?;
            if !completed.is_empty() || self.context.driver.now_nanos() >= end {
                break;
            }
            std::hint::spin_loop();
        }
        Ok(())
    }

    /// Gives the driver its turn: waiting only if no task is ready.
    fn turn(&self, completed: &mut Vec<(Token, Completion)>) -> io::Result<()> {
        let busy = self.ready() > 0 || !completed.is_empty();
        let wait = if busy || !self.context.remote.prepare_to_sleep() {
            Wait::Poll
        } else {
            self.next_deadline().map_or(Wait::Forever, Wait::Until)
        };
        self.count_turn(&wait);
        let turned = self.context.driver.turn(wait, completed);
        self.context.remote.awake();
        turned?;
        self.context.metrics.completions.add(completed.len() as u64);
        self.collect();
        for (token, completion) in completed.drain(..) {
            self.context.slots.complete(token, completion);
        }
        self.fire_timers();
        Ok(())
    }

    fn count_turn(&self, wait: &Wait) {
        let metrics = &self.context.metrics;
        metrics.turns.add(1);
        metrics.waits.add(u64::from(!matches!(wait, Wait::Poll)));
        metrics.tasks.set(self.tasks() as u64);
        metrics.operations.set(self.operations() as u64);
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.cancel_all();
    }
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Executor({} tasks, {} operations)", self.tasks(), self.operations())
    }
}

/// Removes a task's waker when its future is finished or dropped.
struct Registered {
    context: Rc<ShardContext>,
    key: usize,
}

impl Drop for Registered {
    fn drop(&mut self) {
        let waker = self.context.tasks.borrow_mut().try_remove(self.key);
        drop(waker);
    }
}

pub(crate) fn spawn<T: 'static>(context: &Rc<ShardContext>, future: LocalBoxFuture<T>) -> Task<T> {
    let key = context.tasks.borrow().vacant_key();
    let registered = Registered { context: context.clone(), key };
    let home = context.remote.clone();
    let (runnable, task) = async_task::spawn_local(
        async move {
            let _registered = registered;
            future.await
        },
        move |runnable| schedule(&home, runnable),
    );
    let inserted = context.tasks.borrow_mut().insert(runnable.waker());
    debug_assert_eq!(inserted, key);
    runnable.schedule();
    Task(task)
}
