//! Classic groups: rebalances, members, refusals, and random histories.

mod histories;
mod rebalances;
mod refusals;
mod static_members;

use crate::testing::*;
use crate::*;

/// Joins a new member through the member id round trip; the second join may wait.
fn start(driver: &mut Driver, group: &str, fresh: u8) -> (Name, Token) {
    let fresh = ringlog_model::Uuid([fresh; 16]);
    let first = driver.answer(Join { fresh, ..join(group, "") });
    let Response::Join(first) = first else { panic!("{first:?}") };
    assert_eq!(first.refusal, Some(Refusal::MemberIdRequired));
    let token = driver.ask(join(group, &first.member));
    (first.member, token)
}

/// A stable group of one.
fn stable_group(driver: &mut Driver, group: &str) -> Name {
    let (member, token) = start(driver, group, 1);
    let joined = driver.joined(token);
    assert_eq!((joined.refusal, joined.generation), (None, 1));
    let token = driver.ask(sync(group, &member, 1, &[(&member, "all")]));
    driver.synced(token).unwrap();
    member
}

/// A stable group of two; the first leads.
fn stable_pair(driver: &mut Driver, group: &str) -> (Name, Name) {
    let first = stable_group(driver, group);
    let (second, token_of_second) = start(driver, group, 2);
    assert_eq!(
        driver.answer(heartbeat(group, &first, 1)),
        Response::Heartbeat(Err(Refusal::RebalanceInProgress))
    );
    let token = driver.ask(join(group, &first));
    assert_eq!(driver.joined(token).members.len(), 2);
    assert_eq!(driver.joined(token_of_second).leader, first);
    let token_of_second = driver.ask(sync(group, &second, 2, &[]));
    let token = driver.ask(sync(group, &first, 2, &[(&first, "half"), (&second, "other half")]));
    assert_eq!(&*driver.synced(token).unwrap().assignment, b"half");
    assert_eq!(&*driver.synced(token_of_second).unwrap().assignment, b"other half");
    (first, second)
}

fn state(driver: &mut Driver, group: &str) -> GroupState {
    match driver.answer(Request::DescribeGroup { group: group.into(), version: 5 }) {
        Response::DescribeGroup(Ok(described)) => described.state,
        other => panic!("{other:?}"),
    }
}
