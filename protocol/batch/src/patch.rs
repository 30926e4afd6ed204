//! The changes that a broker makes to a batch: where it stands, and when it was appended.

use crate::header::{CHECKED_FROM, PREFIX_SIZE};
use crate::{Attributes, BatchError, BatchHeader, HEADER_SIZE, checksum::checksum_replace_front};
use ringlog_model::{LeaderEpoch, Offset, Timestamp};

/// Assigns base offset and leader epoch. Neither is covered by the checksum, so nothing else changes.
///
/// # Panics
/// If `batch` is shorter than a header: the caller has parsed it.
pub fn patch_base_offset(batch: &mut [u8], base_offset: Offset, leader_epoch: LeaderEpoch) {
    assert!(batch.len() >= HEADER_SIZE, "a batch has a header");
    batch[0..8].copy_from_slice(&base_offset.0.to_be_bytes());
    batch[12..16].copy_from_slice(&leader_epoch.0.to_be_bytes());
}

/// The first [`PREFIX_SIZE`] bytes of the batch once base offset and leader epoch are assigned, for callers whose
/// batch is shared: they write these and then `batch[PREFIX_SIZE..]`.
///
/// # Panics
/// If `batch` is shorter than a header: the caller has parsed it.
#[must_use]
pub fn patched_prefix(batch: &[u8], base_offset: Offset, leader_epoch: LeaderEpoch) -> [u8; PREFIX_SIZE] {
    assert!(batch.len() >= HEADER_SIZE, "a batch has a header");
    let mut prefix = [0; PREFIX_SIZE];
    prefix[0..8].copy_from_slice(&base_offset.0.to_be_bytes());
    prefix[8..12].copy_from_slice(&batch[8..12]);
    prefix[12..16].copy_from_slice(&leader_epoch.0.to_be_bytes());
    prefix
}

/// Marks the batch as stamped by the broker at `now` (`message.timestamp.type=LogAppendTime`).
///
/// The checksum covers both fields that change; it is adjusted for the header alone, at a cost that does not depend on the
/// batch's size, and a batch that was damaged before stays recognisable as such.
///
/// # Errors
/// As [`BatchHeader::parse`].
pub fn stamp_log_append_time(batch: &mut [u8], now: Timestamp) -> Result<(), BatchError> {
    restamp(batch, |header| {
        header.attributes = header.attributes.with(Attributes::LOG_APPEND_TIME);
        header.max_timestamp = now;
    })
}

/// Corrects the largest timestamp of a batch whose producer computed it wrongly
/// ([`Validated::max_timestamp`](crate::Validated::max_timestamp) differs from the header's).
///
/// # Errors
/// As [`BatchHeader::parse`].
pub fn stamp_max_timestamp(batch: &mut [u8], max_timestamp: Timestamp) -> Result<(), BatchError> {
    restamp(batch, |header| header.max_timestamp = max_timestamp)
}

fn restamp(batch: &mut [u8], change: impl FnOnce(&mut BatchHeader)) -> Result<(), BatchError> {
    let old = BatchHeader::parse(batch)?;
    let rest_length = batch.len() - HEADER_SIZE;
    let mut new = old;
    change(&mut new);
    let encoded = new.encode();
    new.checksum = checksum_replace_front(
        old.checksum,
        &batch[CHECKED_FROM..HEADER_SIZE],
        &encoded[CHECKED_FROM..],
        rest_length,
    );
    batch[..HEADER_SIZE].copy_from_slice(&new.encode());
    Ok(())
}
