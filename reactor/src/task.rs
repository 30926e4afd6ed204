//! A spawned future.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Handle of a spawned future, and a future of its output. Dropping it cancels: the spawned future is dropped at the
/// next turn of its executor, with all it holds.
#[must_use = "a task that is dropped is cancelled; detach it to let it run"]
pub struct Task<T>(pub(crate) async_task::Task<T>);

impl<T> Task<T> {
    /// Lets it run on its own. A panic in it ends the shard, as in every task.
    pub fn detach(self) {
        self.0.detach();
    }

    /// Cancels and waits until its future has been dropped. Gives the output if it had finished before.
    pub async fn cancel(self) -> Option<T> {
        self.0.cancel().await
    }

    /// Whether it has finished or was cancelled.
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> std::fmt::Debug for Task<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Task(finished: {})", self.is_finished())
    }
}
