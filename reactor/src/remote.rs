//! The part of an executor that other threads may touch.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use async_task::Runnable;

use crate::Unpark;

/// Where tasks woken from elsewhere reach an executor.
///
/// ```text
///   other thread: push to the inbox, then   if sleeping was set: clear it, unpark
///   executor:     set sleeping, look at the inbox, wait only if it is empty
/// ```
/// Both orders of the two lines leave either the executor awake or the unpark done.
pub struct Remote {
    inbox: Mutex<VecDeque<Runnable>>,
    /// There are tasks in the inbox.
    filled: AtomicBool,
    /// The file threads have something for the driver.
    called: AtomicBool,
    sleeping: AtomicBool,
    unpark: Arc<dyn Unpark>,
}

impl Remote {
    /// A remote that wakes its executor by `unpark`.
    pub fn new(unpark: Arc<dyn Unpark>) -> Arc<Self> {
        Arc::new(Self {
            inbox: Mutex::default(),
            filled: AtomicBool::new(false),
            called: AtomicBool::new(false),
            sleeping: AtomicBool::new(false),
            unpark,
        })
    }

    fn schedule(&self, runnable: Runnable) {
        self.lock().push_back(runnable);
        self.filled.store(true, Ordering::SeqCst);
        self.end_sleep();
    }

    /// Makes sure the driver gets another turn.
    pub(crate) fn call(&self) {
        self.called.store(true, Ordering::SeqCst);
        self.end_sleep();
    }

    /// Whether there was a call since the last time; to be asked before looking at what the call was about.
    pub(crate) fn take_call(&self) -> bool {
        self.called.load(Ordering::SeqCst) && self.called.swap(false, Ordering::SeqCst)
    }

    fn end_sleep(&self) {
        if self.sleeping.swap(false, Ordering::SeqCst) {
            self.unpark.unpark();
        }
    }

    /// Announces that the executor is about to wait; false if there is something to do, and no wait is due.
    pub(crate) fn prepare_to_sleep(&self) -> bool {
        self.sleeping.store(true, Ordering::SeqCst);
        if self.has_work() {
            self.sleeping.store(false, Ordering::SeqCst);
            return false;
        }
        true
    }

    /// Whether there is something to do.
    pub(crate) fn has_work(&self) -> bool {
        self.filled.load(Ordering::SeqCst) || self.called.load(Ordering::SeqCst)
    }

    /// The wait is over.
    pub(crate) fn awake(&self) {
        self.sleeping.store(false, Ordering::SeqCst);
    }

    /// Moves everything out of the inbox.
    pub(crate) fn collect(&self, queue: &LocalQueue) {
        if !self.filled.load(Ordering::SeqCst) {
            return;
        }
        let mut inbox = self.lock();
        self.filled.store(false, Ordering::SeqCst);
        queue.ready.borrow_mut().append(&mut inbox);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Runnable>> {
        self.inbox.lock().expect("no code under this lock panics")
    }
}

/// Ready tasks of one executor, reachable without a lock from its own thread.
#[derive(Default)]
pub(crate) struct LocalQueue {
    pub(crate) ready: RefCell<VecDeque<Runnable>>,
}

thread_local! {
    /// The executor that runs on this thread just now.
    static CURRENT: RefCell<Option<(Arc<Remote>, Rc<LocalQueue>)>> = const { RefCell::new(None) };
}

/// Makes an executor the current one of this thread for as long as it lives.
pub(crate) struct Entered(Option<(Arc<Remote>, Rc<LocalQueue>)>);

pub(crate) fn enter(remote: &Arc<Remote>, queue: &Rc<LocalQueue>) -> Entered {
    Entered(CURRENT.with(|current| current.replace(Some((remote.clone(), queue.clone())))))
}

impl Drop for Entered {
    fn drop(&mut self) {
        let previous = self.0.take();
        CURRENT.with(|current| *current.borrow_mut() = previous);
    }
}

/// The schedule function of every task: to the local queue where its executor is the current one, else by the inbox.
pub(crate) fn schedule(home: &Arc<Remote>, runnable: Runnable) {
    let mut runnable = Some(runnable);
    // A thread that is being torn down has no current executor any more; the inbox is always right.
    let _ = CURRENT.try_with(|current| {
        if let Some((remote, queue)) = &*current.borrow()
            && Arc::ptr_eq(remote, home)
        {
            queue.ready.borrow_mut().extend(runnable.take());
        }
    });
    if let Some(runnable) = runnable {
        home.schedule(runnable);
    }
}
