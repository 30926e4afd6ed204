//! Reads the partitions of one leader over one connection, and checks every record.

use super::context::Context;
use super::statistics::record;
use super::verify::Verifier;
use super::wire::control::{Control, Edge};
use super::wire::kafka::FetchOptions;
use super::wire::{Event, Layout, Link, RefusalKind, Target};
use anyhow::{Result, bail};
use ringlog_batch::{BatchError, Scratch, split_batches};
use ringlog_reactor::Task;
use ringlog_reactor::local::Notify;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// A compressed batch may become this large, and no larger.
const DECOMPRESSED_BYTES_MAX: usize = 256 << 20;
/// How long a reader goes without looking whether the run is over.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Before a refused partition is asked for again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// The partitions of a consumer, whoever leads them, and how far they have been read.
pub(crate) struct Holding {
    context: Rc<Context>,
    pub(crate) partitions: BTreeMap<usize, Partition>,
    scratch: Scratch,
    /// After the end of the run nothing is read any more from then on.
    deadline: Option<u64>,
}

pub(crate) struct Partition {
    position: i64,
    pub(crate) verifier: Verifier,
    trouble: Option<Trouble>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    OutOfRange,
    Refused,
}

/// Why the readers of a consumer have to be opened anew.
#[derive(Default)]
pub(crate) struct Detour(RefCell<Option<String>>);

/// How the work of a reader ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// There is nothing more to read.
    Read,
    /// A connection has ended, or a partition is led by somebody else.
    Diverted,
}

pub(crate) struct Reader {
    context: Rc<Context>,
    holding: Rc<RefCell<Holding>>,
    detour: Rc<Detour>,
    places: Vec<usize>,
    link: Rc<Link>,
    flow: Rc<RefCell<Flow>>,
    arrived: Rc<Notify>,
    _tasks: [Task<()>; 2],
}

/// What is on its way over a reader's connection.
struct Flow {
    /// When the fetch in flight was asked for, or the last delivery came.
    asked: u64,
    /// The answer of the fetch in flight has come.
    is_answered: bool,
    got_records: bool,
}

impl Detour {
    /// The first reason is the one that counts.
    fn divert(&self, reason: String) {
        self.0.borrow_mut().get_or_insert(reason);
    }

    fn is_set(&self) -> bool {
        self.0.borrow().is_some()
    }

    pub(crate) fn take(&self) -> Option<String> {
        self.0.take()
    }
}

impl Holding {
    pub(crate) fn new(context: &Rc<Context>, places: impl Iterator<Item = usize>) -> Holding {
        let job = &context.shared.job;
        let partition = |place: usize| {
            let verifier = Verifier::new(job.begin, job.run);
            (place, Partition { position: job.starts[place], verifier, trouble: None })
        };
        Holding {
            context: context.clone(),
            partitions: places.map(partition).collect(),
            scratch: Scratch::new(),
            deadline: None,
        }
    }

    /// How far each partition has been read.
    pub(crate) fn positions(&self) -> Vec<(usize, i64)> {
        self.partitions.iter().map(|(&place, partition)| (place, partition.position)).collect()
    }

    /// Whether nothing more is to be read of these places, or of any.
    pub(crate) fn is_done(&mut self, places: Option<&[usize]>) -> bool {
        let context = &self.context;
        if context.is_ended() {
            return true;
        }
        let is_stopped = context.is_stopped();
        if is_stopped && !context.shared.job.reads_all {
            return true;
        }
        let Some(targets) = context.shared.targets.get() else { return false };
        let has_read = |(place, partition): (&usize, &Partition)| partition.position >= targets[*place];
        let are_read = match places {
            Some(places) => places.iter().all(|place| has_read((place, &self.partitions[place]))),
            None => self.partitions.iter().all(has_read),
        };
        if are_read {
            return true;
        }
        if !is_stopped {
            return false;
        }
        let drain = context.settings().drain.nanos();
        let now = context.now();
        now >= *self.deadline.get_or_insert_with(|| now.saturating_add(drain))
    }

    fn trouble(&mut self, place: usize, trouble: Trouble) {
        if let Some(partition) = self.partitions.get_mut(&place) {
            partition.trouble = Some(trouble);
        }
    }

