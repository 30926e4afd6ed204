//! Golden bytes of every body and round trips through whole frames.

use super::*;
use crate::{
    BODY_LIMIT_DEFAULT, Correlation, ErrorBody, ErrorCode, Flags, Frame, FrameBuffer, FrameError, Header,
    error_frame, records_frame, request, response,
};
use bytes::Bytes;
use core::fmt::Debug;
use ringlog_model::{
    ClusterId, LeaderEpoch, NodeId, Offset, PartitionId, PartitionIndex, ProducerEpoch, ProducerId, ShardId,
    Timestamp, TopicId, Uuid,
};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn golden<B: Body + PartialEq + Debug>(body: &B, expected: &str) {
    let mut bytes = Vec::new();
    body.encode(&mut bytes);
    assert_eq!(hex(&bytes), expected.replace(' ', ""), "{body:?}");
    assert_eq!(&B::decode(&bytes).unwrap(), body);
    for cut in 0..bytes.len() {
        assert!(B::decode(&bytes[..cut]).is_err(), "{body:?} cut at {cut}");
    }
    bytes.extend_from_slice(b"appended later");
    assert_eq!(&B::decode(&bytes).unwrap(), body, "bytes behind the known form are ignored");
}

const TOPIC: TopicId = TopicId(Uuid([0xaa; 16]));
const TOPIC_HEX: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn partition() -> PartitionId {
    PartitionId { topic: TOPIC, index: PartitionIndex(3) }
}

#[test]
fn hello_bytes_are_as_documented() {
    golden(
        &Hello { version_lowest: 1, version_highest: 2, shard: Some(ShardId(5)), client: "cli".into() },
        "01 02 0500 00000000 0300 636c69",
    );
    golden(
        &Hello { version_lowest: 1, version_highest: 1, shard: None, client: String::new() },
        "01 01 ffff 00000000 0000",
    );
    golden(
        &HelloReply {
            version: 1,
            shard: ShardId(2),
            shard_count: 4,
            node: NodeId(1),
            cluster: ClusterId(Uuid([0xcc; 16])),
            body_limit: 0x0640_0000,
        },
        "01 000000 0200 0400 01000000 cccccccccccccccccccccccccccccccc 00004006",
    );
}

#[test]
fn shard_map_bytes_are_as_documented() {
    golden(&ShardMap { topics: vec!["t".into()] }, "01000000 0100 74");
    golden(
        &ShardMapReply {
            nodes: vec![NodeAddress { node: NodeId(1), host: "::1".into(), port: 9192 }],
            topics: vec![
                TopicPlace {
                    name: "t".into(),
                    topic: TOPIC,
                    error: None,
                    partitions: vec![PartitionPlace {
                        index: PartitionIndex(0),
                        leader: NodeId(1),
                        epoch: LeaderEpoch(7),
                        shard: ShardId(1),
                    }],
                },
                TopicPlace {
                    name: "u".into(),
                    topic: TopicId(Uuid::ZERO),
                    error: Some(ErrorCode::UnknownTopicOrPartition),
                    partitions: Vec::new(),
                },
            ],
        },
        &format!(
            "01000000 01000000 e823 0300 3a3a31 02000000 \
             {TOPIC_HEX} 0000 0100 74 01000000 00000000 01000000 07000000 0100 0000 \
             00000000000000000000000000000000 0300 0100 75 00000000"
        ),
    );
}

#[test]
fn produce_bytes_are_as_documented() {
    golden(
        &Produce { partition: partition(), acks: Acks::All, timeout_ms: 30_000 },
        &format!("{TOPIC_HEX} 03000000 ff 000000 30750000 {}", "00".repeat(20)),
    );
    golden(
        &Receipt {
            base_offset: Offset(258),
            append_time: Timestamp::NONE,
            log_start: Offset(1),
            met: Met::WRITTEN | Met::SYNCED,
            replicas: 1,
        },
        "0201000000000000 ffffffffffffffff 0100000000000000 0300 0100 00000000",
    );
    golden(&InitProducer, "");
    golden(
        &InitProducerReply { producer: ProducerId(9), epoch: ProducerEpoch(2) },
        "0900000000000000 0200 000000000000",
    );
}

