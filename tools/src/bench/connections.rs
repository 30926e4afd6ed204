//! Many connections: how fast they are opened, and how fast a question is answered while all are open.

use super::context::Context;
use super::schedule::Arrivals;
use super::statistics::record;
use super::wire::{Event, Link};
use anyhow::Result;
use ringlog_reactor::Task;
use ringlog_reactor::local::Semaphore;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// Connections of one thread being opened at the same time.
const OPENING_MAX: usize = 64;
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Questions a second over all connections, unless a rate is given.
const PINGS_PER_SECOND: f64 = 1000.0;

pub(crate) struct Connections {
    context: Rc<Context>,
    links: Vec<Pinged>,
    thread: (usize, usize),
}

struct Pinged {
    link: Rc<Link>,
    waiting: Rc<Cell<bool>>,
    _tasks: [Task<()>; 2],
}

impl Connections {
    /// Opens this thread's share.
    pub(crate) async fn open(context: &Rc<Context>, thread: (usize, usize)) -> Result<Connections> {
        let total = context.shared.job.connections;
        let share = total / thread.1 + usize::from(thread.0 < total % thread.1);
        let opening = Semaphore::new(OPENING_MAX);
        let opened = Rc::new(RefCell::new(Vec::with_capacity(share)));
        let mut tasks = VecDeque::new();
        for number in 0..share {
            let permit = opening.acquire(1).await;
            let (context, opened) = (context.clone(), opened.clone());
            tasks.push_back(context.reactor.clone().spawn(async move {
                let target = context.layout.targets[number % context.layout.targets.len()];
                let begun = context.now();
                let link = Link::open(&context.reactor, &context.layout, &target, 1).await?;
                let interval = &mut *context.statistics.borrow_mut();
                record(&mut interval.produced.latencies, begun, context.now(), 1);
                interval.produced.records += 1;
                opened.borrow_mut().push(link);
                drop(permit);
                anyhow::Ok(())
            }));
        }
        for task in tasks {
            task.await?;
        }
        let links = opened.take().into_iter().map(|link| Pinged::new(context, link)).collect();
        Ok(Connections { context: context.clone(), links, thread })
    }

    /// Asks over one connection after the other until the run stops.
    pub(crate) async fn run(self) {
        self.context.started().await;
        if self.context.shared.timeline.get().is_none() {
            return;
        }
        let settings = self.context.settings();
        let rate = settings.rate.unwrap_or(PINGS_PER_SECOND);
        let start = self.context.timeline().start;
        let mut arrivals = Arrivals::new(Some(rate), settings.arrivals, self.thread, start, settings.seed);
        let mut turn = 0;
        while !self.context.is_stopped() && !self.links.is_empty() {
            while let Some(intended) = arrivals.due(self.context.now()) {
                arrivals.advance();
                let pinged = &self.links[turn % self.links.len()];
                turn += 1;
                // One that has not answered its last question is busy; the question goes to the next round.
                if !pinged.waiting.replace(true)
                    && let Err(error) = pinged.link.ping(intended)
                {
                    return self.context.fail(format!("{error:#}"));
                }
            }
            let wake = arrivals.next().unwrap_or(u64::MAX).saturating_sub(self.context.now());
            self.context.reactor.sleep(Duration::from_nanos(wake).min(LOOK_AGAIN)).await;
        }
        let deadline = self.context.now() + settings.drain.nanos();
        while self.links.iter().any(|pinged| pinged.waiting.get()) && self.context.now() < deadline {
            if self.context.is_ended() {
                return;
            }
            self.context.reactor.sleep(Duration::from_millis(5)).await;
        }
        let silent = self.links.iter().filter(|pinged| pinged.waiting.get()).count() as u64;
        let interval = &mut *self.context.statistics.borrow_mut();
        interval.consumed.errors += silent;
        if silent > 0 {
            interval.refused("no answer before the end of the run", silent);
        }
    }
}

impl Pinged {
    fn new(context: &Rc<Context>, link: Rc<Link>) -> Pinged {
        let waiting = Rc::new(Cell::new(false));
        let (answered, counting, failing) = (waiting.clone(), context.clone(), context.clone());
        let on = move |event: Event<'_>| {
            if let Event::Pong { ticket } = event {
                answered.set(false);
                let now = counting.now();
                counting.count(now, |interval| {
                    interval.consumed.records += 1;
                    interval.consumed.requests += 1;
                    record(&mut interval.consumed.latencies, ticket, now, 1);
                });
            }
        };
        let tasks = link.start(on, move |reason| failing.fail(reason));
        Pinged { link, waiting, _tasks: tasks }
    }
}
