use super::*;

fn by_regex(member: &str, expression: &str) -> ConsumerHeartbeat {
    ConsumerHeartbeat {
        subscribed_names: Some(Vec::new()),
        subscribed_regex: Some(expression.into()),
        ..joining(member)
    }
}

/// The topics by name and their partitions that a member has.
fn assigned(driver: &mut Driver, member: &str) -> Vec<(String, Vec<i32>)> {
    let described = describe(driver);
    let member = described.members.into_iter().find(|one| &*one.member == member).unwrap();
    member.assignment.into_iter().map(|(_, name, list)| (name.to_string(), list)).collect()
}

fn owned_of(driver: &mut Driver, member: &str) -> Option<Vec<(TopicId, Vec<i32>)>> {
    let described = describe(driver);
    let member = described.members.into_iter().find(|one| &*one.member == member).unwrap();
    Some(member.assignment.into_iter().map(|(id, _, list)| (id, list)).collect())
}

#[test]
fn an_expression_follows_topics_that_come_and_go() {
    let (mut driver, _) = driver(1);
    driver.topics.add("orders-eu", 2);
    driver.topics.add("other", 1);
    told(&mut driver, by_regex("a", "orders.*"));
    assert_eq!(assigned(&mut driver, "a"), [("orders".into(), vec![0]), ("orders-eu".into(), vec![0, 1])]);

    driver.topics.add("orders-us", 1);
    let (epoch, _) = told(&mut driver, beat("a", 1));
    assert_eq!(epoch, 2);
    assert_eq!(assigned(&mut driver, "a").len(), 3);

    driver.topics.remove("orders-eu");
    told(&mut driver, beat("a", 2));
    let owned = owned_of(&mut driver, "a");
    let (epoch, _) = told(&mut driver, ConsumerHeartbeat { owned, ..beat("a", 2) });
    assert_eq!(epoch, 3);
    assert_eq!(assigned(&mut driver, "a").len(), 2);
    check(&driver);
}

#[test]
fn an_expression_is_forgotten_with_its_last_member() {
    let (mut driver, _) = driver(2);
    told(&mut driver, by_regex("a", "ord.*"));
    told(&mut driver, by_regex("b", "ord.*"));
    assert_eq!(group(&driver.coordinator).regexes.len(), 1);
    ask(&mut driver, beat("a", -1)).unwrap();
    assert_eq!(group(&driver.coordinator).regexes.len(), 1);
    let other = ConsumerHeartbeat { subscribed_regex: Some("other".into()), ..beat("b", 2) };
    ask(&mut driver, other).unwrap();
    let expressions: Vec<_> = group(&driver.coordinator).regexes.into_keys().collect();
    assert_eq!(expressions, ["other".into()]);
    let none = ConsumerHeartbeat {
        subscribed_regex: Some("".into()),
        subscribed_names: Some(vec!["orders".into()]),
        owned: owning(TopicId::default(), &[]),
        ..beat("b", describe(&mut driver).members[0].member_epoch)
    };
    ask(&mut driver, none).unwrap();
    assert!(group(&driver.coordinator).regexes.is_empty());
    check(&driver);
}

#[test]
fn new_partitions_and_new_topics_reach_their_subscribers() {
    let (mut driver, _) = driver(1);
    let both =
        ConsumerHeartbeat { subscribed_names: Some(vec!["orders".into(), "later".into()]), ..joining("a") };
    assert_eq!(told(&mut driver, both), (1, Some(vec![0])));
    driver.topics.add("orders", 3);
    assert_eq!(told(&mut driver, beat("a", 1)), (2, Some(vec![0, 1, 2])));
    driver.topics.add("unrelated", 9);
    assert_eq!(told(&mut driver, beat("a", 2)), (2, None));
    driver.topics.add("later", 1);
    assert_eq!(told(&mut driver, beat("a", 2)).0, 3);
    assert_eq!(assigned(&mut driver, "a").len(), 2);
    check(&driver);
}

#[test]
fn a_restart_alone_causes_no_rebalance() {
    let (mut driver, _) = with_one(2);
    told(&mut driver, by_regex("b", "orders"));
    let epoch = describe(&mut driver).group_epoch;
    driver.restart();
    told(&mut driver, beat("b", epoch));
    assert_eq!(describe(&mut driver).group_epoch, epoch);
}

#[test]
fn a_changed_subscription_takes_its_topics_away_before_the_next_target() {
    let mut driver = Driver::new(Config::default());
    let orders = driver.topics.add("orders", 1);
    driver.topics.add("bills", 1);
    let both =
        ConsumerHeartbeat { subscribed_names: Some(vec!["orders".into(), "bills".into()]), ..joining("a") };
    told(&mut driver, both);
    assert_eq!(assigned(&mut driver, "a").len(), 2);
    let one = ConsumerHeartbeat { subscribed_names: Some(vec!["orders".into()]), ..beat("a", 1) };
    // The next target is a second away; what is no longer subscribed to is given up now.
    assert_eq!(told(&mut driver, one), (1, Some(vec![0])));
    assert_eq!(assigned(&mut driver, "a"), [("orders".into(), vec![0])]);
    assert_eq!(
        told(&mut driver, ConsumerHeartbeat { owned: owning(orders, &[0]), ..beat("a", 1) }),
        (1, None)
    );
    driver.pass(Duration::from_secs(1));
    assert_eq!(told(&mut driver, beat("a", 1)), (2, None));
    check(&driver);
}

#[test]
fn a_member_without_subscriptions_is_a_member() {
    let (mut driver, _) = driver(1);
    let none = ConsumerHeartbeat { subscribed_names: Some(Vec::new()), ..joining("a") };
    assert_eq!(told(&mut driver, none), (1, Some(vec![])));
    assert_eq!(state(&mut driver), GroupState::Stable);
}

#[test]
fn positions_in_subscribed_topics_cannot_be_deleted() {
    let (mut driver, _) = driver(1);
    told(&mut driver, by_regex("a", "ord.*"));
    let delete =
        DeleteOffsets { group: GROUP.into(), partitions: vec![("orders".into(), 0), ("other".into(), 0)] };
    let expected = vec![Err(Refusal::GroupSubscribedToTopic), Ok(())];
    assert_eq!(driver.answer(delete), Response::OffsetDelete(Ok(expected)));
}
