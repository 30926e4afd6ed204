//! One consumer: reads its partitions, checks every record, measures how long they were on their way.

use super::context::Context;
use super::statistics::record;
use super::verify::Verifier;
use super::wire::control::{Control, Edge};
use super::wire::kafka::FetchOptions;
use super::wire::membership::Membership;
use super::wire::{Event, Link};
use anyhow::{Result, bail};
use ringlog_batch::{BatchError, Scratch, split_batches};
use ringlog_reactor::Task;
use ringlog_reactor::local::Notify;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// A compressed batch may become this large, and no larger.
const DECOMPRESSED_BYTES_MAX: usize = 256 << 20;
/// How long a consumer goes without looking whether the run is over.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Before a refused partition is asked for again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Which partitions a consumer reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) group: usize,
    pub(crate) number: usize,
}

pub(crate) struct Consumer {
    context: Rc<Context>,
    member: Member,
    membership: Option<Membership>,
    readers: Vec<Reader>,
}

/// The partitions of one leader.
struct Reader {
    link: Rc<Link>,
    state: Rc<RefCell<State>>,
    _tasks: [Task<()>; 2],
    arrived: Rc<Notify>,
}

struct State {
    context: Rc<Context>,
    partitions: BTreeMap<usize, Partition>,
    scratch: Scratch,
    /// When the fetch in flight was asked for, or the last delivery came.
    asked: u64,
    /// The answer of the fetch in flight has come.
    is_answered: bool,
    got_records: bool,
}

struct Partition {
    position: i64,
    verifier: Verifier,
    trouble: Option<Trouble>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    OutOfRange,
    Refused,
}

