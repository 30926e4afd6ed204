//! The configs of topics as they hold on this node, kept ready: produce asks for them with every batch.

use super::Shard;
use core::cell::RefCell;
use ringlog_image::{TopicImage, config::TopicConfig};
use ringlog_model::TopicId;
use std::{collections::BTreeMap, rc::Rc};

/// What was made of the texts since the metadata last changed; at most one entry per topic.
#[derive(Debug, Default)]
pub(crate) struct TopicConfigs(RefCell<BTreeMap<TopicId, Rc<TopicConfig>>>);

impl TopicConfigs {
    /// The metadata has changed.
    pub(super) fn forget(&self) {
        self.0.borrow_mut().clear();
    }
}

impl Shard {
    /// The configs of a topic by the metadata that this shard works by: its own, what is set for this node and for all
    /// nodes, and what the node was told itself.
    pub(crate) fn topic_config(&self, topic: &TopicImage) -> Rc<TopicConfig> {
        if let Some(known) = self.topic_configs.0.borrow().get(&topic.id) {
            return known.clone();
        }
        let view = self.view();
        match view.image.topic(topic.id) {
            Some(current) => {
                let config = Rc::new(view.image.topic_config(current, self.node.node, &view.start));
                self.topic_configs.0.borrow_mut().insert(topic.id, config.clone());
                config
            }
            // Gone since the caller looked: not worth keeping.
            None => Rc::new(view.image.topic_config(topic, self.node.node, &view.start)),
        }
    }
}
