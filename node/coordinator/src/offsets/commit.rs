//! OffsetCommit.

use crate::{
    CommitOffset, Coordinator, OffsetCommit, OffsetKey, OffsetValue, Record, Refusal, coordinator::Decision,
    group::Group,
};
use ringlog_model::{Now, Timestamp};

/// The version from which a commit to a group that does not exist says so.
const GROUP_NOT_FOUND_FROM: i16 = 9;

impl Coordinator {
    pub(crate) fn commit_offsets(
        &mut self,
        now: Now,
        request: &OffsetCommit,
    ) -> Decision<Vec<Result<(), Refusal>>> {
        if let Err(refusal) = self.check_commit(request) {
            return Decision { records: Vec::new(), reply: vec![Err(refusal); request.offsets.len()] };
        }
        // A commit shows that the member is alive.
        if let Some(Group::Classic(group)) = self.groups.get_mut(&request.group) {
            group.heard_of(&request.member, now, &mut self.timers);
        }
        let mut records = Vec::new();
        let mut reply = Vec::with_capacity(request.offsets.len());
        for position in &request.offsets {
            let checked = self.check_position(request, position);
            if checked.is_ok() {
                records.push(record(now, request, position));
            }
            reply.push(checked);
        }
        Decision { records, reply }
    }

    fn check_position(&self, request: &OffsetCommit, position: &CommitOffset) -> Result<(), Refusal> {
        if position.metadata.len() > self.config.metadata_bytes_max {
            return Err(Refusal::OffsetMetadataTooLarge);
        }
        match self.groups.get(&request.group) {
            Some(Group::Consumer(group)) => group.check_position(request, position),
            _ => Ok(()),
        }
    }

    fn check_commit(&self, request: &OffsetCommit) -> Result<(), Refusal> {
        match self.groups.get(&request.group) {
            Some(Group::Classic(group)) => group.check_commit(request),
            Some(Group::Consumer(group)) => group.check_commit(request),
            // Without a generation: an administrator, or a consumer that assigns by itself. The group comes into being.
            None if request.generation < 0 => Ok(()),
            None if request.version >= GROUP_NOT_FOUND_FROM => Err(Refusal::GroupIdNotFound),
            None => Err(Refusal::IllegalGeneration),
        }
    }
}

fn record(now: Now, request: &OffsetCommit, position: &CommitOffset) -> Record {
    let key = OffsetKey {
        group: request.group.clone(),
        topic: position.topic.clone(),
        partition: position.partition,
    };
    let expires_at = request.retention_ms.map(|retention| Timestamp(now.wall.0.saturating_add(retention)));
    let value = OffsetValue {
        offset: position.offset,
        leader_epoch: position.leader_epoch,
        metadata: position.metadata.clone(),
        committed_at: now.wall,
        expires_at,
        topic_id: position.topic_id,
    };
    Record::Offset(key, Some(value))
}
