use super::*;
use crate::BatchFacts;
use alloc::vec::Vec;
use proptest::prelude::*;
use ringlog_batch::checksum;
use ringlog_model::{ProducerEpoch, Sequence};

const DAY: Duration = Duration::from_secs(86_400);
const MANY: usize = 1000;

fn stamp(id: i64, epoch: i16, base_sequence: i32) -> ProducerStamp {
    ProducerStamp { id: ProducerId(id), epoch: ProducerEpoch(epoch), base_sequence: Sequence(base_sequence) }
}

fn batch(stamp: ProducerStamp, record_count: i32, base_offset: i64) -> LoggedBatch {
    let facts = BatchFacts {
        record_count,
        size: 100,
        max_timestamp: Timestamp(5),
        producer: Some(stamp),
        is_transactional: false,
    };
    LoggedBatch { base_offset: Offset(base_offset), log_append_time: Timestamp::NONE, facts }
}

fn table(batches: &[LoggedBatch]) -> ProducerTable {
    let mut table = ProducerTable::new();
    for batch in batches {
        table.record(Timestamp(0), batch, MANY);
    }
    table
}

fn check(
    table: &ProducerTable,
    stamp: ProducerStamp,
    record_count: i32,
) -> Result<Sequencing, AppendRefusal> {
    table.check(Timestamp(0), DAY, &stamp, record_count)
}

fn out_of_order(expected: i32, found: i32) -> AppendRefusal {
    let (expected, found) = (Sequence(expected), Sequence(found));
    SequenceRefusal::OutOfOrder { producer: ProducerId(1), expected, found }.into()
}

/// Producer 1, epoch 3: sequences 0-9 at offset 100, then 10, 11, 12, 13, 14 one record each.
fn known() -> ProducerTable {
    let mut batches = Vec::from([batch(stamp(1, 3, 0), 10, 100)]);
    batches.extend((0..5).map(|number| batch(stamp(1, 3, 10 + number), 1, 110 + i64::from(number))));
    table(&batches)
}

#[test]
fn the_sequence_table() {
    let table = known();
    let fenced = SequenceRefusal::Fenced {
        producer: ProducerId(1),
        current: ProducerEpoch(3),
        found: ProducerEpoch(2),
    };
    for (name, stamp, record_count, expected) in [
        ("the next sequence", stamp(1, 3, 15), 4, Ok(())),
        ("a gap", stamp(1, 3, 16), 1, Err(out_of_order(15, 16))),
        ("older than the last five", stamp(1, 3, 0), 10, Err(out_of_order(15, 0))),
        ("same first sequence, other length", stamp(1, 3, 14), 2, Err(out_of_order(15, 14))),
        ("an older epoch", stamp(1, 2, 15), 1, Err(fenced.into())),
        ("a newer epoch from zero", stamp(1, 4, 0), 1, Ok(())),
        ("a newer epoch not from zero", stamp(1, 4, 15), 1, Err(out_of_order(0, 15))),
        ("an unknown producer anywhere", stamp(2, 0, 77), 1, Ok(())),
    ] {
        assert_eq!(check(&table, stamp, record_count), expected.map(|()| Sequencing::Next), "{name}");
    }
}

#[test]
fn each_of_the_last_five_batches_is_a_duplicate_with_its_offset() {
    let table = known();
    for number in 0..5 {
        let Ok(Sequencing::Duplicate(original)) = check(&table, stamp(1, 3, 10 + number), 1) else {
            panic!("batch {number} is not recognised")
        };
        assert_eq!(original.base_offset, Offset(110 + i64::from(number)));
    }
}

#[test]
fn sequences_wrap_to_zero() {
    let table = table(&[batch(stamp(1, 0, i32::MAX - 1), 3, 0)]);
    assert_eq!(check(&table, stamp(1, 0, 1), 1), Ok(Sequencing::Next));
    assert_eq!(check(&table, stamp(1, 0, 0), 1), Err(out_of_order(1, 0)));
    assert!(matches!(check(&table, stamp(1, 0, i32::MAX - 1), 3), Ok(Sequencing::Duplicate(_))));
}

