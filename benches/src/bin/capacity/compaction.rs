//! Producers beside compaction: what it costs them, and how much memory it takes.
//!
//! Producers write to one topic at a fixed rate; a record's latency counts from when it was to be sent. Rounds without and
//! with compaction of another topic alternate, so that what else happens on the machine touches both.

use crate::broker::Subject;
use crate::client::{Client, batch, batch_of, for_each};
use crate::report::{Latencies, Report, median};
use anyhow::{Result, ensure};
use ringlog_reactor::{Reactor, Task};
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

const TOPIC: &str = "steady";
const PARTITIONS: i32 = 8;
const PRODUCERS: usize = 16;
/// Records a second of each producer.
const RATE: f64 = 100.0;
const RECORD_BYTES: usize = 1_000;

const DIRTY_PARTITIONS: i32 = 2;
/// Batches in the log that is compacted, of each partition.
const DIRTY_BATCHES: usize = 3_072;
/// Records of a batch, about 64 KiB in all: what busy producers send.
const DIRTY_RECORDS: usize = 64;
const DIRTY_BYTES: usize = 1_000;
/// Keys of a partition: of every key some hundred records go.
const KEYS: usize = 20_000;

/// Filling the logs leaves work behind, for the broker and for the disk.
const WARM_UP: Duration = Duration::from_secs(5);
const CALM: Duration = Duration::from_secs(1);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Compaction looks for something to do every second, so that rounds are short.
const SETTINGS: &str = "[kafka]\nlog.cleaner.backoff.ms = 1000\n";
const BEGINS_OR_ENDS_WITHIN: Duration = Duration::from_secs(90);
/// What may be used beside the keys: steps of some hundred KiB, and the new segment's tail.
const STEPS_MIB: f64 = 16.0;
/// `log.cleaner.dedupe.buffer.size` of a shard.
const KEYS_MIB: f64 = 32.0;

/// Producers at work, and what they measured in the open window.
struct Load {
    latencies: Rc<RefCell<Option<Latencies>>>,
    pauses: Rc<Cell<bool>>,
    fault: Rc<RefCell<Option<String>>>,
    _tasks: Vec<Task<()>>,
}

pub(crate) async fn measure(
    reactor: &Reactor,
    data: &Path,
    rounds: usize,
    window: Duration,
    report: &mut Report,
) -> Result<()> {
    let broker = Subject::fresh_with(data, "compaction", SETTINGS)?;
    let client = Client::open(reactor, broker.kafka()).await?;
    client.create_topic(TOPIC, PARTITIONS, &[]).await?;
    for round in 0..rounds {
        fill(reactor, &broker, &client, round).await?;
    }
    println!("  {rounds} logs of {} MiB to compact", dirty_bytes() >> 20);
    let load = Load::start(reactor, broker.kafka());
    reactor.sleep(WARM_UP).await;
    let (mut without, mut beside) = (Quantiles::default(), Quantiles::default());
    let (mut memory, mut used) = (0.0f64, 0.0f64);
    for round in 0..rounds {
        reactor.sleep(CALM).await;
        without.take(round, "without", load.window(reactor, window).await?);
        let before = broker.memory();
        client.set_topic_config(&dirty(round), "cleanup.policy", "compact").await?;
        wait_until(reactor, || Ok(broker.metric("ringlog_compaction_running")? > 0.0)).await?;
        // Looking at the broker has kept this thread from sending for a moment.
        reactor.sleep(CALM).await;
        let read = broker.metric("ringlog_compaction_read_bytes_total")?;
        let latencies = load.window(reactor, window).await?;
        let is_running = broker.metric("ringlog_compaction_running")? > 0.0;
        ensure!(is_running, "compaction ended before the window did");
        beside.take(round, "beside compaction", latencies);
        let read = broker.metric("ringlog_compaction_read_bytes_total")? - read;
        used = used.max(read / window.as_secs_f64());
        memory = memory.max(broker.memory().saturating_sub(before) as f64 / f64::from(1 << 20));
        // It is quicker by itself.
        load.pauses.set(true);
        wait_until(reactor, || Ok(broker.metric("ringlog_compaction_running")? == 0.0)).await?;
        load.pauses.set(false);
    }
    let rate = PRODUCERS as f64 * RATE;
    report.tell(
        format!("produce at {rate:.0} records/s without compaction, p50 / p99 / p99.9"),
        without.medians(),
    );
    report.tell(
        format!("the same beside compaction that reads {:.0} MiB/s", used / f64::from(1 << 20)),
        beside.medians(),
    );
    let more = (median(&beside.0[1]) / median(&without.0[1]) - 1.0) * 100.0;
    report.below(format!("compaction moves the p99 by, medians of {rounds} rounds"), more, 20.0, "%");
    let shards = f64::from(DIRTY_PARTITIONS);
    report.below("memory that compaction takes", memory, shards * (KEYS_MIB + STEPS_MIB), "MiB");
    let removed = broker.metric("ringlog_compaction_records_removed_total")?;
    report.tell("records that it removed", format!("{removed:.0}"));
    drop((load, client));
    broker.end()
}

