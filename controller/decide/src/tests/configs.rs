use super::*;
use ringlog_image::ConfigResource;
use ringlog_image::config::{ConfigMap, nothing_set};

fn change(name: &str, operation: ConfigOperation, value: Option<&str>) -> ConfigChange {
    ConfigChange { name: name.into(), operation, value: value.map(ToString::to_string) }
}

fn set(name: &str, value: &str) -> ConfigChange {
    change(name, ConfigOperation::Set, Some(value))
}

fn topic() -> ConfigTarget {
    ConfigTarget::Topic("orders".into())
}

fn group(name: &str) -> ConfigTarget {
    ConfigTarget::Resource(ConfigResource::Group(name.into()))
}

fn node(node: i32) -> ConfigTarget {
    ConfigTarget::Resource(ConfigResource::Node(NodeId(node)))
}

fn all_nodes() -> ConfigTarget {
    ConfigTarget::Resource(ConfigResource::AllNodes)
}

fn image() -> Image {
    with_topic(&cluster(&[1]), 1, "orders", &[state(&[1], &[1], Some(1), (0, 0))])
}

fn altered(image: &Image, target: &ConfigTarget, changes: &[ConfigChange]) -> Image {
    alter_configs(image, target, changes, Unnamed::Keep).unwrap().applied_to(image).unwrap()
}

fn configs(image: &Image) -> ConfigMap {
    image.topic_by_name("orders").unwrap().configs.clone()
}

fn pairs(pairs: &[(&str, &str)]) -> ConfigMap {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

#[test]
fn configs_are_set_changed_and_put_back() {
    let first = altered(&image(), &topic(), &[set("retention.ms", " 5 "), set("segment.ms", "7")]);
    assert_eq!(configs(&first), pairs(&[("retention.ms", "5"), ("segment.ms", "7")]));
    // What is set already makes no record.
    let again = alter_configs(&first, &topic(), &[set("retention.ms", "5")], Unnamed::Keep).unwrap();
    assert!(again.records.is_empty());
    let deleted = change("retention.ms", ConfigOperation::Delete, None);
    let unknown = change("no.such", ConfigOperation::Delete, None);
    assert_eq!(configs(&altered(&first, &topic(), &[deleted, unknown])), pairs(&[("segment.ms", "7")]));
    let replaced = alter_configs(&first, &topic(), &[set("segment.ms", "8")], Unnamed::Delete).unwrap();
    assert_eq!(configs(&replaced.applied_to(&first).unwrap()), pairs(&[("segment.ms", "8")]));
}

#[test]
fn lists_are_added_to_and_taken_from_beginning_with_the_default() {
    let policy = |operation, value| change("cleanup.policy", operation, Some(value));
    let both = altered(&image(), &topic(), &[policy(ConfigOperation::Append, "compact, delete")]);
    assert_eq!(configs(&both), pairs(&[("cleanup.policy", "delete,compact")]));
    let one = altered(&both, &topic(), &[policy(ConfigOperation::Subtract, "delete")]);
    assert_eq!(configs(&one), pairs(&[("cleanup.policy", "compact")]));
    let none = altered(&one, &topic(), &[policy(ConfigOperation::Subtract, "compact")]);
    assert_eq!(configs(&none), pairs(&[("cleanup.policy", "")]));
}

#[test]
fn changes_that_cannot_be_are_refused_as_a_whole() {
    let image = image();
    let long = "0:1,".repeat(9_000);
    let cases: Vec<(ConfigTarget, ConfigChange, &str)> = vec![
        (topic(), set("no.such", "1"), "Unknown topic config name: no.such"),
        (
            topic(),
            change("retention.ms", ConfigOperation::Set, None),
            "Null value not supported for : retention.ms",
        ),
        (
            topic(),
            change("retention.ms", ConfigOperation::Append, Some("1")),
            "Can't APPEND to key retention.ms because its type is not LIST.",
        ),
        (
            topic(),
            change("retention.ms", ConfigOperation::Subtract, Some("1")),
            "Can't SUBTRACT to key retention.ms because its type is not LIST.",
        ),
        (
            topic(),
            set("max.compaction.lag.ms", "1"),
            "conflict topic config setting min.compaction.lag.ms (2) > max.compaction.lag.ms (1)",
        ),
        (
            topic(),
            set("leader.replication.throttled.replicas", &long),
            "The value of leader.replication.throttled.replicas cannot be set: it exceeds the maximum value size of \
             32767 bytes",
        ),
        (
            ConfigTarget::Topic("nope".into()),
            set("retention.ms", "1"),
            "This server does not host this topic-partition.",
        ),
        (
            ConfigTarget::Topic(String::new()),
            set("retention.ms", "1"),
            "Default topic resources are not allowed.",
        ),
        (
            ConfigTarget::Topic("a b".into()),
            set("retention.ms", "1"),
            "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' \
             and '-'",
        ),
        (node(9), set("log.retention.ms", "1"), "Broker ID 9 is not currently registered"),
        (node(1), set("num.partitions", "1"), "Cannot update these configs dynamically: [num.partitions]"),
        (all_nodes(), set("no.such", "1"), "Unknown broker config name: no.such"),
        (group(""), set("consumer.session.timeout.ms", "1"), "Default group resources are not allowed."),
        (
            group("g"),
            set("consumer.session.timeout.ms", "1"),
            "consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms",
        ),
    ];
    for (target, change, words) in cases {
        let changes = [set_for(&target), change];
        let refused = alter_configs(&image, &target, &changes, Unnamed::Keep).unwrap_err();
        assert_eq!(text(&refused), words);
    }
    let refused =
        alter_configs(&image, &node(1), &[set("log.retention.ms", "x")], Unnamed::Keep).unwrap_err();
    assert!(matches!(refused, Refusal::InvalidRequest(_)), "{refused:?}");
}

/// Something valid, so that a refusal is one of the whole.
fn set_for(target: &ConfigTarget) -> ConfigChange {
    match target {
        ConfigTarget::Topic(_) => set("min.compaction.lag.ms", "2"),
        ConfigTarget::Resource(ConfigResource::Group(_)) => set("consumer.heartbeat.interval.ms", "6000"),
        ConfigTarget::Resource(_) => set("log.roll.ms", "2"),
    }
}

#[test]
fn nodes_and_groups_have_configs_of_their_own() {
    let first = altered(&image(), &all_nodes(), &[set("log.retention.ms", "3")]);
    let second = altered(&first, &node(1), &[set("log.retention.ms", "4"), set("durability", "written")]);
    let third = altered(&second, &group("g"), &[set("consumer.session.timeout.ms", "50000")]);
    let orders = third.topic_by_name("orders").unwrap();
    assert_eq!(third.topic_config(orders, NodeId(1), nothing_set()).retention_ms, Some(4));
    assert_eq!(third.topic_config(orders, NodeId(2), nothing_set()).retention_ms, Some(3));
    assert_eq!(third.group_config("g", NodeId(1), nothing_set()).session_timeout_ms, 50_000);
    let emptied = alter_configs(&third, &node(1), &[], Unnamed::Delete).unwrap().applied_to(&third).unwrap();
    assert_eq!(emptied.topic_config(orders, NodeId(1), nothing_set()).retention_ms, Some(3));
}
