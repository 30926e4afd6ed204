//! Every refusal of validation, each with the one thing wrong that causes it.

use super::*;
use ringlog_batch::{
    Attributes, BatchError, BatchHeader, Compression, HEADER_SIZE, Keys, Limits, TimestampLimits, checksum,
};
use ringlog_model::{ProducerEpoch, ProducerId, Sequence};

const NOW: i64 = 1_700_000_000_000;

fn three() -> Vec<u8> {
    let records: Vec<Record> = (0..3).map(|number| Record::value(NOW + number, b"value")).collect();
    builder(&records).build(Compression::None).unwrap()
}

/// The batch with changed header fields and a checksum that fits them.
fn with_header(batch: &[u8], change: impl FnOnce(&mut BatchHeader)) -> Vec<u8> {
    let mut header = BatchHeader::parse(batch).unwrap();
    change(&mut header);
    let mut changed = batch.to_vec();
    changed[..HEADER_SIZE].copy_from_slice(&header.encode());
    sealed(changed)
}

/// The batch with changed record bytes and a checksum that fits them.
fn with_byte(batch: &[u8], at: usize, byte: u8) -> Vec<u8> {
    let mut changed = batch.to_vec();
    changed[HEADER_SIZE + at] = byte;
    sealed(changed)
}

fn sealed(mut batch: Vec<u8>) -> Vec<u8> {
    let sum = checksum(&batch[21..]);
    batch[17..21].copy_from_slice(&sum.to_be_bytes());
    batch
}

fn judge(batch: &[u8], limits: &Limits) -> Result<(), BatchError> {
    BatchView::parse_only(batch)?.validate(limits, &mut Scratch::new()).map(|_| ())
}

#[test]
fn a_sound_batch_passes() {
    assert_eq!(judge(&three(), &Limits::default()), Ok(()));
}

#[test]
fn header_refusals() {
    let producer = |id, epoch, sequence| {
        move |header: &mut BatchHeader| {
            header.producer_id = ProducerId(id);
            header.producer_epoch = ProducerEpoch(epoch);
            header.base_sequence = Sequence(sequence);
        }
    };
    let bad_producer = |id, epoch, sequence| BatchError::ProducerInvalid {
        producer_id: ProducerId(id),
        producer_epoch: ProducerEpoch(epoch),
        base_sequence: Sequence(sequence),
    };
    type Change = Box<dyn FnOnce(&mut BatchHeader)>;
    let cases: Vec<(Change, BatchError)> = vec![
        (Box::new(|header| header.attributes = Attributes(Attributes::CONTROL)), BatchError::ControlBatch),
        (Box::new(|header| header.record_count = 0), BatchError::RecordCountInvalid { record_count: 0 }),
        (Box::new(|header| header.record_count = -1), BatchError::RecordCountInvalid { record_count: -1 }),
        (
            Box::new(|header| header.last_offset_delta = 3),
            BatchError::OffsetRangeInvalid { last_offset_delta: 3, record_count: 3 },
        ),
        (
            Box::new(|header| {
                header.last_offset_delta = 3;
                header.record_count = 4;
            }),
            BatchError::RecordCountMismatch { declared: 4, found: 3 },
        ),
        (
            Box::new(|header| {
                header.last_offset_delta = 1;
                header.record_count = 2;
            }),
            BatchError::RecordCountMismatch { declared: 2, found: 3 },
        ),
        (
            Box::new(|header| header.attributes = Attributes(Attributes::LOG_APPEND_TIME)),
            BatchError::LogAppendTimeFromClient,
        ),
        (Box::new(|header| header.attributes = Attributes(5)), BatchError::CompressionUnknown { code: 5 }),
        (Box::new(producer(7, 0, -1)), bad_producer(7, 0, -1)),
        (Box::new(producer(7, -1, 0)), bad_producer(7, -1, 0)),
        (
            Box::new(|header| header.attributes = Attributes(Attributes::TRANSACTIONAL)),
            BatchError::TransactionalWithoutProducer,
        ),
    ];
    for (change, refusal) in cases {
        assert_eq!(judge(&with_header(&three(), change), &Limits::default()), Err(refusal));
    }
    assert_eq!(judge(&with_header(&three(), producer(7, 0, 0)), &Limits::default()), Ok(()));
}

