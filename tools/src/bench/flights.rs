//! Batches of one producer that are on their way.

use super::context::Context;
use super::lane::Ledger;
use super::statistics::record;
use super::wire::Refusal;
use ringlog_reactor::local::Notify;
use std::cell::RefCell;
use std::rc::Rc;

/// Batches that wait for their answers.
pub(crate) struct Flights {
    context: Rc<Context>,
    state: RefCell<State>,
    /// An answer has come, or the way has to be found anew.
    pub(crate) freed: Notify,
    /// Why batches have to go another way: a connection ended, a leader moved.
    detour: RefCell<Option<String>>,
}

#[derive(Default)]
struct State {
    ledgers: Vec<Option<(usize, Ledger)>>,
    vacant: Vec<usize>,
    in_flight: Vec<usize>,
    /// Memory of earlier ledgers.
    spare: Vec<Ledger>,
}

impl Flights {
    pub(crate) fn new(context: &Rc<Context>) -> Rc<Flights> {
        Rc::new(Flights {
            context: context.clone(),
            state: RefCell::default(),
            freed: Notify::new(),
            detour: RefCell::default(),
        })
    }

    /// Begins with so many links, and nothing in flight on any.
    pub(crate) fn begin(&self, links: usize) {
        self.state.borrow_mut().in_flight = vec![0; links];
        self.detour.take();
    }

    /// The first reason is the one that counts.
    pub(crate) fn divert(&self, reason: String) {
        self.detour.borrow_mut().get_or_insert(reason);
        self.freed.notify_all();
    }

    pub(crate) fn detour(&self) -> Option<String> {
        self.detour.borrow().clone()
    }

    /// Memory of a ledger that is done with.
    pub(crate) fn spare(&self) -> Option<Ledger> {
        self.state.borrow_mut().spare.pop()
    }

    /// Tickets of all that is in flight.
    pub(crate) fn tickets(&self) -> Vec<u64> {
        let state = self.state.borrow();
        (0..state.ledgers.len()).filter(|&at| state.ledgers[at].is_some()).map(|at| at as u64).collect()
    }

    pub(crate) fn depart(&self, link: usize, ledger: Ledger) -> u64 {
        let state = &mut *self.state.borrow_mut();
        state.in_flight[link] += 1;
        let slot = state.vacant.pop().unwrap_or_else(|| {
            state.ledgers.push(None);
            state.ledgers.len() - 1
        });
        state.ledgers[slot] = Some((link, ledger));
        slot as u64
    }

    pub(crate) fn arrive(&self, ticket: u64, outcome: &Result<i64, Refusal>) {
        let mut state = self.state.borrow_mut();
        let slot = ticket as usize;
        let Some((link, ledger)) = state.ledgers.get_mut(slot).and_then(Option::take) else { return };
        state.in_flight[link] -= 1;
        state.vacant.push(slot);
        drop(state);
        match outcome {
            Ok(_) => self.acknowledged(&ledger),
            Err(refusal) => {
                self.refused(&ledger, &refusal.reason);
                if refusal.is_moved {
                    self.divert(refusal.reason.clone());
                }
            }
        }
        self.state.borrow_mut().spare.push(ledger);
        self.freed.notify_all();
    }

    fn acknowledged(&self, ledger: &Ledger) {
        let now = self.context.now();
        let timeline = self.context.timeline();
        *self.context.summary.borrow_mut().acknowledged.entry(ledger.place).or_default() += ledger.records;
        self.context.count(now, |interval| {
            interval.produced.records += ledger.records;
            interval.produced.bytes += ledger.bytes;
            interval.produced.requests += 1;
        });
        // Latencies belong to the time a record was meant to be sent, however late its answer came.
        let latencies = &mut self.context.statistics.borrow_mut().produced.latencies;
        for &(intended, count) in &ledger.times {
            if timeline.is_measured(intended) {
                record(latencies, intended, now, u64::from(count));
            }
        }
    }

    fn refused(&self, ledger: &Ledger, reason: &str) {
        self.context.summary.borrow_mut().unacknowledged += ledger.records;
        let interval = &mut *self.context.statistics.borrow_mut();
        interval.produced.errors += ledger.records;
        interval.refused(reason, ledger.records);
    }

    pub(crate) fn has_room(&self, link: usize) -> bool {
        self.state.borrow().in_flight[link] < self.context.settings().in_flight
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state.borrow().in_flight.iter().all(|&count| count == 0)
    }

    pub(crate) fn abandon(&self, reason: &str) {
        let left: Vec<_> = self.state.borrow_mut().ledgers.iter_mut().filter_map(Option::take).collect();
        left.iter().for_each(|(_, ledger)| self.refused(ledger, reason));
        let state = &mut *self.state.borrow_mut();
        state.ledgers.clear();
        state.vacant.clear();
        state.in_flight.fill(0);
    }
}
