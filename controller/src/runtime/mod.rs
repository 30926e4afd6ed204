//! openraft over the reactor.
//!
//! openraft reaches its runtime through static functions (`AsyncRuntime::spawn`, `Instant::now`), so the reactor that a
//! task runs on cannot be passed to it. It is kept in a thread-local cell instead, but only while a future is being
//! polled that was entered with [`on`] or spawned by openraft itself: two controllers on one thread, as in the
//! simulator, never see each other's reactor. Everything else in this crate passes the handle along as usual.

mod instant;
mod mpsc;
mod mutex;
mod oneshot;
mod random;
mod scope;
mod watch;

pub(crate) use scope::on;

use instant::ReactorInstant;
use openraft_rt::AsyncRuntime;
use ringlog_reactor::{Elapsed, Sleep, Task};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// The runtime as openraft asks for it.
#[derive(Debug, Default)]
pub(crate) struct ReactorRuntime;

impl AsyncRuntime for ReactorRuntime {
    /// A task that panics ends its whole shard, so whoever joins one always gets its output.
    type JoinError = Infallible;
    type JoinHandle<T: 'static> = JoinHandle<T>;
    type Sleep = Sleep;
    type Instant = ReactorInstant;
    type TimeoutError = Elapsed;
    type Timeout<R, F: Future<Output = R>> = Timeout<F>;
    type ThreadLocalRng = random::ReactorRandom;
    type Mpsc = mpsc::LocalMpsc;
    type Watch = watch::LocalWatch;
    type Oneshot = oneshot::LocalOneshot;
    type Mutex<T: 'static> = mutex::LocalMutex<T>;

    fn spawn<F>(future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let reactor = scope::current();
        let future = on(&reactor, future);
        JoinHandle(Some(reactor.spawn(future)))
    }

    fn sleep(duration: Duration) -> Sleep {
        scope::current().sleep(duration)
    }

    fn sleep_until(deadline: ReactorInstant) -> Sleep {
        scope::current().sleep_until(deadline.nanos())
    }

    fn timeout<R, F: Future<Output = R>>(duration: Duration, future: F) -> Timeout<F> {
        Timeout { future: Box::pin(future), sleep: Self::sleep(duration) }
    }

    fn timeout_at<R, F: Future<Output = R>>(deadline: ReactorInstant, future: F) -> Timeout<F> {
        Timeout { future: Box::pin(future), sleep: Self::sleep_until(deadline) }
    }

    fn is_panic(error: &Infallible) -> bool {
        match *error {}
    }

    fn thread_rng() -> random::ReactorRandom {
        random::ReactorRandom(scope::current())
    }

    fn new(_threads: usize) -> ReactorRuntime {
        ReactorRuntime
    }

    /// Only openraft's own test programs call this.
    fn block_on<F, T>(&mut self, _future: F) -> T
    where
        F: Future<Output = T>,
    {
        panic!("the reactor runs the controller, not the other way round")
    }

    fn spawn_blocking<F, T>(job: F) -> impl Future<Output = Result<T, io::Error>> + Send
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        // Must be `Send`, which nothing on a reactor is; openraft itself never calls it.
        std::future::ready(Ok(job()))
    }
}

/// A task of openraft's. Unlike the reactor's, it goes on when its handle is dropped.
pub(crate) struct JoinHandle<T>(Option<Task<T>>);

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let task = self.0.as_mut().expect("only dropping the handle takes the task");
        Pin::new(task).poll(context).map(Ok)
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.detach();
        }
    }
}

/// A future with a deadline.
pub(crate) struct Timeout<F> {
    future: Pin<Box<F>>,
    sleep: Sleep,
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(output) = self.future.as_mut().poll(context) {
            return Poll::Ready(Ok(output));
        }
        Pin::new(&mut self.sleep).poll(context).map(|()| Err(Elapsed))
    }
}

#[cfg(test)]
mod tests;
