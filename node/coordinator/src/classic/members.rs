//! Members come and go; what follows for the group stands in `rebalance`.

use super::{group::ClassicGroup, member::Member};
use crate::{JoinResponse, Name, Protocol, Refusal, Response, coordinator::Turn, timers::Timer};
use ringlog_model::Uuid;
use std::collections::BTreeMap;

impl ClassicGroup {
    /// Takes a member in.
    pub(super) fn add(&mut self, name: &Name, member: Member, protocol_type: &Name) {
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type.clone());
        }
        if let Some(instance) = &member.instance {
            self.instances.insert(instance.clone(), name.clone());
        }
        if self.leader.is_none() {
            self.leader = Some(name.clone());
        }
        self.pending.remove(name);
        self.members.insert(name.clone(), member);
    }

    /// Lets a member go. What it waits for is answered: its client, if it is still there, joins anew.
    pub(super) fn remove(&mut self, turn: &mut Turn<'_>, name: &Name) {
        self.unsynced.remove(name);
        self.forget_pending(turn, name);
        turn.timers.cancel(&Timer::Session(self.name.clone(), name.clone()));
        let Some(member) = self.members.remove(name) else { return };
        if let Some(instance) = &member.instance
            && self.instances.get(instance) == Some(name)
        {
            self.instances.remove(instance);
        }
        refuse_parked(turn, &Name::default(), member, &Refusal::UnknownMemberId);
        if self.leader.as_ref() == Some(name) {
            self.leader = self.members.keys().next().cloned();
        }
    }

    pub(super) fn forget_pending(&mut self, turn: &mut Turn<'_>, name: &Name) {
        if self.pending.remove(name) {
            turn.timers.cancel(&Timer::Pending(self.name.clone(), name.clone()));
        }
    }

    /// A static member has come back under a new member id: it takes the place of its former self, which is fenced.
    pub(super) fn replace_static(&mut self, turn: &mut Turn<'_>, instance: &Name, old: &Name, new: &Name) {
        let Some(former) = self.members.remove(old) else { return };
        turn.timers.cancel(&Timer::Session(self.name.clone(), old.clone()));
        let successor = Member {
            instance: former.instance.clone(),
            client: former.client.clone(),
            protocols: former.protocols.clone(),
            assignment: former.assignment.clone(),
            joining: None,
            syncing: None,
            ..former
        };
        refuse_parked(turn, old, former, &Refusal::FencedInstanceId);
        self.unsynced.remove(old);
        self.members.insert(new.clone(), successor);
        self.instances.insert(instance.clone(), new.clone());
        if self.leader.as_ref() == Some(old) {
            self.leader = Some(new.clone());
        }
    }

    pub(super) fn is_leader(&self, name: &Name) -> bool {
        self.leader.as_ref() == Some(name)
    }

    /// Whether a member with these protocols can be one of this group: all of the others share one of them.
    pub(super) fn supports(&self, protocol_type: &Name, protocols: &[Protocol]) -> bool {
        if self.members.is_empty() {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let shared = self.shared_protocols();
        self.protocol_type.as_ref() == Some(protocol_type)
            && protocols.iter().any(|protocol| shared.contains(&&protocol.name))
    }

    /// The protocols that all members support.
    fn shared_protocols(&self) -> Vec<&Name> {
        let Some(first) = self.members.values().next() else { return Vec::new() };
        let is_shared = |name: &Name| self.members.values().all(|member| member.metadata(name).is_some());
        first.protocols.iter().map(|protocol| &protocol.name).filter(|name| is_shared(name)).collect()
    }

    /// The protocol that most members prefer among those that all support; of equally preferred ones the first by name.
    pub(super) fn vote(&self) -> Option<Name> {
        let shared = self.shared_protocols();
        let mut votes: BTreeMap<&Name, usize> = BTreeMap::new();
        for member in self.members.values() {
            let preferred = member.protocols.iter().find(|protocol| shared.contains(&&protocol.name));
            if let Some(preferred) = preferred {
                *votes.entry(&preferred.name).or_default() += 1;
            }
        }
        // The last of equal maxima is taken: reversed, that is the first by name.
        votes.into_iter().rev().max_by_key(|(_, count)| *count).map(|(name, _)| name.clone())
    }

    /// A member id that nobody else has. It begins with the name that people know the client by.
    pub(super) fn new_member_id(client: &Name, instance: Option<&Name>, fresh: Uuid) -> Name {
        let prefix = instance.unwrap_or(client);
        Name::from(format!("{prefix}-{}", hyphenated(fresh)))
    }
}

/// The usual notation of a UUID, in which Java prints them.
fn hyphenated(uuid: Uuid) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in uuid.0.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// Answers whatever a member that is no longer one waits for.
fn refuse_parked(turn: &mut Turn<'_>, name: &Name, member: Member, refusal: &Refusal) {
    if let Some(token) = member.joining {
        turn.effects.reply(token, Response::Join(JoinResponse::refused(name, refusal.clone())));
    }
    if let Some(token) = member.syncing {
        turn.effects.reply(token, Response::Sync(Err(refusal.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn member_ids_begin_with_the_clients_or_the_instances_name() {
        let (client, instance) = (Name::from("c"), Name::from("i"));
        let id = ClassicGroup::new_member_id(&client, None, Uuid([0xab; 16]));
        assert_eq!(&*id, "c-abababab-abab-abab-abab-abababababab");
        assert!(
            ClassicGroup::new_member_id(&client, Some(&instance), Uuid([1; 16])).starts_with("i-01010101-")
        );
    }
}
