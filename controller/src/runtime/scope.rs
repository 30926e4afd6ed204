//! The reactor of the task that is being polled.

use ringlog_reactor::Reactor;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

thread_local! {
    static CURRENT: RefCell<Option<Reactor>> = const { RefCell::new(None) };
}

/// The future, with the reactor known to openraft while it is polled (and while it is dropped).
pub(crate) fn on<F: Future>(reactor: &Reactor, future: F) -> On<F> {
    On { reactor: reactor.clone(), future: Some(Box::pin(future)) }
}

/// The reactor of the task that is being polled.
pub(super) fn current() -> Reactor {
    CURRENT.with_borrow(Clone::clone).expect("openraft is only entered through `on`")
}

/// See [`on`].
pub(crate) struct On<F> {
    reactor: Reactor,
    future: Option<Pin<Box<F>>>,
}

impl<F: Future> Future for On<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _entered = Entered::new(&self.reactor);
        self.future.as_mut().expect("only dropping takes the future").as_mut().poll(context)
    }
}

impl<F> Drop for On<F> {
    fn drop(&mut self) {
        let _entered = Entered::new(&self.reactor);
        self.future = None;
    }
}

/// Puts the reactor in place and, at its end, the one from before back.
struct Entered {
    before: Option<Reactor>,
}

impl Entered {
    fn new(reactor: &Reactor) -> Entered {
        Entered { before: CURRENT.replace(Some(reactor.clone())) }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.replace(self.before.take());
    }
}
