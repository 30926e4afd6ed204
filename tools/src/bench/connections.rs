//! Many connections: how fast they are opened, and how fast a question is answered while all are open. One that ends is opened
//! anew, and what it was asked and did not answer is asked again.

use super::context::Context;
use super::reconnect::Reconnects;
use super::schedule::Arrivals;
use super::statistics::record;
use super::wire::{Event, Layout, Link};
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
    pinged: Vec<Rc<Pinged>>,
    thread: (usize, usize),
}

struct Pinged {
    context: Rc<Context>,
    /// Says which of the targets it leads to.
    number: usize,
    open: RefCell<Option<Open>>,
    /// When the question that waits for its answer was meant to be asked.
    asked: Cell<Option<u64>>,
    reconnects: RefCell<Reconnects>,
    /// Connections of this thread that are being opened.
    opening: Semaphore,
}

/// A connection, and the tasks that serve it.
struct Open {
    link: Rc<Link>,
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
                let begun = context.now();
                let link = open_one(&context, &context.layout, number).await?;
                let interval = &mut *context.statistics.borrow_mut();
                record(&mut interval.produced.latencies, begun, context.now(), 1);
                interval.produced.records += 1;
                opened.borrow_mut().push((number, link));
                drop(permit);
                anyhow::Ok(())
            }));
        }
        for task in tasks {
            task.await?;
        }
        let pinged = |(number, link)| Pinged::new(context, number, link, &opening);
        let pinged = opened.take().into_iter().map(pinged).collect();
        Ok(Connections { context: context.clone(), pinged, thread })
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
        while !self.context.is_stopped() && !self.pinged.is_empty() {
            while let Some(intended) = arrivals.due(self.context.now()) {
                arrivals.advance();
                let pinged = &self.pinged[turn % self.pinged.len()];
                turn += 1;
                // One that has not answered its last question is busy; the question goes to the next round.
                if pinged.asked.get().is_none() {
                    pinged.asked.set(Some(intended));
                    pinged.ask();
                }
            }
            let wake = arrivals.next().unwrap_or(u64::MAX).saturating_sub(self.context.now());
            self.context.reactor.sleep(Duration::from_nanos(wake).min(LOOK_AGAIN)).await;
        }
        let deadline = self.context.now() + settings.drain.nanos();
        while self.pinged.iter().any(|pinged| pinged.is_waiting()) && self.context.now() < deadline {
            if self.context.is_ended() {
                return;
            }
            self.context.reactor.sleep(Duration::from_millis(5)).await;
        }
        let silent = self.pinged.iter().filter(|pinged| pinged.is_waiting()).count() as u64;
        let interval = &mut *self.context.statistics.borrow_mut();
        interval.consumed.errors += silent;
        if silent > 0 {
            interval.refused("no answer before the end of the run", silent);
        }
    }
}

async fn open_one(context: &Context, layout: &Rc<Layout>, number: usize) -> Result<Rc<Link>> {
    let target = layout.targets[number % layout.targets.len()];
    Link::open(&context.reactor, layout, &target, 1).await
}

impl Pinged {
    fn new(context: &Rc<Context>, number: usize, link: Rc<Link>, opening: &Semaphore) -> Rc<Pinged> {
        let pinged = Rc::new(Pinged {
            context: context.clone(),
            number,
            open: RefCell::new(None),
            asked: Cell::new(None),
            reconnects: RefCell::default(),
            opening: opening.clone(),
        });
        pinged.begin(link);
        pinged
    }

    fn is_waiting(&self) -> bool {
        self.asked.get().is_some()
    }

    fn begin(self: &Rc<Pinged>, link: Rc<Link>) {
        let (answered, ended) = (Rc::downgrade(self), Rc::downgrade(self));
        let on = move |event: Event<'_>| {
            if let (Event::Pong { ticket }, Some(pinged)) = (event, answered.upgrade()) {
                pinged.answered(ticket);
            }
        };
        let on_end = move |reason| {
            if let Some(pinged) = ended.upgrade() {
                pinged.context.reactor.clone().spawn(pinged.reopen(reason)).detach();
            }
        };
        let tasks = link.start(on, on_end);
        *self.open.borrow_mut() = Some(Open { link, _tasks: tasks });
    }

    /// Asks what is waiting for its answer. A connection that has ended is asked when it is open again.
    fn ask(&self) {
        if let (Some(intended), Some(open)) = (self.asked.get(), &*self.open.borrow())
            && let Err(error) = open.link.ping(intended)
            && !open.link.has_ended()
        {
            self.context.fail(format!("{error:#}"));
        }
    }

    fn answered(&self, ticket: u64) {
        self.asked.set(None);
        let now = self.context.now();
        self.context.count(now, |interval| {
            interval.consumed.records += 1;
            interval.consumed.requests += 1;
            record(&mut interval.consumed.latencies, ticket, now, 1);
        });
    }

    async fn reopen(self: Rc<Pinged>, reason: String) {
        let _permit = self.opening.acquire(1).await;
        let context = &self.context;
        let mut reconnects = self.reconnects.take();
        let is_over = || context.is_ended() || (context.is_stopped() && !self.is_waiting());
        let open = async |layout: Rc<Layout>| open_one(context, &layout, self.number).await;
        let opened = reconnects.open(context, &reason, is_over, open).await;
        self.reconnects.replace(reconnects);
        match opened {
            Ok(Some(link)) => {
                self.begin(link);
                self.ask();
            }
            Ok(None) => {}
            Err(error) => context.fail(format!("{error:#}")),
        }
    }
}
