//! The metadata, as coordinators see it.

use crate::{
    cluster::View,
    shard::{NodeShared, Shard},
};
use core::time::Duration;
use ringlog_coordinator::{GroupSettings, Name, TopicFacts, Topics};
use ringlog_image::{
    TopicImage,
    config::{ConfigLayers, GroupConfig, nothing_set},
};
use ringlog_model::TopicId;
use std::sync::Arc;

/// A view of the metadata, as this node takes it.
pub(super) struct Catalogue {
    view: Arc<View>,
    node: Arc<NodeShared>,
}

impl Catalogue {
    pub(super) fn of(shard: &Shard) -> Catalogue {
        Catalogue { view: shard.view(), node: shard.node.clone() }
    }
}

impl Topics for Catalogue {
    fn by_name(&self, name: &str) -> Option<TopicFacts> {
        self.view.image.topic_by_name(name).map(|topic| facts(topic))
    }

    fn by_id(&self, id: TopicId) -> Option<TopicFacts> {
        self.view.image.topic(id).map(|topic| facts(topic))
    }

    fn for_each_name(&self, visit: &mut dyn FnMut(&str)) {
        for topic in self.view.image.topics() {
            visit(&topic.name);
        }
    }

    fn version(&self) -> u64 {
        self.view.version
    }

    fn group_settings(&self, group: &str) -> Option<GroupSettings> {
        let start = &*self.view.start;
        let config = self.view.image.group_config(group, self.node.node, start);
        // Where nothing is set, the coordinator's own options hold, which say the same.
        if config == GroupConfig::resolve(&ConfigLayers { start, ..ConfigLayers::own(nothing_set()) }) {
            return None;
        }
        let milliseconds = |value: i32| Duration::from_millis(u64::try_from(value).unwrap_or(0));
        Some(GroupSettings {
            session_timeout: milliseconds(config.session_timeout_ms),
            heartbeat_interval: milliseconds(config.heartbeat_interval_ms),
            assignment_interval: milliseconds(config.assignment_interval_ms),
        })
    }
}

fn facts(topic: &TopicImage) -> TopicFacts {
    let partitions = i32::try_from(topic.partitions.len()).expect("partition indexes are i32 on the wire");
    TopicFacts { id: topic.id, name: topic.name.clone(), partitions }
}

/// The names of the topics that were in the old view and are no longer: deleted, even if there is another by the name.
pub(super) fn deleted(old: &View, new: &View) -> Vec<Name> {
    let gone = old.image.topics().filter(|topic| new.image.topic(topic.id).is_none());
    gone.map(|topic| topic.name.clone()).collect()
}
