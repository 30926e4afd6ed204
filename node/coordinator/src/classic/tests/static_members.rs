use super::*;
use core::time::Duration;

fn static_join(member: &str, fresh: u8) -> Join {
    Join { instance: Some("one".into()), fresh: ringlog_model::Uuid([fresh; 16]), ..join("g", member) }
}

fn stable(driver: &mut Driver) -> Name {
    let token = driver.ask(static_join("", 1));
    let member = driver.joined(token).member;
    let request = Sync { instance: Some("one".into()), ..sync("g", &member, 1, &[(&member, "all")]) };
    let token = driver.ask(request);
    driver.synced(token).unwrap();
    member
}

#[test]
fn a_static_member_comes_back_without_a_rebalance() {
    let mut driver = Driver::prompt();
    let former = stable(&mut driver);
    let token = driver.ask(static_join("", 2));
    let joined = driver.joined(token);
    assert_eq!((joined.refusal, joined.generation, joined.skip_assignment), (None, 1, true));
    assert_ne!(joined.member, former);
    assert_eq!(joined.leader, joined.member);
    let request = Sync { instance: Some("one".into()), ..sync("g", &joined.member, 1, &[]) };
    let token = driver.ask(request);
    assert_eq!(&*driver.synced(token).unwrap().assignment, b"all");
    // The record knows the new member id.
    driver.restart();
    let heartbeat = Heartbeat { instance: Some("one".into()), ..heartbeat("g", &joined.member, 1) };
    assert_eq!(driver.answer(heartbeat), Response::Heartbeat(Ok(())));
}

#[test]
fn an_old_client_that_comes_back_is_told_of_its_former_self() {
    let mut driver = Driver::prompt();
    let former = stable(&mut driver);
    let token = driver.ask(Join { skip_assignment_supported: false, ..static_join("", 2) });
    let joined = driver.joined(token);
    assert_eq!((&joined.leader, joined.skip_assignment, joined.members.len()), (&former, false, 0));
}

#[test]
fn the_former_self_is_fenced_everywhere() {
    let mut driver = Driver::prompt();
    let former = stable(&mut driver);
    let token = driver.ask(static_join("", 2));
    driver.joined(token);
    let instance = Some(Name::from("one"));
    let request = Heartbeat { instance: instance.clone(), ..heartbeat("g", &former, 1) };
    assert_eq!(driver.answer(request), Response::Heartbeat(Err(Refusal::FencedInstanceId)));
    let request = Sync { instance: instance.clone(), ..sync("g", &former, 1, &[]) };
    assert_eq!(driver.answer(request), Response::Sync(Err(Refusal::FencedInstanceId)));
    let request = OffsetCommit { instance: instance.clone(), ..commit("g", &former, 1, 1) };
    assert_eq!(driver.answer(request), Response::OffsetCommit(vec![Err(Refusal::FencedInstanceId)]));
    let request = static_join(&former, 3);
    let Response::Join(joined) = driver.answer(request) else { panic!() };
    assert_eq!(joined.refusal, Some(Refusal::FencedInstanceId));
}

#[test]
fn a_former_self_that_waits_in_a_join_is_fenced_at_once() {
    let mut driver = Driver::prompt();
    let former = stable(&mut driver);
    start(&mut driver, "g", 9);
    // Somebody was given a member id and is awaited, so that the former self waits in its join.
    driver.answer(Join { fresh: ringlog_model::Uuid([8; 16]), ..join("g", "") });
    let waiting = driver.ask(static_join(&former, 3));
    assert_eq!(driver.take(waiting), None);
    let successor = driver.ask(static_join("", 4));
    assert_eq!(driver.joined(waiting).refusal, Some(Refusal::FencedInstanceId));
    driver.pass(Duration::from_secs(10));
    assert_eq!(driver.joined(successor).generation, 2);
}

#[test]
fn a_static_member_that_is_away_keeps_its_place_until_its_session_ends() {
    let mut driver = Driver::prompt();
    let former = stable(&mut driver);
    let (second, token) = start(&mut driver, "g", 2);
    driver.pass(Duration::from_secs(11));
    let joined = driver.joined(token);
    assert_eq!((joined.generation, joined.leader), (2, second));
    let request = Heartbeat { instance: Some("one".into()), ..heartbeat("g", &former, 1) };
    assert_eq!(driver.answer(request), Response::Heartbeat(Err(Refusal::UnknownMemberId)));
}

#[test]
fn an_administrator_removes_a_static_member_by_its_instance() {
    let mut driver = Driver::prompt();
    stable(&mut driver);
    let leaving =
        |instance: &str| LeavingMember { member: "".into(), instance: Some(instance.into()), reason: None };
    let request = Leave { group: "g".into(), members: vec![leaving("one"), leaving("other")] };
    let Response::Leave(Ok(left)) = driver.answer(request) else { panic!() };
    assert_eq!(left[0].result, Ok(()));
    assert_eq!(left[1].result, Err(Refusal::UnknownMemberId));
    assert_eq!(state(&mut driver, "g"), GroupState::Empty);
}
