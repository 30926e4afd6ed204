use super::*;
use crate::group::Group;
use bytes::Bytes;

/// What a consumer says that reads `orders` and still has these of its partitions (version 1).
fn owning_subscription(partitions: &[i32]) -> Bytes {
    let mut bytes = b"\x00\x01\x00\x00\x00\x01\x00\x06orders\xff\xff\xff\xff".to_vec();
    bytes.extend_from_slice(&i32::from(!partitions.is_empty()).to_be_bytes());
    if !partitions.is_empty() {
        bytes.extend_from_slice(b"\x00\x06orders");
        bytes.extend_from_slice(&i32::try_from(partitions.len()).unwrap().to_be_bytes());
        partitions.iter().for_each(|index| bytes.extend_from_slice(&index.to_be_bytes()));
    }
    bytes.into()
}

/// An assignment of partitions of `orders`.
fn assignment(version: u8, partitions: &[i32]) -> Bytes {
    let mut bytes = vec![0, version];
    bytes.extend_from_slice(&i32::from(!partitions.is_empty()).to_be_bytes());
    if !partitions.is_empty() {
        bytes.extend_from_slice(b"\x00\x06orders");
        bytes.extend_from_slice(&i32::try_from(partitions.len()).unwrap().to_be_bytes());
        partitions.iter().for_each(|index| bytes.extend_from_slice(&index.to_be_bytes()));
    }
    bytes.extend_from_slice(&(-1i32).to_be_bytes());
    bytes.into()
}

pub(super) fn classic_join(member: &str, owned: &[i32]) -> Join {
    let protocols =
        vec![Protocol { name: "cooperative-sticky".into(), metadata: owning_subscription(owned) }];
    Join { protocols, ..join(GROUP, member) }
}

/// The partitions in an assignment of `orders`.
pub(super) fn read_assignment(bytes: &[u8]) -> BTreeSet<i32> {
    let lists = match bytes.get(14..) {
        Some(rest) if bytes[2..6] == [0, 0, 0, 1] => &rest[4..rest.len() - 4],
        _ => &[],
    };
    lists.chunks_exact(4).map(|index| i32::from_be_bytes(index.try_into().unwrap())).collect()
}

fn classic_sync(member: &Name, generation: i32) -> Sync {
    sync(GROUP, member, generation, &[])
}

fn joined_now(driver: &mut Driver, request: Join) -> JoinResponse {
    let token = driver.ask(request);
    driver.joined(token)
}

fn synced_now(driver: &mut Driver, request: Sync) -> Result<Bytes, Refusal> {
    let token = driver.ask(request);
    driver.synced(token).map(|synced| synced.assignment)
}

fn beaten(driver: &mut Driver, member: &Name, generation: i32) -> Result<(), Refusal> {
    match driver.answer(heartbeat(GROUP, member, generation)) {
        Response::Heartbeat(result) => result,
        other => panic!("{other:?}"),
    }
}

/// A classic group of one consumer that has all of `orders`.
fn classic_group(partitions: i32) -> (Driver, TopicId, Name) {
    let (mut driver, topic) = driver(partitions);
    let member = joined_now(&mut driver, classic_join("", &[])).member;
    let joined = joined_now(&mut driver, classic_join(&member, &[]));
    assert_eq!((joined.refusal, joined.generation), (None, 1));
    let all: Vec<i32> = (0..partitions).collect();
    let request =
        Sync { assignments: vec![(member.clone(), assignment(1, &all))], ..classic_sync(&member, 1) };
    assert_eq!(synced_now(&mut driver, request), Ok(assignment(1, &all)));
    (driver, topic, member)
}

fn is_classic(driver: &Driver) -> bool {
    matches!(driver.coordinator.groups.get(GROUP), Some(Group::Classic(_)))
}

