use super::*;

fn log_id(index: u64) -> LogId {
    LogId { leader_id: LeaderId { term: 3, node_id: 2 }, index }
}

fn membership() -> Membership {
    let nodes = [(1, BasicNode { addr: "a:1".into() }), (2, BasicNode { addr: "b:2".into() })];
    Membership::new(vec![BTreeSet::from([1, 2])], std::collections::BTreeMap::from(nodes)).unwrap()
}

fn entries() -> Vec<Entry> {
    vec![
        Entry { log_id: log_id(7), payload: Payload::Blank },
        Entry { log_id: log_id(8), payload: Payload::Normal(Proposal { after: 5, records: vec![9, 9] }) },
        Entry { log_id: log_id(9), payload: Payload::Membership(membership()) },
    ]
}

/// The bytes in the log store of version 1. If this fails, do not edit the bytes: a new version is needed.
#[test]
fn golden_bytes_of_entries() {
    let golden = [
        "9a77ccf7 0103000000000000000200000000000000070000000000000000",
        "d3d188ff 0103000000000000000200000000000000080000000000000001050000000000000002000000090 \
         9",
        "ae968595 0103000000000000000200000000000000090000000000000002010000000200000001000000000 \
         00000020000000000000002000000010000000000000003000000613a31020000000000000003000000623a3 \
         2",
    ];
    for (entry, golden) in entries().iter().zip(golden) {
        let found: String = encode_entry(entry).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, golden.replace(' ', ""), "{entry}");
        assert_eq!(&decode_entry(&encode_entry(entry)).unwrap(), entry);
    }
}

#[test]
fn damage_anywhere_is_noticed() {
    for entry in entries() {
        let bytes = encode_entry(&entry);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(decode_entry(&damaged).is_err());
            assert!(decode_entry(&bytes[..at]).is_err());
        }
    }
}

#[test]
fn snapshot_descriptions_round_trip_also_when_empty() {
    let empty = SnapshotMeta::default();
    let full = SnapshotMeta {
        last_log_id: Some(log_id(4)),
        last_membership: StoredMembership::new(Some(log_id(2)), membership()),
    };
    for meta in [empty, full] {
        let bytes = bytes(|out| write_snapshot_meta(out, &meta));
        assert_eq!(whole(&bytes, read_snapshot_meta), Ok(meta));
    }
}
