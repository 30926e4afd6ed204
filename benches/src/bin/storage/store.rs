//! The store: appends, and progress until all are flushed.

use crate::{Arguments, Load, Measured};
use anyhow::Result;
use ringlog_batch::{BatchBuilder, Compression, patch_base_offset};
use ringlog_model::{LeaderEpoch, LogId, Offset, PartitionId, PartitionIndex, ShardId, Timestamp, TopicId};
use ringlog_reactor::Reactor;
use ringlog_storage::{
    AppendError, AppendInput, Directory, DirectoryConfig, Log, LogConfig, LogSpec, Store, StoreConfig,
};
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
        journal_half_bytes: arguments.journal_half,
        unflushed_bytes_max: (64 << 20).max((2 * load.batch * load.partitions * load.depth) as u64),
        open_files_max: 2_000,
        ..StoreConfig::default()
    };
    let store = Store::start(reactor, opened.directory.handle(), ShardId(0), opened.logs, config).await?;
    let mut logs = Vec::new();
    for number in 0..load.partitions {
        logs.push(store.create_log(spec(number)).await?);
    }
    let mut batch = batch_of(load.batch)?;
    let mut measured = Measured::default();
    let begin = reactor.now_nanos();
    while ((reactor.now_nanos() - begin) as f64) < load.seconds * 1e9 {
        let round = reactor.now_nanos();
        for log in &logs {
            for _ in 0..load.depth {
                append(&store, log, &mut batch).await?;
            }
        }
        let mut waiting = logs.iter().filter(|log| log.marks().flushed < log.end()).count();
        while waiting > 0 {
            let progress = store.progress().await;
            anyhow::ensure!(progress.fault.is_none(), "{:?}", progress.fault);
            waiting = logs.iter().filter(|log| log.marks().flushed < log.end()).count();
        }
        measured.rounds.push(reactor.now_nanos() - round);
        measured.bytes += (load.partitions * load.depth * load.batch) as u64;
    }
    measured.seconds = (reactor.now_nanos() - begin) as f64 / 1e9;
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
    let base: Offset = log.end();
    patch_base_offset(batch, base, LeaderEpoch(0));
    let input = AppendInput {
        head: &[],
        bytes: batch,
        base_offset: base,
        last_offset: base,
        max_timestamp: Timestamp(1),
        leader_epoch: LeaderEpoch(0),
    };
    loop {
        match log.append(input) {
            Err(AppendError::Backpressure) => store.ready().await,
            outcome => return Ok(outcome?),
        }
    }
}