#[test]
fn a_classic_group_is_upgraded_while_its_member_lives_and_back() {
    let (mut driver, _, old) = classic_group(4);
    // A member of the newer protocol joins: the group keeps its generation as its epoch and goes on from there.
    assert_eq!(told(&mut driver, joining("new")), (2, Some(vec![])));
    check(&driver);
    let described = describe(&mut driver);
    let kinds: Vec<bool> = described.members.iter().map(|member| member.is_classic).collect();
    assert!(kinds.contains(&true) && kinds.contains(&false));

    // The classic member is called to join, tells what it has, and is told to keep half of it.
    assert_eq!(beaten(&mut driver, &old, 1), Err(Refusal::RebalanceInProgress));
    let joined = joined_now(&mut driver, classic_join(&old, &[0, 1, 2, 3]));
    assert_eq!((joined.refusal, joined.generation), (None, 1));
    assert_eq!((joined.protocol_name.as_deref(), &*joined.leader), (Some("cooperative-sticky"), ""));
    let kept: Vec<i32> =
        read_assignment(&synced_now(&mut driver, classic_sync(&old, 1)).unwrap()).into_iter().collect();
    assert_eq!(kept.len(), 2);
    // Once more: it has not said yet that it gave up the rest.
    assert_eq!(beaten(&mut driver, &old, 1), Err(Refusal::RebalanceInProgress));
    check(&driver);

    // It has given up the rest: its next join brings the new generation, and the other half is free.
    let joined = joined_now(&mut driver, classic_join(&old, &kept));
    assert_eq!((joined.refusal, joined.generation), (None, 2));
    assert_eq!(synced_now(&mut driver, classic_sync(&old, 2)), Ok(assignment(1, &kept)));
    assert_eq!(beaten(&mut driver, &old, 2), Ok(()));
    assert_eq!(told(&mut driver, beat("new", 2)).1.unwrap().len(), 2);
    assert_eq!(state(&mut driver), GroupState::Stable);
    assert_eq!(beaten(&mut driver, &old, 1), Err(Refusal::IllegalGeneration));
    check(&driver);

    // The member of the newer protocol leaves: the group is classic again and rebalances.
    ask(&mut driver, beat("new", -1)).unwrap();
    assert!(is_classic(&driver));
    assert!(matches!(driver.rebuilt().groups.get(GROUP), Some(Group::Classic(_))));
    assert!(beaten(&mut driver, &old, 2).is_err());
    let joined = joined_now(&mut driver, classic_join(&old, &kept));
    assert_eq!((joined.refusal, &joined.leader), (None, &old));
    let all = assignment(1, &[0, 1, 2, 3]);
    let request =
        Sync { assignments: vec![(old.clone(), all.clone())], ..classic_sync(&old, joined.generation) };
    assert_eq!(synced_now(&mut driver, request), Ok(all));
}

#[test]
fn a_member_that_waits_for_others_in_the_classic_group_is_sent_to_the_new_one() {
    let (mut driver, _, old) = classic_group(2);
    let second = joined_now(&mut driver, Join { fresh: Uuid([8; 16]), ..classic_join("", &[]) }).member;
    let waiting = driver.ask(classic_join(&second, &[]));
    assert!(driver.take(waiting).is_none());
    assert_eq!(told(&mut driver, joining("new")).0, 2);
    // Only members of the classic group come along; one that waited to become a member is one, too.
    let Some(Response::Join(refused)) = driver.take(waiting) else { panic!("the join waits no longer") };
    assert_eq!(refused.refusal, Some(Refusal::RebalanceInProgress));
    assert_eq!(beaten(&mut driver, &old, 1), Err(Refusal::RebalanceInProgress));
    check(&driver);
}

#[test]
fn a_classic_member_joins_a_consumer_group() {
    let (mut driver, topic) = with_one(4);
    let given = joined_now(&mut driver, classic_join("", &[]));
    assert_eq!(given.refusal, Some(Refusal::MemberIdRequired));
    let joined = joined_now(&mut driver, classic_join(&given.member, &[]));
    assert_eq!((joined.refusal, joined.generation), (None, 2));
    let member = joined.member;
    assert_eq!(synced_now(&mut driver, classic_sync(&member, 2)), Ok(assignment(1, &[])));
    assert_eq!(beaten(&mut driver, &member, 2), Ok(()));
    let (_, kept) = told(&mut driver, beat("a", 1));
    told(&mut driver, ConsumerHeartbeat { owned: owning(topic, &kept.unwrap()), ..beat("a", 1) });
    // All that it waits for is free now: it is called to fetch it.
    assert_eq!(beaten(&mut driver, &member, 2), Err(Refusal::RebalanceInProgress));
    assert_eq!(joined_now(&mut driver, classic_join(&member, &[])).generation, 2);
    assert_eq!(synced_now(&mut driver, classic_sync(&member, 2)), Ok(assignment(1, &[2, 3])));
    assert_eq!(state(&mut driver), GroupState::Stable);
    check(&driver);
}

