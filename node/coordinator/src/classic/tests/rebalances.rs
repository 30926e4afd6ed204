use super::*;
use core::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_new_group_waits_for_more_members_and_longer_while_they_come() {
    let mut driver = Driver::new(Config::default());
    let (_, first) = start(&mut driver, "g", 1);
    driver.pass(SECOND * 2);
    let (_, second) = start(&mut driver, "g", 2);
    driver.pass(SECOND * 2);
    assert_eq!(driver.take(first), None, "somebody came: three more seconds");
    driver.pass(SECOND * 3);
    let (first, second) = (driver.joined(first), driver.joined(second));
    assert_eq!((first.generation, second.generation), (1, 1));
    assert_eq!(first.members.len(), 2);
    assert_eq!(second.members.len(), 0, "only the leader assigns");
}

#[test]
fn a_second_member_rebalances_the_group() {
    let mut driver = Driver::prompt();
    stable_pair(&mut driver, "g");
    assert_eq!(state(&mut driver, "g"), GroupState::Stable);
}

#[test]
fn a_member_that_does_not_rejoin_in_time_is_lost() {
    let mut driver = Driver::prompt();
    let first = stable_group(&mut driver, "g");
    let (second, token) = start(&mut driver, "g", 2);
    for _ in 0..7 {
        driver.answer(heartbeat("g", &first, 1));
        driver.pass(SECOND * 9);
    }
    let joined = driver.joined(token);
    assert_eq!((joined.leader, joined.generation), (second, 2));
    assert_eq!(driver.answer(heartbeat("g", &first, 2)), Response::Heartbeat(Err(Refusal::UnknownMemberId)));
}

#[test]
fn a_silent_member_is_lost_and_the_others_go_on() {
    let mut driver = Driver::prompt();
    let (first, second) = stable_pair(&mut driver, "g");
    driver.pass(SECOND * 6);
    driver.answer(heartbeat("g", &first, 2));
    driver.pass(SECOND * 6);
    assert_eq!(driver.answer(heartbeat("g", &second, 2)), Response::Heartbeat(Err(Refusal::UnknownMemberId)));
    let token = driver.ask(join("g", &first));
    let joined = driver.joined(token);
    assert_eq!((joined.generation, joined.members.len()), (3, 1));
}

#[test]
fn a_member_that_is_parked_needs_no_heartbeats() {
    let mut driver = Driver::prompt();
    let (first, second) = stable_pair(&mut driver, "g");
    let token = driver.ask(join("g", &first));
    for _ in 0..4 {
        driver.pass(SECOND * 9);
        driver.answer(heartbeat("g", &second, 2));
    }
    assert_eq!(driver.take(token), None);
    let second = driver.ask(join("g", &second));
    assert_eq!(driver.joined(token).generation, 3);
    assert_eq!(driver.joined(second).generation, 3);
}

#[test]
fn members_that_do_not_fetch_their_assignment_are_lost() {
    let mut driver = Driver::prompt();
    let first = stable_group(&mut driver, "g");
    let (second, _) = start(&mut driver, "g", 2);
    driver.ask(join("g", &first));
    driver.ask(sync("g", &first, 2, &[(&first, "a"), (&second, "b")]));
    for _ in 0..8 {
        driver.answer(heartbeat("g", &first, 2));
        driver.answer(heartbeat("g", &second, 2));
        driver.pass(SECOND * 8);
    }
    assert_eq!(driver.answer(heartbeat("g", &second, 2)), Response::Heartbeat(Err(Refusal::UnknownMemberId)));
    assert_eq!(
        driver.answer(heartbeat("g", &first, 2)),
        Response::Heartbeat(Err(Refusal::RebalanceInProgress))
    );
}

