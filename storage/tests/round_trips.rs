//! What is written to files is read as it was, whatever it is.
// A step that fails fails its test.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use ringlog_model::{
    Durability, LeaderEpoch, LogId, Offset, PartitionId, PartitionIndex, Timestamp, TopicId, Uuid,
};
use ringlog_storage::LogConfig;
use ringlog_storage::format::entry::{self, Entry, Payload};
use ringlog_storage::format::group::{GROUP_HEADER, GroupHeader, begin_group, seal_group};
use ringlog_storage::format::segment_header::SegmentHeader;
use ringlog_storage::format::snapshot::{self, Attachment};
use ringlog_storage::format::{Decoder, Encoder};
use ringlog_storage::state::{Change, FileId, LogState, SegmentState};

fn any_config() -> impl Strategy<Value = LogConfig> {
    (any::<u64>(), any::<i64>(), any::<bool>()).prop_map(|(segment_bytes, segment_ms, written)| LogConfig {
        segment_bytes,
        segment_ms,
        durability: if written { Durability::Written } else { Durability::Fsync },
    })
}

fn any_partition() -> impl Strategy<Value = PartitionId> {
    (any::<[u8; 16]>(), any::<i32>())
        .prop_map(|(topic, index)| PartitionId { topic: TopicId(Uuid(topic)), index: PartitionIndex(index) })
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any_partition(), ".{0,40}", any_config()).prop_map(|(partition, topic, config)| Change::Created {
            partition,
            topic,
            config
        }),
        Just(Change::Deleted),
        (any::<i64>(), any::<u64>()).prop_map(|(created, file)| Change::SegmentOpened {
            created: Timestamp(created),
            file: FileId(file)
        }),
        (any::<i64>(), any::<u64>(), any::<i64>()).prop_map(|(end, length, largest)| Change::Truncated {
            end: Offset(end),
            length,
            max_timestamp: Timestamp(largest),
        }),
        any::<i64>().prop_map(|start| Change::Reset { start: Offset(start) }),
        any::<i64>().prop_map(|start| Change::StartMoved { start: Offset(start) }),
        (any::<i64>(), prop::collection::vec(any::<u8>(), 0..50))
            .prop_map(|(upto, bytes)| Change::Attached { upto: Offset(upto), bytes }),
        any_config().prop_map(|config| Change::Configured { config }),
    ]
}

/// A log as live operation leaves it: segments that follow each other, epochs that ascend.
fn any_state() -> impl Strategy<Value = (LogState, Option<Attachment>)> {
    let segments = prop::collection::vec((1..1_000i64, 1..1_000_000u64, any::<i64>(), any::<u64>()), 0..6);
    // Odd file numbers stand for compacted segments.
    let epochs = prop::collection::btree_map(0..100i32, 0..1_000i64, 0..5);
    let attached = prop::option::of((any::<i64>(), prop::collection::vec(any::<u8>(), 0..50)));
    (any::<u64>(), any_partition(), ".{0,40}", any_config(), 0..1_000i64, segments, epochs, attached)
        .prop_map(|(log, partition, topic, config, start, segments, epochs, attached)| {
            let mut state = LogState::created(LogId(log), partition, topic, config);
            (state.start, state.end) = (Offset(start), Offset(start));
            for (records, length, time, file) in segments {
                let base_offset = state.end;
                state.end = base_offset.plus(records);
                state.segments.push_back(SegmentState {
                    base_offset,
                    end_offset: state.end,
                    length,
                    max_timestamp: Timestamp(time),
                    created: Timestamp(time),
                    incarnation: file,
                    file: FileId(file),
                    sparse: file % 2 == 1,
                });
            }
            state.clean = Offset(start);
            state.epochs =
                epochs.into_iter().map(|(epoch, first)| (LeaderEpoch(epoch), Offset(first))).collect();
            (state, attached.map(|(upto, bytes)| (Offset(upto), bytes)))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_entry_is_read_as_it_was_written(change in any_change(), version in 1u64.., log in any::<u64>()) {
        let mut out = Encoder::default();
        entry::encode(&mut out, LogId(log), version, &change);
        let mut input = Decoder::new(&out.bytes);
        let found = entry::decode(&mut input).unwrap();
        prop_assert_eq!(found, Entry { log: LogId(log), version, steps: 1, change, payload: Payload::None });
        prop_assert_eq!(input.remaining(), 0);
    }

    #[test]
    fn a_state_is_read_as_it_was_written((state, attachment) in any_state()) {
        let mut out = Encoder::default();
        snapshot::encode(&mut out, &state, attachment.as_ref());
        let mut input = Decoder::new(&out.bytes);
        prop_assert_eq!(snapshot::decode(&mut input, 2).unwrap(), (state, attachment));
        prop_assert_eq!(input.remaining(), 0);
    }

    #[test]
    fn a_group_is_read_as_it_was_written(
        body in prop::collection::vec(any::<u8>(), 0..9_000),
        numbers in any::<[u64; 4]>(),
        domain in any::<u16>(),
        previous in any::<u32>(),
    ) {
        let mut bytes = begin_group();
        bytes.raw(&body);
        let [boot, generation, sequence, durable] = numbers;
        let length = body.len() as u32;
        let mut header =
            GroupHeader { boot, generation, sequence, durable, length, entries: 3, domain, previous, checksum: 0 };
        header.checksum = seal_group(&mut bytes.bytes, &header);
        prop_assert_eq!(GroupHeader::decode(&bytes.bytes).unwrap(), header);
        prop_assert!(header.verify(&bytes.bytes).is_ok());
        prop_assert_eq!(bytes.bytes.len(), GROUP_HEADER + body.len());
    }

    #[test]
    fn a_segments_first_block_is_read_as_it_was_written(
        numbers in any::<(u64, u64, i64, i64)>(), partition in any_partition(), topic in "[a-z]{0,249}",
    ) {
        let (log, incarnation, base, created) = numbers;
        let header = SegmentHeader {
            log: LogId(log),
            incarnation,
            base_offset: Offset(base),
            created: Timestamp(created),
            partition,
            topic,
            sparse: log % 2 == 1,
        };
        prop_assert_eq!(SegmentHeader::decode(&header.encode()).unwrap(), header);
    }
}