#[test]
fn a_classic_member_that_does_not_sync_or_join_again_is_removed() {
    let (mut driver, _) = with_one(2);
    let given = joined_now(&mut driver, classic_join("", &[])).member;
    let patient = Join { session_timeout_ms: 1_000_000, ..classic_join(&given, &[]) };
    assert_eq!(joined_now(&mut driver, patient.clone()).generation, 2);
    let live = |driver: &mut Driver, time: u64| {
        for _ in 0..time / 10 {
            driver.pass(Duration::from_secs(10));
            let epoch = describe(driver).members.iter().find(|one| &*one.member == "a").unwrap().member_epoch;
            let _ = ask(driver, beat("a", epoch));
        }
    };
    live(&mut driver, 60);
    assert!(!group(&driver.coordinator).members.contains_key(&given), "it never fetched its assignment");
    check(&driver);
}

#[test]
fn a_static_member_comes_back_with_the_other_protocol() {
    let (mut driver, _) = driver(2);
    let named = |request: ConsumerHeartbeat| ConsumerHeartbeat { instance: Some("i".into()), ..request };
    let classic = |member: &str| Join { instance: Some("i".into()), ..classic_join(member, &[]) };
    // From classic ...
    let old = joined_now(&mut driver, classic("")).member;
    let all = assignment(1, &[0, 1]);
    let request = Sync {
        instance: Some("i".into()),
        assignments: vec![(old.clone(), all.clone())],
        ..classic_sync(&old, 1)
    };
    assert_eq!(synced_now(&mut driver, request), Ok(all.clone()));
    // ... to the newer protocol, with all that it had,
    assert_eq!(told(&mut driver, named(joining("new"))), (1, Some(vec![0, 1])));
    check(&driver);
    assert_eq!(describe(&mut driver).members.len(), 1);
    // ... and back once it has left for a while.
    ask(&mut driver, named(beat("new", -2))).unwrap();
    let joined = joined_now(&mut driver, classic(""));
    assert_eq!((joined.refusal, joined.generation), (None, 1));
    assert!(is_classic(&driver));
    let request = Sync { instance: Some("i".into()), ..classic_sync(&joined.member, 1) };
    assert_eq!(synced_now(&mut driver, request), Ok(all));
}

#[test]
fn the_policy_decides_about_both_ways() {
    for (migration, upgrades, downgrades) in [
        (Migration::Bidirectional, true, true),
        (Migration::Upgrade, true, false),
        (Migration::Downgrade, false, true),
        (Migration::Disabled, false, false),
    ] {
        let (mut driver, _, _) = classic_group(2);
        driver.coordinator.config.migration = migration;
        assert_eq!(ask(&mut driver, joining("new")).is_ok(), upgrades, "{migration:?}");

        let (mut driver, _) = with_one(2);
        driver.coordinator.config.migration = migration;
        let joins = joined_now(&mut driver, classic_join("m", &[])).refusal;
        assert_eq!(joins.is_none(), migration != Migration::Disabled, "{migration:?}");
        ask(&mut driver, beat("a", -1)).unwrap();
        if joins.is_none() {
            assert_eq!(is_classic(&driver), downgrades, "{migration:?}");
        }
    }
}

#[test]
fn empty_groups_change_their_protocol_at_once() {
    let (mut driver, _, old) = classic_group(2);
    driver.answer(leave(GROUP, &old));
    assert_eq!(told(&mut driver, joining("a")), (1, Some(vec![0, 1])));
    ask(&mut driver, beat("a", -1)).unwrap();
    let given = joined_now(&mut driver, classic_join("", &[])).member;
    assert_eq!(joined_now(&mut driver, classic_join(&given, &[])).refusal, None);
    assert!(is_classic(&driver));
}

#[test]
fn groups_of_others_than_consumers_are_not_upgraded() {
    let (mut driver, _) = driver(1);
    let connect = |member: &str| Join { protocol_type: "connect".into(), ..join(GROUP, member) };
    let given = joined_now(&mut driver, connect("")).member;
    joined_now(&mut driver, connect(&given));
    assert_eq!(ask(&mut driver, joining("new")), Err(Refusal::GroupIdNotFound));
    assert!(is_classic(&driver));

    let (mut driver, _) = with_one(1);
    assert_eq!(joined_now(&mut driver, connect("m")).refusal, Some(Refusal::InconsistentGroupProtocol));
}

