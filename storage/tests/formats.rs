//! The bytes of every file, as `docs/format.md` draws them: golden ones that were put together by hand (their checksums by
//! another program), and decoders fed with anything.
// A step that fails fails its test.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use ringlog_model::{
    ClusterId, Durability, LeaderEpoch, LogId, NodeId, Offset, PartitionId, PartitionIndex, Timestamp,
    TopicId, Uuid,
};
use ringlog_storage::format::catalog::{Carried, Catalog, CatalogWriter, Checkpoint};
use ringlog_storage::format::cover::{self, CoveredBlock};
use ringlog_storage::format::entry::{self, Entry, Payload};
use ringlog_storage::format::group::{GroupHeader, begin_group, seal_group};
use ringlog_storage::format::identity::{self, Described};
use ringlog_storage::format::index_file::{self, IndexOwner};
use ringlog_storage::format::segment_header::SegmentHeader;
use ringlog_storage::format::snapshot::{self, Attachment};
use ringlog_storage::format::{BLOCK, Decoder, Encoder};
use ringlog_storage::segment::{IndexEntry, SegmentIndex};
use ringlog_storage::state::{Appended, Change, Compacted, FileId, LogState, SegmentState};
use ringlog_storage::{Identity, LogConfig};
use std::collections::VecDeque;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn partition() -> PartitionId {
    let topic: Vec<u8> = (0..16).collect();
    PartitionId { topic: TopicId(Uuid(topic.try_into().unwrap())), index: PartitionIndex(3) }
}

fn config() -> LogConfig {
    LogConfig { segment_bytes: 1 << 30, segment_ms: 604_800_000, durability: Durability::Written }
}

const CREATED: i64 = 1_700_000_000_000;

fn file() -> FileId {
    FileId::new(5, 2, 1)
}

