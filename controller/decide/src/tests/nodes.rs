use super::*;

#[test]
fn a_new_node_is_registered_and_alive() {
    let image = cluster(&[]);
    let decision = register_node(&image, &registration(1), false).unwrap();
    let after = decision.applied_to(&image).unwrap();
    assert!(after.node(NodeId(1)).unwrap().is_alive());
    // The same life again: nothing changes.
    assert_eq!(register_node(&after, &registration(1), true).unwrap().records, vec![]);
    // The same life at another address: that is recorded, and nobody is elected for it.
    let moved = Registration { listeners: vec![listener("KAFKA", "other", 9092)], ..registration(1) };
    assert_eq!(register_node(&after, &moved, true).unwrap().records.len(), 1);
}

#[test]
fn registrations_that_make_no_sense_are_refused() {
    let image = cluster(&[1]);
    let base = registration(2);
    let with = |listeners: Vec<ListenerAddress>| Registration { listeners, ..base.clone() };
    let cases = [
        (Registration { node: NodeId(-1), ..base.clone() }, "a node id is not negative, this is -1"),
        (
            Registration { incarnation: Uuid::ZERO, ..base.clone() },
            "the incarnation and the storage id must be drawn",
        ),
        (
            Registration { storage: Uuid::ZERO, ..base.clone() },
            "the incarnation and the storage id must be drawn",
        ),
        (with(vec![]), "a node has at least one listener"),
        (with(vec![listener("", "h", 1)]), "listener : it has no name"),
        (with(vec![listener("A", "", 1)]), "listener A: it has no advertised host"),
        (with(vec![listener("A", "h", 0)]), "listener A: it has no advertised port"),
        (with(vec![listener("A", "0.0.0.0", 1)]), "listener A: a wildcard cannot be advertised"),
        (with(vec![listener("A", "[::]", 1)]), "listener A: a wildcard cannot be advertised"),
        (with(vec![listener("A", "h", 1), listener("A", "h", 2)]), "listener A is there twice"),
    ];
    for (request, reason) in cases {
        assert_eq!(text(&register_node(&image, &request, false).unwrap_err()), reason);
    }
    let elsewhere = Registration { cluster: Some(ClusterId(uuid(9))), ..base.clone() };
    let refused = Refusal::WrongCluster { here: ClusterId(uuid(1)), theirs: ClusterId(uuid(9)) };
    assert_eq!(register_node(&image, &elsewhere, false), Err(refused));
    let newer = Registration { formats: (2, 3), ..base.clone() };
    assert_eq!(
        register_node(&image, &newer, false),
        Err(Refusal::UnsupportedFormat { level: 1, min: 2, max: 3 })
    );
    // A node that belongs here is welcome.
    let here = Registration { cluster: Some(ClusterId(uuid(1))), ..base };
    assert!(register_node(&image, &here, false).is_ok());
}

#[test]
fn the_same_id_from_other_disks_waits_for_the_lease_to_run_out() {
    let image = cluster(&[1]);
    let stranger = Registration { incarnation: uuid(77), storage: uuid(88), ..registration(1) };
    assert_eq!(register_node(&image, &stranger, true), Err(Refusal::DuplicateNode(NodeId(1))));
    assert!(register_node(&image, &stranger, false).is_ok());
    let fenced = fence_node(&image, NodeId(1), uuid(11)).unwrap().applied_to(&image).unwrap();
    assert!(register_node(&fenced, &stranger, true).is_ok());
    // From the same disks it is a restart, however recent the last sign of life.
    let restarted = Registration { incarnation: uuid(77), ..registration(1) };
    assert!(register_node(&image, &restarted, true).is_ok());
}

#[test]
fn a_restart_begins_a_new_leadership_of_the_same_node() {
    let image = with_topic(
        &cluster(&[1, 2]),
        5,
        "t",
        &[state(&[1], &[1], Some(1), (3, 7)), state(&[2, 1], &[2, 1], Some(2), (4, 8))],
    );
    let restarted = Registration { incarnation: uuid(77), ..registration(1) };
    let after = register_node(&image, &restarted, true).unwrap().applied_to(&image).unwrap();
    assert_eq!(partition_of(&after, 5, 0), state(&[1], &[1], Some(1), (4, 8)));
    // It followed here: still in sync, and nothing has changed for the leader.
    assert_eq!(partition_of(&after, 5, 1), state(&[2, 1], &[2, 1], Some(2), (4, 8)));
}

