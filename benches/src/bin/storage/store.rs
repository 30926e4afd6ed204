//! The store: appends, and progress until all are flushed.

use crate::{Arguments, Load, Measured, Meter};
use anyhow::Result;
use ringlog_batch::{BatchBuilder, Compression};
use ringlog_model::{LogId, PartitionId, PartitionIndex, ShardId, Timestamp, TopicId};
use ringlog_reactor::Reactor;
use ringlog_storage::{Directory, DirectoryConfig, Log, LogConfig, LogSpec, Store, StoreConfig};
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) async fn measure(
    reactor: &Reactor,
    data: &Path,
    load: Load,
    arguments: &Arguments,
) -> Result<Measured> {
    let opened = Directory::open(reactor, DirectoryConfig::new(data)).await?;
    let config = StoreConfig {
        external_bytes_min: arguments.external_min,
        small_group_bytes: arguments.small_group,
        groups_at_once: arguments.groups,
        journal_ahead_bytes: arguments.journal_ahead,
        journal_half_bytes: arguments.journal_half,
        unflushed_bytes_max: load.in_flight,
        open_files_max: 2_000,
        ..StoreConfig::default()
    };
    let store = Store::start(reactor, opened.directory.handle(), ShardId(0), opened.logs, config).await?;
    let mut logs = BTreeMap::new();
    for number in 0..load.partitions {
        let log = store.create_log(spec(number)).await?;
        logs.insert(log.id(), (log, reactor.now_nanos()));
    }
    let mut batch = batch_of(load.batch)?;
    let mut meter = Meter::new(reactor, load);
    for (log, _) in logs.values() {
        append(&store, log, &mut batch).await?;
    }
    let mut more = true;
    while more {
        let progress = store.progress().await;
        anyhow::ensure!(progress.fault.is_none(), "{:?}", progress.fault);
        for (id, marks) in progress.marks {
            let (log, begun) = logs.get_mut(&id).expect("marks are of logs that exist");
            if marks.flushed == log.end() {
                more &= meter.count(batch.len(), *begun);
                *begun = reactor.now_nanos();
                append(&store, log, &mut batch).await?;
            }
        }
    }
    let measured = meter.finish();
    drop(logs);
    store.shutdown().await?;
    Ok(measured)
}

fn spec(number: usize) -> LogSpec {
    LogSpec {
        log: LogId(number as u64 + 1),
        partition: PartitionId { topic: TopicId::default(), index: PartitionIndex(number as i32) },
        topic: "bench".to_owned(),
        config: LogConfig::default(),
    }
}

/// A batch of exactly `size` bytes.
fn batch_of(size: usize) -> Result<Vec<u8>> {
    let mut value = size - 80;
    loop {
        let mut builder = BatchBuilder::new();
        builder.append(Timestamp(1), None, Some(&vec![7; value]), &[])?;
        let batch = builder.build(Compression::None)?;
        if batch.len() >= size {
            return Ok(batch);
        }
        value += size - batch.len();
    }
}

async fn append(store: &Store, log: &Log, batch: &mut [u8]) -> Result<()> {
    Ok(ringlog_benches::append(store, log, batch, Timestamp(1), |input| log.append(input)).await?)
}