    /// Checks and counts records; `true` if there were any that had not been read before.
    fn records(&mut self, place: usize, records: &[u8]) -> Result<bool> {
        let Some(partition) = self.partitions.get_mut(&place) else { return Ok(false) };
        let now = self.context.now();
        let timeline = self.context.timeline();
        let mut statistics = self.context.statistics.borrow_mut();
        let (mut count, mut bytes) = (0, 0);
        for batch in split_batches(records) {
            let batch = match batch {
                Ok(batch) => batch,
                // The last batch of an answer may be cut short by its limit.
                Err(BatchError::Truncated { .. }) => break,
                Err(error) => return Err(error.into()),
            };
            if let Err(error) = batch.verify_checksum() {
                bail!("partition {place} at offset {}: {error}", batch.header().base_offset);
            }
            if !batch.header().is_control() {
                for record_of_batch in batch.records(&mut self.scratch, DECOMPRESSED_BYTES_MAX)? {
                    let found = record_of_batch?;
                    if batch.offset_of(&found).0 < partition.position {
                        continue;
                    }
                    let value = found.value.unwrap_or_default();
                    count += 1;
                    bytes += (found.key.map_or(0, <[u8]>::len) + value.len()) as u64;
                    if let Some(stamp) = partition.verifier.take(value)
                        && timeline.is_measured(stamp.intended)
                    {
                        record(&mut statistics.end_to_end, stamp.intended, now, 1);
                    }
                }
            }
            partition.position = partition.position.max(batch.header().next_offset().0);
        }
        drop(statistics);
        self.context.count(now, |interval| {
            interval.consumed.records += count;
            interval.consumed.bytes += bytes;
        });
        Ok(count > 0)
    }
}

