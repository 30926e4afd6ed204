use super::*;

fn elect(image: &Image, topic: &str, election: Election) -> Result<Decision<()>, Refusal> {
    elect_leader(image, topic, PartitionIndex(0), election)
}

#[test]
fn the_preferred_replica_leads_again_if_it_can() {
    let image = with_topic(&cluster(&[1, 2]), 1, "t", &[state(&[1, 2], &[1, 2], Some(2), (5, 6))]);
    let elected = elect(&image, "t", Election::Preferred).unwrap().applied_to(&image).unwrap();
    assert_eq!(partition_of(&elected, 1, 0), state(&[1, 2], &[1, 2], Some(1), (6, 7)));
    assert_eq!(elect(&elected, "t", Election::Preferred), Err(Refusal::ElectionNotNeeded));
    assert_eq!(elect(&elected, "t", Election::Any), Err(Refusal::ElectionNotNeeded));
    assert_eq!(elect(&image, "u", Election::Any), Err(Refusal::UnknownTopic("u".into())));
    let outside = elect_leader(&image, "t", PartitionIndex(-1), Election::Any);
    assert_eq!(outside, Err(Refusal::UnknownTopic("t".into())));
}

#[test]
fn nobody_leads_who_is_not_in_sync() {
    let behind = with_topic(&cluster(&[1, 2]), 1, "t", &[state(&[1, 2], &[2], Some(2), (0, 0))]);
    assert_eq!(elect(&behind, "t", Election::Preferred), Err(Refusal::PreferredLeaderNotAvailable));
    let lost = with_topic(&cluster(&[2]), 1, "t", &[state(&[1, 2], &[1], None, (0, 0))]);
    assert_eq!(elect(&lost, "t", Election::Any), Err(Refusal::EligibleLeadersNotAvailable));
    let back = with_topic(&cluster(&[1]), 1, "t", &[state(&[1, 2], &[1], None, (0, 0))]);
    let elected = elect(&back, "t", Election::Any).unwrap().applied_to(&back).unwrap();
    assert_eq!(partition_of(&elected, 1, 0).leader, Some(NodeId(1)));
}

#[test]
fn a_node_is_forgotten_when_it_is_gone_and_nothing_is_on_it_alone() {
    let image = cluster(&[1, 2]);
    assert_eq!(forget_node(&image, NodeId(3)), Err(Refusal::UnknownNode(NodeId(3))));
    assert!(text(&forget_node(&image, NodeId(2)).unwrap_err()).contains("is alive"));
    let gone = fence_node(&image, NodeId(2), uuid(12)).unwrap().applied_to(&image).unwrap();
    let forgotten = forget_node(&gone, NodeId(2)).unwrap().applied_to(&gone).unwrap();
    assert!(forgotten.node(NodeId(2)).is_none());
    let alone = with_topic(&gone, 1, "t", &[state(&[2], &[2], None, (0, 0))]);
    assert!(text(&forget_node(&alone, NodeId(2)).unwrap_err()).contains("the only in-sync replica of t-0"));
}
