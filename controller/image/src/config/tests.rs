use super::*;
use alloc::{string::ToString, vec::Vec};

fn set(configs: &[(&str, &str)]) -> ConfigMap {
    configs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn refused(scope: ConfigScope, name: &str, value: &str) -> alloc::string::String {
    validate(scope, name, value).unwrap_err().to_string()
}

#[test]
fn every_default_is_a_valid_value_and_names_are_sorted() {
    for (scope, table) in [(ConfigScope::Topic, TOPIC_CONFIGS), (ConfigScope::Group, GROUP_CONFIGS)] {
        for one in table {
            assert_eq!(validate(scope, one.name, one.default.unwrap()), Ok(()), "{}", one.name);
        }
        assert!(table.is_sorted_by_key(|one| one.name));
    }
    let names: Vec<_> = node_configs().iter().map(|one| one.name).collect();
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
    assert!(NODE_START_CONFIGS.is_sorted_by_key(|one| one.name));
}

#[test]
fn values_out_of_their_bounds_are_refused_with_kafkas_words() {
    for (name, value, words) in [
        ("no.such", "1", "Unknown topic config name: no.such"),
        (
            "segment.bytes",
            "17",
            "Invalid value 17 for configuration segment.bytes: Value must be at least 1048576",
        ),
        (
            "retention.ms",
            "soon",
            "Invalid value soon for configuration retention.ms: Not a number of type LONG",
        ),
        ("retention.ms", "", "Invalid value  for configuration retention.ms: Not a number of type LONG"),
        (
            "compression.type",
            "brotli",
            "Invalid value brotli for configuration compression.type: String must be one of: uncompressed, zstd, \
             lz4, snappy, gzip, producer",
        ),
        (
            "compression.gzip.level",
            "10",
            "Invalid value 10 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1",
        ),
        (
            "min.cleanable.dirty.ratio",
            "1.5",
            "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
        ),
        (
            "min.cleanable.dirty.ratio",
            "x",
            "Invalid value x for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE",
        ),
        (
            "preallocate",
            "maybe",
            "Invalid value maybe for configuration preallocate: Expected value to be either true or false",
        ),
        (
            "cleanup.policy",
            "delete,burn",
            "Invalid value burn for configuration cleanup.policy: String must be one of: compact, delete",
        ),
        (
            "leader.replication.throttled.replicas",
            "xx",
            "Invalid value [xx] for configuration leader.replication.throttled.replicas: \
             leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following \
             format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
        ),
    ] {
        assert_eq!(refused(ConfigScope::Topic, name, value), words);
    }
    for (name, value) in [("min.insync.replicas", "0"), ("max.message.bytes", "3000000000")] {
        assert!(validate(ConfigScope::Topic, name, value).is_err());
    }
    assert!(validate(ConfigScope::Topic, "min.cleanable.dirty.ratio", "NaN").is_err());
    for (name, value) in [
        ("cleanup.policy", ""),
        ("cleanup.policy", " compact , delete"),
        ("preallocate", "TRUE"),
        ("retention.ms", " 77 "),
        ("leader.replication.throttled.replicas", "0:1, 1:2"),
        ("leader.replication.throttled.replicas", "*"),
        ("compression.gzip.level", "-1"),
    ] {
        assert_eq!(validate(ConfigScope::Topic, name, value), Ok(()), "{name}={value}");
    }
}

#[test]
fn nodes_take_the_defaults_of_topics_while_running_and_nothing_else() {
    assert_eq!(validate(ConfigScope::Node, "log.retention.ms", "5"), Ok(()));
    assert_eq!(validate(ConfigScope::Node, "durability", "written"), Ok(()));
    assert_eq!(
        refused(ConfigScope::Node, "log.retention.hours", "6"),
        "Cannot update these configs dynamically: [log.retention.hours]"
    );
    assert_eq!(refused(ConfigScope::Node, "retention.ms", "6"), "Unknown broker config name: retention.ms");
    assert_eq!(
        refused(ConfigScope::Node, "log.retention.ms", "x"),
        "Invalid value x for configuration log.retention.ms: Not a number of type LONG"
    );
    // The weaker names speak for the strongest one.
    assert_eq!(definition(ConfigScope::Node, "log.retention.ms").unwrap().default, None);
    assert_eq!(definition(ConfigScope::Node, "log.segment.bytes").unwrap().default, Some("1073741824"));
    assert_eq!(topic_config_of("message.max.bytes").unwrap().name, "max.message.bytes");
}

#[test]
fn configs_that_contradict_each_other_are_refused() {
    let together = |scope, configs: &[(&str, &str)]| {
        validate_together(scope, &set(configs)).map_err(|refused| refused.to_string())
    };
    let topic = |configs: &[(&str, &str)]| together(ConfigScope::Topic, configs);
    assert_eq!(topic(&[("min.compaction.lag.ms", "5"), ("max.compaction.lag.ms", "5")]), Ok(()));
    assert_eq!(
        topic(&[("min.compaction.lag.ms", "6"), ("max.compaction.lag.ms", "5")]).unwrap_err(),
        "conflict topic config setting min.compaction.lag.ms (6) > max.compaction.lag.ms (5)"
    );
    assert!(topic(&[("remote.storage.enable", "True")]).unwrap_err().starts_with("Tiered Storage"));
    let group = |configs: &[(&str, &str)]| together(ConfigScope::Group, configs);
    assert_eq!(group(&[]), Ok(()));
    assert_eq!(group(&[("consumer.session.timeout.ms", "50000")]), Ok(()));
    assert_eq!(
        group(&[("consumer.session.timeout.ms", "5000")]).unwrap_err(),
        "consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms"
    );
    let node = |configs: &[(&str, &str)]| together(ConfigScope::Node, configs);
    assert_eq!(node(&[]), Ok(()));
    assert_eq!(
        node(&[
            ("group.consumer.min.session.timeout.ms", "6000"),
            ("group.consumer.session.timeout.ms", "6000")
        ]),
        Ok(())
    );
    for (wrong, reason) in [
        (
            [("group.consumer.session.timeout.ms", "1000"), ("num.partitions", "1")],
            "group.consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms",
        ),
        (
            [("group.consumer.heartbeat.interval.ms", "20000"), ("num.partitions", "1")],
            "group.consumer.heartbeat.interval.ms must be less than or equal to \
             group.consumer.max.heartbeat.interval.ms",
        ),
        (
            [("group.consumer.min.session.timeout.ms", "5"), ("group.consumer.max.session.timeout.ms", "4")],
            "group.consumer.max.session.timeout.ms must be greater than or equal to \
             group.consumer.min.session.timeout.ms",
        ),
        (
            [("group.consumer.min.session.timeout.ms", "5"), ("group.consumer.session.timeout.ms", "5000")],
            "group.consumer.session.timeout.ms must be greater than group.consumer.heartbeat.interval.ms",
        ),
        (
            [("group.consumer.assignors", "range,range"), ("num.partitions", "1")],
            "group.consumer.assignors must name at least one assignor, and none twice",
        ),
    ] {
        assert_eq!(node(&wrong).unwrap_err(), reason);
    }
}

#[test]
fn a_node_keeps_the_configs_of_groups_within_its_bounds() {
    let node = set(&[("group.consumer.min.session.timeout.ms", "10000")]);
    let refused = |node: &ConfigMap, name: &str, value: &str| {
        validate_group_bounds(node, name, value).map_err(|refused| refused.to_string())
    };
    assert_eq!(refused(&node, "consumer.session.timeout.ms", "10000"), Ok(()));
    assert_eq!(
        refused(nothing_set(), "consumer.session.timeout.ms", "10000").unwrap_err(),
        "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms"
    );
    assert_eq!(
        refused(nothing_set(), "consumer.heartbeat.interval.ms", "15001").unwrap_err(),
        "consumer.heartbeat.interval.ms must be less than or equal to group.consumer.max.heartbeat.interval.ms"
    );
    let own = set(&[("consumer.session.timeout.ms", "12000"), ("consumer.assignment.interval.ms", "20000")]);
    let obeyed = |start| GroupConfig::resolve(&ConfigLayers { start, ..ConfigLayers::own(&own) });
    assert_eq!(obeyed(&node).session_timeout_ms, 12_000);
    assert_eq!(obeyed(nothing_set()).session_timeout_ms, 45_000);
    assert_eq!(obeyed(&node).assignment_interval_ms, 15_000);
}

#[test]
fn typed_configs_follow_overrides_and_fall_back_to_defaults() {
    let defaults = TopicConfig::default();
    assert_eq!(defaults.message_bytes_max, 1_048_588);
    assert_eq!(defaults.retention_ms, Some(604_800_000));
    assert_eq!(defaults.retention_bytes, None);
    assert_eq!(defaults.cleanup_policy, CleanupPolicy { delete: true, compact: false });
    assert_eq!(defaults.compression_levels, CompressionLevels { gzip: None, lz4: 9, zstd: 3 });
    assert!((defaults.dirty_ratio_min - 0.5).abs() < f64::EPSILON);

    let overrides = set(&[
        ("cleanup.policy", "compact, delete"),
        ("durability", "written"),
        ("retention.ms", "-1"),
        ("segment.bytes", " 1048576"),
        ("segment.ms", "not a number"),
        ("compression.gzip.level", "4"),
    ]);
    let config = TopicConfig::from_overrides(&overrides);
    assert_eq!(config.cleanup_policy, CleanupPolicy { delete: true, compact: true });
    assert_eq!(config.durability, ringlog_model::Durability::Written);
    assert_eq!(config.retention_ms, None);
    assert_eq!(config.segment_bytes, 1_048_576);
    assert_eq!(config.segment_ms, 604_800_000);
    assert_eq!(config.compression_levels.gzip, Some(4));
    let nothing = TopicConfig::from_overrides(&set(&[("cleanup.policy", "")])).cleanup_policy;
    assert_eq!(nothing, CleanupPolicy { delete: false, compact: false });
}

#[test]
fn the_topics_own_value_counts_before_the_nodes_and_that_before_all_nodes() {
    let (own, node) = (set(&[("retention.ms", "1")]), set(&[("log.retention.ms", "2")]));
    let (all_nodes, start) = (set(&[("log.retention.ms", "3")]), set(&[("log.retention.ms", "4")]));
    let nothing = nothing_set();
    let retention = definition(ConfigScope::Topic, "retention.ms").unwrap();
    let all = ConfigLayers { own: &own, node: &node, all_nodes: &all_nodes, start: &start };
    let at = "log.retention.ms";
    assert_eq!(
        all.all(&retention),
        [
            ("retention.ms", Source::Own, "1"),
            (at, Source::Node, "2"),
            (at, Source::AllNodes, "3"),
            (at, Source::Start, "4"),
            (at, Source::Default, "604800000"),
        ]
    );
    for (layers, value) in [
        (all, 1),
        (ConfigLayers { own: nothing, ..all }, 2),
        (ConfigLayers { own: nothing, node: nothing, ..all }, 3),
        (ConfigLayers { own: nothing, node: nothing, all_nodes: nothing, ..all }, 4),
        (ConfigLayers::own(nothing), 604_800_000),
    ] {
        assert_eq!(TopicConfig::resolve(&layers).retention_ms, Some(value));
    }
}
