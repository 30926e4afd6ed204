//! What a log costs in the process: accepting a batch, and finding an offset or a timestamp by its index.
//!
//! `cargo bench -p ringlog-benches --bench log`. The disk's time is not in it: `--bin storage` measures that.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ringlog_batch::{BatchBuilder, BatchHeader, Compression};
use ringlog_model::{LogId, Offset, PartitionId, PartitionIndex, ShardId, Timestamp, TopicId};
use ringlog_reactor::{Options, Reactor, run};
use ringlog_storage::{AppendInput, Directory, DirectoryConfig, Log, LogConfig, LogSpec, Store, StoreConfig};
use std::future::Future;
use std::hint::black_box;
use std::time::Duration;

/// Batches of the log that is searched.
const SEARCHED: u64 = 20_000;

/// Runs with a log of its own in a folder that goes away.
fn with_log<F, T>(work: impl FnOnce(Reactor, Store, Log) -> F + 'static) -> T
where
    F: Future<Output = T> + 'static,
    T: 'static,
{
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().to_owned();
    let opened = run(Options::default(), |reactor| async move {
        let opened = Directory::open(&reactor, DirectoryConfig::new(path)).await.expect("it opens");
        let handle = opened.directory.handle();
        let config = StoreConfig { scrub_bytes_per_second: 0, ..StoreConfig::default() };
        let store = Store::start(&reactor, handle, ShardId(0), opened.logs, config).await.expect("it starts");
        let spec = LogSpec {
            log: LogId(1),
            partition: PartitionId { topic: TopicId::default(), index: PartitionIndex(0) },
            topic: "bench".to_owned(),
            config: LogConfig::default(),
        };
        let log = store.create_log(spec).await.expect("a new log");
        work(reactor, store, log).await
    });
    opened.expect("the shard runs")
}

/// A batch of one record.
fn batch(value: usize, timestamp: i64) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    builder.append(Timestamp(timestamp), None, Some(&vec![7; value]), &[]).expect("the batch is small");
    builder.build(Compression::None).expect("the batch is small")
}

/// Appends, and says how long the call that accepted the batch took.
async fn append(reactor: &Reactor, store: &Store, log: &Log, batch: &mut [u8]) -> u64 {
    let timestamp = BatchHeader::parse(batch).expect("it was built").max_timestamp;
    let mut nanos = 0;
    let accept = |input: AppendInput<'_>| {
        let begun = reactor.now_nanos();
        let outcome = log.append(black_box(input));
        nanos = reactor.now_nanos() - begun;
        outcome
    };
    ringlog_benches::append(store, log, batch, timestamp, accept).await.expect("the log takes it");
    nanos
}

fn appends(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("append");
    // Each append goes to a disk: no more of them than it takes.
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(20))
        .measurement_time(Duration::from_millis(100));
    for size in [128, 1 << 10, 16 << 10] {
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter_custom(|times| {
                with_log(move |reactor, store, log| async move {
                    let (mut batch, mut nanos) = (batch(size, 1), 0);
                    for _ in 0..times {
                        nanos += append(&reactor, &store, &log, &mut batch).await;
                    }
                    Duration::from_nanos(nanos)
                })
            });
        });
    }
    group.finish();
}

#[derive(Clone, Copy)]
enum Search {
    Offset,
    Timestamp,
}

fn searches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("index");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(500));
    for (name, search) in [("offset", Search::Offset), ("timestamp", Search::Timestamp)] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                with_log(move |reactor, store, log| measure(reactor, store, log, search, times))
            });
        });
    }
    group.finish();
}

/// Looks up places all over a log of [`SEARCHED`] batches of 1 KiB.
async fn measure(reactor: Reactor, store: Store, log: Log, search: Search, times: u64) -> Duration {
    for number in 0..SEARCHED {
        append(&reactor, &store, &log, &mut batch(1 << 10, 1 + number as i64)).await;
    }
    let end = log.end();
    let begun = reactor.now_nanos();
    for number in 0..times {
        // A stride without a common divisor: every place in turn, far from the one before.
        let wanted = Offset((number * 7_919 % SEARCHED) as i64);
        match search {
            Search::Offset => {
                let plan = log.plan_read(wanted, 1, end, true).await.expect("it can be read");
                assert!(plan.base_offset <= wanted && wanted < plan.end_offset);
            }
            Search::Timestamp => {
                let found =
                    log.find_by_timestamp(Timestamp(1 + wanted.0), end).await.expect("it can be read");
                assert_eq!(found.map(|hit| hit.offset), Some(wanted));
            }
        }
    }
    Duration::from_nanos(reactor.now_nanos() - begun)
}

criterion_group!(benches, appends, searches);
criterion_main!(benches);
