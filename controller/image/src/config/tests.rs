use super::*;
use alloc::{collections::BTreeMap, string::ToString};

#[test]
fn every_default_is_a_valid_value_and_names_are_sorted() {
    for one in TOPIC_CONFIGS {
        assert_eq!(validate(one.name, one.default), Ok(()), "{}", one.name);
    }
    assert!(TOPIC_CONFIGS.is_sorted_by_key(|one| one.name));
}

#[test]
fn values_out_of_their_bounds_are_refused_with_kafkas_words() {
    let refused = |name, value| validate(name, value).unwrap_err().to_string();
    assert_eq!(refused("no.such", "1"), "Unknown topic config name: no.such");
    assert_eq!(
        refused("segment.bytes", "17"),
        "Invalid value 17 for configuration segment.bytes: Value must be at least 1048576"
    );
    assert_eq!(
        refused("retention.ms", "soon"),
        "Invalid value soon for configuration retention.ms: Not a number of type LONG"
    );
    assert_eq!(
        refused("compression.type", "brotli"),
        "Invalid value brotli for configuration compression.type: String must be one of: producer, uncompressed, \
         gzip, snappy, lz4, zstd"
    );
    assert_eq!(
        refused("min.cleanable.dirty.ratio", "1.5"),
        "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1.0"
    );
    assert!(validate("min.cleanable.dirty.ratio", "NaN").is_err());
    assert!(validate("min.insync.replicas", "0").is_err());
    assert!(validate("max.message.bytes", "3000000000").is_err());
    assert!(validate("cleanup.policy", "delete,burn").is_err());
}

#[test]
fn typed_configs_follow_overrides_and_fall_back_to_defaults() {
    let defaults = TopicConfig::default();
    assert_eq!(defaults.message_bytes_max, 1_048_588);
    assert_eq!(defaults.retention_ms, Some(604_800_000));
    assert_eq!(defaults.retention_bytes, None);
    assert_eq!(defaults.cleanup_policy, CleanupPolicy { delete: true, compact: false });

    let overrides: BTreeMap<_, _> = [
        ("cleanup.policy", "compact, delete"),
        ("durability", "written"),
        ("retention.ms", "-1"),
        ("segment.bytes", "1048576"),
        ("segment.ms", "not a number"),
    ]
    .map(|(name, value)| (name.to_string(), value.to_string()))
    .into();
    let set = TopicConfig::from_overrides(&overrides);
    assert_eq!(set.cleanup_policy, CleanupPolicy { delete: true, compact: true });
    assert_eq!(set.durability, ringlog_model::Durability::Written);
    assert_eq!(set.retention_ms, None);
    assert_eq!(set.segment_bytes, 1_048_576);
    assert_eq!(set.segment_ms, 604_800_000);
}
