//! What has configs of its own besides topics.

use crate::config::{ConfigLayers, ConfigMap, ConfigScope, GroupConfig, TopicConfig, nothing_set};
use crate::{Image, TopicImage};
use alloc::string::String;
use ringlog_model::NodeId;

/// Something other than a topic that has configs. A topic's are in its [`TopicImage`] and go with it; these stay until
/// somebody takes them back, whether or not the node or the group exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigResource {
    /// The defaults of all nodes.
    AllNodes,
    /// One node.
    Node(NodeId),
    /// A consumer group.
    Group(String),
}

impl ConfigResource {
    /// Which table its configs are in.
    #[must_use]
    pub fn scope(&self) -> ConfigScope {
        match self {
            ConfigResource::AllNodes | ConfigResource::Node(_) => ConfigScope::Node,
            ConfigResource::Group(_) => ConfigScope::Group,
        }
    }
}

impl Image {
    /// What is set for the topic and for `node`, where a partition of it is.
    #[must_use]
    pub fn topic_layers<'a>(&'a self, topic: &'a TopicImage, node: NodeId) -> ConfigLayers<'a> {
        ConfigLayers { own: &topic.configs, ..self.node_layers(node) }
    }

    /// What is set for the group and for `node`, where its coordinator is.
    #[must_use]
    pub fn group_layers(&self, group: &str, node: NodeId) -> ConfigLayers<'_> {
        let own = self.configs(&ConfigResource::Group(group.into()));
        ConfigLayers { own, ..self.node_layers(node) }
    }

    /// What is set for the node and for all of them.
    #[must_use]
    pub fn node_layers(&self, node: NodeId) -> ConfigLayers<'_> {
        ConfigLayers {
            own: nothing_set(),
            node: self.configs(&ConfigResource::Node(node)),
            all_nodes: self.configs(&ConfigResource::AllNodes),
            start: nothing_set(),
        }
    }

    /// The configs of a topic as they hold on `node`, which was started with `start`: see [`ConfigLayers`] for what counts.
    #[must_use]
    pub fn topic_config(&self, topic: &TopicImage, node: NodeId, start: &ConfigMap) -> TopicConfig {
        TopicConfig::resolve(&ConfigLayers { start, ..self.topic_layers(topic, node) })
    }

    /// The configs of a group as they hold on `node`, which was started with `start`, where its coordinator is.
    #[must_use]
    pub fn group_config(&self, group: &str, node: NodeId, start: &ConfigMap) -> GroupConfig {
        GroupConfig::resolve(&ConfigLayers { start, ..self.group_layers(group, node) })
    }

    /// Whether all that nodes add to the configs of topics is as in the other image.
    #[must_use]
    pub fn has_node_configs_of(&self, other: &Image, node: NodeId) -> bool {
        let same = |one: &ConfigMap, other: &ConfigMap| core::ptr::eq(one, other) || one == other;
        let (here, there) = (self.node_layers(node), other.node_layers(node));
        same(here.node, there.node) && same(here.all_nodes, there.all_nodes)
    }
}
