//! The changes that a broker makes to a batch: where it stands, and when it was appended.
//!
//! All of them are in the header. A batch that is shared (a slice of a frame) is not copied for them: the new header stands
//! beside it ([`patched_header`]), and who writes the batch writes that and then `batch[HEADER_SIZE..]`.

use crate::header::CHECKED_FROM;
use crate::{Attributes, BatchError, BatchHeader, HEADER_SIZE, checksum::checksum_replace_front};
use ringlog_model::{LeaderEpoch, Offset, Timestamp};

/// The header's bytes once base offset and leader epoch are assigned, and the time of the append where the topic wants it
/// (`message.timestamp.type=LogAppendTime`).
///
/// # Errors
/// As [`BatchHeader::parse`].
pub fn patched_header(
    batch: &[u8],
    base_offset: Offset,
    leader_epoch: LeaderEpoch,
    log_append_time: Option<Timestamp>,
) -> Result<[u8; HEADER_SIZE], BatchError> {
    let place = |header: &mut BatchHeader| {
        header.base_offset = base_offset;
        header.leader_epoch = leader_epoch;
    };
    match log_append_time {
        Some(now) => changed_header(batch, |header| {
            place(header);
            stamp(header, now);
        }),
        None => {
            let mut header = BatchHeader::parse(batch)?;
            place(&mut header);
            Ok(header.encode())
        }
    }
}

/// Assigns base offset and leader epoch. Neither is covered by the checksum, so nothing else changes.
///
/// # Panics
/// If `batch` is shorter than a header: the caller has parsed it.
pub fn patch_base_offset(batch: &mut [u8], base_offset: Offset, leader_epoch: LeaderEpoch) {
    assert!(batch.len() >= HEADER_SIZE, "a batch has a header");
    batch[0..8].copy_from_slice(&base_offset.0.to_be_bytes());
    batch[12..16].copy_from_slice(&leader_epoch.0.to_be_bytes());
}

/// Marks the batch as stamped by the broker at `now` (`message.timestamp.type=LogAppendTime`).
///
/// The checksum covers both fields that change; it is adjusted for the header alone, at a cost that does not depend on the
/// batch's size, and a batch that was damaged before stays recognisable as such.
///
/// # Errors
/// As [`BatchHeader::parse`].
pub fn stamp_log_append_time(batch: &mut [u8], now: Timestamp) -> Result<(), BatchError> {
    let header = changed_header(batch, |header| stamp(header, now))?;
    batch[..HEADER_SIZE].copy_from_slice(&header);
    Ok(())
}

/// Corrects the largest timestamp of a batch whose producer computed it wrongly
/// ([`Validated::max_timestamp`](crate::Validated::max_timestamp) differs from the header's).
///
/// # Errors
/// As [`BatchHeader::parse`].
pub fn stamp_max_timestamp(batch: &mut [u8], max_timestamp: Timestamp) -> Result<(), BatchError> {
    let header = changed_header(batch, |header| header.max_timestamp = max_timestamp)?;
    batch[..HEADER_SIZE].copy_from_slice(&header);
    Ok(())
}

fn stamp(header: &mut BatchHeader, now: Timestamp) {
    header.attributes = header.attributes.with(Attributes::LOG_APPEND_TIME);
    header.max_timestamp = now;
}

/// The header's bytes after a change to fields under the checksum, with the checksum adjusted to it.
fn changed_header(
    batch: &[u8],
    change: impl FnOnce(&mut BatchHeader),
) -> Result<[u8; HEADER_SIZE], BatchError> {
    let mut header = BatchHeader::parse(batch)?;
    let whole = header.checksum;
    let rest_length = batch.len() - HEADER_SIZE;
    change(&mut header);
    let encoded = header.encode();
    let (old, new) = (&batch[CHECKED_FROM..HEADER_SIZE], &encoded[CHECKED_FROM..]);
    header.checksum = checksum_replace_front(whole, old, new, rest_length);
    Ok(header.encode())
}
