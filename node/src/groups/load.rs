//! A coordinator's state from its partition.

use super::catalogue::Catalogue;
use crate::shard::{Hosted, Shard};
use core::time::Duration;
use ringlog_batch::{BatchError, Scratch, split_batches};
use ringlog_coordinator::Coordinator;
use ringlog_model::{LeaderEpoch, Offset};
use ringlog_partition::{Isolation, LeadershipRefusal, Reader};
use ringlog_storage::ReadError;

/// Bytes read at a time.
const PIECE: u64 = 1 << 20;
/// The most that one batch may decompress to. The coordinator's own batches are not compressed; those of a copied topic
/// may be.
const DECOMPRESSED_MAX: usize = 64 << 20;
/// How often a load looks whether what the log holds is committed.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Why a partition could not be loaded.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error(transparent)]
    Leadership(#[from] LeadershipRefusal),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("a batch cannot be read: {0}")]
    Batch(#[from] BatchError),
}

/// Reads the whole partition into a new coordinator. What is in the log and not yet committed is waited for: it will be
/// committed or the leadership lost.
pub(super) async fn load(
    shard: &Shard,
    hosted: &Hosted,
    epoch: LeaderEpoch,
) -> Result<Coordinator, LoadError> {
    let mut coordinator = Coordinator::new(shard.node.groups.coordinator.clone());
    let started = shard.instant();
    let end = hosted.machine.borrow().marks().end();
    let mut scratch = Scratch::default();
    let mut from = hosted.log.start();
    let (mut records, mut passed_over) = (0u64, 0u64);
    while from < end {
        let plan = hosted.log.plan_read(from, PIECE, end, true).await?;
        if plan.end_offset <= from {
            break;
        }
        from = plan.end_offset;
        for part in plan.load(&shard.reactor).await? {
            for batch in split_batches(&part) {
                let batch = batch?;
                if batch.header().is_control() {
                    continue;
                }
                for record in batch.records(&mut scratch, DECOMPRESSED_MAX)? {
                    let record = record?;
                    records += 1;
                    let Some(key) = record.key else { continue };
                    if let Err(error) = coordinator.load(key, record.value) {
                        passed_over += 1;
                        tracing::warn!(partition = %hosted.id, %error, "passed over a record of a group");
                    }
                }
            }
        }
        shard.reactor.yield_now().await;
    }
    while high_watermark(hosted) < end {
        hosted.machine.borrow().check_leadership(Some(epoch))?;
        shard.reactor.sleep(LOOK_EVERY).await;
    }
    coordinator.loaded(shard.now(), &Catalogue::of(shard));
    let took = shard.instant().since(started);
    if records > 0 {
        tracing::info!(partition = %hosted.id, records, passed_over, ?took, "loaded groups");
    }
    Ok(coordinator)
}

fn high_watermark(hosted: &Hosted) -> Offset {
    hosted.machine.borrow().read_limits(Reader::Consumer(Isolation::ReadUncommitted)).high_watermark
}
