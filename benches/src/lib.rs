//! Micro benches, the floor programs and the peers.
#![forbid(unsafe_code)]

use ringlog_batch::patch_base_offset;
use ringlog_model::{LeaderEpoch, Timestamp};
use ringlog_storage::{AppendError, AppendInput, Log, Store};

/// Appends a batch of one record to a log's end, as often as it takes until there is room for it. `accept` is the append.
///
/// # Errors
/// What `accept` fails with, unless waiting helps.
pub async fn append(
    store: &Store,
    log: &Log,
    batch: &mut [u8],
    timestamp: Timestamp,
    mut accept: impl FnMut(AppendInput<'_>) -> Result<(), AppendError>,
) -> Result<(), AppendError> {
    let base = log.end();
    patch_base_offset(batch, base, LeaderEpoch(0));
    let input = AppendInput {
        head: &[],
        bytes: batch,
        base_offset: base,
        last_offset: base,
        max_timestamp: timestamp,
        leader_epoch: LeaderEpoch(0),
    };
    loop {
        match accept(input) {
            Err(AppendError::Backpressure) => store.ready_for(batch.len()).await,
            outcome => return outcome,
        }
    }
}