#[test]
fn replaying_what_a_snapshot_knows_changes_nothing() {
    let mut table = known();
    for number in 0..5 {
        table.replay(Timestamp(0), &batch(stamp(1, 3, 10 + number), 1, 110 + i64::from(number)), MANY);
    }
    assert_eq!(table, known());
    table.replay(Timestamp(0), &batch(stamp(1, 3, 15), 1, 115), MANY);
    assert_eq!(check(&table, stamp(1, 3, 16), 1), Ok(Sequencing::Next));
}

#[test]
fn an_expired_producer_is_unknown_and_may_begin_anywhere() {
    let mut table = known();
    let later = Timestamp(86_400_000);
    let just_before = table.check(Timestamp(86_399_999), DAY, &stamp(1, 3, 99), 1);
    assert_eq!(just_before, Err(out_of_order(15, 99)));
    assert_eq!(table.check(later, DAY, &stamp(1, 3, 99), 1), Ok(Sequencing::Next));
    table.record(later, &batch(stamp(1, 3, 99), 1, 200), MANY);
    assert_eq!(table.batches(ProducerId(1)).len(), 1, "what came before the gap is forgotten");
    assert!(matches!(table.check(later, DAY, &stamp(1, 3, 99), 1), Ok(Sequencing::Duplicate(_))));
}

#[test]
fn expiry_removes_the_silent_and_keeps_the_others() {
    let mut table = ProducerTable::new();
    table.record(Timestamp(0), &batch(stamp(1, 0, 0), 1, 0), MANY);
    table.record(Timestamp(0), &batch(stamp(2, 0, 0), 1, 1), MANY);
    table.record(Timestamp(50), &batch(stamp(1, 0, 1), 1, 2), MANY);
    table.expire(Timestamp(100), Duration::from_millis(100), 10);
    assert_eq!(table.batches(ProducerId(2)), []);
    assert_eq!(table.batches(ProducerId(1)).len(), 2);
    table.expire(Timestamp(150), Duration::from_millis(100), 10);
    assert!(table.is_empty() && table.by_last_offset.is_empty());
}

#[test]
fn the_table_is_bounded_and_forgets_the_longest_silent() {
    let mut table = ProducerTable::new();
    for id in 0..100 {
        table.record(Timestamp(0), &batch(stamp(id, 0, 0), 1, id), 10);
        table.record(Timestamp(0), &batch(stamp(0, 0, id as i32 + 1), 1, 1000 + id), 10);
    }
    assert_eq!(table.len(), 10);
    assert_eq!(table.by_last_offset.len(), 10);
    assert_eq!(table.batches(ProducerId(0)).len(), BATCHES_REMEMBERED, "the busy one stays");
    assert_eq!(table.batches(ProducerId(99)).len(), 1);
}

#[test]
fn a_cut_log_takes_its_batches_out_of_memory() {
    let mut table = known();
    table.record(Timestamp(0), &batch(stamp(2, 0, 0), 1, 115), MANY);
    table.truncate(Offset(112));
    assert_eq!(check(&table, stamp(1, 3, 12), 1), Ok(Sequencing::Next));
    assert_eq!(table.batches(ProducerId(2)), []);
    assert_eq!(table.by_last_offset.len(), 1);
    table.truncate(Offset(0));
    assert!(table.is_empty() && table.by_last_offset.is_empty());
}

/// Written by a program of its own (Python's struct module and a bitwise CRC-32C).
const GOLDEN: &str = "01ef0300000000000002000000070000000000000002000068e5cf8b010000020000000003000000e803000000000000\
    ffffffffffffffff0300000001000000eb03000000000000ffffffffffffffff090000000000000000000168e5cf8b01000001ffffff7f\
    03000000ec030000000000000168e5cf8b01000095e7a9da";