#[test]
fn subscription_bytes_are_as_documented() {
    golden(
        &Subscribe {
            partition: partition(),
            offset: Offset(4),
            credit: 65536,
            delivery_bytes_max: 1024,
            isolation: Isolation::ReadCommitted,
        },
        &format!("{TOPIC_HEX} 03000000 00040000 0400000000000000 0000010000000000 01 00000000000000"),
    );
    golden(
        &SubscribeReply { log_start: Offset(1), high_watermark: Offset(2) },
        "0100000000000000 0200000000000000",
    );
    golden(
        &Deliver {
            from: Offset(1),
            next: Offset(2),
            high_watermark: Offset(3),
            last_stable: Offset(4),
            log_start: Offset(5),
        },
        "0100000000000000 0200000000000000 0300000000000000 0400000000000000 0500000000000000 0000000000000000",
    );
    golden(&Credit { subscription: Correlation(7), bytes: 8 }, "0700000000000000 0800000000000000");
    golden(&Unsubscribe { subscription: Correlation(7) }, "0700000000000000");
    golden(&UnsubscribeReply, "");
}

#[test]
fn offset_bytes_are_as_documented() {
    for (query, kind, timestamp) in [
        (OffsetQuery::Beginning, "00", "ffffffffffffffff"),
        (OffsetQuery::End, "01", "ffffffffffffffff"),
        (OffsetQuery::Timestamp(Timestamp(1000)), "02", "e803000000000000"),
        (OffsetQuery::LatestTimestamp, "03", "ffffffffffffffff"),
    ] {
        golden(
            &ListOffsets { partition: partition(), query, isolation: Isolation::ReadUncommitted },
            &format!("{TOPIC_HEX} 03000000 {kind} 00 0000 {timestamp}"),
        );
    }
    golden(
        &ListOffsetsReply { offset: Offset(6), timestamp: Timestamp(7) },
        "0600000000000000 0700000000000000",
    );
}

#[test]
fn topic_bytes_are_as_documented() {
    golden(
        &TopicCreate {
            name: "t".into(),
            partitions: -1,
            replication_factor: 1,
            configs: vec![("k".into(), "v".into())],
        },
        "ffffffff 0100 0100 74 01000000 0100 6b 0100 76",
    );
    golden(&TopicCreateReply { topic: TOPIC, partitions: 2 }, &format!("{TOPIC_HEX} 02000000"));
    golden(&TopicList, "");
    golden(
        &TopicListReply {
            topics: vec![TopicSummary {
                name: "t".into(),
                topic: TOPIC,
                partitions: 2,
                replication_factor: 1,
            }],
        },
        &format!("01000000 {TOPIC_HEX} 02000000 0100 0100 74"),
    );
    golden(&TopicDescribe { name: "t".into() }, "0100 74");
    golden(
        &TopicDescribeReply {
            name: "t".into(),
            topic: TOPIC,
            partitions: vec![PartitionDescription {
                index: PartitionIndex(0),
                leader: NodeId(1),
                epoch: LeaderEpoch(2),
                shard: ShardId(3),
                replicas: vec![NodeId(1), NodeId(4)],
                in_sync: vec![NodeId(1)],
            }],
            configs: vec![("k".into(), "v".into())],
        },
        &format!(
            "{TOPIC_HEX} 0100 74 01000000 00000000 01000000 02000000 0300 \
             02000000 01000000 04000000 01000000 01000000 01000000 0100 6b 0100 76"
        ),
    );
    golden(&TopicDelete { name: "t".into() }, "0100 74");
    golden(&TopicDeleteReply, "");
    golden(&TopicGrow { name: "t".into(), partitions: 3 }, "03000000 0100 74");
    golden(&TopicGrowReply, "");
    golden(
        &ConfigAlter {
            holder: ConfigHolder::Topic,
            name: "t".into(),
            set: vec![("a".into(), "1".into())],
            delete: vec!["b".into()],
        },
        "0400 0100 74 01000000 0100 61 0100 31 01000000 0100 62",
    );
    golden(&ConfigAlterReply, "");
    golden(&ConfigDescribe { holder: ConfigHolder::Group, name: "g".into() }, "0300 0100 67");
    let value = ConfigValue { name: "a".into(), value: "1".into(), source: 5 };
    golden(&ConfigDescribeReply { configs: vec![value] }, "01000000 0500 0100 61 0100 31");
    assert!(ConfigDescribe::decode(&[9, 0, 0, 0]).is_err(), "nothing of kind 9 has configs");
}