/// The p50, p99 and p99.9 of several windows.
#[derive(Default)]
struct Quantiles([Vec<f64>; 3]);

impl Quantiles {
    fn take(&mut self, round: usize, which: &str, mut latencies: Latencies) {
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| latencies.quantile(share));
        let records = latencies.len();
        println!(
            "  round {round}, {which}: p50 {p50:.2} ms, p99 {p99:.2} ms, p99.9 {p999:.2} ms, {records} records"
        );
        self.0.iter_mut().zip([p50, p99, p999]).for_each(|(of_rounds, value)| of_rounds.push(value));
    }

    fn medians(&self) -> String {
        let [p50, p99, p999] = [0, 1, 2].map(|place| median(&self.0[place]));
        format!("{p50:.2} / {p99:.2} / {p999:.2} ms")
    }
}

fn dirty(round: usize) -> String {
    format!("dirty-{round}")
}

fn dirty_bytes() -> usize {
    DIRTY_PARTITIONS as usize * DIRTY_BATCHES * DIRTY_RECORDS * DIRTY_BYTES
}

/// A topic with many records of few keys, not to be compacted yet.
async fn fill(reactor: &Reactor, broker: &Subject, client: &Client, round: usize) -> Result<()> {
    let configs = [
        ("cleanup.policy", "delete"),
        ("segment.bytes", "16777216"),
        ("min.cleanable.dirty.ratio", "0.01"),
        ("max.message.bytes", "4194304"),
    ];
    client.create_topic(&dirty(round), DIRTY_PARTITIONS, &configs).await?;
    let batches = DIRTY_PARTITIONS as usize * DIRTY_BATCHES;
    for_each(reactor, broker.kafka(), batches, 8, move |client, number| async move {
        let first = number * DIRTY_RECORDS;
        let keys: Vec<_> = (first..first + DIRTY_RECORDS).map(|key| (key % KEYS).to_be_bytes()).collect();
        let value = [7; DIRTY_BYTES];
        let records = keys.iter().map(|key| (Some(&key[..]), &value[..]));
        client.produce(&dirty(round), number as i32 % DIRTY_PARTITIONS, &batch_of(records)?).await
    })
    .await
}

async fn wait_until(reactor: &Reactor, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !is_so()? {
        ensure!(begun.elapsed() < BEGINS_OR_ENDS_WITHIN, "compaction did not begin or end in time");
        reactor.sleep(LOOK_AGAIN).await;
    }
    Ok(())
}

impl Load {
    fn start(reactor: &Reactor, address: std::net::SocketAddr) -> Load {
        let (latencies, fault) = (Rc::new(RefCell::new(None)), Rc::new(RefCell::new(None)));
        let begun = Rc::new(Cell::new(reactor.now_nanos()));
        let pauses = Rc::new(Cell::new(false));
        let tasks = (0..PRODUCERS).map(|number| {
            let (reactor, latencies, fault) = (reactor.clone(), latencies.clone(), fault.clone());
            let (begun, pauses) = (begun.clone(), pauses.clone());
            reactor.clone().spawn(async move {
                if let Err(error) = produce(&reactor, address, number, begun.get(), &pauses, &latencies).await
                {
                    *fault.borrow_mut() = Some(format!("{error:#}"));
                }
            })
        });
        Load { _tasks: tasks.collect(), latencies: latencies.clone(), pauses, fault: fault.clone() }
    }

    /// The latencies of the next seconds.
    async fn window(&self, reactor: &Reactor, length: Duration) -> Result<Latencies> {
        *self.latencies.borrow_mut() = Some(Latencies::default());
        reactor.sleep(length).await;
        let fault = self.fault.borrow_mut().take();
        ensure!(fault.is_none(), "a producer ended: {}", fault.unwrap_or_default());
        Ok(self.latencies.borrow_mut().take().unwrap_or_default())
    }
}

/// One producer, for ever: a record is due at its time whether the one before is answered or not.
async fn produce(
    reactor: &Reactor,
    address: std::net::SocketAddr,
    number: usize,
    begun: u64,
    pauses: &Cell<bool>,
    latencies: &RefCell<Option<Latencies>>,
) -> Result<()> {
    let client = Client::open(reactor, address).await?;
    let between = (1e9 / RATE) as u64;
    // Spread over the interval, so that producers do not come all at once.
    let mut due = begun + between * number as u64 / PRODUCERS as u64;
    loop {
        reactor.sleep_until(due).await;
        while pauses.get() {
            reactor.sleep(LOOK_AGAIN).await;
            due = reactor.now_nanos();
        }
        client.produce(TOPIC, number as i32 % PARTITIONS, &batch(None, &[7; RECORD_BYTES])?).await?;
        if let Some(latencies) = latencies.borrow_mut().as_mut() {
            latencies.record(reactor.now_nanos().saturating_sub(due));
        }
        due += between;
    }
}
