//! A classic group that gives way to a consumer group.

use super::group::ClassicGroup;
use crate::{JoinResponse, Refusal, Response, consumer::ClassicFacts, coordinator::Turn, timers::Timer};

impl ClassicGroup {
    /// The group, as far as a consumer group can be made of it.
    pub(crate) fn facts(&self) -> ClassicFacts {
        let members = self.members.iter().map(|(name, member)| {
            let protocols = member.protocols.iter().map(|one| (one.name.clone(), one.metadata.clone()));
            (member.value(name, self.protocol.as_ref()), protocols.collect())
        });
        ClassicFacts {
            generation: self.generation,
            is_of_consumers: self.is_of_consumers(),
            members: members.collect(),
        }
    }

    /// Its members ask again, and find the other group; its deadlines are forgotten.
    pub(crate) fn dissolve(&mut self, turn: &mut Turn<'_>) {
        turn.timers.cancel(&Timer::Join(self.name.clone()));
        turn.timers.cancel(&Timer::Sync(self.name.clone()));
        for name in &self.pending {
            turn.timers.cancel(&Timer::Pending(self.name.clone(), name.clone()));
        }
        for (name, member) in &mut self.members {
            turn.timers.cancel(&Timer::Session(self.name.clone(), name.clone()));
            if let Some(token) = member.joining.take() {
                let refused = JoinResponse::refused(name, Refusal::RebalanceInProgress);
                turn.effects.reply(token, Response::Join(refused));
            }
            if let Some(token) = member.syncing.take() {
                turn.effects.reply(token, Response::Sync(Err(Refusal::RebalanceInProgress)));
            }
        }
    }
}
