//! The topic configs that exist: Kafka's names, types, defaults and limits, and those of our own.
//!
//! A name enters with the feature that obeys it; any other is refused as unknown, so that a client is never told that
//! something holds which does not.

mod catalogue;
mod typed;

pub use catalogue::{ConfigDefinition, ConfigKind, InvalidConfig, TOPIC_CONFIGS, definition, validate};
pub use typed::{CleanupPolicy, TimestampType, TopicCompression, TopicConfig};

#[cfg(test)]
mod tests;