#[test]
fn replaced_disks_hold_nothing_in_sync_if_others_do() {
    let image = with_topic(
        &cluster(&[1, 2]),
        5,
        "t",
        &[
            state(&[1, 2], &[1, 2], Some(1), (0, 0)),
            state(&[2, 1], &[2, 1], Some(2), (0, 0)),
            state(&[1], &[1], Some(1), (0, 0)),
        ],
    );
    let replaced = Registration { incarnation: uuid(77), storage: uuid(88), ..registration(1) };
    let after = register_node(&image, &replaced, false).unwrap().applied_to(&image).unwrap();
    assert_eq!(partition_of(&after, 5, 0), state(&[1, 2], &[2], Some(2), (1, 1)));
    assert_eq!(partition_of(&after, 5, 1), state(&[2, 1], &[2], Some(2), (0, 1)));
    assert_eq!(partition_of(&after, 5, 2), state(&[1], &[1], Some(1), (1, 1)));
}

#[test]
fn fencing_moves_leadership_to_who_is_alive_and_in_sync() {
    let image = with_topic(
        &cluster(&[1, 2, 3]),
        5,
        "t",
        &[
            state(&[1, 2, 3], &[1, 3], Some(1), (0, 0)),
            state(&[1], &[1], Some(1), (0, 0)),
            state(&[2, 1], &[2, 1], Some(2), (0, 0)),
            state(&[2, 3], &[2, 3], Some(2), (0, 0)),
            state(&[1, 2], &[1], Some(1), (0, 0)),
        ],
    );
    let fenced = fence_node(&image, NodeId(1), uuid(11)).unwrap().applied_to(&image).unwrap();
    // The first replica in sync leads, not the first replica.
    assert_eq!(partition_of(&fenced, 5, 0), state(&[1, 2, 3], &[3], Some(3), (1, 1)));
    // The only one that has the data stays in sync, and nobody leads.
    assert_eq!(partition_of(&fenced, 5, 1), state(&[1], &[1], None, (1, 1)));
    assert_eq!(partition_of(&fenced, 5, 2), state(&[2, 1], &[2], Some(2), (0, 1)));
    assert_eq!(partition_of(&fenced, 5, 3), state(&[2, 3], &[2, 3], Some(2), (0, 0)));
    // Node 2 is alive, but not in sync: to elect it would lose records.
    assert_eq!(partition_of(&fenced, 5, 4), state(&[1, 2], &[1], None, (1, 1)));
    // Again: nothing more to do.
    assert_eq!(fence_node(&fenced, NodeId(1), uuid(11)).unwrap().records, vec![]);

    let back = hear_from_node(&fenced, NodeId(1), uuid(11)).unwrap().applied_to(&fenced).unwrap();
    assert_eq!(partition_of(&back, 5, 1), state(&[1], &[1], Some(1), (2, 2)));
    assert_eq!(partition_of(&back, 5, 4), state(&[1, 2], &[1], Some(1), (2, 2)));
    // Where another leads, it has to catch up first.
    assert_eq!(partition_of(&back, 5, 0), state(&[1, 2, 3], &[3], Some(3), (1, 1)));
    assert_eq!(hear_from_node(&back, NodeId(1), uuid(11)).unwrap().records, vec![]);
}

#[test]
fn a_life_that_is_over_is_not_heard() {
    let image = cluster(&[1]);
    let stale = Err(Refusal::StaleNode(NodeId(1)));
    assert_eq!(hear_from_node(&image, NodeId(1), uuid(99)), stale);
    assert_eq!(fence_node(&image, NodeId(1), uuid(99)), stale);
    assert_eq!(hear_from_node(&image, NodeId(4), uuid(14)), Err(Refusal::StaleNode(NodeId(4))));
}

#[test]
fn producer_ids_come_in_blocks_that_do_not_overlap() {
    let image = cluster(&[1, 2]);
    let first = allocate_producer_ids(&image, NodeId(1), uuid(11)).unwrap();
    assert_eq!(first.reply, ProducerIdBlock { first: ringlog_model::ProducerId(0), count: 1000 });
    let image = first.applied_to(&image).unwrap();
    let second = allocate_producer_ids(&image, NodeId(2), uuid(12)).unwrap();
    assert_eq!(second.reply.first.0, 1000);
    assert_eq!(allocate_producer_ids(&image, NodeId(2), uuid(99)), Err(Refusal::StaleNode(NodeId(2))));
    let mut last = image.clone();
    let next = ringlog_model::ProducerId(i64::MAX - 5);
    last.apply(&MetadataRecord::ProducerIdsAllocated { next, node: NodeId(1) }).unwrap();
    assert!(matches!(allocate_producer_ids(&last, NodeId(1), uuid(11)), Err(Refusal::LimitReached(_))));
}
