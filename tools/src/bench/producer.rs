//! One producer: takes records when they are due, batches them by partition, keeps requests in flight.

use super::context::Context;
use super::flights::{Flight, Flights};
use super::lane::{Lane, Ledger, Outgoing};
use super::reconnect::{self, Reconnects};
use super::schedule::Arrivals;
use super::wire::{Event, Layout, Link};
use super::workload::keys::KEY_BYTES;
use super::workload::{KeySource, Random};
use anyhow::Result;
use bytes::Bytes;
use ringlog_batch::Compression;
use ringlog_client::core::murmur2;
use ringlog_reactor::Task;
use std::rc::Rc;
use std::time::Duration;

/// How long a producer that waits for answers goes without looking whether the run is over.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What is in flight on connections that are still open gets so long.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

pub(crate) struct Producer {
    context: Rc<Context>,
    stream: u32,
    ways: Ways,
    flights: Rc<Flights>,
    reconnects: Reconnects,
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

/// The connections of a producer.
struct Ways {
    links: Vec<Rc<Link>>,
    _tasks: Vec<[Task<()>; 2]>,
    /// By place: which link carries it.
    link_of: Vec<usize>,
}

impl Ways {
    async fn open(context: &Rc<Context>, layout: &Rc<Layout>, flights: &Rc<Flights>) -> Result<Ways> {
        let settings = context.settings();
        let mut ways = Ways { links: Vec::new(), _tasks: Vec::new(), link_of: vec![0; layout.places.len()] };
        for (number, target) in layout.targets.iter().enumerate() {
            let led: Vec<_> =
                (0..layout.places.len()).filter(|&at| layout.places[at].target == number).collect();
            let connections = settings.connections.min(led.len());
            for (at, place) in led.into_iter().enumerate() {
                ways.link_of[place] = ways.links.len() + at % connections;
            }
            for _ in 0..connections {
                let link = Link::open(&context.reactor, layout, target, 1).await?;
                let (answers, ending) = (flights.clone(), flights.clone());
                let on = move |event: Event<'_>| {
                    if let Event::Produced { ticket, outcome } = event {
                        answers.arrive(ticket, &outcome);
                    }
                };
                ways._tasks.push(link.start(on, move |reason| ending.divert(reason)));
                ways.links.push(link);
            }
        }
        Ok(ways)
    }
}

impl Producer {
    /// Opens the connections of producer number `stream`.
    pub(crate) async fn open(context: &Rc<Context>, stream: usize) -> Result<Producer> {
        let settings = context.settings();
        let layout = &context.layout;
        let flights = Flights::new(context, stream as u32);
        let ways = Ways::open(context, layout, &flights).await?;
        flights.begin(ways.links.len());
        let identity = context.shared.job.identities.get(stream).copied();
        let share = |total: u64| {
            let producers = context.shared.job.producers as u64;
            total / producers + u64::from((stream as u64) < total % producers)
        };
        Ok(Producer {
            context: context.clone(),
            stream: stream as u32,
            flights,
            lanes: layout.places.iter().map(|_| Lane::new(identity)).collect(),
            open: Vec::new(),
            keys: KeySource::new(&settings.keys),
            random: Random::new(settings.seed.wrapping_add((stream as u64) << 32)),
            compression: settings.codec()?,
            drawn: None,
            turn: stream % layout.places.len(),
            made: 0,
            limit: settings.records.map_or(u64::MAX, share),
            ways,
            reconnects: Reconnects::default(),
        })
    }

