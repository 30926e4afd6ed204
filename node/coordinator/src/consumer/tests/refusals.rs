use super::*;

type Change = fn(&mut ConsumerHeartbeat);

/// A heartbeat, what is changed of it, and whether the request itself is at fault.
fn invalid() -> Vec<(&'static str, ConsumerHeartbeat, Change)> {
    vec![
        ("no group", joining("a"), |request| request.group = "".into()),
        ("a blank group", joining("a"), |request| request.group = " ".into()),
        ("no member from version 1 on", joining("a"), |request| request.member = "".into()),
        ("no member in version 0 after joining", beat("a", 1), |request| {
            request.version = 0;
            request.member = "".into();
        }),
        ("no member in version 0 when leaving", beat("a", -1), |request| {
            request.version = 0;
            request.member = "".into();
        }),
        ("an empty instance", joining("a"), |request| request.instance = Some("".into())),
        ("an empty rack", joining("a"), |request| request.rack = Some("".into())),
        ("no rebalance timeout", joining("a"), |request| request.rebalance_timeout_ms = -1),
        ("no word of partitions", joining("a"), |request| request.owned = None),
        ("partitions", joining("a"), |request| request.owned = owning(TopicId::default(), &[1])),
        ("no subscription", joining("a"), |request| request.subscribed_names = None),
        ("away without an instance", beat("a", -2), |_| {}),
        ("an epoch below all", beat("a", -3), |_| {}),
    ]
}

#[test]
fn requests_that_contradict_themselves_are_invalid() {
    for (what, mut request, change) in invalid() {
        let (mut driver, _) = with_one(2);
        change(&mut request);
        let refused = ask(&mut driver, request);
        assert!(matches!(refused, Err(Refusal::InvalidRequest(_))), "{what}: {refused:?}");
        check(&driver);
    }
}

#[test]
fn version_0_lets_the_broker_name_the_member() {
    let (mut driver, _) = driver(1);
    let request = ConsumerHeartbeat { version: 0, ..joining("") };
    let response = ask(&mut driver, request).unwrap();
    assert_eq!(*response.member, *Uuid([7; 16]).to_string());
    assert_eq!(told(&mut driver, beat(&response.member, 1)), (1, None));
}

#[test]
fn heartbeats_that_do_not_fit_the_group_are_refused() {
    let named = |request: ConsumerHeartbeat, instance: &str| ConsumerHeartbeat {
        instance: Some(instance.into()),
        ..request
    };
    // A group of `a`, static as `i`, in epoch 1.
    let table: Vec<(&str, ConsumerHeartbeat, Refusal)> = vec![
        ("a stranger", beat("x", 1), Refusal::UnknownMemberId),
        ("a stranger that leaves", beat("x", -1), Refusal::UnknownMemberId),
        ("a newer epoch", named(beat("a", 2), "i"), Refusal::FencedMemberEpoch),
        ("an unknown instance", named(beat("a", 1), "j"), Refusal::UnknownMemberId),
        ("an unknown instance that leaves", named(beat("a", -1), "j"), Refusal::UnknownMemberId),
        ("another's instance", named(beat("x", 1), "i"), Refusal::FencedInstanceId),
        ("another's instance that leaves", named(beat("x", -1), "i"), Refusal::FencedInstanceId),
        ("another's instance that goes away", named(beat("x", -2), "i"), Refusal::FencedInstanceId),
        ("an instance in use", named(joining("x"), "i"), Refusal::UnreleasedInstanceId),
        (
            "an assignor that there is not",
            ConsumerHeartbeat { assignor: Some("sticky".into()), ..joining("x") },
            Refusal::UnsupportedAssignor("uniform, range".to_owned()),
        ),
    ];
    for (what, request, refusal) in table {
        let (mut driver, _) = driver(2);
        assert_eq!(told(&mut driver, named(joining("a"), "i")).0, 1);
        let before = group(&driver.coordinator);
        assert_eq!(ask(&mut driver, request), Err(refusal), "{what}");
        assert_eq!(group(&driver.coordinator), before, "{what}");
    }
}

#[test]
fn only_assignors_that_the_broker_offers_are_taken_and_the_first_is_the_default() {
    let config = Config { consumer_assignors: vec!["range".into()], ..Config::default() };
    let mut driver = Driver::new(config);
    driver.topics.add("orders", 2);
    let asking = |name: &str| ConsumerHeartbeat { assignor: Some(name.into()), ..joining("a") };
    let refusal = Refusal::UnsupportedAssignor("range".to_owned());
    assert_eq!(ask(&mut driver, asking("uniform")), Err(refusal));
    told(&mut driver, joining("a"));
    assert_eq!(&*describe(&mut driver).assignor, "range");
    // One that was offered when the member asked for it, and is no longer.
    let mut driver = Driver::new(Config::default());
    driver.topics.add("orders", 2);
    told(&mut driver, asking("uniform"));
    driver.coordinator.config.consumer_assignors = vec!["range".into()];
    assert_eq!(&*describe(&mut driver).assignor, "range");
}

#[test]
fn a_refused_classic_join_leaves_an_empty_group_what_it_was() {
    let (mut driver, _) = with_one(2);
    ask(&mut driver, beat("a", -1)).unwrap();
    let request = Join { protocols: Vec::new(), ..join(GROUP, "") };
    let Response::Join(response) = driver.answer(request) else { panic!("not a join's answer") };
    assert_eq!(response.refusal, Some(Refusal::InconsistentGroupProtocol));
    assert_eq!(state(&mut driver), GroupState::Empty);
}

