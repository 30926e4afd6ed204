//! Whether a value is one that a config takes. Errors are worded as Kafka words them, because tools show them.

use super::{
    Change, ConfigDefinition, ConfigKind, GROUP_CONFIGS, TOPIC_CONFIGS,
    groups::{GROUP_BOUNDS, GroupBound},
    nodes::node_definition,
};
use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

/// Whose configs they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigScope {
    /// A topic's.
    Topic,
    /// A node's, or the default of all nodes.
    Node,
    /// A consumer group's.
    Group,
}

/// Why a config cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidConfig {
    /// There is no such config.
    #[error("Unknown {scope} config name: {name}")]
    UnknownName {
        /// Whose config it was to be.
        scope: ConfigScope,
        /// The name given.
        name: String,
    },
    /// A config without a value where one is needed.
    #[error("Null value not supported for : {0}")]
    NoValue(String),
    /// Only a restart changes it.
    #[error("Cannot update these configs dynamically: [{0}]")]
    NotDynamic(String),
    /// Something was to be added to, or taken away from, a config that is not a list.
    #[error("Can't {operation} to key {name} because its type is not LIST.")]
    NotAList {
        /// Kafka's word for what was to be done.
        operation: &'static str,
        /// The config.
        name: String,
    },
    /// The config does not take this value.
    #[error("Invalid value {value} for configuration {name}: {reason}")]
    BadValue {
        /// The config.
        name: String,
        /// The text given.
        value: String,
        /// What it must be.
        reason: String,
    },
    /// Configs that cannot hold together, or not here.
    #[error("{0}")]
    Conflict(String),
}

impl core::fmt::Display for ConfigScope {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            ConfigScope::Topic => "topic",
            ConfigScope::Node => "broker",
            ConfigScope::Group => "group",
        })
    }
}

/// The config with this name.
#[must_use]
pub fn definition(scope: ConfigScope, name: &str) -> Option<ConfigDefinition> {
    let among = |table: &[ConfigDefinition]| table.iter().find(|one| one.name == name).copied();
    match scope {
        ConfigScope::Topic => among(TOPIC_CONFIGS),
        ConfigScope::Group => among(GROUP_CONFIGS),
        ConfigScope::Node => node_definition(name),
    }
}

/// Whether `name` may be set to `value`, taken by itself.
///
/// # Errors
/// [`InvalidConfig`].
pub fn validate(scope: ConfigScope, name: &str, value: &str) -> Result<(), InvalidConfig> {
    let Some(definition) = definition(scope, name) else {
        return Err(InvalidConfig::UnknownName { scope, name: name.to_string() });
    };
    if definition.change == Change::Restart {
        return Err(InvalidConfig::NotDynamic(name.to_string()));
    }
    check(definition.kind, name, value.trim()).map_err(|reason| InvalidConfig::BadValue {
        name: name.to_string(),
        value: shown(definition.kind, value),
        reason,
    })
}

/// Whether a node's config may be given the value at its start, when all of them may change.
///
/// # Errors
/// [`InvalidConfig`].
pub fn validate_start(name: &str, value: &str) -> Result<(), InvalidConfig> {
    let scope = ConfigScope::Node;
    let Some(definition) = definition(scope, name) else {
        return Err(InvalidConfig::UnknownName { scope, name: name.to_string() });
    };
    check(definition.kind, name, value.trim()).map_err(|reason| InvalidConfig::BadValue {
        name: name.to_string(),
        value: shown(definition.kind, value),
        reason,
    })
}

/// Whether these configs, each of them valid, may hold together: all that are set for one topic, node or group.
///
/// # Errors
/// [`InvalidConfig::Conflict`].
pub fn validate_together(scope: ConfigScope, set: &BTreeMap<String, String>) -> Result<(), InvalidConfig> {
    match scope {
        ConfigScope::Topic => topic_together(set),
        ConfigScope::Node => node_together(set),
        ConfigScope::Group => group_together(set),
    }
}

