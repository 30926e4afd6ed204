//! Any bytes at all: no panic, and the walks end.

use super::properties::{codec, records};
use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use ringlog_batch::{
    BatchHeader, Compression, Detail, HEADER_SIZE, Limits, checksum, describe, split_batches,
};

/// Everything that reads a batch, one after the other.
pub(crate) fn read_in_every_way(bytes: &[u8], scratch: &mut Scratch) {
    let limits = Limits { decompressed_bytes_max: CAP, ..Limits::default() };
    let _ = BatchHeader::parse(bytes);
    for batch in split_batches(bytes) {
        let Ok(view) = batch else { break };
        let _ = view.validate(&limits, scratch);
        if let Ok(records) = view.records(scratch, CAP) {
            for record in records.flatten() {
                let _ = (view.offset_of(&record), view.timestamp_of(&record), record.headers().count());
            }
        }
        let _ = view.first_at_or_after(Timestamp(1), Offset(1), scratch, CAP);
        let _ = view.first_with_max_timestamp(scratch, CAP);
        let header = view.header();
        let _ = (header.last_offset(), header.next_offset(), header.last_sequence(), header.size());
    }
    let (descriptions, _) = describe(bytes, Detail::Records, CAP);
    for description in descriptions {
        let _ = description.to_string();
    }
    for codec in Compression::ALL {
        let _ = scratch.decompress(codec, bytes, CAP);
    }
}

/// The batch with its length and checksum made to fit, so that the mutation reaches what lies behind them.
fn sealed(mut batch: Vec<u8>) -> Vec<u8> {
    if batch.len() >= HEADER_SIZE {
        let length = (batch.len() - 12) as i32;
        batch[8..12].copy_from_slice(&length.to_be_bytes());
        batch[16] = 2;
        let sum = checksum(&batch[21..]);
        batch[17..21].copy_from_slice(&sum.to_be_bytes());
    }
    batch
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn noise(bytes in vec(any::<u8>(), 0..300), seal in any::<bool>()) {
        let bytes = if seal { sealed(bytes) } else { bytes };
        read_in_every_way(&bytes, &mut Scratch::new());
    }

    #[test]
    fn mutated_batches(
        records in records(),
        codec in codec(),
        changes in vec((any::<u16>(), any::<u8>()), 0..6),
        cut in any::<u16>(),
        seal in any::<bool>(),
    ) {
        let mut bytes = builder(&records).build(codec).unwrap();
        for (at, byte) in changes {
            let at = usize::from(at) % bytes.len();
            bytes[at] = byte;
        }
        if cut % 4 == 0 {
            bytes.truncate(usize::from(cut) % bytes.len());
        }
        let bytes = if seal { sealed(bytes) } else { bytes };
        read_in_every_way(&bytes, &mut Scratch::new());
    }

    /// A change is found, or it is outside the checksum and changes no record.
    #[test]
    fn mutations_are_found_or_harmless(records in records(), codec in codec(), at in any::<u16>(), bits in 1..=255u8) {
        let original = builder(&records).build(codec).unwrap();
        let mut bytes = original.clone();
        let at = usize::from(at) % bytes.len();
        bytes[at] ^= bits;
        let limits = Limits { batch_bytes_max: usize::MAX, ..Limits::default() };
        let found = BatchView::parse_only(&bytes)
            .and_then(|view| view.validate(&limits, &mut Scratch::new()).map(|_| view));
        if let Ok(view) = found {
            prop_assert!(at < 8 || (12..16).contains(&at), "byte {} is not noticed", at);
            let values = |view: &BatchView<'_>| read(view).into_iter().map(|(_, record)| record).collect::<Vec<_>>();
            prop_assert_eq!(values(&view), values(&BatchView::parse(&original).unwrap()));
        }
    }
}