    /// Produces until the run stops, then waits for what is in flight.
    pub(crate) async fn run(mut self) {
        self.context.started().await;
        if self.context.shared.timeline.get().is_none() {
            return;
        }
        let mut outcome = self.produce().await;
        if outcome.is_ok() {
            outcome = self.drain().await;
        }
        if let Err(error) = outcome {
            let reason = format!("{error:#}");
            self.flights.abandon(&reason);
            self.context.fail(reason);
        }
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
            if let Some(reason) = self.flights.detour() {
                if !self.reconnect(&reason, Context::is_stopped).await? {
                    break;
                }
                continue;
            }
            let now = self.context.now();
            let is_blocked = self.take_due(&mut arrivals, now);
            self.send_lingered(now, linger);
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

    /// Opens all connections anew. What was in flight and is not answered soon an idempotent producer sends again; of
    /// others it is unknown, and counts as an error. `false` if it `is_over` before.
    async fn reconnect(&mut self, reason: &str, is_over: impl Fn(&Context) -> bool) -> Result<bool> {
        let context = self.context.clone();
        let patience = context.now() + LAST_ANSWERS.as_nanos() as u64;
        while !self.flights.is_empty() && context.now() < patience {
            context.reactor.sleep(reconnect::PAUSE).await;
        }
        if !context.settings().idempotent {
            self.flights.abandon(reason);
        }
        let open = async |layout: Rc<Layout>| Ways::open(&context, &layout, &self.flights).await;
        let opened = self.reconnects.open(&context, reason, || is_over(&context), open).await?;
        let Some(ways) = opened else { return Ok(false) };
        self.ways = ways;
        for flight in self.flights.begin(self.ways.links.len()) {
            let Flight { ledger, batch: Some(batch), .. } = flight else { continue };
            context.statistics.borrow_mut().resent += ledger.records;
            self.send(ledger, batch);
        }
        Ok(true)
    }

    /// Takes all records that are due; `true` if there was no room for one.
    fn take_due(&mut self, arrivals: &mut Arrivals, now: u64) -> bool {
        let context = self.context.clone();
        let batch_bytes = context.settings().batch_bytes.bytes();
        let wall_ms = context.reactor.wall_millis();
        while self.made < self.limit {
            let Some(intended) = arrivals.due(now) else { return false };
            let Some((place, key)) = self.drawn.take().or_else(|| self.draw()) else { return true };
            // Producers begin at different payloads, so that equal sequence numbers do not mean equal records.
            let payload = context.shared.payloads.get(self.made + u64::from(self.stream));
            let key_bytes = key.as_ref().map_or(0, |key| key.len());
            if !self.lanes[place].fits(key_bytes, payload.bytes.len(), batch_bytes) {
                if !self.flights.has_room(self.ways.link_of[place]) {
                    self.drawn = Some((place, key));
                    return true;
                }
                self.ship(place);
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
            let (lane, link) = (&mut self.lanes[place], &self.ways.links[self.ways.link_of[place]]);
            if lane.is_empty() {
                self.open.push(place);
            }
            lane.append(now, &outgoing, || link.batch_buffer(batch_bytes.min(1 << 20)));
            self.made += 1;
            arrivals.advance();
        }
        false
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
            if self.flights.has_room(self.ways.link_of[self.turn]) && self.lanes[self.turn].is_empty() {
                return Some((self.turn, None));
            }
            self.turn = (self.turn + 1) % places;
        }
        None
    }

    fn send_lingered(&mut self, now: u64, linger: u64) {
        let mut at = 0;
        while at < self.open.len() {
            let place = self.open[at];
            if self.lanes[place].opened() + linger <= now && self.flights.has_room(self.ways.link_of[place]) {
                self.ship(place);
            } else {
                at += 1;
            }
        }
    }

    /// Sends what a lane holds.
    fn ship(&mut self, place: usize) {
        self.open.retain(|&open| open != place);
        let (batch, ledger) = self.lanes[place].close(place, self.compression);
        if let Some(spare) = self.flights.spare() {
            self.lanes[place].reuse(spare);
        }
        self.send(ledger, batch);
        if place == self.turn {
            self.turn = (self.turn + 1) % self.lanes.len();
        }
    }

    fn send(&self, ledger: Ledger, batch: Bytes) {
        let settings = self.context.settings();
        let (place, kept) = (ledger.place, settings.idempotent.then(|| batch.clone()));
        let link = self.ways.link_of[place];
        let ticket = self.flights.depart(link, ledger, kept);
        let sent = self.ways.links[link].produce(place, ticket, settings.acks.number(), batch);
        if let Err(error) = sent {
            // It has had no answer when the connections are opened anew.
            self.flights.divert(format!("{error:#}"));
        }
    }

    /// Without acknowledgements a record is done once the kernel has it.
    async fn count_sent(&self) {
        for link in &self.ways.links {
            link.all_sent().await;
        }
        // On a connection that has ended they are unknown, which is for those to say who open it anew.
        if self.flights.detour().is_none() {
            self.flights.tickets().into_iter().for_each(|ticket| self.flights.arrive(ticket, &Ok(-1)));
        }
    }

    async fn drain(&mut self) -> Result<()> {
        let deadline = self.context.now().saturating_add(self.context.settings().drain.nanos());
        let is_idempotent = self.context.settings().idempotent;
        let was_acks_0 = self.context.settings().acks.number() == 0;
        while !self.context.is_ended() && self.context.now() < deadline {
            let freed = self.flights.freed.notified();
            if let Some(reason) = self.flights.detour() {
                let is_over = |context: &Context| context.is_ended() || context.now() >= deadline;
                if is_idempotent && self.reconnect(&reason, is_over).await? {
                    continue;
                }
                self.flights.abandon(&reason);
                return Ok(());
            }
            // What the lanes still hold was due before the stop.
            let now = self.context.now();
            self.send_lingered(now, 0);
            if was_acks_0 {
                self.count_sent().await;
            }
            if self.open.is_empty() && self.flights.is_empty() {
                return Ok(());
            }
            let _ = self.context.reactor.timeout(LOOK_AGAIN, freed).await;
        }
        self.flights.abandon("no answer before the end of the run");
        Ok(())
    }
}
