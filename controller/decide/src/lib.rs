//! What the controller decides, as functions of the image, the time and a request.
//!
//! Place in the flow: request -> one of these functions -> records -> quorum -> `Image::apply` -> reply. A decision never
//! changes anything by itself; whoever asked waits until the records are committed and only then gets the reply.
//!
//! Main types: [`Decision`], [`Refusal`], [`Leases`]. One file per subject: nodes, elections, topics, producer ids,
//! in-sync sets.
//!
//! Architecture invariant: no I/O, no clock, no randomness; new identifiers and the time come in with the request. The
//! records of a decision always apply to the image they were decided on.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod configs;
mod elections;
mod grow;
mod in_sync;
mod leases;
mod names;
mod nodes;
mod placement;
mod producer_ids;
mod refusal;
mod topics;

pub use configs::{
    ConfigChange, ConfigOperation, ConfigTarget, RESOURCES_MAX, Unnamed, VALUE_BYTES_MAX, alter_configs,
};
pub use elections::{Election, elect_leader};
pub use grow::{Growth, grow_topic};
pub use in_sync::{InSyncChange, change_in_sync};
pub use leases::Leases;
pub use names::{TOPIC_NAME_LENGTH_MAX, check_topic_name};
pub use nodes::{Registration, fence_node, forget_node, hear_from_node, register_node};
pub use producer_ids::{PRODUCER_ID_BLOCK, ProducerIdBlock, allocate_producer_ids};
pub use refusal::Refusal;
pub use topics::{
    CreatedTopic, NewTopic, PARTITIONS_PER_TOPIC_MAX, Replication, TopicDefaults, TopicReference,
    create_topic, delete_topic,
};

use alloc::vec::Vec;
use ringlog_image::{ApplyError, Image, MetadataRecord};

/// What to commit, and what to answer once it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<T> {
    /// The records, in order, committed together or not at all. May be empty: then nothing needs to change.
    pub records: Vec<MetadataRecord>,
    /// The answer.
    pub reply: T,
}

impl<T> Decision<T> {
    /// The image with the records applied: what the next request of a group is decided on.
    ///
    /// # Errors
    /// [`ApplyError`] if the records do not fit this image, which for the image they were decided on is a bug.
    pub fn applied_to(&self, image: &Image) -> Result<Image, ApplyError> {
        let mut image = image.clone();
        for record in &self.records {
            image.apply(record)?;
        }
        Ok(image)
    }
}

#[cfg(test)]
mod tests;