impl Reader {
    /// Opens a connection to the leader of `places`.
    pub(crate) async fn open(
        context: &Rc<Context>,
        layout: &Rc<Layout>,
        target: &Target,
        places: Vec<usize>,
        holding: &Rc<RefCell<Holding>>,
        detour: &Rc<Detour>,
    ) -> Result<Reader> {
        let flow = Rc::new(RefCell::new(Flow { asked: 0, is_answered: true, got_records: false }));
        let arrived = Rc::new(Notify::new());
        let window = context.settings().fetch_bytes.0;
        let link = Link::open(&context.reactor, layout, target, window).await?;
        let taking = Taking {
            context: context.clone(),
            holding: holding.clone(),
            detour: detour.clone(),
            flow: flow.clone(),
        };
        let (ending, waking, ended) = (detour.clone(), arrived.clone(), arrived.clone());
        let on = move |event: Event<'_>| {
            if let Err(error) = taking.take(event) {
                taking.context.fail(format!("{error:#}"));
            }
            waking.notify_all();
        };
        let on_end = move |reason| {
            ending.divert(reason);
            ended.notify_all();
        };
        let tasks = link.start(on, on_end);
        let (context, holding, detour) = (context.clone(), holding.clone(), detour.clone());
        Ok(Reader { context, holding, detour, places, link, flow, arrived, _tasks: tasks })
    }

    /// Reads until there is nothing more to read, or it has to go on elsewhere.
    pub(crate) async fn read(self) -> Result<Ending> {
        let context = &self.context;
        let settings = context.settings();
        let bytes = |size: usize| i32::try_from(size).unwrap_or(i32::MAX);
        let options = FetchOptions {
            wait_ms: bytes(settings.fetch_wait.millis() as usize),
            partition_bytes: bytes(settings.fetch_bytes.bytes()),
            bytes: bytes(settings.fetch_bytes.bytes().saturating_mul(8).max(1 << 20)),
        };
        let is_kafka = settings.protocol == super::settings::Protocol::Kafka;
        let mut is_subscribed = false;
        loop {
            let arrived = self.arrived.notified();
            if self.holding.borrow_mut().is_done(Some(&self.places)) {
                return Ok(Ending::Read);
            }
            let troubled = self.settle().await?;
            if self.detour.is_set() {
                return Ok(Ending::Diverted);
            }
            let is_due = if is_kafka { self.flow.borrow().is_answered } else { !is_subscribed };
            // A subscription that ended is opened again by itself.
            let asked = if is_due { self.positions(&self.places) } else { self.positions(&troubled) };
            if is_due {
                *self.flow.borrow_mut() =
                    Flow { asked: context.now(), is_answered: false, got_records: false };
                is_subscribed = true;
            }
            if !asked.is_empty()
                && (is_due || !is_kafka)
                && let Err(error) = self.link.fetch(&asked, &options)
            {
                self.detour.divert(format!("{error:#}"));
                continue;
            }
            let _ = context.reactor.timeout(LOOK_AGAIN, arrived).await;
        }
    }

    fn positions(&self, places: &[usize]) -> Vec<(usize, i64)> {
        let holding = self.holding.borrow();
        places.iter().map(|place| (*place, holding.partitions[place].position)).collect()
    }

    /// Sees to partitions that could not be read, and gives them.
    async fn settle(&self) -> Result<Vec<usize>> {
        let trouble = |place: &usize| self.holding.borrow().partitions[place].trouble;
        let troubled: Vec<_> = self.places.iter().copied().filter(|place| trouble(place).is_some()).collect();
        if troubled.is_empty() {
            return Ok(troubled);
        }
        if troubled.iter().any(|place| trouble(place) == Some(Trouble::OutOfRange)) {
            self.go_to_beginning(&troubled).await?;
        } else {
            self.context.reactor.sleep(RETRY_PAUSE).await;
        }
        let mut holding = self.holding.borrow_mut();
        for place in &troubled {
            if let Some(partition) = holding.partitions.get_mut(place) {
                partition.trouble = None;
            }
        }
        Ok(troubled)
    }

    /// Records that were wanted are gone: the first that there is comes next, and the verifier sees the gap.
    async fn go_to_beginning(&self, troubled: &[usize]) -> Result<()> {
        let beginnings = match self.beginnings().await {
            Ok(beginnings) => beginnings,
            // Asked for again, it is refused again.
            Err(_) => {
                self.context.reactor.sleep(RETRY_PAUSE).await;
                return Ok(());
            }
        };
        let mut holding = self.holding.borrow_mut();
        for place in troubled {
            let Some(partition) = holding.partitions.get_mut(place) else { continue };
            if partition.trouble == Some(Trouble::OutOfRange) {
                let (position, beginning) = (partition.position, beginnings[*place]);
                if beginning <= position {
                    bail!("offset {position} is refused although the log begins at {beginning}");
                }
                partition.position = beginning;
            }
        }
        Ok(())
    }

    async fn beginnings(&self) -> Result<Vec<i64>> {
        let mut control = Control::connect(&self.context.reactor, self.context.settings()).await?;
        let layout = control.prepare(&self.context.reactor, self.context.settings(), false).await?;
        control.offsets(&layout, Edge::Beginning).await
    }
}

/// What a connection's events lead to.
struct Taking {
    context: Rc<Context>,
    holding: Rc<RefCell<Holding>>,
    detour: Rc<Detour>,
    flow: Rc<RefCell<Flow>>,
}

impl Taking {
    fn take(&self, event: Event<'_>) -> Result<()> {
        match event {
            Event::Records { place, records } => {
                let has_new = self.holding.borrow_mut().records(place, records)?;
                self.flow.borrow_mut().got_records |= has_new;
            }
            Event::Fetched => self.fetched(),
            Event::OutOfRange { place } => self.holding.borrow_mut().trouble(place, Trouble::OutOfRange),
            Event::Refused { place, refusal } => {
                self.holding.borrow_mut().trouble(place, Trouble::Refused);
                let interval = &mut *self.context.statistics.borrow_mut();
                interval.refused(&refusal.reason, 1);
                if refusal.kind == RefusalKind::Moved {
                    // Nothing is lost: it is read elsewhere.
                    self.detour.divert(refusal.reason);
                } else {
                    interval.consumed.errors += 1;
                }
            }
            Event::Produced { .. } | Event::Pong { .. } => {}
        }
        Ok(())
    }

    fn fetched(&self) {
        let now = self.context.now();
        let flow = &mut *self.flow.borrow_mut();
        if std::mem::take(&mut flow.got_records) {
            self.context.count(now, |interval| {
                interval.consumed.requests += 1;
                record(&mut interval.consumed.latencies, flow.asked, now, 1);
            });
        }
        flow.asked = now;
        flow.is_answered = true;
    }
}