/// A change, the version and the steps it is written with, and its bytes.
fn golden_entries() -> Vec<(Change, u64, u16, Payload<'static>, Vec<u8>)> {
    let inline = Appended {
        position: 100,
        length: 5,
        base_offset: Offset(10),
        end_offset: Offset(12),
        max_timestamp: Timestamp(CREATED + 1),
        leader_epoch: LeaderEpoch(4),
    };
    let external = Appended {
        position: 105,
        length: 70_000,
        base_offset: Offset(12),
        end_offset: Offset(20),
        max_timestamp: Timestamp(CREATED + 2),
        leader_epoch: LeaderEpoch(4),
    };
    let created = Change::Created { partition: partition(), topic: "orders".to_owned(), config: config() };
    let truncated = Change::Truncated { end: Offset(11), length: 50, max_timestamp: Timestamp(CREATED) };
    vec![
        (
            created,
            1,
            1,
            Payload::None,
            hex("0100 0100 36000000 0700000000000000 0100000000000000
            000102030405060708090a0b0c0d0e0f 03000000 06000000 6f7264657273
            0000004000000000 00840c2400000000 0100000000000000"),
        ),
        (Change::Deleted, 9, 1, Payload::None, hex("0200 0100 00000000 0700000000000000 0900000000000000")),
        (
            Change::SegmentOpened { created: Timestamp(CREATED), file: file() },
            2,
            1,
            Payload::None,
            hex("0300 0100 10000000 0700000000000000 0200000000000000 0068e5cf8b010000 0100008000050000"),
        ),
        (
            Change::Appended(inline),
            4,
            2,
            Payload::Inline(b"BATCH"),
            hex("0400 0200 35000000 0700000000000000 0400000000000000 6400000000000000 0500000000000000
                0a00000000000000 0c00000000000000 0168e5cf8b010000 04000000 00000000 4241544348"),
        ),
        (
            Change::Appended(external),
            5,
            1,
            Payload::External { checksum: 0xdead_beef, end: &[] },
            hex("0500 0100 30000000 0700000000000000 0500000000000000 6900000000000000 7011010000000000
                0c00000000000000 1400000000000000 0268e5cf8b010000 04000000 efbeadde"),
        ),
        (
            Change::Appended(Appended { length: 8_090, ..external }),
            5,
            1,
            Payload::External { checksum: 0xdead_beef, end: b"END" },
            hex("0c00 0100 33000000 0700000000000000 0500000000000000 6900000000000000 9a1f000000000000
                0c00000000000000 1400000000000000 0268e5cf8b010000 04000000 efbeadde 454e44"),
        ),
        (
            truncated,
            6,
            1,
            Payload::None,
            hex("0600 0100 18000000 0700000000000000 0600000000000000 0b00000000000000 3200000000000000
                0068e5cf8b010000"),
        ),
        (
            Change::Reset { start: Offset(40) },
            7,
            1,
            Payload::None,
            hex("0700 0100 08000000 0700000000000000 0700000000000000 2800000000000000"),
        ),
        (
            Change::StartMoved { start: Offset(41) },
            8,
            1,
            Payload::None,
            hex("0800 0100 08000000 0700000000000000 0800000000000000 2900000000000000"),
        ),
        (
            Change::Compacted(Compacted {
                base_offset: Offset(10),
                end_offset: Offset(20),
                length: 60_000,
                max_timestamp: Timestamp(CREATED + 2),
                created: Timestamp(CREATED),
                file: file(),
            }),
            10,
            1,
            Payload::None,
            hex("0a00 0100 30000000 0700000000000000 0a00000000000000 0a00000000000000 1400000000000000
                60ea000000000000 0268e5cf8b010000 0068e5cf8b010000 0100008000050000"),
        ),
        (
            Change::Cleaned { upto: Offset(20) },
            11,
            1,
            Payload::None,
            hex("0b00 0100 08000000 0700000000000000 0b00000000000000 1400000000000000"),
        ),
        (
            Change::Attached { upto: Offset(18), bytes: b"xyz".to_vec() },
            12,
            1,
            Payload::None,
            hex("0d00 0100 0f000000 0700000000000000 0c00000000000000 1200000000000000 03000000 78797a"),
        ),
        (
            Change::Configured { config: config() },
            9,
            1,
            Payload::None,
            hex("0900 0100 18000000 0700000000000000 0900000000000000 0000004000000000 00840c2400000000
                0100000000000000"),
        ),
    ]
}

fn encode_entry(change: &Change, version: u64, steps: u16, payload: Payload<'_>) -> Vec<u8> {
    let mut out = Encoder::default();
    match (change, payload) {
        (Change::Appended(appended), Payload::Inline(bytes)) => {
            entry::encode_inline_head(&mut out, LogId(7), version, steps, appended);
            out.raw(bytes);
        }
        (Change::Appended(appended), Payload::External { checksum, end }) => {
            entry::encode_external(&mut out, LogId(7), version, steps, appended, checksum, end.len());
            out.raw(end);
        }
        _ => entry::encode(&mut out, LogId(7), version, change),
    }
    out.bytes
}

#[test]
fn entries_have_the_bytes_that_are_drawn() {
    for (change, version, steps, payload, golden) in golden_entries() {
        assert_eq!(encode_entry(&change, version, steps, payload), golden, "{change:?}");
        let mut input = Decoder::new(&golden);
        let found = entry::decode(&mut input).unwrap();
        assert_eq!(found, Entry { log: LogId(7), version, steps, change, payload });
        input.finish().unwrap();
    }
}

fn golden_group() -> Vec<u8> {
    hex("524c47524f555031 0300000000000000 0200000000000000 1100000000000000 0f00000000000000 18000000 01000000
        0600 000000000000 04030201 bdf12975 020001000000000007000000000000000900000000000000")
}

#[test]
fn a_group_has_the_bytes_that_are_drawn() {
    let header = GroupHeader {
        boot: 3,
        generation: 2,
        sequence: 17,
        durable: 15,
        length: 24,
        entries: 1,
        domain: 6,
        previous: 0x0102_0304,
        checksum: 0x7529_f1bd,
    };
    let mut bytes = begin_group();
    entry::encode(&mut bytes, LogId(7), 9, &Change::Deleted);
    assert_eq!(seal_group(&mut bytes.bytes, &header), header.checksum);
    assert_eq!(bytes.bytes, golden_group());
    assert_eq!(GroupHeader::decode(&golden_group()).unwrap(), header);
    header.verify(&golden_group()).unwrap();
    assert_eq!(header.extent(), BLOCK);
}

fn state() -> LogState {
    let segment = SegmentState {
        base_offset: Offset(10),
        end_offset: Offset(20),
        length: 70_105,
        max_timestamp: Timestamp(CREATED + 2),
        created: Timestamp(CREATED),
        incarnation: 2,
        file: file(),
        sparse: true,
    };
    LogState {
        version: 5,
        incarnation: 2,
        start: Offset(12),
        end: Offset(20),
        clean: Offset(11),
        epochs: vec![(LeaderEpoch(4), Offset(10))],
        segments: VecDeque::from([segment]),
        ..LogState::created(LogId(7), partition(), "orders".to_owned(), config())
    }
}

fn attachment() -> Option<Attachment> {
    Some((Offset(18), b"xyz".to_vec()))
}

const GOLDEN_STATE: &str = "0700000000000000 0500000000000000 0200000000000000
    000102030405060708090a0b0c0d0e0f 03000000 06000000 6f7264657273
    0000004000000000 00840c2400000000 0100000000000000 0c00000000000000 1400000000000000
    0b00000000000000 01000000 04000000 0a00000000000000
    01000000 0a00000000000000 1400000000000000 d911010000000000 0268e5cf8b010000 0068e5cf8b010000
    0200000000000000 0100008000050000 01
    01 1200000000000000 03000000 78797a";

/// The same as version 1 wrote it: it knew no compaction.
const GOLDEN_STATE_1: &str = "0700000000000000 0500000000000000 0200000000000000
    000102030405060708090a0b0c0d0e0f 03000000 06000000 6f7264657273
    0000004000000000 00840c2400000000 0100000000000000 0c00000000000000 1400000000000000
    01000000 04000000 0a00000000000000
    01000000 0a00000000000000 1400000000000000 d911010000000000 0268e5cf8b010000 0068e5cf8b010000
    0200000000000000 0100008000050000
    01 1200000000000000 03000000 78797a";

fn golden_catalog() -> Vec<u8> {
    hex(&format!(
        "524c4341544c4731 05000000 0000 0000 0900000000000000 0000000000000000 0800000000000000 0100000000000000
         0000000000000000 cb00000000000000 703d972e 00000000 {GOLDEN_STATE} 0000000000000000"
    ))
}

fn golden_catalog_4() -> Vec<u8> {
    hex(&format!(
        "524c4341544c4731 04000000 0000 0000 0900000000000000 0000000000000000 0800000000000000 0100000000000000
         0000000000000000 cb00000000000000 fac35c9f 00000000 {GOLDEN_STATE} 0000000000000000"
    ))
}

fn golden_catalog_2() -> Vec<u8> {
    hex(&format!(
        "524c4341544c4731 02000000 0000 0000 0900000000000000 0000000000000000 0800000000000000 0100000000000000
         0000000000000000 c300000000000000 6de60a49 00000000 {GOLDEN_STATE}"
    ))
}

fn golden_catalog_1() -> Vec<u8> {
    hex(&format!(
        "524c4341544c4731 01000000 0000 0000 0900000000000000 0000000000000000 0800000000000000 0100000000000000
         0000000000000000 ba00000000000000 37e9f2a7 00000000 {GOLDEN_STATE_1}"
    ))
}

#[test]
fn a_catalog_and_a_checkpoint_of_version_4_are_read() {
    assert_eq!(Catalog::decode(&golden_catalog_4()), Catalog::decode(&golden_catalog()));
    assert_eq!(Checkpoint::decode(&golden_checkpoint_4()), Checkpoint::decode(&golden_checkpoint()));
    assert!(
        Catalog::decode(&golden_catalog_4()).is_ok() && Checkpoint::decode(&golden_checkpoint_4()).is_ok()
    );
}

#[test]
fn a_catalog_and_a_checkpoint_of_version_2_are_read() {
    let catalog = Catalog { boot: 9, next_log: 8, logs: vec![(state(), attachment())], ..Catalog::default() };
    assert_eq!(Catalog::decode(&golden_catalog_2()).unwrap(), catalog);
    let checkpoint = Checkpoint { carried: Vec::new(), ..Checkpoint::decode(&golden_checkpoint()).unwrap() };
    assert_eq!(Checkpoint::decode(&golden_checkpoint_2()).unwrap(), checkpoint);
}

#[test]
fn a_catalog_of_version_1_is_read() {
    let mut state = state();
    state.clean = state.start;
    state.segments[0].sparse = false;
    let catalog = Catalog { boot: 9, next_log: 8, logs: vec![(state, attachment())], ..Catalog::default() };
    assert_eq!(Catalog::decode(&golden_catalog_1()).unwrap(), catalog);
}

fn golden_checkpoint() -> Vec<u8> {
    hex(&format!(
        "524c43484b505431 05000000 0600 0100 0900000000000000 0400000000000000 2100000000000000 0100000000000000
         0100000000000000 ea00000000000000 40bfe9e8 00000000 {GOLDEN_STATE}
         0100000000000000 0700000000000000 1300000000000000 03000000 454e44 0200000000000000"
    ))
}

fn golden_checkpoint_4() -> Vec<u8> {
    hex(&format!(
        "524c43484b505431 04000000 0600 0100 0900000000000000 0400000000000000 2100000000000000 0100000000000000
         0100000000000000 ea00000000000000 b303c6ad 00000000 {GOLDEN_STATE}
         0100000000000000 0700000000000000 1300000000000000 03000000 454e44 0200000000000000"
    ))
}

fn golden_checkpoint_2() -> Vec<u8> {
    hex(&format!(
        "524c43484b505431 02000000 0600 0100 0900000000000000 0400000000000000 2100000000000000 0100000000000000
         0100000000000000 cb00000000000000 63876e3b 00000000 {GOLDEN_STATE} 0200000000000000"
    ))
}

#[test]
fn a_catalog_has_the_bytes_that_are_drawn() {
    let catalog = Catalog { boot: 9, next_log: 8, logs: vec![(state(), attachment())], ..Catalog::default() };
    assert_eq!(catalog.encode(), golden_catalog());
    assert_eq!(Catalog::decode(&golden_catalog()).unwrap(), catalog);
}

#[test]
fn a_catalog_says_of_which_log_the_bytes_are_that_it_carries() {
    let last = state().segments.back().unwrap().clone();
    let carried = Carried { log: state().log, base_offset: last.base_offset, bytes: vec![7; 9] };
    let with = |carried| Catalog { boot: 9, next_log: 8, logs: vec![(state(), attachment())], carried };
    let catalog = with(vec![carried.clone()]);
    assert_eq!(Catalog::decode(&catalog.encode()).unwrap(), catalog);
    let other = Carried { log: LogId(99), ..carried.clone() };
    let beyond = Carried { base_offset: last.end_offset, ..carried.clone() };
    let long = Carried { bytes: vec![7; last.length as usize + 1], ..carried.clone() };
    for wrong in [vec![other], vec![beyond], vec![long], vec![carried.clone(), carried]] {
        assert!(Catalog::decode(&with(wrong).encode()).is_err());
    }
}

#[test]
fn a_checkpoint_has_the_bytes_that_are_drawn() {
    let mut writer = CatalogWriter::checkpoint(9, 6, 4, 33, true);
    writer.log(&state(), attachment().as_ref());
    writer.carried(state().log, Offset(19), b"END");
    writer.deleted(LogId(2));
    assert_eq!(writer.finish(), golden_checkpoint());
    let expected = Checkpoint {
        boot: 9,
        domain: 6,
        generation: 4,
        sequence: 33,
        clean: true,
        logs: vec![(state(), attachment())],
        carried: vec![Carried { log: state().log, base_offset: Offset(19), bytes: b"END".to_vec() }],
        deleted: vec![LogId(2)],
    };
    assert_eq!(Checkpoint::decode(&golden_checkpoint()).unwrap(), expected);
}

fn golden_cover() -> Vec<u8> {
    hex("524c434f56455231 01000000 88f8c597 0900000000000000 0100000000000000
        0700000000000000 0a00000000000000 0200000000000000 0100008000050000 0020000000000000 05000000 424547494e")
}

#[test]
fn blocks_put_aside_have_the_bytes_that_are_drawn() {
    let block = CoveredBlock {
        log: LogId(7),
        base_offset: Offset(10),
        incarnation: 2,
        file: file(),
        position: 8192,
        bytes: b"BEGIN".to_vec(),
    };
    assert_eq!(cover::encode(9, [&block].into_iter()), golden_cover());
    assert_eq!(cover::decode(&golden_cover()).unwrap(), (9, vec![block]));
}

fn golden_segment_header() -> Vec<u8> {
    hex("524c5345474d5431 01000000 e6fdeaa3 0700000000000000 0200000000000000 0a00000000000000 0068e5cf8b010000
        000102030405060708090a0b0c0d0e0f 03000000 06000000 6f7264657273")
}

#[test]
fn the_first_block_of_a_segment_has_the_bytes_that_are_drawn() {
    let header = SegmentHeader {
        log: LogId(7),
        incarnation: 2,
        base_offset: Offset(10),
        created: Timestamp(CREATED),
        partition: partition(),
        topic: "orders".to_owned(),
        sparse: false,
    };
    let sparse = hex("524c5345474d5431 02000000 75faad08 0700000000000000 0200000000000000 0a00000000000000
        0068e5cf8b010000 000102030405060708090a0b0c0d0e0f 03000000 06000000 6f7264657273");
    let compacted = SegmentHeader { sparse: true, ..header.clone() };
    for (header, mut block) in [(header, golden_segment_header()), (compacted, sparse)] {
        block.resize(BLOCK as usize, 0);
        assert_eq!(header.encode(), block);
        assert_eq!(SegmentHeader::decode(&block).unwrap(), header);
    }
}

fn golden_index() -> Vec<u8> {
    hex("524c494e44455831 01000000 d87d0f79 0700000000000000 0200000000000000 0a00000000000000 0010000000000000
        0300000000000000
        0a00000000000000 0000000000000000 ffffffffffffffff 00000000
        0e00000000000000 8813000000000000 0168e5cf8b010000 44332211
        1400000000000000 2823000000000000 0268e5cf8b010000 88776655")
}

#[test]
fn an_index_has_the_bytes_that_are_drawn() {
    let place = |offset, position, timestamp, checksum| IndexEntry {
        offset: Offset(offset),
        position,
        max_timestamp_before: Timestamp(timestamp),
        checksum_before: checksum,
    };
    let entries = vec![place(10, 0, -1, 0), place(14, 5_000, CREATED + 1, 0x1122_3344)];
    let end = place(20, 9_000, CREATED + 2, 0x5566_7788);
    let index = SegmentIndex::from_parts(entries, 4096, end).unwrap();
    let owner = IndexOwner { log: LogId(7), incarnation: 2, base_offset: Offset(10) };
    assert_eq!(index_file::encode(owner, &index), golden_index());
    assert_eq!(index_file::decode(&golden_index()).unwrap(), (owner, index));
}

const GOLDEN_IDENTITY: &str = "ringlog data directory\nversion 1\ncluster AAAAAAAAAAAAAAAAAAAAAQ\nnode 1\n";

#[test]
fn the_format_file_has_the_text_that_is_drawn() {
    let mut cluster = [0; 16];
    cluster[15] = 1;
    let owner = Identity { cluster: ClusterId(Uuid(cluster)), node: NodeId(1) };
    assert_eq!(identity::write(Some(owner)), GOLDEN_IDENTITY);
    assert_eq!(identity::read(GOLDEN_IDENTITY.as_bytes()), Described::Current(Some(owner)));
    let nobody = "ringlog data directory\nversion 1\n";
    assert_eq!(identity::write(None), nobody);
    assert_eq!(identity::read(nobody.as_bytes()), Described::Current(None));
    let later = "ringlog data directory\nversion 2\n";
    assert_eq!(identity::read(later.as_bytes()), Described::Other("2".to_owned()));
}

#[test]
fn files_are_named_by_boot_domain_and_counter() {
    assert_eq!(file().to_string(), "0000050080000001");
}

/// Feeds every decoder; none may panic. Returns how many accepted.
fn decode_with_all(bytes: &[u8]) -> usize {
    let mut accepted = 0;
    accepted += usize::from(Catalog::decode(bytes).is_ok());
    accepted += usize::from(Checkpoint::decode(bytes).is_ok());
    accepted += usize::from(SegmentHeader::decode(bytes).is_ok());
    accepted += usize::from(index_file::decode(bytes).is_ok());
    accepted += usize::from(cover::decode(bytes).is_ok());
    accepted += usize::from(matches!(identity::read(bytes), Described::Current(_)));
    accepted += usize::from(GroupHeader::decode(bytes).is_ok_and(|header| header.verify(bytes).is_ok()));
    let mut input = Decoder::new(bytes);
    while let Ok(found) = entry::decode(&mut input) {
        accepted += 1;
        // What is decoded must not be able to hurt the fold either.
        let _ = state().apply(&found.change, u32::from(found.steps));
    }
    for version in [1, 2, 4, 5] {
        accepted += usize::from(snapshot::decode(&mut Decoder::new(bytes), version).is_ok());
    }
    accepted
}

fn goldens() -> Vec<Vec<u8>> {
    let mut goldens: Vec<_> = golden_entries().into_iter().map(|(.., bytes)| bytes).collect();
    goldens.extend([
        golden_group(),
        golden_catalog(),
        golden_catalog_1(),
        golden_catalog_2(),
        golden_checkpoint(),
        golden_checkpoint_2(),
        golden_cover(),
        golden_segment_header(),
        golden_index(),
        hex(GOLDEN_STATE_1),
        hex(GOLDEN_STATE),
        GOLDEN_IDENTITY.as_bytes().to_vec(),
    ]);
    goldens
}

#[test]
fn no_decoder_panics_on_a_truncation_or_any_changed_byte() {
    for golden in goldens() {
        assert!(decode_with_all(&golden) > 0);
        for length in 0..golden.len() {
            decode_with_all(&golden[..length]);
        }
        for place in 0..golden.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff, golden[place] ^ 0x10] {
                let mut changed = golden.clone();
                changed[place] = value;
                decode_with_all(&changed);
            }
        }
    }
}

#[test]
fn a_changed_bit_of_anything_checksummed_is_noticed() {
    let refused = |bytes: &[u8]| {
        Catalog::decode(bytes).is_err()
            && Checkpoint::decode(bytes).is_err()
            && SegmentHeader::decode(bytes).is_err()
            && index_file::decode(bytes).is_err()
            && cover::decode(bytes).is_err()
            && !GroupHeader::decode(bytes).is_ok_and(|header| header.verify(bytes).is_ok())
    };
    // The reserved word behind a catalog's checksum is the only thing that nothing covers.
    let uncovered = |golden: &[u8], place| golden.starts_with(b"RLC") && (68..72).contains(&place);
    let goldens = [
        golden_group(),
        golden_catalog(),
        golden_checkpoint(),
        golden_cover(),
        golden_segment_header(),
        golden_index(),
    ];
    for golden in goldens {
        for place in (0..golden.len()).filter(|place| !uncovered(&golden, *place)) {
            for bit in 0..8 {
                let mut changed = golden.clone();
                changed[place] ^= 1 << bit;
                assert!(refused(&changed), "byte {place}, bit {bit} of {golden:02x?}");
            }
        }
    }
}

/// Writes the right checksum into what was changed, so that the decoders behind it are reached.
fn seal_again(bytes: &mut [u8]) {
    let catalog = bytes.starts_with(b"RLCATLG1") || bytes.starts_with(b"RLCHKPT1");
    if catalog && bytes.len() >= 72 {
        let length = (bytes.len() - 72) as u64;
        bytes[56..64].copy_from_slice(&length.to_le_bytes());
        let sum = ringlog_batch::checksum_append(ringlog_batch::checksum(&bytes[..64]), &bytes[72..]);
        bytes[64..68].copy_from_slice(&sum.to_le_bytes());
    } else if (bytes.starts_with(b"RLINDEX1") || bytes.starts_with(b"RLCOVER1")) && bytes.len() >= 16 {
        let sum = ringlog_batch::checksum_append(ringlog_batch::checksum(&bytes[..12]), &bytes[16..]);
        bytes[12..16].copy_from_slice(&sum.to_le_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_decoder_panics_on_noise(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        decode_with_all(&bytes);
    }

    #[test]
    fn no_decoder_panics_on_spoilt_files(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        behind in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let goldens = goldens();
        let mut bytes = goldens[which.index(goldens.len())].clone();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        bytes.extend(behind);
        decode_with_all(&bytes);
        seal_again(&mut bytes);
        decode_with_all(&bytes);
    }
}
