//! What holds for any batch.

use super::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use ringlog_batch::{
    BatchError, Compression, HEADER_SIZE, Limits, TimedOffset, patch_base_offset, patched_header, recompress,
    split_batches, stamp_log_append_time,
};
use ringlog_model::{LeaderEpoch, ProducerEpoch, ProducerId, Sequence};

pub(crate) fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => vec(any::<u8>(), 0..40),
        1 => (any::<u8>(), 0usize..40_000).prop_map(|(byte, length)| std::vec::from_elem(byte, length)),
    ]
}

pub(crate) fn record() -> impl Strategy<Value = Record> {
    let header = (vec(any::<u8>(), 0..10), option::of(vec(any::<u8>(), 0..10)));
    // Real times, and a few that need ten bytes.
    let timestamp = prop_oneof![9 => 0..4_000_000_000_000i64, 1 => -(1i64 << 61)..(1i64 << 61)];
    (timestamp, option::of(payload()), option::of(payload()), vec(header, 0..4))
        .prop_map(|(timestamp, key, value, headers)| Record { timestamp, key, value, headers })
}

pub(crate) fn records() -> impl Strategy<Value = Vec<Record>> {
    vec(record(), 1..20)
}

pub(crate) fn codec() -> impl Strategy<Value = Compression> {
    (0..5u8).prop_map(|code| Compression::from_code(code).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn what_is_built_is_sound_and_read_back(
        records in records(),
        codec in codec(),
        base in 0..i64::MAX / 2,
        epoch in any::<i32>(),
        producer in option::of((0..i64::MAX, 0..i16::MAX, 0..i32::MAX)),
    ) {
        let mut builder = builder(&records).at(Offset(base), LeaderEpoch(epoch));
        if let Some((id, epoch, sequence)) = producer {
            builder = builder.producer(ProducerId(id), ProducerEpoch(epoch), Sequence(sequence));
        }
        let bytes = builder.build(codec).unwrap();
        prop_assert!(codec != Compression::None || bytes.len() == builder.size());
        let view = BatchView::parse_only(&bytes).unwrap();
        let limits = Limits { batch_bytes_max: usize::MAX, ..Limits::default() };
        let validated = view.validate(&limits, &mut Scratch::new()).unwrap();
        prop_assert_eq!(validated.max_timestamp, view.header().max_timestamp);
        let expected: Vec<_> = (0..).map(|place| Offset(base + place)).zip(records).collect();
        prop_assert_eq!(read(&view), expected);
    }

    #[test]
    fn patching_the_place_changes_nothing_else(records in records(), base in any::<i64>(), epoch in any::<i32>()) {
        let original = builder(&records).build(Compression::Lz4).unwrap();
        let (base, epoch) = (Offset(base), LeaderEpoch(epoch));
        let mut patched = original.clone();
        patch_base_offset(&mut patched, base, epoch);
        let view = BatchView::parse(&patched).unwrap();
        prop_assert_eq!(view.verify_checksum(), Ok(()));
        prop_assert_eq!((view.header().base_offset, view.header().leader_epoch), (base, epoch));
        prop_assert_eq!(&patched[16..], &original[16..]);
        let header = patched_header(&original, base, epoch, None).unwrap();
        prop_assert_eq!(&header, &patched[..HEADER_SIZE]);
        stamp_log_append_time(&mut patched, Timestamp(42)).unwrap();
        let header = patched_header(&original, base, epoch, Some(Timestamp(42))).unwrap();
        prop_assert_eq!(&header, &patched[..HEADER_SIZE]);
    }

    #[test]
    fn stamping_keeps_the_checksum_true_and_damage_visible(
        records in records(),
        codec in codec(),
        time in any::<i64>(),
        damage in option::of((61usize..10_000, 1..=255u8)),
    ) {
        let mut bytes = builder(&records).build(codec).unwrap();
        if let Some((at, bits)) = damage {
            let at = at.min(bytes.len() - 1);
            bytes[at] ^= bits;
        }
        stamp_log_append_time(&mut bytes, Timestamp(time)).unwrap();
        let view = BatchView::parse(&bytes).unwrap();
        prop_assert_eq!(view.verify_checksum().is_ok(), damage.is_none());
        prop_assert_eq!(view.header().max_timestamp, Timestamp(time));
    }

    #[test]
    fn recompression_keeps_header_and_records(records in records(), from in codec(), to in codec()) {
        let original = builder(&records).at(Offset(77), LeaderEpoch(3)).build(from).unwrap();
        let view = BatchView::parse(&original).unwrap();
        let changed = recompress(&view, to, &mut Scratch::new(), CAP).unwrap();
        let changed = BatchView::parse_only(&changed).unwrap();
        prop_assert_eq!(changed.verify_checksum(), Ok(()));
        prop_assert_eq!(changed.compression(), Ok(to));
        prop_assert_eq!(read(&changed), read(&view));
        prop_assert_eq!(changed.header().max_timestamp, view.header().max_timestamp);
    }

    #[test]
    fn lookups_agree_with_a_linear_search(
        times in vec(0..50i64, 1..30),
        target in -1..55i64,
        from in 95..135i64,
        codec in codec(),
    ) {
        let records: Vec<Record> = times.iter().map(|&time| Record::value(time, b"")).collect();
        let bytes = builder(&records).at(Offset(100), LeaderEpoch(0)).build(codec).unwrap();
        let view = BatchView::parse(&bytes).unwrap();
        let timed: Vec<TimedOffset> = (0..)
            .zip(&times)
            .map(|(place, &time)| TimedOffset { offset: Offset(100 + place), timestamp: Timestamp(time) })
            .collect();
        let mut scratch = Scratch::new();
        let wanted = |found: &&TimedOffset| found.timestamp.0 >= target && found.offset.0 >= from;
        let found = view.first_at_or_after(Timestamp(target), Offset(from), &mut scratch, CAP).unwrap();
        prop_assert_eq!(found, timed.iter().find(wanted).copied());
        let largest = times.iter().max().copied().unwrap();
        let found = view.first_with_max_timestamp(&mut scratch, CAP).unwrap();
        prop_assert_eq!(found, timed.iter().find(|found| found.timestamp.0 == largest).copied());
    }

    #[test]
    fn batches_in_a_row_are_told_apart(batches in vec((records(), codec()), 0..4), cut in 0usize..200) {
        let built: Vec<Vec<u8>> =
            batches.iter().map(|(records, codec)| builder(records).build(*codec).unwrap()).collect();
        let row = built.concat();
        let found: Vec<&[u8]> = split_batches(&row).map(|batch| batch.unwrap().bytes()).collect();
        prop_assert_eq!(&found, &built);
        let cut = cut.min(row.len());
        let left: Result<Vec<_>, _> = split_batches(&row[..row.len() - cut]).collect();
        let at_an_edge = built.iter().rev().scan(0, |sum, batch| { *sum += batch.len(); Some(*sum) }).any(|sum| sum == cut);
        prop_assert_eq!(left.is_ok(), cut == 0 || at_an_edge);
    }
}

#[test]
fn an_empty_builder_has_no_batch() {
    let refusal = Err(BatchError::RecordCountInvalid { record_count: 0 });
    assert_eq!(BatchBuilder::new().build(Compression::None), refusal);
}

#[test]
fn a_cleared_builder_goes_on_with_the_sequence() {
    let mut builder = BatchBuilder::new().producer(ProducerId(1), ProducerEpoch(0), Sequence(i32::MAX));
    append(&mut builder, &[Record::value(1, b"a"), Record::value(2, b"b")]);
    builder.clear();
    assert_eq!(builder.record_count(), 0);
    append(&mut builder, &[Record::value(-7, b"c")]);
    let batch = builder.build(Compression::None).unwrap();
    let header = *BatchView::parse(&batch).unwrap().header();
    assert_eq!(header.base_sequence, Sequence(1));
    assert_eq!((header.base_timestamp, header.max_timestamp), (Timestamp(-7), Timestamp(-7)));
}

#[test]
fn a_timestamp_distance_beyond_64_bits_is_refused_by_the_builder() {
    let mut builder = BatchBuilder::new();
    builder.append(Timestamp(i64::MIN), None, None, &[]).unwrap();
    assert_eq!(builder.append(Timestamp(1), None, None, &[]), Err(BatchError::FormatLimit));
    assert_eq!(builder.record_count(), 1);
}
