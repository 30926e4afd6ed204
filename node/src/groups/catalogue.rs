//! The metadata, as coordinators see it.

use crate::cluster::View;
use ringlog_coordinator::{Name, TopicFacts, Topics};
use ringlog_image::TopicImage;
use ringlog_model::TopicId;

impl Topics for View {
    fn by_name(&self, name: &str) -> Option<TopicFacts> {
        self.image.topic_by_name(name).map(|topic| facts(topic))
    }

    fn by_id(&self, id: TopicId) -> Option<TopicFacts> {
        self.image.topic(id).map(|topic| facts(topic))
    }

    fn for_each_name(&self, visit: &mut dyn FnMut(&str)) {
        for topic in self.image.topics() {
            visit(&topic.name);
        }
    }

    fn version(&self) -> u64 {
        self.version
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
