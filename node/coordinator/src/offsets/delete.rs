//! OffsetDelete (KIP-496).

use super::tombstone;
use crate::{Coordinator, DeleteOffsets, Refusal, coordinator::Decision, group::Group};

type Deleted = Vec<Result<(), Refusal>>;

impl Coordinator {
    pub(crate) fn delete_offsets(&mut self, request: &DeleteOffsets) -> Result<Decision<Deleted>, Refusal> {
        let group = self.groups.get(&request.group).ok_or(Refusal::GroupIdNotFound)?;
        if let Group::Classic(group) = group {
            group.check_delete_offsets()?;
        }
        let mut records = Vec::new();
        let mut reply = Vec::with_capacity(request.partitions.len());
        for (topic, partition) in &request.partitions {
            if group.is_subscribed_to(topic) {
                reply.push(Err(Refusal::GroupSubscribedToTopic));
                continue;
            }
            if self.offsets.get(&request.group, topic, *partition).is_some() {
                records.push(tombstone(&request.group, topic, *partition));
            }
            reply.push(Ok(()));
        }
        Ok(Decision { records, reply })
    }
}