#[test]
fn group_bodies_are_as_documented() {
    golden(&GroupList, "");
    let summary = GroupSummary { group: "g".into(), state: "Empty".into(), kind: "classic".into() };
    golden(&GroupListReply { groups: vec![summary] }, "01000000 0100 67 0500 456d707479 0700 636c6173736963");
    golden(&GroupDescribe { group: "g".into() }, "0100 67");
    let offset = GroupOffset { topic: "t".into(), partition: 3, offset: Offset(9) };
    let member = GroupMember {
        member: "m".into(),
        client: "c".into(),
        host: "h".into(),
        partitions: vec![("t".into(), 3)],
    };
    golden(
        &GroupDescribeReply {
            state: "S".into(),
            kind: "k".into(),
            assignor: "a".into(),
            members: vec![member],
            offsets: vec![offset.clone()],
        },
        "0100 53 0100 6b 0100 61 01000000 0100 6d 0100 63 0100 68 01000000 03000000 0100 74 \
         01000000 0900000000000000 03000000 0100 74",
    );
    golden(
        &GroupCommit { group: "g".into(), offsets: vec![offset] },
        "0100 67 01000000 0900000000000000 03000000 0100 74",
    );
    golden(&GroupCommitReply, "");
    golden(&GroupDelete { group: "g".into() }, "0100 67");
    golden(&GroupDeleteReply, "");
    let forget = GroupForget { group: "g".into(), partitions: vec![("t".into(), 3)] };
    golden(&forget, "0100 67 01000000 03000000 0100 74");
    golden(&GroupForgetReply, "");
}

#[test]
fn partition_bodies_are_as_documented() {
    golden(&PartitionDescribe { partition: partition() }, &format!("{TOPIC_HEX} 03000000"));
    let segment = SegmentSummary {
        base: Offset(1),
        end: Offset(9),
        bytes: 10,
        max_timestamp: Timestamp(11),
        created: Timestamp(12),
        sealed: true,
        file: "f".into(),
    };
    golden(
        &PartitionDescribeReply {
            log_start: Offset(1),
            high_watermark: Offset(7),
            flushed: Offset(8),
            end: Offset(9),
            shard: ShardId(2),
            directory: "/d".into(),
            segments: vec![segment],
        },
        "0100000000000000 0700000000000000 0800000000000000 0900000000000000 0200 0200 2f64 01000000 \
         0100000000000000 0900000000000000 0a00000000000000 0b00000000000000 0c00000000000000 0100 0100 66",
    );
}

#[test]
fn frame_bytes_are_as_documented() {
    let bytes = request(Correlation(0x0102), &Unsubscribe { subscription: Correlation(7) });
    assert_eq!(
        hex(&bytes),
        "524c4f47 01 00 0900 0100 2000 08000000 0201000000000000 ffffffff 9560a911 0700000000000000"
            .replace(' ', "")
    );
    let frame = Frame::parse(bytes, BODY_LIMIT_DEFAULT).unwrap();
    assert_eq!(frame.decode::<Unsubscribe>().unwrap().subscription, Correlation(7));
    assert!(frame.decode::<Credit>().is_err(), "another operation's body");
}

