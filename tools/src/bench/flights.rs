//! Batches of one producer that are on their way.

use super::context::Context;
use super::lane::Ledger;
use super::statistics::record;
use super::wire::{Refusal, RefusalKind};
use bytes::Bytes;
use ringlog_reactor::local::Notify;
use std::cell::RefCell;
use std::rc::Rc;

/// Batches that wait for their answers.
pub(crate) struct Flights {
    context: Rc<Context>,
    stream: u32,
    state: RefCell<State>,
    /// An answer has come, or the way has to be found anew.
    pub(crate) freed: Notify,
    /// Why batches have to go another way: a connection ended, a leader moved.
    detour: RefCell<Option<String>>,
}

/// A batch on its way.
#[derive(Debug)]
pub(crate) struct Flight {
    link: usize,
    /// Batches of a producer depart one after the other.
    number: u64,
    pub(crate) ledger: Ledger,
    /// What an idempotent producer sends again if it is not answered; others keep nothing.
    pub(crate) batch: Option<Bytes>,
}

#[derive(Default)]
struct State {
    flights: Vec<Option<Flight>>,
    vacant: Vec<usize>,
    in_flight: Vec<usize>,
    departed: u64,
    /// Refused for now: they go again once the way has been found anew.
    waiting: Vec<Flight>,
    /// Memory of earlier ledgers.
    spare: Vec<Ledger>,
}

impl Flights {
    pub(crate) fn new(context: &Rc<Context>, stream: u32) -> Rc<Flights> {
        Rc::new(Flights {
            context: context.clone(),
            stream,
            state: RefCell::default(),
            freed: Notify::new(),
            detour: RefCell::default(),
        })
    }

    /// Begins with so many links and nothing in flight on any; gives what has had no answer, in the order of departure.
    pub(crate) fn begin(&self, links: usize) -> Vec<Flight> {
        self.detour.take();
        let state = &mut *self.state.borrow_mut();
        let mut left: Vec<_> = state.flights.drain(..).flatten().collect();
        left.append(&mut state.waiting);
        left.sort_by_key(|flight| flight.number);
        state.vacant.clear();
        state.in_flight = vec![0; links];
        left
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
        (0..state.flights.len()).filter(|&at| state.flights[at].is_some()).map(|at| at as u64).collect()
    }

    pub(crate) fn depart(&self, link: usize, ledger: Ledger, batch: Option<Bytes>) -> u64 {
        let state = &mut *self.state.borrow_mut();
        state.in_flight[link] += 1;
        let slot = state.vacant.pop().unwrap_or_else(|| {
            state.flights.push(None);
            state.flights.len() - 1
        });
        state.flights[slot] = Some(Flight { link, number: state.departed, ledger, batch });
        state.departed += 1;
        slot as u64
    }

    pub(crate) fn arrive(&self, ticket: u64, outcome: &Result<i64, Refusal>) {
        let mut state = self.state.borrow_mut();
        let slot = ticket as usize;
        let Some(flight) = state.flights.get_mut(slot).and_then(Option::take) else { return };
        state.in_flight[flight.link] -= 1;
        state.vacant.push(slot);
        if let Err(refusal) = outcome
            && state.goes_again(&flight, refusal.kind)
        {
            state.waiting.push(flight);
            drop(state);
            return self.divert(refusal.reason.clone());
        }
        drop(state);
        match outcome {
            Err(refusal) if refusal.kind != RefusalKind::Duplicate => {
                self.refused(&flight.ledger, &refusal.reason);
                if refusal.kind == RefusalKind::Moved {
                    self.divert(refusal.reason.clone());
                }
            }
            _ => self.acknowledged(&flight.ledger),
        }
        self.state.borrow_mut().spare.push(flight.ledger);
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
        let sequences = ledger.first..ledger.first + ledger.records;
        self.context.summary.borrow_mut().unanswered.add(ledger.place, self.stream, sequences);
        let interval = &mut *self.context.statistics.borrow_mut();
        interval.produced.errors += ledger.records;
        interval.refused(reason, ledger.records);
    }

    pub(crate) fn has_room(&self, link: usize) -> bool {
        self.state.borrow().in_flight[link] < self.context.settings().in_flight
    }

    pub(crate) fn is_empty(&self) -> bool {
        let state = self.state.borrow();
        state.waiting.is_empty() && state.in_flight.iter().all(|&count| count == 0)
    }

    /// Whatever has had no answer counts as refused.
    pub(crate) fn abandon(&self, reason: &str) {
        let state = &mut *self.state.borrow_mut();
        let left = state.flights.drain(..).flatten().chain(state.waiting.drain(..));
        left.for_each(|flight| self.refused(&flight.ledger, reason));
        state.vacant.clear();
        state.in_flight.fill(0);
    }
}

impl State {
    /// Whether a batch that was refused is sent once more. Only idempotent producers do that: others could not know that
    /// nothing is doubled or changes its order.
    fn goes_again(&self, flight: &Flight, kind: RefusalKind) -> bool {
        // A batch behind one that goes again was refused for that alone.
        let is_behind =
            |other: &Flight| other.ledger.place == flight.ledger.place && other.number < flight.number;
        flight.batch.is_some()
            && match kind {
                RefusalKind::Moved | RefusalKind::Passing => true,
                RefusalKind::OutOfSequence => self.waiting.iter().any(is_behind),
                RefusalKind::Duplicate | RefusalKind::Final => false,
            }
    }
}
