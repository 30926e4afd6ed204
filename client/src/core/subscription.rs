//! The reading side: how far a subscription is, what credit it gets, and the records inside its deliveries.

use ringlog_batch::{BatchError, Scratch, split_batches};
use ringlog_model::{Offset, Timestamp};
use ringlog_native::body::Deliver;

/// The state of one subscription.
///
/// The credit outstanding and the bytes that the caller has not consumed yet together never exceed the window, but for
/// a single batch larger than what was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscriptionCore {
    next: Offset,
    window: u64,
    consumed: u64,
}

impl SubscriptionCore {
    /// A subscription from `offset` that holds at most `window` bytes of deliveries.
    #[must_use]
    pub fn new(offset: Offset, window: u64) -> SubscriptionCore {
        SubscriptionCore { next: offset, window: window.max(1), consumed: 0 }
    }

    /// Where a subscription to replace this one has to begin.
    #[must_use]
    pub fn next_offset(&self) -> Offset {
        self.next
    }

    /// The first grant, of a new subscription or of one that replaces it.
    pub fn opening_credit(&mut self) -> u64 {
        self.consumed = 0;
        self.window
    }

    /// Takes a delivery. `false` if it does not follow the last one, which a node must not do.
    #[must_use]
    pub fn delivered(&mut self, deliver: &Deliver) -> bool {
        let follows = deliver.from == self.next && deliver.next >= deliver.from;
        if follows {
            self.next = deliver.next;
        }
        follows
    }

    /// The caller is done with `bytes` of record batches. Returns what to grant now: nothing until half the window is
    /// free, so that grants stay few.
    pub fn consumed(&mut self, bytes: u64) -> Option<u64> {
        self.consumed += bytes;
        (self.consumed >= self.window.div_ceil(2)).then(|| std::mem::take(&mut self.consumed))
    }
}

/// A record out of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceivedRecord<'a> {
    /// Its offset.
    pub offset: Offset,
    /// Its timestamp.
    pub timestamp: Timestamp,
    /// Its key, which may be null.
    pub key: Option<&'a [u8]>,
    /// Its value, which may be null.
    pub value: Option<&'a [u8]>,
    /// The record as it stands in its batch, with its headers.
    pub view: ringlog_batch::RecordView<'a>,
}

/// Calls `visit` with every record of `batches` at or after `from`, in order, until it returns `false`. Checksums are
/// verified; control batches, which are not for applications, are passed over.
///
/// # Errors
/// [`BatchError`] where a batch is damaged; records before it have been visited.
pub fn visit_records(
    batches: &[u8],
    from: Offset,
    scratch: &mut Scratch,
    decompressed_bytes_max: usize,
    mut visit: impl FnMut(ReceivedRecord<'_>) -> bool,
) -> Result<(), BatchError> {
    for batch in split_batches(batches) {
        let batch = batch?;
        batch.verify_checksum()?;
        if batch.header().is_control() || batch.header().last_offset() < from {
            continue;
        }
        for record in batch.records(scratch, decompressed_bytes_max)? {
            let record = record?;
            let offset = batch.offset_of(&record);
            if offset < from {
                continue;
            }
            let timestamp = batch.timestamp_of(&record);
            let received =
                ReceivedRecord { offset, timestamp, key: record.key, value: record.value, view: record };
            if !visit(received) {
                return Ok(());
            }
        }
    }
    Ok(())
}
