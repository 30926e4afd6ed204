use super::*;
use core::time::Duration;
use ringlog_model::Instant;

#[test]
fn a_new_leader_grants_everybody_alive_a_whole_lease() {
    let image = cluster(&[1, 2]);
    let image = fence_node(&image, NodeId(2), uuid(12)).unwrap().applied_to(&image).unwrap();
    let mut leases = Leases::new(Duration::from_nanos(100), &image, Instant(1000));
    assert!(leases.holds(NodeId(1), Instant(1099)));
    assert_eq!(leases.expired(&image, Instant(1099)), vec![]);
    assert_eq!(leases.next_deadline(), Some(Instant(1100)));
    // A fenced node has nothing to lose.
    assert_eq!(leases.expired(&image, Instant(1100)), vec![(NodeId(1), uuid(11))]);
    assert!(!leases.holds(NodeId(2), Instant(1000)));
}

#[test]
fn a_life_that_was_never_heard_of_gets_a_lease_and_what_is_over_is_forgotten() {
    let image = cluster(&[1]);
    let mut leases = Leases::new(Duration::from_nanos(100), &image, Instant(0));
    let image = register_node(&image, &registration(2), false).unwrap().applied_to(&image).unwrap();
    let restarted = Registration { incarnation: uuid(77), ..registration(1) };
    let image = register_node(&image, &restarted, true).unwrap().applied_to(&image).unwrap();
    assert_eq!(leases.expired(&image, Instant(150)), vec![]);
    assert_eq!(leases.next_deadline(), Some(Instant(250)));
    let image = fence_node(&image, NodeId(1), uuid(77)).unwrap().applied_to(&image).unwrap();
    let image = fence_node(&image, NodeId(2), uuid(12)).unwrap().applied_to(&image).unwrap();
    assert_eq!(leases.expired(&image, Instant(500)), vec![]);
    assert_eq!(leases.next_deadline(), None);
}

#[test]
fn a_sign_of_life_renews_and_an_end_ends() {
    let image = cluster(&[1, 2]);
    let mut leases = Leases::new(Duration::from_nanos(100), &image, Instant(0));
    leases.renew(NodeId(1), uuid(11), Instant(90));
    assert_eq!(leases.expired(&image, Instant(150)), vec![(NodeId(2), uuid(12))]);
    leases.end(NodeId(2));
    assert_eq!(leases.next_deadline(), Some(Instant(190)));
    leases.end(NodeId(1));
    assert_eq!(leases.next_deadline(), None);
}