#[test]
fn a_join_during_the_sync_sends_the_waiting_members_back() {
    let mut driver = Driver::prompt();
    let first = stable_group(&mut driver, "g");
    let (second, _) = start(&mut driver, "g", 2);
    driver.ask(join("g", &first));
    let waiting = driver.ask(sync("g", &second, 2, &[]));
    let (_, third) = start(&mut driver, "g", 3);
    assert_eq!(driver.synced(waiting), Err(Refusal::RebalanceInProgress));
    let late = driver.ask(sync("g", &first, 2, &[]));
    assert_eq!(driver.synced(late), Err(Refusal::RebalanceInProgress));
    driver.ask(join("g", &first));
    driver.ask(join("g", &second));
    assert_eq!(driver.joined(third).generation, 3);
}

#[test]
fn a_follower_that_joins_unchanged_is_told_again_and_a_leader_rebalances() {
    let mut driver = Driver::prompt();
    let (first, second) = stable_pair(&mut driver, "g");
    let again = driver.ask(join("g", &second));
    assert_eq!(driver.joined(again).generation, 2);
    let leader = driver.ask(join("g", &first));
    assert_eq!(driver.take(leader), None);
    assert_eq!(state(&mut driver, "g"), GroupState::PreparingRebalance);
}

#[test]
fn the_protocol_that_most_prefer_and_all_support_is_chosen() {
    let mut driver = Driver::new(Config::default());
    let protocols = |names: &[&str]| {
        let protocol = |name: &&str| Protocol { name: (*name).into(), metadata: subscription(&["orders"]) };
        names.iter().map(protocol).collect::<Vec<_>>()
    };
    let of = |names: &[&str], fresh| Join {
        protocols: protocols(names),
        member_id_required: false,
        fresh: ringlog_model::Uuid([fresh; 16]),
        ..join("g", "")
    };
    driver.ask(of(&["sticky", "range"], 1));
    driver.ask(of(&["range", "sticky"], 2));
    let last = driver.ask(of(&["only-mine", "range", "sticky"], 3));
    driver.pass(SECOND * 60);
    assert_eq!(driver.joined(last).protocol_name.as_deref(), Some("range"));
}

#[test]
fn the_last_member_to_leave_leaves_an_empty_group_behind() {
    let mut driver = Driver::prompt();
    let (first, second) = stable_pair(&mut driver, "g");
    driver.answer(commit("g", &first, 2, 5));
    driver.answer(leave("g", &first));
    let token = driver.ask(join("g", &second));
    assert_eq!(driver.joined(token).generation, 3);
    driver.answer(leave("g", &second));
    assert_eq!(state(&mut driver, "g"), GroupState::Empty);
    assert_eq!(position(&mut driver, "g"), 5);
    driver.restart();
    assert_eq!(state(&mut driver, "g"), GroupState::Empty);
    assert_eq!(position(&mut driver, "g"), 5);
}

#[test]
fn a_member_that_leaves_frees_those_that_wait_for_it() {
    let mut driver = Driver::prompt();
    let (first, second) = stable_pair(&mut driver, "g");
    let token = driver.ask(join("g", &first));
    driver.answer(leave("g", &second));
    assert_eq!(driver.joined(token).generation, 3);
}

#[test]
fn a_member_id_that_is_not_used_is_forgotten() {
    let mut driver = Driver::prompt();
    let first = stable_group(&mut driver, "g");
    driver.answer(join("g", ""));
    let token = driver.ask(join("g", &first));
    assert_eq!(driver.take(token), None, "waits for the one that is about to join");
    driver.pass(SECOND * 10);
    assert_eq!(driver.joined(token).generation, 2);
}

#[test]
fn members_live_on_over_a_restart_without_joining_again() {
    let mut driver = Driver::prompt();
    let (first, second) = stable_pair(&mut driver, "g");
    driver.restart();
    for member in [&first, &second] {
        assert_eq!(driver.answer(heartbeat("g", member, 2)), Response::Heartbeat(Ok(())));
    }
    driver.pass(SECOND * 11);
    assert_eq!(driver.answer(heartbeat("g", &first, 2)), Response::Heartbeat(Err(Refusal::UnknownMemberId)));
}