fn topic_together(set: &BTreeMap<String, String>) -> Result<(), InvalidConfig> {
    let conflict = |reason: String| Err(InvalidConfig::Conflict(reason));
    if is_true(set, "remote.storage.enable") {
        return conflict(
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
                .to_string(),
        );
    }
    let number = |name: &str| -> i64 { number_of(ConfigScope::Topic, set, name) };
    let (least, most) = (number("min.compaction.lag.ms"), number("max.compaction.lag.ms"));
    if least > most {
        return conflict(format!(
            "conflict topic config setting min.compaction.lag.ms ({least}) > max.compaction.lag.ms ({most})"
        ));
    }
    Ok(())
}

fn group_together(set: &BTreeMap<String, String>) -> Result<(), InvalidConfig> {
    let conflict = |reason: String| Err(InvalidConfig::Conflict(reason));
    let number = |name: &str| -> i64 { number_of(ConfigScope::Group, set, name) };
    if number("consumer.session.timeout.ms") <= number("consumer.heartbeat.interval.ms") {
        return conflict(
            "consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms".to_string(),
        );
    }
    Ok(())
}

fn node_together(set: &BTreeMap<String, String>) -> Result<(), InvalidConfig> {
    let conflict = |reason: String| Err(InvalidConfig::Conflict(reason));
    let number = |name: &str| -> i64 { number_of(ConfigScope::Node, set, name) };
    for GroupBound { default, least, most, .. } in GROUP_BOUNDS {
        if number(most) < number(least) {
            return conflict(format!("{most} must be greater than or equal to {least}"));
        }
        within_bounds(default, number(default), (least, number(least)), (most, number(most)))?;
    }
    let (session, heartbeat) = ("group.consumer.session.timeout.ms", "group.consumer.heartbeat.interval.ms");
    if number(session) <= number(heartbeat) {
        return conflict(format!("{session} must be greater than {heartbeat}"));
    }
    if number("group.max.session.timeout.ms") < number("group.min.session.timeout.ms") {
        return conflict(
            "group.max.session.timeout.ms must be greater than or equal to group.min.session.timeout.ms"
                .to_string(),
        );
    }
    let assignors = set.get("group.consumer.assignors").map(|names| words(names));
    if let Some(assignors) = assignors {
        let repeated = assignors.iter().enumerate().any(|(place, name)| assignors[..place].contains(name));
        if assignors.is_empty() || repeated {
            return conflict(
                "group.consumer.assignors must name at least one assignor, and none twice".to_string(),
            );
        }
    }
    Ok(())
}

/// Whether a node with these configs takes the value for a group's config, which is valid by itself. Nodes may differ in their
/// bounds: the one that is asked decides, and each keeps to its own where it coordinates the group.
///
/// # Errors
/// [`InvalidConfig::Conflict`].
pub fn validate_group_bounds(
    node: &BTreeMap<String, String>,
    name: &str,
    value: &str,
) -> Result<(), InvalidConfig> {
    let Some(bound) = GROUP_BOUNDS.iter().find(|bound| bound.config == name) else { return Ok(()) };
    let Ok(value) = value.trim().parse() else { return Ok(()) };
    let number = |name: &str| -> i64 { number_of(ConfigScope::Node, node, name) };
    within_bounds(name, value, (bound.least, number(bound.least)), (bound.most, number(bound.most)))
}

fn within_bounds(name: &str, value: i64, least: (&str, i64), most: (&str, i64)) -> Result<(), InvalidConfig> {
    let conflict = |reason: String| Err(InvalidConfig::Conflict(reason));
    if value < least.1 {
        return conflict(format!("{name} must be greater than or equal to {}", least.0));
    }
    if value > most.1 {
        return conflict(format!("{name} must be less than or equal to {}", most.0));
    }
    Ok(())
}