#[test]
fn an_assignment_with_data_of_its_own_assignor_is_not_lost_by_an_upgrade() {
    let (mut driver, _) = driver(1);
    let given = joined_now(&mut driver, classic_join("", &[])).member;
    joined_now(&mut driver, classic_join(&given, &[]));
    let mut own = assignment(1, &[0]).to_vec();
    let length = own.len();
    own[length - 4..].copy_from_slice(&1i32.to_be_bytes());
    own.push(9);
    let request = Sync { assignments: vec![(given.clone(), own.into())], ..classic_sync(&given, 1) };
    synced_now(&mut driver, request).unwrap();
    assert_eq!(ask(&mut driver, joining("new")), Err(Refusal::GroupIdNotFound));
}

#[test]
fn administrators_remove_members_of_either_protocol() {
    let (mut driver, _) = driver(2);
    told(&mut driver, ConsumerHeartbeat { instance: Some("i".into()), ..joining("a") });
    told(&mut driver, joining("b"));
    let leaving = |member: &str, instance: Option<&str>| LeavingMember {
        member: member.into(),
        instance: instance.map(Name::from),
        reason: None,
    };
    let members = vec![leaving("", Some("i")), leaving("x", None), leaving("b", Some("i"))];
    let Response::Leave(Ok(left)) = driver.answer(Leave { group: GROUP.into(), members }) else { panic!() };
    let results: Vec<_> = left.into_iter().map(|one| one.result).collect();
    assert_eq!(results, [Ok(()), Err(Refusal::UnknownMemberId), Err(Refusal::FencedInstanceId)]);
    assert_eq!(told(&mut driver, beat("b", 2)), (3, Some(vec![0, 1])));
    check(&driver);
}

/// Joins as one more classic member of a group; what it is told last.
fn classic_newcomer(driver: &mut Driver, fresh: u8) -> JoinResponse {
    let given = joined_now(driver, Join { fresh: Uuid([fresh; 16]), ..classic_join("", &[]) });
    match given.refusal {
        Some(Refusal::MemberIdRequired) => joined_now(driver, classic_join(&given.member, &[])),
        _ => given,
    }
}

#[test]
fn members_of_both_protocols_count_towards_the_size_of_a_group_that_converts() {
    let (mut driver, _, old) = classic_group(4);
    driver.coordinator.config.consumer_group_size_max = 2;
    told(&mut driver, joining("new"));
    assert_eq!(describe(&mut driver).members.len(), 2);
    assert_eq!(ask(&mut driver, joining("third")), Err(Refusal::GroupMaxSizeReached));
    assert_eq!(classic_newcomer(&mut driver, 8).refusal, Some(Refusal::GroupMaxSizeReached));
    // Those that are in it go on.
    assert_eq!(joined_now(&mut driver, classic_join(&old, &[0, 1, 2, 3])).refusal, None);
    told(&mut driver, beat("new", 2));
    check(&driver);
}

#[test]
fn a_classic_group_that_is_too_large_is_not_upgraded() {
    let (mut driver, _, _) = classic_group(4);
    driver.coordinator.config.consumer_group_size_max = 0;
    assert_eq!(ask(&mut driver, joining("new")), Err(Refusal::GroupIdNotFound));
    assert!(is_classic(&driver));
}

#[test]
fn classic_members_are_counted_while_a_group_converts_also_after_a_restart() {
    let (mut driver, _, old) = classic_group(4);
    let classic = |driver: &Driver| group(&driver.coordinator).classic_members;
    told(&mut driver, joining("new"));
    assert_eq!(classic(&driver), 1);
    let second = classic_newcomer(&mut driver, 8).member;
    assert_eq!(classic(&driver), 2);
    let Some(Group::Consumer(rebuilt)) = driver.rebuilt().groups.remove(GROUP) else { panic!("it is gone") };
    assert_eq!((rebuilt.classic_members, rebuilt.members.len()), (2, 3));
    driver.answer(leave(GROUP, &second));
    assert_eq!(classic(&driver), 1);
    check(&driver);
    // The last one of the newer protocol goes: only classic ones are left, and it is their group again.
    ask(&mut driver, beat("new", -1)).unwrap();
    assert!(is_classic(&driver));
    assert!(joined_now(&mut driver, classic_join(&old, &[0, 1, 2, 3])).refusal.is_none());
}

#[test]
fn too_many_classic_members_stay_a_consumer_group() {
    let (mut driver, _, _) = classic_group(4);
    told(&mut driver, joining("new"));
    assert_eq!(classic_newcomer(&mut driver, 8).refusal, None);
    driver.coordinator.config.group_size_max = 1;
    ask(&mut driver, beat("new", -1)).unwrap();
    assert!(!is_classic(&driver));
    assert_eq!(group(&driver.coordinator).classic_members, 2);
    check(&driver);
}
