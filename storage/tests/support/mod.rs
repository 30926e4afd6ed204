//! What the tests of storage share: small stores on simulated disks, and batches that say which append they are of.
#![allow(dead_code, unreachable_pub)]

pub mod model;

use ringlog_batch::{BatchBuilder, BatchView, Compression, split_batches};
use ringlog_model::{
    LeaderEpoch, LogId, Offset, PartitionId, PartitionIndex, ShardId, Timestamp, TopicId, Uuid,
};
use ringlog_reactor::Reactor;
use ringlog_storage::{
    AppendError, AppendInput, Directory, DirectoryConfig, Log, LogConfig, LogSpec, OpenError, ReadError,
    RecoveryReport, Store, StoreConfig,
};
use std::path::PathBuf;

pub const PATH: &str = "/data";

/// A store with everything small, so that a few appends roll segments, switch journal halves and recycle files.
pub fn small_store() -> StoreConfig {
    StoreConfig {
        journal_half_bytes: 1 << 20,
        unflushed_bytes_max: 4 << 20,
        group_bytes_max: 2 << 20,
        external_bytes_min: 8 << 10,
        small_group_bytes: 12 << 10,
        groups_at_once: 3,
        journal_ahead_bytes: 128 << 10,
        tail_bytes_max: 256 << 10,
        recovery_bytes_max: 1 << 20,
        open_files_max: 6,
        recycled_files_max: 4,
        scrub_bytes_per_second: 4 << 20,
        free_bytes_low: Some(1 << 20),
    }
}

pub fn directory_config() -> DirectoryConfig {
    DirectoryConfig { reserve_bytes: 4 << 20, ..DirectoryConfig::new(PATH) }
}

pub struct Rig {
    pub directory: Directory,
    pub store: Store,
    pub report: RecoveryReport,
}

pub async fn open(reactor: &Reactor) -> Result<Rig, OpenError> {
    open_with(reactor, directory_config(), small_store()).await
}

pub async fn open_with(
    reactor: &Reactor,
    directory: DirectoryConfig,
    store: StoreConfig,
) -> Result<Rig, OpenError> {
    let opened = Directory::open(reactor, directory).await?;
    let store = Store::start(reactor, opened.directory.handle(), ShardId(0), opened.logs, store)
        .await
        .map_err(|fault| OpenError::Damaged { path: PathBuf::from(PATH), reason: fault.to_string() })?;
    Ok(Rig { directory: opened.directory, store, report: opened.report })
}

pub fn spec(log: u64, segment_bytes: u64) -> LogSpec {
    LogSpec {
        log: LogId(log),
        partition: PartitionId { topic: TopicId(Uuid([log as u8; 16])), index: PartitionIndex(0) },
        topic: format!("topic-{log}"),
        config: LogConfig { segment_bytes, ..LogConfig::default() },
    }
}

/// A batch of `count` records whose values are `size` bytes that begin with `tag`.
pub fn batch(base: Offset, epoch: i32, count: usize, size: usize, tag: u64) -> Vec<u8> {
    let mut builder = BatchBuilder::new().at(base, LeaderEpoch(epoch));
    let mut value = vec![tag as u8; size.max(8)];
    value[..8].copy_from_slice(&tag.to_le_bytes());
    for _ in 0..count {
        builder.append(Timestamp(1_000 + tag as i64), None, Some(&value), &[]).unwrap();
    }
    builder.build(Compression::None).unwrap()
}

pub fn try_append(log: &Log, epoch: i32, count: usize, size: usize, tag: u64) -> Result<Offset, AppendError> {
    let base = log.end();
    let bytes = batch(base, epoch, count, size, tag);
    log.append(AppendInput {
        head: &[],
        bytes: &bytes,
        base_offset: base,
        last_offset: base.plus(count as i64 - 1),
        max_timestamp: Timestamp(1_000 + tag as i64),
        leader_epoch: LeaderEpoch(epoch),
    })?;
    Ok(log.end())
}

/// Appends, waiting for room.
pub async fn append(store: &Store, log: &Log, epoch: i32, count: usize, size: usize, tag: u64) -> Offset {
    loop {
        match try_append(log, epoch, count, size, tag) {
            Err(AppendError::Backpressure) => store.ready().await,
            other => return other.unwrap(),
        }
    }
}

/// Waits until the log is flushed up to `end`.
pub async fn flushed(store: &Store, log: &Log, end: Offset) {
    while log.marks().flushed < end {
        let progress = store.progress().await;
        assert!(progress.fault.is_none(), "{:?}", progress.fault);
    }
}

/// One batch as read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub base: i64,
    pub next: i64,
    pub tag: u64,
    pub size: usize,
    pub epoch: i32,
}

pub fn parse(bytes: &[u8]) -> Vec<Found> {
    let found = |view: BatchView<'_>| {
        view.verify_checksum().unwrap();
        let mut scratch = ringlog_batch::Scratch::default();
        let first = view.records(&mut scratch, 1 << 30).unwrap().next().unwrap().unwrap();
        let value = first.value.unwrap();
        Found {
            base: view.header().base_offset.0,
            next: view.header().next_offset().0,
            tag: u64::from_le_bytes(value[..8].try_into().unwrap()),
            size: view.bytes().len(),
            epoch: view.header().leader_epoch.0,
        }
    };
    split_batches(bytes).map(|view| found(view.unwrap())).collect()
}

/// Everything a log holds, read plan by plan.
pub async fn read_all(reactor: &Reactor, log: &Log) -> Result<Vec<Found>, ReadError> {
    read_from(reactor, log, log.start(), 64 << 10).await
}

pub async fn read_from(
    reactor: &Reactor,
    log: &Log,
    mut at: Offset,
    max_bytes: u64,
) -> Result<Vec<Found>, ReadError> {
    let mut found = Vec::new();
    while at < log.end() {
        let plan = log.plan_read(at, max_bytes, log.end(), true).await?;
        assert!(!plan.is_empty(), "a plan from {at} below the end {} has something", log.end());
        assert!(plan.base_offset <= at && plan.end_offset > at);
        at = plan.end_offset;
        let parts = plan.load(reactor).await?;
        found.extend(parse(&parts.concat()));
    }
    Ok(found)
}
