use crate::testing::*;
use crate::*;
use core::time::Duration;
use ringlog_model::{TopicId, Uuid};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A stable group of one consumer of `orders`.
fn consumer(driver: &mut Driver, group: &str) -> Name {
    let request = Join { member_id_required: false, ..join(group, "") };
    let token = driver.ask(request);
    let joined = driver.joined(token);
    let token = driver.ask(sync(group, &joined.member, joined.generation, &[]));
    driver.synced(token).unwrap();
    joined.member
}

fn delete(driver: &mut Driver, group: &str) -> Response {
    driver.answer(DeleteOffsets { group: group.into(), partitions: vec![("orders".into(), 0)] })
}

#[test]
fn positions_of_nobodys_group_expire_by_their_commits() {
    let mut driver = Driver::prompt();
    driver.answer(commit("g", "", -1, 5));
    driver.pass(DAY * 6);
    assert_eq!(position(&mut driver, "g"), 5);
    driver.pass(DAY + HOUR);
    assert_eq!(position(&mut driver, "g"), -1);
    assert_eq!(driver.answer(ListGroups::default()), Response::ListGroups(Vec::new()));
    assert!(driver.rebuilt().records().is_empty());
}

#[test]
fn positions_of_a_group_outlive_its_last_member_by_the_retention() {
    let mut driver = Driver::prompt();
    let member = consumer(&mut driver, "g");
    driver.answer(commit("g", &member, 1, 5));
    for _ in 0..DAY.as_secs() * 10 / 5000 {
        driver.pass(Duration::from_secs(5000));
        // Silent for too long, it would be lost: here it is a member all along by joining again.
        consumer(&mut driver, "g");
    }
    assert_eq!(position(&mut driver, "g"), 5);
    driver.pass(DAY * 6);
    driver.restart();
    assert_eq!(position(&mut driver, "g"), 5);
    driver.pass(DAY + HOUR);
    assert_eq!(position(&mut driver, "g"), -1);
}

#[test]
fn a_commit_may_say_how_long_it_is_kept() {
    let mut driver = Driver::prompt();
    let request = OffsetCommit { version: 2, retention_ms: Some(60_000), ..commit("g", "", -1, 5) };
    driver.answer(request);
    driver.restart();
    driver.pass(HOUR);
    assert_eq!(position(&mut driver, "g"), -1);
}

#[test]
fn a_strangers_commit_is_refused_while_members_are_at_work() {
    let mut driver = Driver::prompt();
    let member = consumer(&mut driver, "g");
    let refused = Response::OffsetCommit(vec![Err(Refusal::UnknownMemberId)]);
    assert_eq!(driver.answer(commit("g", "", -1, 5)), refused);
    driver.answer(leave("g", &member));
    assert_eq!(driver.answer(commit("g", "", -1, 5)), Response::OffsetCommit(vec![Ok(())]));
}

#[test]
fn metadata_that_is_too_long_refuses_its_position_alone() {
    let mut driver = Driver::prompt();
    let mut request = commit("g", "", -1, 5);
    let long = CommitOffset { partition: 1, metadata: "x".repeat(4097).into(), ..request.offsets[0].clone() };
    request.offsets.push(long);
    let expected = Response::OffsetCommit(vec![Ok(()), Err(Refusal::OffsetMetadataTooLarge)]);
    assert_eq!(driver.answer(request), expected);
}

#[test]
fn positions_of_an_earlier_topic_of_the_same_name_are_not_given_to_the_later() {
    let mut driver = Driver::prompt();
    let mut request = commit("g", "", -1, 5);
    request.offsets[0].topic_id = TopicId(Uuid([1; 16]));
    driver.answer(request);
    for (id, expected) in [(0, 5), (1, 5), (2, -1)] {
        let topics = Some(vec![("orders".into(), TopicId(Uuid([id; 16])), vec![0])]);
        let request = FetchOffsets { group: "g".into(), member: None, member_epoch: -1, topics };
        let Response::OffsetFetch(Ok(topics)) = driver.answer(request) else { panic!() };
        assert_eq!(topics[0].partitions[0].offset.0, expected);
    }
}

