use super::*;

fn image() -> Image {
    let image = cluster(&[1, 2, 3]);
    let image = fence_node(&image, NodeId(3), uuid(13)).unwrap().applied_to(&image).unwrap();
    with_topic(&image, 5, "t", &[state(&[1, 2, 3], &[1], Some(1), (4, 6))])
}

fn change(in_sync: &[i32]) -> InSyncChange {
    InSyncChange {
        node: NodeId(1),
        incarnation: uuid(11),
        partition: partition_id(5, 0),
        leader_epoch: LeaderEpoch(4),
        partition_epoch: 6,
        in_sync: nodes(in_sync),
    }
}

#[test]
fn a_leader_changes_who_is_in_sync() {
    let image = image();
    let decision = change_in_sync(&image, &change(&[2, 1])).unwrap();
    // In the order of the replicas, with the leader's epoch as it was.
    assert_eq!(decision.reply, state(&[1, 2, 3], &[1, 2], Some(1), (4, 7)));
    let after = decision.applied_to(&image).unwrap();
    assert_eq!(partition_of(&after, 5, 0), decision.reply);
    // The same request again comes from a leader that has not seen the change.
    assert_eq!(
        change_in_sync(&after, &change(&[2, 1])),
        Err(Refusal::InvalidUpdateVersion { partition: partition_id(5, 0), current: 7 })
    );
    // Nothing to change.
    assert_eq!(change_in_sync(&image, &change(&[1])).unwrap().records, vec![]);
}

#[test]
fn changes_that_may_not_be_are_refused() {
    let partition = partition_id(5, 0);
    let base = change(&[1, 2]);
    let cases = [
        (InSyncChange { incarnation: uuid(99), ..base.clone() }, Refusal::StaleNode(NodeId(1))),
        (
            InSyncChange { partition: partition_id(5, 1), ..base.clone() },
            Refusal::UnknownPartition(partition_id(5, 1)),
        ),
        (
            InSyncChange { node: NodeId(2), incarnation: uuid(12), ..base.clone() },
            Refusal::FencedLeaderEpoch { partition, current: LeaderEpoch(4) },
        ),
        (
            InSyncChange { leader_epoch: LeaderEpoch(3), ..base.clone() },
            Refusal::FencedLeaderEpoch { partition, current: LeaderEpoch(4) },
        ),
        (
            InSyncChange { partition_epoch: 5, ..base.clone() },
            Refusal::InvalidUpdateVersion { partition, current: 6 },
        ),
        (change(&[1, 3]), Refusal::IneligibleReplica(NodeId(3))),
        (change(&[2]), Refusal::InvalidRequest("a leader is in sync with itself".into())),
        (change(&[1, 9]), Refusal::InvalidRequest("node 9 holds no replica".into())),
        (change(&[1, 1]), Refusal::InvalidRequest("node 1 is there twice".into())),
    ];
    for (request, refusal) in cases {
        assert_eq!(change_in_sync(&image(), &request), Err(refusal), "{request:?}");
    }
}
