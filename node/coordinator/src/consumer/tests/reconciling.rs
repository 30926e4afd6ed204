use super::*;

#[test]
fn the_first_member_gets_everything_at_once() {
    let (mut driver, _) = with_one(3);
    assert_eq!(told(&mut driver, beat("a", 1)), (1, None));
    check(&driver);
}

#[test]
fn a_partition_moves_only_after_its_member_has_given_it_up() {
    let (mut driver, topic) = with_one(4);
    assert_eq!(told(&mut driver, joining("b")), (2, Some(vec![])));
    assert_eq!(state(&mut driver), GroupState::Reconciling);
    // The first member is told to keep two and stays in its epoch until it says that it has no more.
    assert_eq!(told(&mut driver, beat("a", 1)), (1, Some(vec![0, 1])));
    assert_eq!(
        told(&mut driver, ConsumerHeartbeat { owned: owning(topic, &[0, 1, 2, 3]), ..beat("a", 1) }),
        (1, None)
    );
    assert_eq!(told(&mut driver, beat("b", 2)), (2, None));
    check(&driver);
    assert_eq!(
        told(&mut driver, ConsumerHeartbeat { owned: owning(topic, &[0, 1]), ..beat("a", 1) }),
        (2, None)
    );
    assert_eq!(told(&mut driver, beat("b", 2)), (2, Some(vec![2, 3])));
    assert_eq!(state(&mut driver), GroupState::Stable);
    check(&driver);
}

#[test]
fn a_member_that_does_not_give_up_in_time_is_removed() {
    let (mut driver, _) = with_one(2);
    told(&mut driver, joining("b"));
    told(&mut driver, beat("a", 1));
    for _ in 0..5 {
        driver.pass(Duration::from_secs(11));
        let _ = ask(&mut driver, beat("a", 1));
        told(&mut driver, beat("b", 2));
    }
    assert_eq!(describe(&mut driver).members.len(), 2);
    driver.pass(Duration::from_secs(11));
    assert_eq!(ask(&mut driver, beat("a", 1)), Err(Refusal::UnknownMemberId));
    assert_eq!(told(&mut driver, beat("b", 2)), (3, Some(vec![0, 1])));
    check(&driver);
}

#[test]
fn a_silent_member_loses_its_partitions_when_its_session_ends() {
    let (mut driver, topic) = with_one(2);
    told(&mut driver, joining("b"));
    told(&mut driver, beat("a", 1));
    told(&mut driver, ConsumerHeartbeat { owned: owning(topic, &[0]), ..beat("a", 1) });
    assert_eq!(told(&mut driver, beat("b", 2)), (2, Some(vec![1])));
    driver.pass(Duration::from_secs(44));
    told(&mut driver, beat("b", 2));
    driver.pass(Duration::from_secs(1));
    assert_eq!(told(&mut driver, beat("b", 2)), (3, Some(vec![0, 1])));
    assert_eq!(describe(&mut driver).members.len(), 1);
    check(&driver);
}

#[test]
fn a_member_that_leaves_gives_up_everything_at_once() {
    let (mut driver, _) = with_one(2);
    told(&mut driver, joining("b"));
    let left = ask(&mut driver, beat("a", -1)).unwrap();
    assert_eq!((left.member_epoch, left.heartbeat_interval_ms), (-1, 0));
    assert_eq!(told(&mut driver, beat("b", 2)), (3, Some(vec![0, 1])));
    ask(&mut driver, beat("b", -1)).unwrap();
    assert_eq!(state(&mut driver), GroupState::Empty);
    check(&driver);
}

#[test]
fn a_lost_answer_is_told_again_to_a_member_that_owns_no_more_than_it_was_given() {
    let (mut driver, topic) = with_one(4);
    told(&mut driver, joining("b"));
    told(&mut driver, beat("a", 1));
    let revoked = ConsumerHeartbeat { owned: owning(topic, &[0, 1]), ..beat("a", 1) };
    assert_eq!(told(&mut driver, revoked.clone()).0, 2);
    assert_eq!(told(&mut driver, revoked).0, 2);
    let too_much = ConsumerHeartbeat { owned: owning(topic, &[0, 1, 2]), ..beat("a", 1) };
    assert_eq!(ask(&mut driver, too_much), Err(Refusal::FencedMemberEpoch));
    assert_eq!(ask(&mut driver, beat("a", 1)), Err(Refusal::FencedMemberEpoch));
}

#[test]
fn a_full_heartbeat_is_told_everything() {
    let (mut driver, topic) = with_one(2);
    let full = ConsumerHeartbeat { owned: owning(topic, &[0, 1]), member_epoch: 1, ..joining("a") };
    assert_eq!(told(&mut driver, full), (1, Some(vec![0, 1])));
    assert_eq!(told(&mut driver, joining("a")), (1, Some(vec![0, 1])));
}