#[test]
fn without_a_producer_its_other_fields_mean_nothing() {
    for (id, epoch, sequence) in [(-1, -1, -1), (-1, 0, 0), (-1, 0, -1), (-2, 7, 9)] {
        let batch = with_header(&three(), |header| {
            header.producer_id = ProducerId(id);
            header.producer_epoch = ProducerEpoch(epoch);
            header.base_sequence = Sequence(sequence);
        });
        assert_eq!(judge(&batch, &Limits::default()), Ok(()));
        let header = *BatchView::parse(&batch).unwrap().header();
        assert!(!header.has_producer());
        assert_eq!(header.last_sequence(), Sequence::NONE);
    }
}

#[test]
fn frame_refusals() {
    let batch = three();
    let size = batch.len();
    let limits = Limits::default();
    assert_eq!(judge(&[], &limits), Err(BatchError::NoBatch));
    let cut = &batch[..size - 1];
    assert_eq!(judge(cut, &limits), Err(BatchError::Truncated { needed: size, available: size - 1 }));
    let header_cut = Err(BatchError::Truncated { needed: HEADER_SIZE, available: 60 });
    assert_eq!(judge(&batch[..60], &limits), header_cut);
    let twice = [&batch[..], &batch[..]].concat();
    assert_eq!(judge(&twice, &limits), Err(BatchError::MoreThanOneBatch { trailing: size }));
    for magic in [-1, 0, 1, 3] {
        let mut old = batch.clone();
        old[16] = magic as u8;
        assert_eq!(judge(&old, &limits), Err(BatchError::MagicUnsupported { magic }));
        assert_eq!(judge(&old[..17], &limits), Err(BatchError::MagicUnsupported { magic }));
    }
    for batch_length in [i32::MIN, -1, 0, 48] {
        let short = with_header(&batch, |header| header.batch_length = batch_length);
        assert_eq!(judge(&short, &limits), Err(BatchError::LengthInvalid { batch_length }));
    }
    let tight = Limits { batch_bytes_max: size - 1, ..limits };
    assert_eq!(judge(&batch, &tight), Err(BatchError::TooLarge { size, limit: size - 1 }));
    assert_eq!(judge(&batch, &Limits { batch_bytes_max: size, ..limits }), Ok(()));
}

#[test]
fn any_flipped_bit_under_the_checksum_is_found() {
    let batch = three();
    for bit in 17 * 8..batch.len() * 8 {
        let mut damaged = batch.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let refusal = judge(&damaged, &Limits::default());
        assert!(matches!(refusal, Err(BatchError::ChecksumMismatch { .. })), "bit {bit}: {refusal:?}");
    }
}

#[test]
fn record_refusals() {
    // A record of this batch: length, attributes, timestamp, offset, key (-1), value length, 5 bytes, header count.
    let batch = three();
    let malformed = |index, reason| BatchError::RecordMalformed { index, reason };
    for (at, byte, refusal) in [
        (0, 0x01, malformed(0, "its length is negative")),
        (0, 0x0a, malformed(0, "it is shorter than a record can be")),
        (0, 0x7e, malformed(0, "it is longer than the bytes that remain")),
        (0, 0x18, malformed(0, "bytes follow its headers")),
        (3, 0x02, BatchError::OffsetDeltaInvalid { index: 0, found: 1 }),
        (15, 0x04, BatchError::OffsetDeltaInvalid { index: 1, found: 2 }),
        (4, 0x03, malformed(0, "its key ends early")),
        (5, 0x7e, malformed(0, "its value ends early")),
        (11, 0x02, malformed(0, "its header count does not fit its bytes")),
        (11, 0x01, malformed(0, "its header count does not fit its bytes")),
    ] {
        let found = judge(&with_byte(&batch, at, byte), &Limits::default());
        assert_eq!(found, Err(refusal), "byte {at} = {byte:#x}");
    }
}

