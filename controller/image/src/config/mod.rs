//! The configs that exist, of topics, nodes and groups: Kafka's names, types, defaults and limits, and those of our own.
//!
//! A name of a node's or a group's config enters with the feature that obeys it; any other is refused as unknown, so
//! that nobody is told that something holds which does not. Of topics every name of Kafka's is there, because tools
//! copy topics with all their configs; where one has no effect its documentation says so.
//!
//! A topic's value is the topic's own, else the node's, else the one set for all nodes, else the default:
//! [`ConfigLayers`] finds it, [`TopicConfig`] and [`GroupConfig`] give it its type.

mod check;
mod definition;
mod groups;
mod layers;
mod nodes;
mod topics;
mod typed;

pub use check::{
    ConfigScope, InvalidConfig, definition, validate, validate_group_bounds, validate_start,
    validate_together, words,
};
pub use definition::{Change, ConfigDefinition, ConfigKind, Importance};
pub use groups::GROUP_CONFIGS;
pub use layers::{ConfigLayers, ConfigMap, Source, nothing_set};
pub use nodes::{
    NODE_FACTS, NODE_START_CONFIGS, is_reloadable, node_configs, spell_out, start_configs, topic_config_of,
};
pub use topics::TOPIC_CONFIGS;
pub use typed::{
    CleanupPolicy, CompressionLevels, GroupConfig, TimestampType, TopicCompression, TopicConfig,
};

/// The nodes' configs that give topics their defaults, each with the topic's config.
fn topics_synonyms() -> impl Iterator<Item = (&'static str, &'static ConfigDefinition)> {
    TOPIC_CONFIGS.iter().filter_map(|topic| Some((*topic.synonyms.first()?, topic)))
}

#[cfg(test)]
mod tests;