#[test]
fn all_positions_of_a_group_are_given_when_none_are_named() {
    let mut driver = Driver::prompt();
    driver.answer(commit("g", "", -1, 5));
    driver.answer(commit("other", "", -1, 6));
    let request = FetchOffsets { group: "g".into(), member: None, member_epoch: -1, topics: None };
    let Response::OffsetFetch(Ok(topics)) = driver.answer(request) else { panic!() };
    assert_eq!(topics.len(), 1);
    assert_eq!(topics[0].partitions[0].offset.0, 5);
}

#[test]
fn positions_that_a_member_reads_are_not_deleted() {
    let mut driver = Driver::prompt();
    assert_eq!(delete(&mut driver, "g"), Response::OffsetDelete(Err(Refusal::GroupIdNotFound)));
    let member = consumer(&mut driver, "g");
    driver.answer(commit("g", &member, 1, 5));
    let refused = Response::OffsetDelete(Ok(vec![Err(Refusal::GroupSubscribedToTopic)]));
    assert_eq!(delete(&mut driver, "g"), refused);
    driver.answer(leave("g", &member));
    assert_eq!(delete(&mut driver, "g"), Response::OffsetDelete(Ok(vec![Ok(())])));
    assert_eq!(position(&mut driver, "g"), -1);
}

#[test]
fn positions_of_other_kinds_of_groups_are_deleted_only_when_they_are_empty() {
    let mut driver = Driver::prompt();
    let request = Join { member_id_required: false, protocol_type: "connect".into(), ..join("g", "") };
    driver.ask(request);
    assert_eq!(delete(&mut driver, "g"), Response::OffsetDelete(Err(Refusal::NonEmptyGroup)));
}

#[test]
fn a_group_is_deleted_with_its_positions_when_it_is_empty() {
    let mut driver = Driver::prompt();
    let member = consumer(&mut driver, "g");
    driver.answer(commit("g", &member, 1, 5));
    let delete = Request::DeleteGroup { group: "g".into() };
    assert_eq!(driver.answer(delete.clone()), Response::DeleteGroup(Err(Refusal::NonEmptyGroup)));
    driver.answer(leave("g", &member));
    assert_eq!(driver.answer(delete.clone()), Response::DeleteGroup(Ok(())));
    assert_eq!(driver.answer(delete), Response::DeleteGroup(Err(Refusal::GroupIdNotFound)));
    assert_eq!(position(&mut driver, "g"), -1);
    assert!(driver.rebuilt().records().is_empty());
}

#[test]
fn positions_go_with_their_topic() {
    let mut driver = Driver::prompt();
    driver.answer(commit("g", "", -1, 5));
    driver.delete_topics(&["other".into()]);
    assert_eq!(position(&mut driver, "g"), 5);
    driver.delete_topics(&["orders".into()]);
    assert_eq!(position(&mut driver, "g"), -1);
}

#[test]
fn groups_are_listed_by_state_and_kind() {
    let mut driver = Driver::prompt();
    consumer(&mut driver, "busy");
    driver.answer(commit("idle", "", -1, 5));
    let mut listed = |states: &[GroupState], types: &[GroupType]| {
        let request = ListGroups { states: states.to_vec(), types: types.to_vec() };
        let Response::ListGroups(groups) = driver.answer(request) else { panic!() };
        groups.iter().map(|group| group.group.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&[], &[]), ["busy", "idle"]);
    assert_eq!(listed(&[GroupState::Stable], &[]), ["busy"]);
    assert_eq!(listed(&[GroupState::Empty], &[GroupType::Classic]), ["idle"]);
    assert_eq!(listed(&[], &[GroupType::Consumer]), [""; 0]);
}