#[test]
fn targets_follow_each_other_at_an_interval() {
    let mut driver = Driver::new(Config::default());
    driver.topics.add("orders", 4);
    assert_eq!(told(&mut driver, joining("a")), (1, Some(vec![0, 1, 2, 3])));
    // Two more members within a second move partitions once.
    assert_eq!(told(&mut driver, joining("b")), (1, Some(vec![])));
    assert_eq!(told(&mut driver, joining("c")), (1, Some(vec![])));
    assert_eq!(state(&mut driver), GroupState::Assigning);
    driver.pass(Duration::from_secs(1));
    let described = describe(&mut driver);
    assert_eq!((described.group_epoch, described.assignment_epoch), (3, 3));
    assert_eq!(told(&mut driver, beat("a", 1)), (1, Some(vec![0, 1])));
    check(&driver);
}

#[test]
fn sessions_and_revocations_go_on_after_a_restart() {
    let (mut driver, topic) = with_one(2);
    told(&mut driver, joining("b"));
    told(&mut driver, beat("a", 1));
    driver.restart();
    // The member in the middle of giving up goes on where it was.
    assert_eq!(told(&mut driver, beat("a", 1)), (1, None));
    assert_eq!(told(&mut driver, ConsumerHeartbeat { owned: owning(topic, &[0]), ..beat("a", 1) }).0, 2);
    assert_eq!(told(&mut driver, beat("b", 2)), (2, Some(vec![1])));
    driver.pass(Duration::from_secs(46));
    assert_eq!(state(&mut driver), GroupState::Empty);
}

#[test]
fn a_static_member_keeps_its_partitions_while_it_is_away() {
    let (mut driver, topic) = driver(2);
    let named = |mut request: ConsumerHeartbeat| {
        request.instance = Some("i".into());
        request
    };
    assert_eq!(told(&mut driver, named(joining("a"))).0, 1);
    assert_eq!(told(&mut driver, joining("b")).0, 2);
    told(&mut driver, named(beat("a", 1)));
    assert_eq!(
        told(&mut driver, named(ConsumerHeartbeat { owned: owning(topic, &[0]), ..beat("a", 1) })).0,
        2
    );
    assert_eq!(told(&mut driver, beat("b", 2)), (2, Some(vec![1])));

    assert_eq!(ask(&mut driver, named(beat("a", -2))).unwrap().member_epoch, -2);
    check(&driver);
    assert_eq!(told(&mut driver, beat("b", 2)), (2, None));
    // Another process of the same instance takes over without a rebalance.
    assert_eq!(told(&mut driver, named(joining("a2"))), (2, Some(vec![0])));
    assert_eq!(ask(&mut driver, named(beat("a", 2))), Err(Refusal::FencedInstanceId));
    assert_eq!(describe(&mut driver).group_epoch, 2);
    check(&driver);

    // Away for longer than its session: its partitions go to the others.
    ask(&mut driver, named(beat("a2", -2))).unwrap();
    driver.pass(Duration::from_secs(30));
    told(&mut driver, beat("b", 2));
    driver.pass(Duration::from_secs(16));
    assert_eq!(told(&mut driver, beat("b", 2)), (3, Some(vec![0, 1])));
    check(&driver);
}

#[test]
fn the_most_wanted_assignor_is_used() {
    let (mut driver, _) = driver(4);
    driver.topics.add("more", 1);
    let join = |id: &str, assignor: &str| ConsumerHeartbeat {
        assignor: Some(assignor.into()),
        subscribed_names: Some(vec!["orders".into(), "more".into()]),
        ..joining(id)
    };
    told(&mut driver, join("a", "range"));
    assert_eq!(&*describe(&mut driver).assignor, "range");
    told(&mut driver, join("b", "uniform"));
    told(&mut driver, join("c", "uniform"));
    assert_eq!(&*describe(&mut driver).assignor, "uniform");
}

#[test]
fn what_is_set_for_the_group_holds_from_the_next_heartbeat_on() {
    let (mut driver, _) = with_one(1);
    driver.topics.2 = Some(GroupSettings {
        session_timeout: Duration::from_secs(60),
        heartbeat_interval: Duration::from_secs(7),
        assignment_interval: Duration::ZERO,
    });
    assert_eq!(ask(&mut driver, beat("a", 1)).unwrap().heartbeat_interval_ms, 7000);
    driver.pass(Duration::from_secs(59));
    assert_eq!(state(&mut driver), GroupState::Stable);
    // Sessions that begin because the records were loaded are as long.
    driver.restart();
    driver.pass(Duration::from_secs(59));
    assert_eq!(state(&mut driver), GroupState::Stable);
    driver.pass(Duration::from_secs(1));
    assert_eq!(state(&mut driver), GroupState::Empty);
}