#[test]
fn only_a_join_founds_a_group() {
    let (mut driver, _) = driver(2);
    for request in [beat("a", 1), beat("a", -1)] {
        assert_eq!(ask(&mut driver, request), Err(Refusal::GroupIdNotFound));
    }
    let described = driver.answer(Request::DescribeConsumerGroup { group: GROUP.into() });
    assert_eq!(described, Response::DescribeConsumerGroup(Err(Refusal::GroupIdNotFound)));
}

#[test]
fn an_invalid_expression_is_refused_and_founds_no_group() {
    let (mut driver, _) = driver(2);
    let request = ConsumerHeartbeat { subscribed_regex: Some("(a".into()), ..joining("a") };
    assert!(matches!(ask(&mut driver, request), Err(Refusal::InvalidRegularExpression(_))));
    assert!(driver.coordinator.groups.is_empty());
}

#[test]
fn a_full_group_takes_no_new_member_but_an_old_one_back() {
    let config = Config { consumer_group_size_max: 1, ..Config::default() };
    let mut driver = Driver::new(config);
    driver.topics.add("orders", 2);
    let named = |member: &str| ConsumerHeartbeat { instance: Some("i".into()), ..joining(member) };
    told(&mut driver, named("a"));
    assert_eq!(ask(&mut driver, joining("b")), Err(Refusal::GroupMaxSizeReached));
    ask(&mut driver, ConsumerHeartbeat { member_epoch: -2, ..named("a") }).unwrap();
    assert_eq!(told(&mut driver, named("b")).0, 1);
}

#[test]
fn commits_are_checked_against_the_member_and_its_partitions() {
    let (mut driver, topic) = with_one(2);
    let commit = |member: &str, epoch: i32, version: i16, partition: i32| {
        let mut commit = commit(GROUP, member, epoch, 5);
        commit.version = version;
        commit.offsets[0].topic_id = topic;
        commit.offsets[0].partition = partition;
        commit
    };
    // After this, `a` is in epoch 2 with partition 0 since epoch 1, and `b` in epoch 2 with partition 1 since then.
    told(&mut driver, joining("b"));
    told(&mut driver, beat("a", 1));
    told(&mut driver, ConsumerHeartbeat { owned: owning(topic, &[0]), ..beat("a", 1) });
    told(&mut driver, beat("b", 2));
    let table = [
        ("its newest epoch", commit("a", 2, 9, 0), Ok(())),
        ("its newest epoch, any partition", commit("a", 2, 9, 1), Ok(())),
        ("an epoch in which it had the partition", commit("a", 1, 9, 0), Ok(())),
        (
            "an epoch for a partition that it has no more",
            commit("a", 1, 9, 1),
            Err(Refusal::StaleMemberEpoch),
        ),
        ("an epoch before it got the partition", commit("b", 1, 9, 1), Err(Refusal::StaleMemberEpoch)),
        ("an epoch yet to come", commit("a", 3, 9, 0), Err(Refusal::StaleMemberEpoch)),
        ("a stranger", commit("x", 2, 9, 0), Err(Refusal::UnknownMemberId)),
        ("nobody", commit("", -1, 9, 0), Err(Refusal::UnknownMemberId)),
        ("a version without epochs", commit("a", 2, 8, 0), Err(Refusal::UnsupportedVersion)),
    ];
    for (what, request, expected) in table {
        assert_eq!(driver.answer(request), Response::OffsetCommit(vec![expected]), "{what}");
    }
    ask(&mut driver, beat("a", -1)).unwrap();
    ask(&mut driver, beat("b", -1)).unwrap();
    let committed = driver.answer(commit("", -1, 9, 0));
    assert_eq!(committed, Response::OffsetCommit(vec![Ok(())]), "an administrator, when nobody is left");
}

#[test]
fn fetches_of_positions_are_checked_against_the_member() {
    let (mut driver, _) = with_one(2);
    let fetch = |member: Option<&str>, member_epoch| FetchOffsets {
        group: GROUP.into(),
        member: member.map(Name::from),
        member_epoch,
        topics: None,
    };
    let table = [
        (fetch(None, -1), Ok(Vec::new())),
        (fetch(Some("a"), 1), Ok(Vec::new())),
        (fetch(Some("a"), 0), Err(Refusal::StaleMemberEpoch)),
        (fetch(Some("a"), 2), Err(Refusal::StaleMemberEpoch)),
        (fetch(Some("x"), 1), Err(Refusal::UnknownMemberId)),
    ];
    for (request, expected) in table {
        assert_eq!(driver.answer(request), Response::OffsetFetch(expected));
    }
}

#[test]
fn a_group_with_members_is_not_deleted_and_an_empty_one_is_gone_with_all_its_records() {
    let (mut driver, _) = with_one(2);
    let delete = || Request::DeleteGroup { group: GROUP.into() };
    assert_eq!(driver.answer(delete()), Response::DeleteGroup(Err(Refusal::NonEmptyGroup)));
    ask(&mut driver, beat("a", -1)).unwrap();
    assert_eq!(driver.answer(delete()), Response::DeleteGroup(Ok(())));
    assert!(driver.log.values().all(Option::is_none), "only tombstones are left");
    assert!(driver.rebuilt().groups.is_empty());
}
