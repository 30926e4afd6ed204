//! Which of several values counts.

use super::ConfigDefinition;
use alloc::{collections::BTreeMap, string::String, vec::Vec};

/// What somebody has set: names and texts of values.
pub type ConfigMap = BTreeMap<String, String>;

static NOTHING_SET: ConfigMap = BTreeMap::new();

/// No config at all.
#[must_use]
pub fn nothing_set() -> &'static ConfigMap {
    &NOTHING_SET
}

/// Where a value comes from, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Set for this topic or group.
    Own,
    /// Set for this node while it runs.
    Node,
    /// Set for all nodes while they run.
    AllNodes,
    /// Given to the node at its start.
    Start,
    /// Nobody set it.
    Default,
}

/// What is set at each level. Those that do not apply are [`nothing_set`].
#[derive(Clone, Copy, Debug)]
pub struct ConfigLayers<'a> {
    /// For the topic or group itself.
    pub own: &'a ConfigMap,
    /// For this node.
    pub node: &'a ConfigMap,
    /// For all nodes.
    pub all_nodes: &'a ConfigMap,
    /// At the node's start.
    pub start: &'a ConfigMap,
}

impl<'a> ConfigLayers<'a> {
    /// Only what is set for the topic or group itself.
    #[must_use]
    pub fn own(own: &'a ConfigMap) -> ConfigLayers<'a> {
        let nothing = nothing_set();
        ConfigLayers { own, node: nothing, all_nodes: nothing, start: nothing }
    }

    /// The value of a config: the strongest there is.
    #[must_use]
    pub fn value(&self, definition: &ConfigDefinition) -> Option<&'a str> {
        self.all(definition).into_iter().next().map(|(_, _, value)| value)
    }

    /// Every value there is, with its name at its level and where it is from, the strongest first.
    #[must_use]
    pub fn all(&self, definition: &ConfigDefinition) -> Vec<(&'static str, Source, &'a str)> {
        let mut found = Vec::new();
        let mut add = |map: &'a ConfigMap, name: &'static str, source| {
            found.extend(map.get(name).map(|value| (name, source, value.as_str())));
        };
        add(self.own, definition.name, Source::Own);
        let name = name_at_nodes(definition);
        add(self.node, name, Source::Node);
        add(self.all_nodes, name, Source::AllNodes);
        add(self.start, name, Source::Start);
        if let Some(default) = definition.default {
            found.push((name, Source::Default, default));
        }
        found
    }
}

/// Under which name nodes have it. What a node was given in another unit (hours) it keeps under the name of the
/// strongest synonym, in that one's unit.
fn name_at_nodes(definition: &ConfigDefinition) -> &'static str {
    definition.synonyms.first().copied().unwrap_or(definition.name)
}
