//! One producer: takes records when they are due, batches them by partition, keeps requests in flight.

use super::context::Context;
use super::lane::{Lane, Ledger, Outgoing};
use super::schedule::Arrivals;
use super::statistics::record;
use super::wire::{Event, Link};
use super::workload::keys::KEY_BYTES;
use super::workload::{KeySource, Random};
use anyhow::Result;
use ringlog_batch::Compression;
use ringlog_client::core::murmur2;
use ringlog_reactor::Task;
use ringlog_reactor::local::Notify;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// How long a producer that waits for answers goes without looking whether the run is over.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

pub(crate) struct Producer {
    context: Rc<Context>,
    stream: u32,
    links: Vec<Rc<Link>>,
    flights: Rc<Flights>,
    _tasks: Vec<[Task<()>; 2]>,
    /// By place: which link carries it.
    link_of: Vec<usize>,
    /// By place.
    lanes: Vec<Lane>,
    /// Lanes that hold records.
    open: Vec<usize>,
    keys: KeySource,
    random: Random,
    compression: Compression,
    /// The next record's place and key, drawn but not yet taken.
    drawn: Option<(usize, Option<[u8; KEY_BYTES]>)>,
    /// Without keys: the partition whose turn it is.
    turn: usize,
    made: u64,
    limit: u64,
}

/// Batches that wait for their answers.
struct Flights {
    context: Rc<Context>,
    state: RefCell<State>,
    /// An answer has come.
    freed: Notify,
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
    fn depart(&self, link: usize, ledger: Ledger) -> u64 {
        let state = &mut *self.state.borrow_mut();
        state.in_flight[link] += 1;
        let slot = state.vacant.pop().unwrap_or_else(|| {
            state.ledgers.push(None);
            state.ledgers.len() - 1
        });
        state.ledgers[slot] = Some((link, ledger));
        slot as u64
    }

