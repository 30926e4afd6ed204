//! Configs are set, put back to their defaults, added to and taken from (KIP-133, KIP-339).

use crate::names::check_topic_name;
use crate::{Decision, Refusal};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use ringlog_image::config::{
    self, ConfigDefinition, ConfigMap, ConfigScope, InvalidConfig, definition, words,
};
use ringlog_image::{ConfigResource, Image, MetadataRecord};
use ringlog_model::TopicId;

/// The longest value of a config: Kafka's bound.
pub const VALUE_BYTES_MAX: usize = 32_767;
/// How many nodes and groups may have configs of their own, so that the image stays bounded whatever clients invent.
pub const RESOURCES_MAX: usize = 100_000;

/// Whose configs are changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigTarget {
    /// Those of the topic with this name.
    Topic(String),
    /// Those of something else.
    Resource(ConfigResource),
}

/// A change of one config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigChange {
    /// Its name.
    pub name: String,
    /// What happens to it.
    pub operation: ConfigOperation,
    /// The value, where the operation needs one.
    pub value: Option<String>,
}

/// What happens to a config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigOperation {
    /// It gets the value.
    Set,
    /// It is put back to its default.
    Delete,
    /// The value's items are added to its list.
    Append,
    /// The value's items are taken from its list.
    Subtract,
}

/// What happens to configs that are set and not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unnamed {
    /// They stay.
    Keep,
    /// They are put back to their defaults.
    Delete,
}

/// Changes configs of one topic, node or group: all changes or none.
///
/// # Errors
/// As Kafka's: [`Refusal::InvalidConfig`], [`Refusal::InvalidRequest`] (a value is missing, a node's config cannot be
/// changed or does not take the value), [`Refusal::UnknownTopic`], [`Refusal::InvalidTopicName`],
/// [`Refusal::UnknownNode`], [`Refusal::LimitReached`].
pub fn alter_configs(
    image: &Image,
    target: &ConfigTarget,
    changes: &[ConfigChange],
    unnamed: Unnamed,
) -> Result<Decision<()>, Refusal> {
    let (place, scope, before) = find(image, target)?;
    let mut after = match unnamed {
        Unnamed::Keep => before.clone(),
        Unnamed::Delete => ConfigMap::new(),
    };
    for change in changes {
        apply(scope, before, &mut after, change).map_err(|invalid| refusal(scope, invalid))?;
    }
    config::validate_together(scope, &after)?;
    let gone = before.keys().filter(|name| !after.contains_key(*name)).map(|name| place.record(name, None));
    let set = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
    let records = gone.chain(set.map(|(name, value)| place.record(name, Some(value)))).collect();
    Ok(Decision { records, reply: () })
}

/// Where the records go.
enum Place {
    Topic(TopicId),
    Resource(ConfigResource),
}

impl Place {
    fn record(&self, name: &str, value: Option<&String>) -> MetadataRecord {
        let (name, value) = (name.to_string(), value.cloned());
        match self {
            Place::Topic(topic) => MetadataRecord::TopicConfigured { topic: *topic, name, value },
            Place::Resource(resource) => {
                MetadataRecord::ResourceConfigured { resource: resource.clone(), name, value }
            }
        }
    }
}

fn find<'a>(image: &'a Image, target: &ConfigTarget) -> Result<(Place, ConfigScope, &'a ConfigMap), Refusal> {
    let invalid = |reason: &str| Err(Refusal::InvalidRequest(reason.to_string()));
    match target {
        ConfigTarget::Topic(name) if name.is_empty() => invalid("Default topic resources are not allowed."),
        ConfigTarget::Topic(name) => {
            check_topic_name(name)?;
            let topic = image.topic_by_name(name).ok_or_else(|| Refusal::UnknownTopic(name.clone()))?;
            Ok((Place::Topic(topic.id), ConfigScope::Topic, &topic.configs))
        }
        ConfigTarget::Resource(resource) => {
            match resource {
                ConfigResource::Group(name) if name.is_empty() => {
                    return invalid("Default group resources are not allowed.");
                }
                ConfigResource::Group(name) if name.len() > VALUE_BYTES_MAX => {
                    return invalid("The name of the group is too long.");
                }
                ConfigResource::Node(node) if image.node(*node).is_none() => {
                    return Err(Refusal::UnknownNode(*node));
                }
                _ => {}
            }
            let configs = image.configs(resource);
            if configs.is_empty() && image.configured().count() >= RESOURCES_MAX {
                let reason = format!("{RESOURCES_MAX} nodes and groups have configs of their own already");
                return Err(Refusal::LimitReached(reason));
            }
            Ok((Place::Resource(resource.clone()), resource.scope(), configs))
        }
    }
}

fn apply(
    scope: ConfigScope,
    before: &ConfigMap,
    after: &mut ConfigMap,
    change: &ConfigChange,
) -> Result<(), InvalidConfig> {
    let name = &change.name;
    let value = match (change.operation, &change.value) {
        // Also of a name that does not exist: an older release may have known it.
        (ConfigOperation::Delete, _) => {
            after.remove(name);
            return Ok(());
        }
        (_, None) => return Err(InvalidConfig::NoValue(name.clone())),
        (_, Some(value)) => value,
    };
    let known = definition(scope, name);
    let known = known.ok_or_else(|| InvalidConfig::UnknownName { scope, name: name.clone() })?;
    let value = match change.operation {
        ConfigOperation::Append => joined(&known, before, after, "APPEND", |items: &mut Vec<&str>| {
            for item in words(value) {
                if !items.contains(&item) {
                    items.push(item);
                }
            }
        })?,
        ConfigOperation::Subtract => joined(&known, before, after, "SUBTRACT", |items: &mut Vec<&str>| {
            let taken = words(value);
            items.retain(|item| !taken.contains(item));
        })?,
        _ => value.trim().to_string(),
    };
    if value.len() > VALUE_BYTES_MAX {
        let reason = format!("it exceeds the maximum value size of {VALUE_BYTES_MAX} bytes");
        return Err(InvalidConfig::Conflict(format!("The value of {name} cannot be set: {reason}")));
    }
    config::validate(scope, name, &value)?;
    after.insert(name.clone(), value);
    Ok(())
}

/// The list that is set (or the default), changed and written down again.
fn joined<'a>(
    known: &ConfigDefinition,
    before: &'a ConfigMap,
    after: &'a ConfigMap,
    operation: &'static str,
    change: impl FnOnce(&mut Vec<&'a str>),
) -> Result<String, InvalidConfig> {
    if !known.kind.is_list() {
        return Err(InvalidConfig::NotAList { operation, name: known.name.to_string() });
    }
    let set = after.get(known.name).or_else(|| before.get(known.name)).map(String::as_str);
    let mut items = words(set.or(known.default).unwrap_or_default());
    change(&mut items);
    Ok(items.join(","))
}

/// Kafka answers for nodes with another error than for topics and groups.
fn refusal(scope: ConfigScope, invalid: InvalidConfig) -> Refusal {
    match (&invalid, scope) {
        (InvalidConfig::NoValue(_), _)
        | (InvalidConfig::NotDynamic(_) | InvalidConfig::BadValue { .. }, ConfigScope::Node) => {
            Refusal::InvalidRequest(invalid.to_string())
        }
        _ => Refusal::InvalidConfig(invalid),
    }
}
