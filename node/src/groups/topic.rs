//! The topic in which groups are kept.

use crate::options::GroupOptions;
use ringlog_native::cluster::{ConfigEntryV1, NewTopicV1};

/// Its name, as Kafka's tools know it.
pub(crate) const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// Kafka's other internal topic.
const TRANSACTIONS_TOPIC: &str = "__transaction_state";

/// Whether clients may not write to a topic: its records are the broker's own state.
pub(crate) fn is_internal(topic: &str) -> bool {
    topic == OFFSETS_TOPIC || topic == TRANSACTIONS_TOPIC
}

/// The topic as it is created when the first client looks for a coordinator.
pub(crate) fn new_offsets_topic(options: &GroupOptions) -> NewTopicV1 {
    let config = |name: &str, value: String| ConfigEntryV1 { name: name.to_owned(), value: Some(value) };
    NewTopicV1 {
        name: OFFSETS_TOPIC.to_owned(),
        partitions: options.offsets_topic_partitions,
        replication_factor: -1,
        assignments: Vec::new(),
        configs: vec![
            config("cleanup.policy", "compact".to_owned()),
            config("compression.type", "producer".to_owned()),
            config("segment.bytes", options.offsets_topic_segment_bytes.to_string()),
        ],
    }
}