impl Consumer {
    /// Reads what it was assigned as a member of a group, or else its part by number.
    pub(crate) async fn open(
        context: &Rc<Context>,
        member: Member,
        membership: Option<Membership>,
    ) -> Result<Consumer> {
        let (job, layout) = (&context.shared.job, &context.layout);
        let is_own = |at: usize| match &membership {
            Some(membership) => membership.places().contains(&at),
            None => at % job.consumers == member.number,
        };
        let mut readers = Vec::new();
        for (number, target) in layout.targets.iter().enumerate() {
            let places =
                (0..layout.places.len()).filter(|&at| layout.places[at].target == number && is_own(at));
            let partitions: BTreeMap<_, _> = places
                .map(|at| {
                    let verifier = Verifier::new(job.begin, job.run);
                    (at, Partition { position: job.starts[at], verifier, trouble: None })
                })
                .collect();
            if partitions.is_empty() {
                continue;
            }
            let state = Rc::new(RefCell::new(State {
                context: context.clone(),
                partitions,
                scratch: Scratch::new(),
                asked: 0,
                is_answered: true,
                got_records: false,
            }));
            let arrived = Rc::new(Notify::new());
            let window = context.settings().fetch_bytes.0;
            let link = Link::open(&context.reactor, layout, target, window).await?;
            let (taking, waking, failing) = (state.clone(), arrived.clone(), context.clone());
            let on = move |event: Event<'_>| {
                if let Err(error) = taking.borrow_mut().take(event) {
                    taking.borrow().context.fail(format!("{error:#}"));
                }
                waking.notify_all();
            };
            let tasks = link.start(on, move |reason| failing.fail(reason));
            readers.push(Reader { link, state, _tasks: tasks, arrived });
        }
        Ok(Consumer { context: context.clone(), member, membership, readers })
    }

    /// Reads until the run says it is enough.
    pub(crate) async fn run(self) {
        self.context.started().await;
        if self.context.shared.timeline.get().is_none() {
            return;
        }
        let running: Vec<_> = self.readers.iter().map(|reader| reader.state.clone()).collect();
        let is_read = Rc::new(Cell::new(false));
        let staying = self.membership.map(|membership| {
            let (reading, is_read) = (running.clone(), is_read.clone());
            let (positions, is_read) = (move || positions(&reading), move || is_read.get());
            let staying = super::group::stay(self.context.reactor.clone(), membership, positions, is_read);
            let context = self.context.clone();
            self.context.reactor.spawn(async move {
                if let Err(error) = staying.await {
                    context.fail(format!("{error:#}"));
                }
            })
        });
        let tasks: Vec<Task<()>> = self
            .readers
            .into_iter()
            .map(|reader| {
                let context = self.context.clone();
                self.context.reactor.clone().spawn(async move {
                    if let Err(error) = reader.read().await {
                        context.fail(format!("{error:#}"));
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
        is_read.set(true);
        if let Some(staying) = staying {
            staying.await;
        }
        let mut summary = self.context.summary.borrow_mut();
        for state in running {
            for (&place, partition) in &state.borrow().partitions {
                summary.read.insert((self.member.group, place), partition.verifier.findings());
            }
        }
    }
}

/// How far the readers of a consumer have come.
fn positions(readers: &[Rc<RefCell<State>>]) -> Vec<(usize, i64)> {
    let of = |state: &Rc<RefCell<State>>| {
        let state = state.borrow();
        state.partitions.iter().map(|(&place, partition)| (place, partition.position)).collect::<Vec<_>>()
    };
    let mut positions: Vec<_> = readers.iter().flat_map(of).collect();
    positions.sort_unstable();
    positions
}

impl Reader {
    async fn read(self) -> Result<()> {
        let context = self.state.borrow().context.clone();
        let settings = context.settings();
        let bytes = |size: usize| i32::try_from(size).unwrap_or(i32::MAX);
        let options = FetchOptions {
            wait_ms: bytes(settings.fetch_wait.millis() as usize),
            partition_bytes: bytes(settings.fetch_bytes.bytes()),
            bytes: bytes(settings.fetch_bytes.bytes().saturating_mul(8).max(1 << 20)),
        };
        let is_kafka = settings.protocol == super::settings::Protocol::Kafka;
        let mut is_subscribed = false;
        let mut deadline = None;
        loop {
            let arrived = self.arrived.notified();
            if self.is_done(&mut deadline) {
                return Ok(());
            }
            let troubled = self.settle(&context).await?;
            let is_due = if is_kafka { self.state.borrow().is_answered } else { !is_subscribed };
            if is_due {
                let mut state = self.state.borrow_mut();
                let positions: Vec<_> =
                    state.partitions.iter().map(|(&place, partition)| (place, partition.position)).collect();
                state.is_answered = false;
                state.got_records = false;
                state.asked = context.now();
                is_subscribed = true;
                self.link.fetch(&positions, &options)?;
            } else if !troubled.is_empty() {
                // A subscription that ended is opened again by itself.
                self.link.fetch(&troubled, &options)?;
            }
            let _ = context.reactor.timeout(LOOK_AGAIN, arrived).await;
        }
    }

    /// Whether there is nothing more to read.
    fn is_done(&self, deadline: &mut Option<u64>) -> bool {
        let state = self.state.borrow();
        let context = &state.context;
        if context.is_ended() {
            return true;
        }
        let is_stopped = context.is_stopped();
        if is_stopped && !context.shared.job.reads_all {
            return true;
        }
        let has_read_all = context.shared.targets.get().is_some_and(|targets| {
            state.partitions.iter().all(|(&place, partition)| partition.position >= targets[place])
        });
        if has_read_all {
            return true;
        }
        if !is_stopped || context.shared.targets.get().is_none() {
            return false;
        }
        let until =
            *deadline.get_or_insert_with(|| context.now().saturating_add(context.settings().drain.nanos()));
        context.now() >= until
    }

    /// Sees to partitions that could not be read; gives those of a native link, to be subscribed to again.
    async fn settle(&self, context: &Rc<Context>) -> Result<Vec<(usize, i64)>> {
        let troubled: Vec<_> = {
            let state = self.state.borrow();
            state
                .partitions
                .iter()
                .filter_map(|(&place, partition)| Some((place, partition.trouble?)))
                .collect()
        };
        if troubled.is_empty() {
            return Ok(Vec::new());
        }
        if troubled.iter().any(|(_, trouble)| *trouble == Trouble::OutOfRange) {
            self.go_to_beginning(context).await?;
        } else {
            context.reactor.sleep(RETRY_PAUSE).await;
        }
        let mut state = self.state.borrow_mut();
        let mut positions = Vec::new();
        for (place, _) in troubled {
            if let Some(partition) = state.partitions.get_mut(&place) {
                partition.trouble = None;
                positions.push((place, partition.position));
            }
        }
        Ok(positions)
    }

    /// Records that a reader wanted are gone: it goes on with the first that there is, and the verifier sees the gap.
    async fn go_to_beginning(&self, context: &Rc<Context>) -> Result<()> {
        let mut control = Control::connect(&context.reactor, context.settings()).await?;
        let beginnings = control.offsets(&context.layout, Edge::Beginning).await?;
        let mut state = self.state.borrow_mut();
        for (&place, partition) in &mut state.partitions {
            if partition.trouble == Some(Trouble::OutOfRange) {
                if beginnings[place] <= partition.position {
                    bail!(
                        "offset {} is refused although the log begins at {}",
                        partition.position,
                        beginnings[place]
                    );
                }
                partition.position = beginnings[place];
            }
        }
        Ok(())
    }
}

impl State {
    fn take(&mut self, event: Event<'_>) -> Result<()> {
        match event {
            Event::Records { place, records } => self.records(place, records),
            Event::Fetched => {
                let now = self.context.now();
                if std::mem::take(&mut self.got_records) {
                    let asked = self.asked;
                    self.context.count(now, |interval| {
                        interval.consumed.requests += 1;
                        record(&mut interval.consumed.latencies, asked, now, 1);
                    });
                }
                self.asked = now;
                self.is_answered = true;
                Ok(())
            }
            Event::OutOfRange { place } => {
                self.trouble(place, Trouble::OutOfRange);
                Ok(())
            }
            Event::Refused { place, reason } => {
                self.trouble(place, Trouble::Refused);
                let mut interval = self.context.statistics.borrow_mut();
                interval.consumed.errors += 1;
                interval.refused(&reason, 1);
                Ok(())
            }
            Event::Produced { .. } | Event::Pong { .. } => Ok(()),
        }
    }

    fn trouble(&mut self, place: usize, trouble: Trouble) {
        if let Some(partition) = self.partitions.get_mut(&place) {
            partition.trouble = Some(trouble);
        }
    }

    fn records(&mut self, place: usize, records: &[u8]) -> Result<()> {
        let Some(partition) = self.partitions.get_mut(&place) else { return Ok(()) };
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
        self.got_records |= count > 0;
        self.context.count(now, |interval| {
            interval.consumed.records += count;
            interval.consumed.bytes += bytes;
        });
        Ok(())
    }
}
