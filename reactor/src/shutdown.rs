//! The request to stop, shared by all shards of a process.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};

/// Whether a stop was requested, and who waits for it.
#[derive(Debug, Default)]
pub struct Shutdown {
    requested: AtomicBool,
    waiting: Mutex<Vec<Waker>>,
}

impl Shutdown {
    /// Whether it was requested.
    pub fn is_requested(&self) -> bool {
        self.requested.load(Ordering::Acquire)
    }

    /// Completes when it is requested.
    pub async fn requested(&self) {
        poll_fn(|context| {
            let mut waiting = self.lock();
            if self.is_requested() {
                return Poll::Ready(());
            }
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    fn request(&self) {
        let waiting = {
            let mut waiting = self.lock();
            self.requested.store(true, Ordering::Release);
            std::mem::take(&mut *waiting)
        };
        for waker in waiting {
            waker.wake();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Waker>> {
        self.waiting.lock().expect("no code under this lock panics")
    }
}

/// Requests the stop, from any thread (a signal adapter, the simulator).
#[derive(Clone)]
pub struct ShutdownTrigger(pub(crate) Arc<Shutdown>);

impl ShutdownTrigger {
    /// Requests it. Again has no effect.
    pub fn request(&self) {
        self.0.request();
    }
}

impl std::fmt::Debug for ShutdownTrigger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ShutdownTrigger(requested: {})", self.0.is_requested())
    }
}
