//! One producer: takes records when they are due, batches them by partition, keeps requests in flight.

use super::context::Context;
use super::flights::Flights;
use super::lane::{Lane, Outgoing};
use super::schedule::Arrivals;
use super::wire::control::Control;
use super::wire::{Event, Layout, Link};
use super::workload::keys::KEY_BYTES;
use super::workload::{KeySource, Random};
use anyhow::{Result, bail};
use ringlog_batch::Compression;
use ringlog_client::core::murmur2;
use ringlog_reactor::Task;
use std::rc::Rc;
use std::time::Duration;

/// How long a producer that waits for answers goes without looking whether the run is over.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// How often a producer looks for its partitions anew, and how long it tries each time.
const RECONNECTS_MAX: u64 = 100;
const RECONNECT_PATIENCE: Duration = Duration::from_secs(30);
const RECONNECT_PAUSE: Duration = Duration::from_millis(50);
/// What is in flight on connections that are still open gets so long.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

pub(crate) struct Producer {
    context: Rc<Context>,
    stream: u32,
    ways: Ways,
    flights: Rc<Flights>,
    reconnects: u64,
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
        flights.begin(ways.links.len());
        Ok(ways)
    }
}

impl Producer {
    /// Opens the connections of producer number `stream`.
    pub(crate) async fn open(context: &Rc<Context>, stream: usize) -> Result<Producer> {
        let settings = context.settings();
        let layout = &context.layout;
        let flights = Flights::new(context);
        let ways = Ways::open(context, layout, &flights).await?;
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
            reconnects: 0,
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
            if let Some(reason) = self.flights.detour() {
                self.reconnect(&reason).await?;
                continue;
            }
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

    /// Asks where the partitions are now and opens all connections anew. What was in flight and is not answered soon
    /// is unknown, and counts as an error.
    async fn reconnect(&mut self, reason: &str) -> Result<()> {
        let context = self.context.clone();
        self.reconnects += 1;
        if context.settings().idempotent || self.reconnects > RECONNECTS_MAX {
            bail!("{reason}");
        }
        let patience = context.now() + LAST_ANSWERS.as_nanos() as u64;
        while !self.flights.is_empty() && context.now() < patience {
            context.reactor.sleep(RECONNECT_PAUSE).await;
        }
        self.flights.abandon(reason);
        let deadline = context.now() + RECONNECT_PATIENCE.as_nanos() as u64;
        self.ways = loop {
            match self.find_ways().await {
                Ok(ways) => break ways,
                Err(error) if context.is_stopped() || context.now() >= deadline => {
                    return Err(error.context(reason.to_owned()));
                }
                Err(_) => context.reactor.sleep(RECONNECT_PAUSE).await,
            }
        };
        context.statistics.borrow_mut().reconnects += 1;
        Ok(())
    }

    async fn find_ways(&self) -> Result<Ways> {
        let context = &self.context;
        let mut control = Control::connect(&context.reactor, context.settings()).await?;
        let layout = control.prepare(&context.reactor, context.settings(), false).await?;
        if layout.places.len() != self.lanes.len() {
            bail!("the topics have {} partitions now, not {}", layout.places.len(), self.lanes.len());
        }
        Ways::open(context, &Rc::new(layout), &self.flights).await
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
                if !self.flights.has_room(self.ways.link_of[place]) {
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
            let (lane, link) = (&mut self.lanes[place], &self.ways.links[self.ways.link_of[place]]);
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
            if self.flights.has_room(self.ways.link_of[self.turn]) && self.lanes[self.turn].is_empty() {
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
            if self.lanes[place].opened() + linger <= now && self.flights.has_room(self.ways.link_of[place]) {
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
        let link = self.ways.link_of[place];
        let (batch, ledger) = self.lanes[place].close(place, self.compression);
        if let Some(spare) = self.flights.spare() {
            self.lanes[place].reuse(spare);
        }
        let ticket = self.flights.depart(link, ledger);
        let sent = self.ways.links[link].produce(place, ticket, self.context.settings().acks.number(), batch);
        if let Err(error) = sent {
            // It counts as not answered when the connections are opened anew.
            self.flights.divert(format!("{error:#}"));
        }
        if place == self.turn {
            self.turn = (self.turn + 1) % self.lanes.len();
        }
        Ok(())
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

    async fn drain(&mut self) {
        let deadline = self.context.now().saturating_add(self.context.settings().drain.nanos());
        let was_acks_0 = self.context.settings().acks.number() == 0;
        while !self.context.is_ended() && self.context.now() < deadline {
            let freed = self.flights.freed.notified();
            if let Some(reason) = self.flights.detour() {
                return self.flights.abandon(&reason);
            }
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
