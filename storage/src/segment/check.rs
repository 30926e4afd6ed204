//! The checks that bytes of a segment must pass before they are believed.

use super::batch_fields_checksum;
use ringlog_batch::split_batches;
use ringlog_model::{LeaderEpoch, Offset};

/// What bytes of whole batches must be.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The first batch's base offset.
    pub base_offset: Offset,
    /// One past the last record (at most, if sparse); `None` if only continuity matters.
    pub end_offset: Option<Offset>,
    /// Checksum of the fields outside Kafka's CRC: (of what comes before, with these batches).
    pub fields: Option<(u32, u32)>,
    /// Whether offsets may be missing before, between and behind the batches.
    pub sparse: bool,
    /// Leader epochs with their first offsets, ascending; empty if they do not matter.
    pub epochs: &'a [(LeaderEpoch, Offset)],
}

/// A failed check: how many bytes before it were good, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Bytes of good batches before it.
    pub position: usize,
    /// What is wrong.
    pub reason: String,
}

/// Compares every batch with its CRC, with its neighbours and with what is expected of all together.
pub fn check_batches(bytes: &[u8], expected: &Expected<'_>) -> Result<(), Failure> {
    let mut position = 0;
    let mut next = expected.base_offset;
    let mut fields = expected.fields.map_or(0, |(before, _)| before);
    for batch in split_batches(bytes) {
        let failure = |reason: String| Failure { position, reason };
        let batch = batch.map_err(|error| failure(error.to_string()))?;
        batch.verify_checksum().map_err(|error| failure(error.to_string()))?;
        let header = batch.header();
        let follows = header.base_offset == next || (expected.sparse && header.base_offset > next);
        if !follows || header.next_offset() <= header.base_offset {
            return Err(failure(format!("batch at offset {} where {next} is due", header.base_offset)));
        }
        if epoch_of(expected.epochs, header.base_offset).is_some_and(|epoch| epoch != header.leader_epoch) {
            return Err(failure(format!("batch at offset {next} has leader epoch {}", header.leader_epoch)));
        }
        next = header.next_offset();
        fields = batch_fields_checksum(fields, batch.bytes());
        position += batch.bytes().len();
    }
    let failure = |reason: String| Failure { position: 0, reason };
    if let Some(end) = expected.end_offset
        && end != next
        && !(expected.sparse && next < end)
    {
        return Err(failure(format!("the batches end at offset {next}, not at {end}")));
    }
    if let Some((_, all)) = expected.fields
        && all != fields
    {
        return Err(failure("offset, length or epoch of a batch were changed".to_owned()));
    }
    Ok(())
}

/// The epoch in force at an offset.
fn epoch_of(epochs: &[(LeaderEpoch, Offset)], offset: Offset) -> Option<LeaderEpoch> {
    let after = epochs.partition_point(|&(_, first)| first <= offset);
    Some(epochs[after.checked_sub(1)?].0)
}
