//! What `ringlog log inspect` shows.

use super::*;
use ringlog_batch::{Attributes, BatchError, Compression, Detail, Excerpt, describe};
use ringlog_model::{LeaderEpoch, ProducerEpoch, ProducerId, Sequence};

fn two_batches() -> (Vec<u8>, Vec<u8>) {
    let keyed = Record { key: Some(b"k\n".to_vec()), ..Record::value(1_000, &[b'v'; 40]) };
    let tombstone = Record { timestamp: 1_001, headers: vec![(b"h".to_vec(), None)], ..Record::default() };
    let first = builder(&[keyed, tombstone]).at(Offset(10), LeaderEpoch(3)).build(Compression::None).unwrap();
    let second = builder(&[Record::value(2_000, b"x")])
        .at(Offset(12), LeaderEpoch(3))
        .producer(ProducerId(7), ProducerEpoch(1), Sequence(5))
        .attributes(Attributes::TRANSACTIONAL)
        .build(Compression::Zstd)
        .unwrap();
    (first, second)
}

#[test]
fn batches_and_records_are_told_in_lines() {
    let (first, second) = two_batches();
    let (descriptions, end) = describe(&[&first[..], &second].concat(), Detail::Records, CAP);
    assert_eq!(end, None);
    let text = descriptions[0].to_string();
    let lines: Vec<&str> = text.lines().collect();
    let start = format!("position 0 offsets 10..=11 records 2 bytes {} epoch 3", first.len());
    assert!(lines[0].starts_with(&start), "{}", lines[0]);
    assert!(lines[0].ends_with("compression none"), "{}", lines[0]);
    let value = "v".repeat(32);
    let expected =
        format!("  offset 10 timestamp 1000 key \"k\\n\" value \"{value}\"... (40 bytes) headers 0");
    assert_eq!(lines[1], expected);
    assert_eq!(lines[2], "  offset 11 timestamp 1001 key null value null headers 1");
    assert_eq!(descriptions[0].records[1].value, Excerpt::Null);
    let text = descriptions[1].to_string();
    let start = format!("position {} offsets 12..=12 records 1", first.len());
    assert!(text.starts_with(&start), "{text}");
    assert!(text.contains("compression zstd producer 7 epoch 1 sequence 5 transactional\n"), "{text}");
}

#[test]
fn damage_is_told_and_the_walk_goes_on_while_lengths_hold() {
    let (mut first, second) = two_batches();
    *first.last_mut().unwrap() ^= 1;
    let cut = second.len() - 1;
    let bytes = [&first[..], &second, &second[..cut]].concat();
    let (descriptions, end) = describe(&bytes, Detail::Batch, CAP);
    assert!(matches!(descriptions[0].problem, Some(BatchError::ChecksumMismatch { .. })));
    assert!(descriptions[0].to_string().contains("DAMAGED: the checksum is"));
    assert_eq!(descriptions[1].problem, None);
    assert!(descriptions[1].records.is_empty());
    assert_eq!(end, Some(BatchError::Truncated { needed: second.len(), available: cut }));
}