    fn arrive(&self, ticket: u64, outcome: &Result<i64, String>) {
        let mut state = self.state.borrow_mut();
        let slot = ticket as usize;
        let Some((link, ledger)) = state.ledgers.get_mut(slot).and_then(Option::take) else { return };
        state.in_flight[link] -= 1;
        state.vacant.push(slot);
        drop(state);
        match outcome {
            Ok(_) => self.acknowledged(&ledger),
            Err(reason) => self.refused(&ledger, reason),
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

    fn has_room(&self, link: usize) -> bool {
        self.state.borrow().in_flight[link] < self.context.settings().in_flight
    }

    fn is_empty(&self) -> bool {
        self.state.borrow().in_flight.iter().all(|&count| count == 0)
    }

    fn abandon(&self, reason: &str) {
        let left: Vec<_> = self.state.borrow_mut().ledgers.iter_mut().filter_map(Option::take).collect();
        left.iter().for_each(|(_, ledger)| self.refused(ledger, reason));
    }
}

impl Producer {
    /// Opens the connections of producer number `stream`.
    pub(crate) async fn open(context: &Rc<Context>, stream: usize) -> Result<Producer> {
        let settings = context.settings();
        let layout = &context.layout;
        let mut links = Vec::new();
        let mut link_of = vec![0; layout.places.len()];
        let flights =
            Rc::new(Flights { context: context.clone(), state: RefCell::default(), freed: Notify::new() });
        let mut tasks = Vec::new();
        for (number, target) in layout.targets.iter().enumerate() {
            let led: Vec<_> =
                (0..layout.places.len()).filter(|&at| layout.places[at].target == number).collect();
            let connections = settings.connections.min(led.len());
            for (at, place) in led.into_iter().enumerate() {
                link_of[place] = links.len() + at % connections;
            }
            for _ in 0..connections {
                let link = Link::open(&context.reactor, layout, target, 1).await?;
                let (answers, failing) = (flights.clone(), context.clone());
                let on = move |event: Event<'_>| {
                    if let Event::Produced { ticket, outcome } = event {
                        answers.arrive(ticket, &outcome);
                    }
                };
                tasks.push(link.start(on, move |reason| failing.fail(reason)));
                links.push(link);
            }
        }
        flights.state.borrow_mut().in_flight = vec![0; links.len()];
        let share = |total: u64| {
            let producers = context.shared.job.producers as u64;
            total / producers + u64::from((stream as u64) < total % producers)
        };
        Ok(Producer {
            context: context.clone(),
            stream: stream as u32,
            flights,
            _tasks: tasks,
            lanes: layout.places.iter().map(|_| Lane::default()).collect(),
            open: Vec::new(),
            keys: KeySource::new(&settings.keys),
            random: Random::new(settings.seed.wrapping_add((stream as u64) << 32)),
            compression: settings.codec()?,
            drawn: None,
            turn: stream % layout.places.len(),
            made: 0,
            limit: settings.records.map_or(u64::MAX, share),
            links,
            link_of,
        })
    }

    /// Produces until the run stops, then waits for what is in flight.
    pub(crate) async fn run(mut self) {
        self.context.started().await;
        if self.context.shared.timeline.get().is_none() {
            return;
        }
        let outcome = self.produce().await;
        if let Err(error) = outcome {
            self.context.fail(format!("{error:#}"));
        }
        self.drain().await;
    }

    async fn produce(&mut self) -> Result<()> {
        let settings = self.context.settings().clone();
        let producers = self.context.shared.job.producers;
        let turns = (self.stream as usize, producers);
        let start = self.context.timeline().start;
        let mut arrivals = Arrivals::new(settings.rate, settings.arrivals, turns, start, settings.seed);
        let linger = if settings.rate.is_some() { settings.linger.nanos() } else { 0 };
        while !self.context.is_stopped() && (self.made < self.limit || !self.open.is_empty()) {
            let freed = self.flights.freed.notified();
            let now = self.context.now();
            let is_blocked = self.take_due(&mut arrivals, now)?;
            self.send_lingered(now, linger)?;
            if settings.acks.number() == 0 {
                self.count_sent().await;
            }
            let lingers_until =
                self.open.iter().map(|&at| self.lanes[at].opened() + linger).filter(|&at| at > now).min();
            let due = arrivals.next().filter(|_| !is_blocked && self.made < self.limit);
            let wake = due.into_iter().chain(lingers_until).min();
            if settings.acks.number() == 0 && settings.rate.is_none() {
                // Everything is with the kernel; others get their turn.
                self.context.reactor.yield_now().await;
                continue;
            }
            let wait =
                wake.map_or(LOOK_AGAIN, |at| Duration::from_nanos(at.saturating_sub(self.context.now())));
            let _ = self.context.reactor.timeout(wait.min(LOOK_AGAIN), freed).await;
        }
        Ok(())
    }

    /// Takes all records that are due; `true` if there was no room for one.
    fn take_due(&mut self, arrivals: &mut Arrivals, now: u64) -> Result<bool> {
        let context = self.context.clone();
        let batch_bytes = context.settings().batch_bytes.bytes();
        let wall_ms = context.reactor.wall_millis();
        while self.made < self.limit {
            let Some(intended) = arrivals.due(now) else { return Ok(false) };
            let Some((place, key)) = self.drawn.take().or_else(|| self.draw()) else { return Ok(true) };
            // Producers begin at different payloads, so that equal sequence numbers do not mean equal records.
            let payload = context.shared.payloads.get(self.made + u64::from(self.stream));
            let key_bytes = key.as_ref().map_or(0, |key| key.len());
            if !self.lanes[place].fits(key_bytes, payload.bytes.len(), batch_bytes) {
                if !self.flights.has_room(self.link_of[place]) {
                    self.drawn = Some((place, key));
                    return Ok(true);
                }
                self.ship(place)?;
                if key.is_none() {
                    // A new batch, so it is the next partition's turn.
                    continue;
                }
            }
            let outgoing = Outgoing {
                run: context.shared.job.run,
                stream: self.stream,
                intended,
                wall_ms,
                key: key.as_ref().map(|key| &key[..]),
                payload,
            };
            let (lane, link) = (&mut self.lanes[place], &self.links[self.link_of[place]]);
            if lane.is_empty() {
                self.open.push(place);
            }
            lane.append(now, &outgoing, || link.batch_buffer(batch_bytes.min(1 << 20)));
            self.made += 1;
            arrivals.advance();
        }
        Ok(false)
    }

    /// The next record's place and key. Without keys a partition is filled before the next one's turn, and partitions
    /// whose connection is busy are passed over; none if all are.
    fn draw(&mut self) -> Option<(usize, Option<[u8; KEY_BYTES]>)> {
        let places = self.lanes.len();
        if let Some(key) = self.keys.draw(&mut self.random) {
            let topics = self.context.layout.topics.len();
            let topic = if topics == 1 { 0 } else { self.random.below(topics as u64) as usize };
            let first = self.context.layout.places.partition_point(|place| place.topic < topic);
            let end = self.context.layout.places.partition_point(|place| place.topic <= topic);
            // As Kafka's clients choose: the hash without its sign.
            let hash = (murmur2(&key) as u32 & 0x7fff_ffff) as usize;
            return Some((first + hash % (end - first), Some(key)));
        }
        if !self.lanes[self.turn].is_empty() {
            return Some((self.turn, None));
        }
        for _ in 0..places {
            if self.flights.has_room(self.link_of[self.turn]) && self.lanes[self.turn].is_empty() {
                return Some((self.turn, None));
            }
            self.turn = (self.turn + 1) % places;
        }
        None
    }

    fn send_lingered(&mut self, now: u64, linger: u64) -> Result<()> {
        let mut at = 0;
        while at < self.open.len() {
            let place = self.open[at];
            if self.lanes[place].opened() + linger <= now && self.flights.has_room(self.link_of[place]) {
                self.ship(place)?;
            } else {
                at += 1;
            }
        }
        Ok(())
    }

    /// Sends what a lane holds.
    fn ship(&mut self, place: usize) -> Result<()> {
        self.open.retain(|&open| open != place);
        let link = self.link_of[place];
        let (batch, ledger) = self.lanes[place].close(place, self.compression);
        if let Some(spare) = self.flights.state.borrow_mut().spare.pop() {
            self.lanes[place].reuse(spare);
        }
        let ticket = self.flights.depart(link, ledger);
        self.links[link].produce(place, ticket, self.context.settings().acks.number(), batch)?;
        if place == self.turn {
            self.turn = (self.turn + 1) % self.lanes.len();
        }
        Ok(())
    }

    /// Without acknowledgements a record is done once the kernel has it.
    async fn count_sent(&self) {
        for link in &self.links {
            link.all_sent().await;
        }
        let sent: Vec<u64> = {
            let state = self.flights.state.borrow();
            (0..state.ledgers.len()).filter(|&at| state.ledgers[at].is_some()).map(|at| at as u64).collect()
        };
        sent.into_iter().for_each(|ticket| self.flights.arrive(ticket, &Ok(-1)));
    }

    async fn drain(&mut self) {
        let deadline = self.context.now().saturating_add(self.context.settings().drain.nanos());
        let was_acks_0 = self.context.settings().acks.number() == 0;
        while !self.context.is_ended() && self.context.now() < deadline {
            let freed = self.flights.freed.notified();
            // What the lanes still hold was due before the stop.
            let now = self.context.now();
            if let Err(error) = self.send_lingered(now, 0) {
                self.context.fail(format!("{error:#}"));
            }
            if was_acks_0 {
                self.count_sent().await;
            }
            if self.open.is_empty() && self.flights.is_empty() {
                return;
            }
            let _ = self.context.reactor.timeout(LOOK_AGAIN, freed).await;
        }
        self.flights.abandon("no answer before the end of the run");
    }
}
