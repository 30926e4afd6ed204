use super::*;
use alloc::{string::ToString, vec};
use proptest::prelude::*;
use ringlog_model::Uuid;

fn uuid(low: u8) -> Uuid {
    let mut bytes = [0; 16];
    bytes[15] = low;
    Uuid(bytes)
}

fn one_of_each() -> Vec<MetadataRecord> {
    vec![
        MetadataRecord::ClusterFormed { cluster: ClusterId(uuid(1)), format: 1 },
        MetadataRecord::NodeRegistered {
            node: NodeId(7),
            incarnation: uuid(2),
            storage: uuid(4),
            listeners: vec![ListenerAddress { name: "KAFKA".into(), host: "h".into(), port: 9092 }],
        },
        MetadataRecord::NodeFenced { node: NodeId(7), incarnation: uuid(2) },
        MetadataRecord::NodeUnfenced { node: NodeId(7), incarnation: uuid(2) },
        MetadataRecord::TopicCreated { topic: TopicId(uuid(3)), name: "t".into() },
        MetadataRecord::TopicConfigured {
            topic: TopicId(uuid(3)),
            name: "segment.ms".into(),
            value: Some("9".into()),
        },
        MetadataRecord::TopicConfigured { topic: TopicId(uuid(3)), name: "segment.ms".into(), value: None },
        MetadataRecord::Partition {
            partition: PartitionId { topic: TopicId(uuid(3)), index: PartitionIndex(0) },
            state: PartitionState {
                replicas: vec![NodeId(7), NodeId(8)],
                isr: vec![NodeId(7)],
                leader: Some(NodeId(7)),
                leader_epoch: LeaderEpoch(4),
                partition_epoch: 5,
            },
        },
        MetadataRecord::TopicDeleted { topic: TopicId(uuid(3)) },
        MetadataRecord::ProducerIdsAllocated { next: ProducerId(1000), node: NodeId(7) },
        configured(ConfigResource::AllNodes, Some("9")),
        configured(ConfigResource::Node(NodeId(7)), None),
        configured(ConfigResource::Group("g".into()), Some("9")),
        MetadataRecord::NodeUnregistered { node: NodeId(7) },
    ]
}

fn configured(resource: ConfigResource, value: Option<&str>) -> MetadataRecord {
    MetadataRecord::ResourceConfigured { resource, name: "n".into(), value: value.map(ToString::to_string) }
}

fn hex(bytes: &[u8]) -> alloc::string::String {
    bytes.iter().map(|byte| alloc::format!("{byte:02x}")).collect()
}

/// The bytes on disk of version 1. If this fails, do not edit the bytes: a new version of the record is needed.
#[test]
fn golden_bytes_of_every_record() {
    let golden = [
        "0100000012000000 000000000000000000000000000000010100",
        "0200000038000000 07000000000000000000000000000000000000020000000000000000000000000000000401000000 \
         050000004b41464b4101000000688423",
        "0300000014000000 0700000000000000000000000000000000000002",
        "0400000014000000 0700000000000000000000000000000000000002",
        "0500000015000000 000000000000000000000000000000030100000074",
        "0700000024000000 000000000000000000000000000000030a0000007365676d656e742e6d73010100000039",
        "070000001f000000 000000000000000000000000000000030a0000007365676d656e742e6d7300",
        "0800000035000000 00000000000000000000000000000003000000000200000007000000080000000100000007000000 \
         01070000000400000005000000",
        "0600000010000000 00000000000000000000000000000003",
        "090000000c000000 e80300000000000007000000",
        "0a0000000c000000 01010000006e010100000039",
        "0a0000000b000000 0207000000010000006e00",
        "0a00000011000000 030100000067010000006e010100000039",
        "0b00000004000000 07000000",
    ];
    assert_eq!(golden.len(), one_of_each().len());
    for (record, golden) in one_of_each().iter().zip(golden) {
        let golden = golden.replace(' ', "");
        assert_eq!(hex(&encode_records(core::slice::from_ref(record))), golden, "{record:?}");
    }
}

#[test]
fn records_round_trip() {
    let records = one_of_each();
    assert_eq!(decode_records(&encode_records(&records)), Ok(records));
}

#[test]
fn every_cut_of_the_bytes_is_an_error_or_whole_records() {
    let records = one_of_each();
    let bytes = encode_records(&records);
    let mut whole = 0;
    for cut in 0..bytes.len() {
        match decode_records(&bytes[..cut]) {
            Ok(some) => {
                assert_eq!(some[..], records[..some.len()]);
                whole += 1;
            }
            Err(DecodeError::Short { .. }) => {}
            Err(other) => panic!("cut at {cut}: {other}"),
        }
    }
    assert_eq!(whole, records.len());
}

#[test]
fn a_newer_kind_or_version_is_refused_and_so_are_excess_bytes() {
    assert_eq!(
        decode_records(&[99, 0, 0, 0, 0, 0, 0, 0]),
        Err(DecodeError::Unknown { kind: 99, version: 0 })
    );
    let mut bytes = encode_records(&one_of_each()[..1]);
    bytes[2] = 1;
    assert_eq!(decode_records(&bytes), Err(DecodeError::Unknown { kind: 1, version: 1 }));
    let mut bytes = encode_records(&one_of_each()[..1]);
    bytes[4] += 1;
    bytes.push(0);
    assert_eq!(decode_records(&bytes), Err(DecodeError::Excess { kind: 1, left: 1 }));
    assert_eq!(
        decode_records(&[1, 0, 0, 0, 255, 255, 255, 255]),
        Err(DecodeError::TooLong(u32::MAX as usize))
    );
}

#[test]
fn errors_say_what_is_wrong() {
    let error = DecodeError::Unknown { kind: 9, version: 3 };
    assert_eq!(error.to_string(), "a record of kind 9 version 3 is from a newer release");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode_records(&bytes);
    }

    #[test]
    fn damaged_records_never_panic(at in 0usize..400, flip in 1u8..) {
        let mut bytes = encode_records(&one_of_each());
        let at = at % bytes.len();
        bytes[at] ^= flip;
        let _ = decode_records(&bytes);
    }
}