#[test]
fn timestamps_outside_the_limits_are_refused() {
    let around = TimestampLimits::around(Timestamp(NOW), 1000, TimestampLimits::AFTER_MAX_MS);
    let limits = Limits { timestamps: around, ..Limits::default() };
    let refusal = |timestamp| {
        let batch = builder(&[Record::value(NOW, b""), Record::value(timestamp, b"")]);
        judge(&batch.build(Compression::None).unwrap(), &limits)
    };
    let out = |timestamp| {
        let TimestampLimits { earliest, latest } = around;
        Err(BatchError::TimestampOutOfRange { index: 1, timestamp: Timestamp(timestamp), earliest, latest })
    };
    assert_eq!(refusal(NOW - 1000), Ok(()));
    assert_eq!(refusal(NOW - 1001), out(NOW - 1001));
    assert_eq!(refusal(NOW + 3_600_000), Ok(()));
    assert_eq!(refusal(NOW + 3_600_001), out(NOW + 3_600_001));
    assert_eq!(refusal(-1), Ok(()), "no timestamp is no wrong one");
    let unlimited = TimestampLimits::around(Timestamp(NOW), TimestampLimits::BEFORE_MAX_MS, i64::MAX);
    assert_eq!(unlimited.latest, Timestamp(i64::MAX));
    assert!(unlimited.earliest < Timestamp(-1_000_000_000_000));
}

#[test]
fn compacted_topics_need_keys() {
    let limits = Limits { keys: Keys::Required, ..Limits::default() };
    assert_eq!(judge(&three(), &limits), Err(BatchError::KeyMissing { index: 0 }));
    let keyed = Record { key: Some(Vec::new()), ..Record::value(NOW, b"") };
    assert_eq!(judge(&builder(&[keyed]).build(Compression::Zstd).unwrap(), &limits), Ok(()));
}

#[test]
fn decompression_bombs_are_refused_at_the_cap() {
    let records: Vec<Record> = (0..4).map(|_| Record::value(NOW, &vec![0; 1 << 20])).collect();
    let limits = Limits { decompressed_bytes_max: 3 << 20, ..Limits::default() };
    for codec in [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd] {
        let bomb = builder(&records).build(codec).unwrap();
        assert!(bomb.len() < 300_000);
        let refusal = Err(BatchError::DecompressedTooLarge { codec, cap: 3 << 20 });
        assert_eq!(judge(&bomb, &limits), refusal);
        assert_eq!(judge(&bomb, &Limits::default()), Ok(()));
    }
}

#[test]
fn the_header_of_a_compressed_batch_is_held_against_its_records() {
    for codec in Compression::ALL {
        let records: Vec<Record> = (0..3).map(|number| Record::value(NOW + number, b"value")).collect();
        let batch = builder(&records).build(codec).unwrap();
        let lie = with_header(&batch, |header| {
            header.record_count = 2;
            header.last_offset_delta = 1;
        });
        let refusal = BatchError::RecordCountMismatch { declared: 2, found: 3 };
        assert_eq!(judge(&lie, &Limits::default()), Err(refusal), "{codec}");
        let other = if codec == Compression::Gzip { Compression::Zstd } else { Compression::Gzip };
        let mislabelled =
            with_header(&batch, |header| header.attributes = header.attributes.with_compression(other));
        let found = judge(&mislabelled, &Limits::default());
        assert!(matches!(found, Err(BatchError::Decompression { .. })), "{codec}: {found:?}");
    }
}

#[test]
fn a_wrong_largest_timestamp_is_found_and_can_be_corrected() {
    let mut batch = with_header(&three(), |header| header.max_timestamp = Timestamp(5));
    let validated =
        BatchView::parse(&batch).unwrap().validate(&Limits::default(), &mut Scratch::new()).unwrap();
    assert_eq!(validated.max_timestamp, Timestamp(NOW + 2));
    ringlog_batch::stamp_max_timestamp(&mut batch, validated.max_timestamp).unwrap();
    assert_eq!(batch, three());
}