/// A group's value as a node with these configs obeys it: within its bounds.
pub(super) fn clamp_to_bounds(node: &BTreeMap<String, String>, name: &str, value: i32) -> i32 {
    let Some(bound) = GROUP_BOUNDS.iter().find(|bound| bound.config == name) else { return value };
    let number = |name: &str| i32::try_from(number_of(ConfigScope::Node, node, name)).unwrap_or(i32::MAX);
    // What a node was told wrongly is refused at its start.
    value.min(number(bound.most)).max(number(bound.least))
}

fn is_true(set: &BTreeMap<String, String>, name: &str) -> bool {
    set.get(name).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

/// The number that is set, or the default.
fn number_of(scope: ConfigScope, set: &BTreeMap<String, String>, name: &str) -> i64 {
    let default = definition(scope, name).and_then(|definition| definition.default).unwrap_or_default();
    let text = set.get(name).map_or(default, String::as_str);
    text.trim().parse().unwrap_or_default()
}

/// The words of a list, without the blanks around them.
#[must_use]
pub fn words(value: &str) -> Vec<&str> {
    let value = value.trim();
    if value.is_empty() { Vec::new() } else { value.split(',').map(str::trim).collect() }
}

/// How Kafka shows a value that is refused: lists of replicas as lists, the rest as it came.
fn shown(kind: ConfigKind, value: &str) -> String {
    match kind {
        ConfigKind::Replicas => format!("[{}]", words(value).join(", ")),
        ConfigKind::Words(allowed) => {
            let refused = words(value).into_iter().find(|word| !allowed.contains(word));
            refused.unwrap_or(value).to_string()
        }
        _ => value.to_string(),
    }
}

fn check(kind: ConfigKind, name: &str, value: &str) -> Result<(), String> {
    match kind {
        ConfigKind::Boolean => match value {
            _ if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") => Ok(()),
            _ => Err("Expected value to be either true or false".to_string()),
        },
        ConfigKind::Int(least, most) => within(int(value)?, i64::from(least), i64::from(most)),
        ConfigKind::IntOr(other, least, most) => {
            let number = int(value)?;
            if number == i64::from(other) || (i64::from(least)..=i64::from(most)).contains(&number) {
                return Ok(());
            }
            Err(format!("Value must be between {least} and {most} or equal to {other}"))
        }
        ConfigKind::Long(least, most) => {
            let number: i64 = value.parse().map_err(|_| "Not a number of type LONG".to_string())?;
            within(number, least, most)
        }
        ConfigKind::Ratio => match value.parse::<f64>() {
            Ok(number) if number < 0.0 || number.is_nan() => Err("Value must be at least 0".to_string()),
            Ok(number) if number > 1.0 => Err("Value must be no more than 1".to_string()),
            Ok(_) => Ok(()),
            Err(_) => Err("Not a number of type DOUBLE".to_string()),
        },
        ConfigKind::Word(allowed) => one_of(allowed, value),
        ConfigKind::Words(allowed) => words(value).into_iter().try_for_each(|word| one_of(allowed, word)),
        ConfigKind::Replicas => {
            if value == "*" || words(value).into_iter().all(is_replica) {
                return Ok(());
            }
            Err(format!(
                "{name} must be the literal '*' or a list of replicas in the following format: \
                 [partitionId]:[brokerId],[partitionId]:[brokerId],..."
            ))
        }
        ConfigKind::Text | ConfigKind::Texts => Ok(()),
    }
}

fn int(value: &str) -> Result<i64, String> {
    value.parse::<i32>().map(i64::from).map_err(|_| "Not a number of type INT".to_string())
}

fn within(number: i64, least: i64, most: i64) -> Result<(), String> {
    if number < least {
        return Err(format!("Value must be at least {least}"));
    }
    if number > most {
        return Err(format!("Value must be no more than {most}"));
    }
    Ok(())
}

fn one_of(words: &[&str], value: &str) -> Result<(), String> {
    if words.contains(&value) {
        return Ok(());
    }
    Err(format!("String must be one of: {}", words.join(", ")))
}

fn is_replica(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once(':').is_some_and(|(partition, node)| is_number(partition) && is_number(node))
}