#[test]
fn records_follow_their_fixed_part_and_are_not_covered() {
    let produce = Produce { partition: partition(), acks: Acks::Leader, timeout_ms: 5 };
    let header = Header::new(crate::Op::PRODUCE, Flags::NONE, Correlation(1)).with_epoch(LeaderEpoch(4));
    let [head, records] = records_frame(header, &produce, Bytes::from_static(b"a record batch"));
    let mut whole = [head, records].concat();
    let frame = Frame::parse(whole.clone().into(), BODY_LIMIT_DEFAULT).unwrap();
    assert_eq!(frame.header.epoch, LeaderEpoch(4));
    assert_eq!(frame.decode::<Produce>().unwrap(), produce);
    assert_eq!(&frame.records()[..], b"a record batch");

    *whole.last_mut().unwrap() ^= 1;
    assert!(Frame::parse(whole.clone().into(), BODY_LIMIT_DEFAULT).is_ok(), "batches have their own CRC");
    whole[40] ^= 1;
    assert!(matches!(Frame::parse(whole.into(), BODY_LIMIT_DEFAULT), Err(FrameError::Crc { .. })));
}

#[test]
fn refusals_carry_code_and_message() {
    let bytes = error_frame(crate::Op::PRODUCE, Correlation(3), ErrorCode::MessageTooLarge, "2 above 1");
    let frame = Frame::parse(bytes, BODY_LIMIT_DEFAULT).unwrap();
    assert_eq!(
        frame.error().unwrap(),
        Some(ErrorBody { code: ErrorCode::MessageTooLarge, message: "2 above 1".into() })
    );
    for &code in ErrorCode::ALL {
        assert_eq!(ErrorCode::from_number(code.number()), code);
    }
    assert_eq!(ErrorCode::from_number(1234), ErrorCode::Other(1234));
}

#[test]
fn longer_header_of_a_later_version_is_skipped() {
    let reply = response(
        Correlation(1),
        LeaderEpoch(2),
        &ListOffsetsReply { offset: Offset(6), timestamp: Timestamp(7) },
    );
    let mut longer = reply[..32].to_vec();
    longer[10..12].copy_from_slice(&40u16.to_le_bytes());
    longer.extend_from_slice(b"8 bytes!");
    longer.extend_from_slice(&reply[32..]);
    let crc = crate::header::checksum(&longer[..40], &longer[40..]);
    longer[28..32].copy_from_slice(&crc.to_le_bytes());
    let frame = Frame::parse(longer.into(), BODY_LIMIT_DEFAULT).unwrap();
    assert_eq!(frame.decode::<ListOffsetsReply>().unwrap().offset, Offset(6));
}

#[test]
fn stream_is_cut_into_frames_wherever_it_is_split() {
    let first = request(Correlation(1), &Ping);
    let second = request(Correlation(2), &TopicDescribe { name: "topic".into() });
    let stream = [first, second].concat();
    for split in 0..stream.len() {
        let mut buffer = FrameBuffer::new(BODY_LIMIT_DEFAULT);
        let mut found = Vec::new();
        for part in [&stream[..split], &stream[split..]] {
            buffer.push(part);
            while let Some(frame) = buffer.next_frame().unwrap() {
                found.push(frame.header.correlation.0);
            }
        }
        assert_eq!(found, [1, 2]);
        assert_eq!(buffer.missing(), 32);
    }
}

#[test]
fn frames_that_cannot_be_are_refused_before_their_body_arrives() {
    let good = request(Correlation(1), &Ping);
    let refused = |at: usize, with: &[u8]| {
        let mut bytes = good.to_vec();
        bytes[at..at + with.len()].copy_from_slice(with);
        Header::parse(&bytes, 1000).unwrap_err()
    };
    assert_eq!(refused(0, b"GET "), FrameError::Magic(*b"GET "));
    assert_eq!(refused(4, &[0]), FrameError::WireVersion(0));
    assert_eq!(refused(10, &[31, 0]), FrameError::HeaderLength(31));
    assert_eq!(refused(10, &[1, 1]), FrameError::HeaderLength(257));
    assert_eq!(
        refused(12, &u32::MAX.to_le_bytes()),
        FrameError::BodyTooLarge { length: u32::MAX, limit: 1000 }
    );
    assert_eq!(refused(5, &[Flags::RECORDS.0]), FrameError::Short, "records without their fixed part");
    assert_eq!(Header::parse(&good[..31], 1000), Err(FrameError::Short));
}