fn golden_bytes() -> Vec<u8> {
    let digits: Vec<u32> = GOLDEN.chars().filter_map(|letter| letter.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn golden_table() -> ProducerTable {
    let mut table = ProducerTable::new();
    let first = Timestamp(1_700_000_000_000);
    let second = Timestamp(1_700_000_000_001);
    table.record(first, &batch(stamp(7, 2, 0), 3, 1000), MANY);
    table.record(first, &batch(stamp(7, 2, 3), 1, 1003), MANY);
    let stamped = LoggedBatch { log_append_time: second, ..batch(stamp(9, 0, i32::MAX), 3, 1004) };
    table.record(second, &stamped, MANY);
    table
}

#[test]
fn snapshot_bytes_are_version_1_for_ever() {
    assert_eq!(golden_table().snapshot(Offset(1007)), golden_bytes());
    assert_eq!(ProducerTable::restore(&golden_bytes(), Offset(1007)), Ok((golden_table(), Offset(1007))));
}

#[test]
fn a_snapshot_ahead_of_the_log_forgets_what_was_lost() {
    let (table, end) = ProducerTable::restore(&golden_bytes(), Offset(1003)).unwrap();
    assert_eq!(end, Offset(1003));
    assert_eq!(table.batches(ProducerId(7)).len(), 1);
    assert_eq!(table.batches(ProducerId(9)), []);
}

#[test]
fn the_largest_snapshot_fits_what_storage_carries() {
    let producers_max = crate::PartitionConfig::default().producers_max as i64;
    let mut table = ProducerTable::new();
    for id in 0..producers_max {
        for number in 0..BATCHES_REMEMBERED as i32 {
            let offset = id * 10 + i64::from(number);
            table.record(Timestamp(0), &batch(stamp(id, 0, number), 1, offset), producers_max as usize);
        }
    }
    assert_eq!(table.len() as i64, producers_max);
    assert!(table.snapshot(Offset(i64::MAX)).len() <= 1 << 20);
}

#[test]
fn any_flipped_bit_and_any_cut_is_refused() {
    let bytes = golden_bytes();
    for at in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[at / 8] ^= 1 << (at % 8);
        assert!(ProducerTable::restore(&damaged, Offset(i64::MAX)).is_err(), "bit {at}");
    }
    for cut in 0..bytes.len() {
        assert!(ProducerTable::restore(&bytes[..cut], Offset(i64::MAX)).is_err(), "cut at {cut}");
    }
    let mut future = bytes;
    future[0] = 2;
    assert_eq!(ProducerTable::restore(&future, Offset(0)), Err(SnapshotError::Version(2)));
}

#[test]
fn the_empty_table_has_a_snapshot_too() {
    let bytes = ProducerTable::new().snapshot(Offset(5));
    assert_eq!(ProducerTable::restore(&bytes, Offset(9)), Ok((ProducerTable::new(), Offset(5))));
}

proptest! {
    /// The checksum is right, the content is anything: no panic, and what is accepted is consistent.
    #[test]
    fn hostile_snapshots_with_a_good_checksum_do_no_harm(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..200),
        at in 0usize..106,
        byte in any::<u8>(),
        mutate_golden in any::<bool>(),
    ) {
        if mutate_golden {
            bytes = golden_bytes();
            bytes.truncate(bytes.len() - 4);
            let at = 1 + at % (bytes.len() - 1);
            bytes[at] = byte;
        } else if let Some(first) = bytes.first_mut() {
            *first = SNAPSHOT_VERSION;
        }
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        if let Ok((table, end)) = ProducerTable::restore(&bytes, Offset(i64::MAX)) {
            prop_assert_eq!(table.entries.len(), table.by_last_offset.len());
            prop_assert!(table.by_last_offset.keys().all(|last| *last < end));
            prop_assert_eq!(ProducerTable::restore(&table.snapshot(end), end), Ok((table, end)));
        }
    }
}
