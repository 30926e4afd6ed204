//! Bytes that a program of its own computed (Python's struct and gzip modules, a table-driven CRC-32C, stored blocks of
//! Snappy, LZ4 and Zstandard put together by hand).

use super::*;
use ringlog_batch::{Attributes, Compression, Limits, stamp_log_append_time};
use ringlog_model::{LeaderEpoch, ProducerEpoch, ProducerId, Sequence};

const PLAIN: &str = "00000000000012340000009a00000007025590d0930000000000020000018bcfe568000000018bcfe5692cffffffffff\
    ffffffffffffffffff0000000310000000026b0276001e0009020101040468310278046832019c0100d80404008c017a\
    7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a\
    7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a00";
const TRANSACTIONAL: &str = "00000000000000000000009affffffff021b2ba53e0010000000020000018bcfe568000000018bcfe5692c0000000000\
    00126700037ffffffe0000000310000000026b0276001e0009020101040468310278046832019c0100d80404008c017a\
    7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a\
    7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a00";
const GZIP: &str = "00000000000000000000006bffffffff02982f6f3f0001000000020000018bcfe568000000018bcfe5692cffffffffff\
    ffffffffffffffffff000000031f8b08000000000002031360606060ca662a639063e06462646461c93064aa60c93062\
    9cc3c870838585a187b18a2a800100f98f665369000000";
const SNAPPY: &str = "0000000000000000000000b8ffffffff028c9e3f850002000000020000018bcfe568000000018bcfe5692cffffffffff\
    ffffffffffffffffff0000000382534e415050590000000001000000010000003532f03110000000026b0276001e0009\
    020101040468310278046832019c0100d80404008c017a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a0000003a37f0367a7a7a\
    7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a\
    7a7a7a00";
const LZ4: &str = "0000000000000000000000a9ffffffff029af024390003000000020000018bcfe568000000018bcfe5692cffffffffff\
    ffffffffffffffffff0000000304224d186040826900008010000000026b0276001e0009020101040468310278046832\
    019c0100d80404008c017a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a\
    7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a0000000000";
const ZSTD: &str = "0000000000000000000000a3ffffffff02a2f1f5f20004000000020000018bcfe568000000018bcfe5692cffffffffff\
    ffffffffffffffffff0000000328b52ffd206949030010000000026b0276001e0009020101040468310278046832019c\
    0100d80404008c017a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a\
    7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a00";

const FIRST: i64 = 1_700_000_000_000;

fn bytes(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|letter| letter.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn records() -> Vec<Record> {
    let with_headers = Record {
        timestamp: FIRST - 5,
        headers: vec![(b"h1".to_vec(), Some(b"x".to_vec())), (b"h2".to_vec(), None)],
        ..Record::default()
    };
    vec![
        Record { key: Some(b"k".to_vec()), ..Record::value(FIRST, b"v") },
        with_headers,
        Record { key: Some(Vec::new()), ..Record::value(FIRST + 300, &[b'z'; 70]) },
    ]
}

#[test]
fn a_plain_batch_is_built_byte_for_byte() {
    let built = builder(&records()).at(Offset(0x1234), LeaderEpoch(7)).build(Compression::None).unwrap();
    assert_eq!(built, bytes(PLAIN));
}

#[test]
fn a_transactional_batch_is_built_byte_for_byte() {
    let built = builder(&records())
        .producer(ProducerId(4711), ProducerEpoch(3), Sequence(i32::MAX - 1))
        .attributes(Attributes::TRANSACTIONAL)
        .build(Compression::None)
        .unwrap();
    assert_eq!(built, bytes(TRANSACTIONAL));
    let header = *BatchView::parse(&built).unwrap().header();
    assert_eq!(header.last_sequence(), Sequence(0), "the sequence wraps within the batch");
}

#[test]
fn every_codec_is_read_and_judged_sound() {
    for (text, codec) in [
        (PLAIN, Compression::None),
        (GZIP, Compression::Gzip),
        (SNAPPY, Compression::Snappy),
        (LZ4, Compression::Lz4),
        (ZSTD, Compression::Zstd),
    ] {
        let bytes = bytes(text);
        let view = BatchView::parse_only(&bytes).unwrap();
        assert_eq!(view.compression(), Ok(codec));
        let validated = view.validate(&Limits::default(), &mut Scratch::new()).unwrap();
        assert_eq!(validated.max_timestamp, Timestamp(FIRST + 300));
        assert_eq!(validated.record_bytes, 105);
        let base = view.header().base_offset;
        let expected: Vec<_> = (0..).map(|place| base.plus(place)).zip(records()).collect();
        assert_eq!(read(&view), expected, "{codec}");
    }
}

#[test]
fn header_fields_are_where_they_belong() {
    let bytes = bytes(PLAIN);
    let header = *BatchView::parse(&bytes).unwrap().header();
    assert_eq!(header.base_offset, Offset(0x1234));
    assert_eq!(header.batch_length as usize + 12, bytes.len());
    assert_eq!(header.leader_epoch, LeaderEpoch(7));
    assert_eq!(header.checksum, 0x5590_d093);
    assert_eq!(header.last_offset(), Offset(0x1236));
    assert_eq!(header.next_offset(), Offset(0x1237));
    assert_eq!(header.base_timestamp, Timestamp(FIRST));
    assert_eq!(header.max_timestamp, Timestamp(FIRST + 300));
    assert_eq!(header.producer_id, ProducerId::NONE);
    assert_eq!(header.producer_epoch, ProducerEpoch::NONE);
    assert_eq!(header.base_sequence, Sequence::NONE);
    assert_eq!(header.last_sequence(), Sequence::NONE);
    assert_eq!(header.record_count, 3);
    assert_eq!(header.encode()[..], bytes[..61]);
}

#[test]
fn log_append_time_is_the_time_of_every_record() {
    let mut bytes = bytes(GZIP);
    stamp_log_append_time(&mut bytes, Timestamp(42)).unwrap();
    let view = BatchView::parse(&bytes).unwrap();
    assert_eq!(view.verify_checksum(), Ok(()));
    assert!(view.header().is_log_append_time());
    assert!(read(&view).iter().all(|(_, record)| record.timestamp == 42));
}
