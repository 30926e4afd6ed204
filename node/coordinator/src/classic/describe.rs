//! DescribeGroups.

use super::{group::ClassicGroup, member::Member};
use crate::{Coordinator, DescribedGroup, DescribedMember, GroupState, Name, Refusal, group::Group};

/// The version from which a group that does not exist is an error (KIP-1043).
const GROUP_NOT_FOUND_FROM: i16 = 6;

pub(crate) fn describe(
    coordinator: &Coordinator,
    group: &Name,
    version: i16,
) -> Result<DescribedGroup, Refusal> {
    match coordinator.groups.get(group) {
        Some(Group::Classic(group)) => Ok(group.describe()),
        _ if version >= GROUP_NOT_FOUND_FROM => Err(Refusal::GroupIdNotFound),
        _ => Ok(DescribedGroup {
            state: GroupState::Dead,
            protocol_type: Name::default(),
            protocol_name: Name::default(),
            members: Vec::new(),
        }),
    }
}

impl ClassicGroup {
    fn describe(&self) -> DescribedGroup {
        // Before the group is stable there is no protocol that what a member said would belong to.
        let protocol = self.protocol.as_ref().filter(|_| self.state == GroupState::Stable);
        let metadata = |member: &Member| protocol.and_then(|name| member.metadata(name)).cloned();
        let members = self.members.iter().map(|(name, member)| DescribedMember {
            member: name.clone(),
            instance: member.instance.clone(),
            client_id: member.client.id.clone(),
            client_host: member.client.host.clone(),
            metadata: metadata(member).unwrap_or_default(),
            assignment: if protocol.is_some() { member.assignment.clone() } else { bytes::Bytes::new() },
        });
        DescribedGroup {
            state: self.state,
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            protocol_name: protocol.cloned().unwrap_or_default(),
            members: members.collect(),
        }
    }
}
