//! Golden bytes, written out from Apache Kafka's message definitions, and round trips.

use super::*;
use bytes::Bytes;
use ringlog_model::{LeaderEpoch, Offset, Timestamp, TopicId, Uuid};

fn position() -> (OffsetKey, OffsetValue) {
    let key = OffsetKey { group: "grp".into(), topic: "topic".into(), partition: 7 };
    let value = OffsetValue {
        offset: Offset(42),
        leader_epoch: Some(LeaderEpoch(3)),
        metadata: "note".into(),
        committed_at: Timestamp(0x0102_0304),
        expires_at: None,
        topic_id: TopicId::default(),
    };
    (key, value)
}

fn both(record: &Record) -> EncodedRecord {
    let encoded = record.encode().unwrap();
    let again = Record::decode(&encoded.key, encoded.value.as_deref()).unwrap();
    assert_eq!(again.as_ref(), Some(record));
    encoded
}

#[test]
fn a_position_has_kafkas_bytes() {
    let (key, value) = position();
    let encoded = both(&Record::Offset(key, Some(value)));
    assert_eq!(encoded.key, b"\x00\x01\x00\x03grp\x00\x05topic\x00\x00\x00\x07");
    let expected = b"\x00\x03\x00\x00\x00\x00\x00\x00\x00\x2a\x00\x00\x00\x03\x00\x04note\x00\x00\x00\x00\x01\x02\x03\x04";
    assert_eq!(encoded.value.as_deref(), Some(&expected[..]));
}

#[test]
fn a_position_with_a_topic_id_is_flexible() {
    let (key, value) = position();
    let value = OffsetValue { topic_id: TopicId(Uuid([9; 16])), ..value };
    let encoded = both(&Record::Offset(key, Some(value)));
    let mut expected =
        b"\x00\x04\x00\x00\x00\x00\x00\x00\x00\x2a\x00\x00\x00\x03\x05note\x00\x00\x00\x00\x01\x02\x03\x04"
            .to_vec();
    expected.extend_from_slice(b"\x01\x00\x10");
    expected.extend_from_slice(&[9; 16]);
    assert_eq!(encoded.value.as_deref(), Some(&expected[..]));
}

#[test]
fn a_position_with_an_expiry_of_its_own_is_of_version_1() {
    let (key, value) = position();
    let value = OffsetValue { expires_at: Some(Timestamp(0x0a)), leader_epoch: None, ..value };
    let encoded = both(&Record::Offset(key, Some(value)));
    let expected = b"\x00\x01\x00\x00\x00\x00\x00\x00\x00\x2a\x00\x04note\x00\x00\x00\x00\x01\x02\x03\x04\x00\x00\x00\x00\x00\x00\x00\x0a";
    assert_eq!(encoded.value.as_deref(), Some(&expected[..]));
}

#[test]
fn tombstones_have_no_value() {
    let (key, _) = position();
    assert_eq!(both(&Record::Offset(key, None)).value, None);
    let encoded = both(&Record::ClassicGroup("grp".into(), None));
    assert_eq!(encoded, EncodedRecord { key: b"\x00\x02\x00\x03grp".to_vec(), value: None });
}

#[test]
fn a_classic_group_has_kafkas_bytes() {
    let member = ClassicMemberValue {
        member: "m-1".into(),
        instance: None,
        client_id: "c".into(),
        client_host: "/h".into(),
        rebalance_timeout_ms: 300_000,
        session_timeout_ms: 45_000,
        subscription: Bytes::from_static(b"sub"),
        assignment: Bytes::from_static(b"asg"),
    };
    let value = ClassicGroupValue {
        protocol_type: "consumer".into(),
        generation: 2,
        protocol: Some("range".into()),
        leader: Some("m-1".into()),
        since: Some(Timestamp(5)),
        members: vec![member],
    };
    let encoded = both(&Record::ClassicGroup("grp".into(), Some(value)));
    let mut expected = b"\x00\x03\x00\x08consumer\x00\x00\x00\x02\x00\x05range\x00\x03m-1".to_vec();
    expected.extend_from_slice(b"\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x01");
    expected.extend_from_slice(b"\x00\x03m-1\xff\xff\x00\x01c\x00\x02/h\x00\x04\x93\xe0\x00\x00\xaf\xc8");
    expected.extend_from_slice(b"\x00\x00\x00\x03sub\x00\x00\x00\x03asg");
    assert_eq!(encoded.value.as_deref(), Some(&expected[..]));
}

#[test]
fn records_of_other_kinds_are_passed_over_and_damaged_ones_reported() {
    assert_eq!(Record::decode(b"\x00\x0b\x00\x03grp", None), Ok(None));
    assert!(matches!(Record::decode(b"\x00\x01\x00\x03gr", None), Err(RecordError::Decode(_))));
    assert!(matches!(Record::decode(b"", None), Err(RecordError::Decode(_))));
    let key = b"\x00\x02\x00\x03grp";
    let unknown = Record::decode(key, Some(b"\x00\x09"));
    assert_eq!(unknown, Err(RecordError::ValueVersion { key_type: 2, version: 9 }));
}
