//! Golden bytes, as Apache Kafka 4.3 writes them from the same fields.

use super::*;
use crate::record::EncodedRecord;
use bytes::Bytes;
use ringlog_model::{PartitionIndex, Timestamp};

fn topic(byte: u8) -> TopicId {
    TopicId(Uuid([byte; 16]))
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn record(change: Change) -> Record {
    Record::Consumer(ConsumerRecord { group: "grp".into(), change })
}

/// The change has these bytes, and these bytes are the change.
fn golden(change: Change, key: &str, value: Option<&str>) {
    let record = record(change);
    let expected = EncodedRecord { key: unhex(key), value: value.map(unhex) };
    assert_eq!(record.encode().unwrap(), expected);
    assert_eq!(Record::decode(&expected.key, expected.value.as_deref()).unwrap(), Some(record));
}

fn read_only(change: Change, key: &str, value: &str) {
    assert_eq!(Record::decode(&unhex(key), Some(&unhex(value))).unwrap(), Some(record(change)));
}

fn owned(partitions: &[(u8, i32, i32)]) -> OwnedPartitions {
    partitions.iter().map(|(byte, index, epoch)| (topic(*byte), PartitionIndex(*index), *epoch)).collect()
}

const GROUP_KEYS: [&str; 3] = ["00030003677270", "00040003677270", "00060003677270"];
const MEMBER_KEY: &str = "0003677270" /* grp */;

fn member_key(key_type: u8) -> String {
    format!("00{key_type:02x}{MEMBER_KEY}00036d2d31")
}

#[test]
fn epochs_have_kafkas_bytes() {
    let hashed = GroupEpoch { epoch: 7, metadata_hash: 0x0102_0304_0506_0708 };
    golden(Change::Epoch(Some(hashed)), GROUP_KEYS[0], Some("0000000000070100080102030405060708"));
    let plain = GroupEpoch { epoch: 7, metadata_hash: 0 };
    golden(Change::Epoch(Some(plain)), GROUP_KEYS[0], Some("00000000000700"));
    golden(Change::Epoch(None), GROUP_KEYS[0], None);
    let target = TargetEpoch { epoch: 7, made_at: Timestamp(0x0a0b) };
    golden(Change::TargetEpoch(Some(target)), GROUP_KEYS[2], Some("0000000000070100080000000000000a0b"));
}

#[test]
fn members_have_kafkas_bytes() {
    let member = MemberMetadata {
        instance: Some("in".into()),
        rack: None,
        client_id: "c".into(),
        client_host: "/h".into(),
        topic_names: ["a".into(), "b".into()].into(),
        topic_regex: Some("x.*".into()),
        rebalance_timeout_ms: 300_000,
        assignor: Some("range".into()),
        classic: None,
    };
    let value = "000003696e000263032f68030261026204782e2a000493e00672616e676500";
    golden(Change::Member("m-1".into(), Some(member)), &member_key(5), Some(value));
    golden(Change::Member("m-1".into(), None), &member_key(5), None);
}

#[test]
fn classic_members_have_kafkas_bytes() {
    let member = MemberMetadata {
        rack: Some("r".into()),
        client_id: "c".into(),
        client_host: "/h".into(),
        topic_names: ["a".into()].into(),
        rebalance_timeout_ms: -1,
        classic: Some(ClassicMember {
            session_timeout_ms: 45_000,
            protocols: vec![("range".into(), Bytes::from_static(b"sub"))],
        }),
        ..MemberMetadata::default()
    };
    let value = "00000002720263032f6802026100ffffffff00010012010000afc8020672616e6765047375620000";
    golden(Change::Member("m-1".into(), Some(member)), &member_key(5), Some(value));
}

#[test]
fn targets_have_kafkas_bytes() {
    let partitions = [(1, 0), (1, 2), (2, 1)].map(|(byte, index)| (topic(byte), PartitionIndex(index)));
    let value = "00000301010101010101010101010101010101030000000000000002000202020202020202020202020202020202000000010000";
    let target = partitions.into_iter().collect();
    golden(Change::Target("m-1".into(), Some(target)), &member_key(7), Some(value));
}

#[test]
fn current_assignments_have_kafkas_bytes() {
    let current = CurrentAssignment {
        epoch: 7,
        previous_epoch: 6,
        state: MemberState::UnrevokedPartitions,
        assigned: owned(&[(1, 0, 5), (1, 2, 7)]),
        revoking: owned(&[(2, 1, 3)]),
    };
    let value = "0000000000070000000601020101010101010101010101010101010103000000000000000201000903000000050000000702020202020202020202020202020202020200000001010005020000000300";
    golden(Change::Current("m-1".into(), Some(current)), &member_key(8), Some(value));
}

#[test]
fn current_assignments_of_older_brokers_have_the_members_epoch() {
    let current = CurrentAssignment {
        epoch: 7,
        previous_epoch: 6,
        assigned: owned(&[(1, 0, 7), (1, 2, 7)]),
        ..CurrentAssignment::default()
    };
    let value = "00000000000700000006000201010101010101010101010101010101030000000000000002000100";
    read_only(Change::Current("m-1".into(), Some(current)), &member_key(8), value);
}

#[test]
fn expressions_have_kafkas_bytes() {
    let resolved =
        ResolvedRegex { topics: ["x1".into(), "x2".into()].into(), version: 9, resolved_at: Timestamp(0x0c) };
    let value = "0000030378310378320000000000000009000000000000000c00";
    golden(Change::Regex("x.*".into(), Some(resolved)), "001000036772700003782e2a", Some(value));
}

#[test]
fn partition_metadata_of_older_brokers_are_known_and_only_removed() {
    let value = "000002010101010101010101010101010101010261000000030200000000020272000000";
    read_only(Change::PartitionMetadata { exists: true }, GROUP_KEYS[1], value);
    golden(Change::PartitionMetadata { exists: false }, GROUP_KEYS[1], None);

    let (mut driver, _) = driver(1);
    told(&mut driver, joining("a"));
    let key = unhex("0004000167");
    driver.coordinator.load(&key, Some(&unhex(value))).unwrap();
    driver.log.insert(key.clone(), Some(unhex(value)));
    told(&mut driver, joining("b"));
    assert_eq!(driver.log[&key], None);
    check(&driver);
}

#[test]
fn damaged_values_are_reported() {
    for key_type in [3, 6] {
        let key = unhex(&format!("00{key_type:02x}0003677270"));
        assert!(Record::decode(&key, Some(&unhex("0000"))).is_err());
        let newer = Record::decode(&key, Some(&unhex("0001")));
        assert!(matches!(newer, Err(crate::RecordError::ValueVersion { version: 1, .. })));
    }
}
