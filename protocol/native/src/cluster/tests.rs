use super::*;
use crate::{Correlation, Flags, FrameBuffer, Header};

fn register() -> RegisterNodeV1 {
    RegisterNodeV1 {
        cluster: [0; 16],
        node: 1,
        incarnation: [2; 16],
        storage: [3; 16],
        format_min: 1,
        format_max: 1,
        listeners: vec![ListenerV1 { name: "KAFKA".into(), host: "broker.example".into(), port: 9092 }],
    }
}

fn create() -> CreateTopicsV1 {
    CreateTopicsV1 {
        topics: vec![NewTopicV1 {
            name: "orders".into(),
            partitions: 3,
            replication_factor: -1,
            assignments: vec![ManualAssignmentV1 { partition: 0, nodes: vec![1, 2] }],
            configs: vec![ConfigEntryV1 { name: "segment.ms".into(), value: Some("1000".into()) }],
        }],
        validate_only: false,
    }
}

#[test]
fn bodies_round_trip_from_unaligned_bytes() {
    let mut shifted = vec![0];
    shifted.extend(register().encode());
    assert_eq!(RegisterNodeV1::decode(&shifted[1..]), Ok(register()));
    assert_eq!(CreateTopicsV1::decode(&create().encode()), Ok(create()));
    let refusal =
        RefusalV1 { leader: Some("h:1".into()), ..RefusalV1::new(RefusalKind::NotLeader, "go away") };
    assert_eq!(RefusalV1::decode(&refusal.encode()), Ok(refusal));
}

#[test]
fn changes_of_configs_and_partitions_round_trip() {
    let alter = AlterConfigsV1 {
        resources: vec![AlterResourceV1 {
            kind: ResourceKindV1::Topic as u8,
            name: "orders".into(),
            replace: false,
            changes: vec![ConfigChangeV1 {
                name: "cleanup.policy".into(),
                operation: ConfigOperationV1::Append as u8,
                value: Some("compact".into()),
            }],
        }],
        validate_only: true,
    };
    assert_eq!(AlterConfigsV1::decode(&alter.encode()), Ok(alter));
    let topics = vec![GrowTopicV1 { name: "orders".into(), count: 9, assignments: Some(vec![vec![1, 2]]) }];
    let grow = CreatePartitionsV1 { topics, validate_only: false };
    assert_eq!(CreatePartitionsV1::decode(&grow.encode()), Ok(grow));
    let elect = ElectLeadersV1 { any: true, partitions: Some(vec![("orders".into(), 3)]) };
    assert_eq!(ElectLeadersV1::decode(&elect.encode()), Ok(elect));
    for number in 0..=255 {
        assert!(ResourceKindV1::from_number(number).is_none_or(|kind| kind as u8 == number));
        assert!(ConfigOperationV1::from_number(number).is_none_or(|operation| operation as u8 == number));
    }
}

#[test]
fn every_cut_is_refused() {
    let bytes = register().encode();
    for cut in 0..bytes.len() {
        assert!(RegisterNodeV1::decode(&bytes[..cut]).is_err(), "cut at {cut}");
    }
}

/// Every single damaged byte is either refused or gives another value; never a crash, never memory beyond the frame.
#[test]
fn damaged_bodies_do_not_crash() {
    let bytes = create().encode();
    for at in 0..bytes.len() {
        for flip in [1u8, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            let _ = CreateTopicsV1::decode(&damaged);
            let _ = RegisterNodeV1::decode(&damaged);
            let _ = ImagePartV1::decode(&damaged);
        }
    }
}

#[test]
fn schema_ids_are_distinct_and_known() {
    for schema in Schema::ALL {
        let (op, number) = schema.numbers();
        assert!(op.is_cluster());
        let header = Header::new(op, Flags::NONE, Correlation(0)).with_schema(number);
        assert_eq!(Schema::of(&header), Ok(*schema));
        let newer = header.with_schema(number + 1);
        assert_eq!(Schema::of(&newer), Err(UnknownSchema { op, schema: number + 1 }));
    }
    for kind in RefusalKind::ALL {
        assert_eq!(RefusalV1::new(*kind, "").kind(), Some(*kind));
    }
}

#[test]
fn a_frame_gives_its_body_back_and_no_other() {
    let mut buffer = FrameBuffer::new(CLUSTER_BODY_BYTES_MAX);
    buffer.push(&frame(Flags::NONE, Correlation(5), &register()));
    let read = buffer.next_frame().unwrap().unwrap();
    assert_eq!(read.header.correlation, Correlation(5));
    assert_eq!(body::<RegisterNodeV1>(&read), Ok(register()));
    assert!(body::<HeartbeatV1>(&read).is_err());
}
