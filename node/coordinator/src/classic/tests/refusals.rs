//! Every state with every request: who is refused, and why.

use super::*;
use core::time::Duration;

/// What a request of a member is answered in a state: join, sync, heartbeat, commit.
type Row = (GroupState, [Option<Refusal>; 3]);

/// Brings the group `g` into a state; the member is known in all but the first.
fn bring(driver: &mut Driver, wanted: GroupState) -> (Name, i32) {
    match wanted {
        GroupState::Empty => {
            let member = stable_group(driver, "g");
            driver.answer(leave("g", &member));
            (member, 2)
        }
        GroupState::Stable => (stable_group(driver, "g"), 1),
        GroupState::PreparingRebalance => {
            let member = stable_group(driver, "g");
            start(driver, "g", 2);
            (member, 1)
        }
        GroupState::CompletingRebalance => {
            let (member, token) = start(driver, "g", 1);
            driver.joined(token);
            (member, 1)
        }
        other => unreachable!("not a state of classic groups: {other}"),
    }
}

fn outcomes(driver: &mut Driver, member: &Name, generation: i32) -> [Option<Refusal>; 3] {
    let heartbeat = match driver.answer(heartbeat("g", member, generation)) {
        Response::Heartbeat(result) => result.err(),
        other => panic!("{other:?}"),
    };
    let commit = match driver.answer(commit("g", member, generation, 1)) {
        Response::OffsetCommit(results) => results[0].clone().err(),
        other => panic!("{other:?}"),
    };
    let sync = match driver.answer(sync("g", member, generation, &[(member, "x")])) {
        Response::Sync(result) => result.err(),
        other => panic!("{other:?}"),
    };
    [heartbeat, commit, sync]
}

#[test]
fn a_member_of_the_current_generation() {
    use Refusal::{RebalanceInProgress, UnknownMemberId};
    let unknown = || Some(UnknownMemberId);
    let rows: [Row; 4] = [
        (GroupState::Empty, [unknown(), unknown(), unknown()]),
        (GroupState::PreparingRebalance, [Some(RebalanceInProgress), None, Some(RebalanceInProgress)]),
        (GroupState::CompletingRebalance, [None, Some(RebalanceInProgress), None]),
        (GroupState::Stable, [None, None, None]),
    ];
    for (wanted, expected) in rows {
        let mut driver = Driver::prompt();
        let (member, generation) = bring(&mut driver, wanted);
        assert_eq!(state(&mut driver, "g"), wanted);
        assert_eq!(outcomes(&mut driver, &member, generation), expected, "{wanted}");
    }
}

#[test]
fn a_member_of_another_generation_or_a_stranger() {
    for wanted in [GroupState::PreparingRebalance, GroupState::CompletingRebalance, GroupState::Stable] {
        for wrong in [-1, 1] {
            let mut driver = Driver::prompt();
            let (member, generation) = bring(&mut driver, wanted);
            let refusals = outcomes(&mut driver, &member, generation + wrong);
            assert_eq!(refusals, [const { Some(Refusal::IllegalGeneration) }; 3], "{wanted}");
            let refusals = outcomes(&mut driver, &"stranger".into(), generation);
            assert_eq!(refusals, [const { Some(Refusal::UnknownMemberId) }; 3], "{wanted}");
        }
    }
}

#[test]
fn a_group_that_does_not_exist() {
    let mut driver = Driver::prompt();
    let refusals = outcomes(&mut driver, &"m".into(), 3);
    assert_eq!(
        refusals,
        [Some(Refusal::UnknownMemberId), Some(Refusal::IllegalGeneration), Some(Refusal::UnknownMemberId)]
    );
    let newer = OffsetCommit { version: 9, ..commit("g", "m", 3, 1) };
    assert_eq!(driver.answer(newer), Response::OffsetCommit(vec![Err(Refusal::GroupIdNotFound)]));
    assert_eq!(driver.answer(leave("g", &"m".into())), Response::Leave(Err(Refusal::UnknownMemberId)));
    let Response::Join(joined) = driver.answer(join("g", "m")) else { panic!() };
    assert_eq!(joined.refusal, Some(Refusal::UnknownMemberId));
    let delete = driver.answer(Request::DeleteGroup { group: "g".into() });
    assert_eq!(delete, Response::DeleteGroup(Err(Refusal::GroupIdNotFound)));
    let describe = driver.answer(Request::DescribeGroup { group: "g".into(), version: 6 });
    assert_eq!(describe, Response::DescribeGroup(Err(Refusal::GroupIdNotFound)));
    assert_eq!(state(&mut driver, "g"), GroupState::Dead);
}

#[test]
fn joins_that_cannot_be() {
    let refused = |driver: &mut Driver, request: Join| match driver.answer(request) {
        Response::Join(response) => response.refusal.expect("refused"),
        other => panic!("{other:?}"),
    };
    let mut driver = Driver::new(Config {
        initial_rebalance_delay: Duration::ZERO,
        group_size_max: 1,
        ..Config::default()
    });
    assert_eq!(refused(&mut driver, join("", "")), Refusal::InvalidGroupId);
    for session_timeout_ms in [-1, 0, 5_999, 1_800_001] {
        let request = Join { session_timeout_ms, ..join("g", "") };
        assert_eq!(refused(&mut driver, request), Refusal::InvalidSessionTimeout);
    }
    let request = Join { protocols: Vec::new(), ..join("g", "") };
    assert_eq!(refused(&mut driver, request), Refusal::InconsistentGroupProtocol);
    let request = Join { protocol_type: "".into(), ..join("g", "") };
    assert_eq!(refused(&mut driver, request), Refusal::InconsistentGroupProtocol);
    assert!(driver.coordinator.groups.is_empty(), "a refused join founds no group");
    let member = stable_group(&mut driver, "g");
    assert_eq!(refused(&mut driver, join("g", "")), Refusal::GroupMaxSizeReached);
    let request = Join { protocol_type: "connect".into(), ..join("g", &member) };
    assert_eq!(refused(&mut driver, request), Refusal::InconsistentGroupProtocol);
}

#[test]
fn syncs_and_heartbeats_that_cannot_be() {
    let mut driver = Driver::prompt();
    let member = stable_group(&mut driver, "g");
    let request = Sync { protocol_type: Some("connect".into()), ..sync("g", &member, 1, &[]) };
    assert_eq!(driver.answer(request), Response::Sync(Err(Refusal::InconsistentGroupProtocol)));
    let request = Sync { protocol_name: Some("sticky".into()), ..sync("g", &member, 1, &[]) };
    assert_eq!(driver.answer(request), Response::Sync(Err(Refusal::InconsistentGroupProtocol)));
    assert_eq!(driver.answer(sync("", &member, 1, &[])), Response::Sync(Err(Refusal::InvalidGroupId)));
    let empty = driver.answer(heartbeat("", &member, 1));
    assert_eq!(empty, Response::Heartbeat(Err(Refusal::InvalidGroupId)));
    assert_eq!(driver.answer(leave("", &member)), Response::Leave(Err(Refusal::InvalidGroupId)));
}
