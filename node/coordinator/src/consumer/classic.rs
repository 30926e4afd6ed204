//! Members of the classic protocol in a consumer group (KIP-848, migration): the broker assigns, they ask by JoinGroup and SyncGroup.
//!
//! Such a member learns by a heartbeat that it is to join again, says in its join what it still owns, and fetches by its sync what it has
//! now. Its generation is its member epoch.

use super::{
    downgrade::{self, Rebalance},
    embedded::{self, PROTOCOL_TYPE},
    group::ConsumerGroup,
    heartbeat::Sender,
    member::{ClassicMember, Member, MemberMetadata, MemberState},
    step::{ConsumerTimer, Context, Outcome, Step, TimerChanges, milliseconds},
};
use crate::{
    Heartbeat, Join, JoinResponse, Leave, LeavingMember, LeftMember, Migration, Name, Refusal, Sync, Synced,
};
use core::time::Duration;

impl ConsumerGroup {
    /// JoinGroup.
    ///
    /// # Errors
    /// The group does not take classic members, or not this one; the group is then unchanged.
    pub(crate) fn join_classic(
        &mut self,
        context: Context<'_>,
        request: &Join,
    ) -> Result<(Outcome, JoinResponse), Box<JoinResponse>> {
        let refused = |refusal| Box::new(JoinResponse::refused(&request.member, refusal));
        self.check_classic_join(context, request).map_err(refused)?;
        if request.member.is_empty() && request.instance.is_none() && request.member_id_required {
            let id = Name::from(request.fresh.to_string());
            return Err(Box::new(JoinResponse::refused(&id, Refusal::MemberIdRequired)));
        }
        let first = request.protocols.first().ok_or_else(|| refused(Refusal::InconsistentGroupProtocol))?;
        let subscription = embedded::read_subscription(&first.metadata, context.topics)
            .ok_or_else(|| refused(Refusal::InconsistentGroupProtocol))?;

        let sender = self.classic_sender(request, &subscription).map_err(refused)?;
        let before = self.member_before(&sender);
        let metadata = classic_metadata(before.metadata, request, &subscription);
        let mut step = Step::new(self, context);
        let subscriptions = step.admit(&sender, metadata);
        step.refresh_epoch(subscriptions);
        let id = sender.id();
        if matches!(sender, Sender::Returning { .. }) && downgrade::is_due(step.group, context.config) {
            return Ok(step.join_and_downgrade(id, &subscription));
        }
        step.refresh_target();
        step.reconcile(id, Some(&subscription.owned));
        step.cancel_timer(ConsumerTimer::Join(id.clone()));
        step.set_timer(ConsumerTimer::Session(id.clone()), milliseconds(request.session_timeout_ms));
        step.set_timer(ConsumerTimer::Sync(id.clone()), milliseconds(request.rebalance_timeout_ms));
        let response = joined(id, &step.group.members[id]);
        Ok((step.finish(), response))
    }

    fn check_classic_join(&self, context: Context<'_>, request: &Join) -> Result<(), Refusal> {
        if context.config.migration == Migration::Disabled {
            return Err(Refusal::InconsistentGroupProtocol);
        }
        let is_known_instance =
            request.instance.as_ref().is_some_and(|name| self.instances.contains_key(name));
        if !is_known_instance {
            self.check_size(context, &request.member)?;
        }
        let protocols: Vec<&str> = request.protocols.iter().map(|protocol| &*protocol.name).collect();
        if !self.supports(&request.protocol_type, &protocols) {
            return Err(Refusal::InconsistentGroupProtocol);
        }
        Ok(())
    }

    fn classic_sender(
        &self,
        request: &Join,
        subscription: &embedded::Subscription,
    ) -> Result<Sender, Refusal> {
        let given = !request.member.is_empty();
        let fresh = || Name::from(request.fresh.to_string());
        let Some(instance) = &request.instance else {
            return match self.members.contains_key(&request.member) {
                true => Ok(Sender::Known(request.member.clone())),
                // It was removed and does not know: what it still reads is no longer its own.
                false if !subscription.owned.is_empty() => Err(Refusal::UnknownMemberId),
                false if given => Ok(Sender::New(request.member.clone())),
                false => Ok(Sender::New(fresh())),
            };
        };
        match self.static_member(instance) {
            Some((old, _)) if !given => Ok(Sender::Returning { id: fresh(), old: old.clone() }),
            Some((id, _)) if *id == request.member => Ok(Sender::Known(id.clone())),
            Some(_) => Err(Refusal::FencedInstanceId),
            None if given => Err(Refusal::UnknownMemberId),
            None => Ok(Sender::New(fresh())),
        }
    }

    /// A classic member, if it may speak for itself in this generation.
    fn check_classic_member(
        &self,
        id: &Name,
        instance: Option<&Name>,
        generation: i32,
    ) -> Result<&Member, Refusal> {
        if let Some(instance) = instance {
            match self.instances.get(instance) {
                None => return Err(Refusal::UnknownMemberId),
                Some(holder) if holder != id => return Err(Refusal::FencedInstanceId),
                Some(_) => {}
            }
        }
        let member =
            self.members.get(id).filter(|member| member.is_classic()).ok_or(Refusal::UnknownMemberId)?;
        if member.current.epoch != generation {
            return Err(Refusal::IllegalGeneration);
        }
        Ok(member)
    }

    /// SyncGroup.
    ///
    /// # Errors
    /// The member is not known so, or has to join again.
    pub(crate) fn sync_classic(
        &mut self,
        context: Context<'_>,
        request: &Sync,
    ) -> (TimerChanges, Result<Synced, Refusal>) {
        let checked =
            self.check_classic_member(&request.member, request.instance.as_ref(), request.generation);
        let checked = checked.and_then(|member| match member.classic_protocol() {
            Some(protocol) if goes_with(request, &protocol.0) => Ok((member, protocol)),
            _ => Err(Refusal::InconsistentGroupProtocol),
        });
        let (name, assignment, session, joins_again) = match checked {
            Err(refusal) => return (TimerChanges::new(), Err(refusal)),
            Ok((member, (name, metadata))) => {
                let assigned = member.current.assigned.partitions();
                let bytes = embedded::write_assignment(&assigned, metadata, context.topics);
                // One that is to give something up has to fetch what it may keep.
                let gives_up = member.current.state == MemberState::UnrevokedPartitions;
                (name.clone(), bytes, session_timeout(member), self.is_behind(member) && !gives_up)
            }
        };
        let mut step = Step::new(self, context);
        if joins_again {
            step.call_to_join(&request.member);
            return (step.finish().timers, Err(Refusal::RebalanceInProgress));
        }
        step.cancel_timer(ConsumerTimer::Sync(request.member.clone()));
        step.set_timer(ConsumerTimer::Session(request.member.clone()), session);
        let synced =
            Synced { protocol_type: Some(Name::from(PROTOCOL_TYPE)), protocol_name: Some(name), assignment };
        (step.finish().timers, Ok(synced))
    }

    /// Whether a member has a newer target.
    fn is_behind(&self, member: &Member) -> bool {
        member.current.epoch < self.target_epoch
    }

    /// Heartbeat.
    ///
    /// # Errors
    /// The member is not known so, or is to join again: for a newer target, to tell that it gave up partitions, or to take what others
    /// gave up.
    pub(crate) fn heartbeat_classic(
        &mut self,
        context: Context<'_>,
        request: &Heartbeat,
    ) -> (TimerChanges, Result<(), Refusal>) {
        let id = &request.member;
        let (session, joins_again) =
            match self.check_classic_member(id, request.instance.as_ref(), request.generation) {
                Err(refusal) => return (TimerChanges::new(), Err(refusal)),
                Ok(member) => {
                    let gives_up = member.current.state == MemberState::UnrevokedPartitions;
                    let joins_again = self.is_behind(member) || gives_up || self.can_take_more(id, member);
                    (session_timeout(member), joins_again)
                }
            };
        let mut step = Step::new(self, context);
        step.set_timer(ConsumerTimer::Session(id.clone()), session);
        if joins_again {
            step.call_to_join(id);
            return (step.finish().timers, Err(Refusal::RebalanceInProgress));
        }
        (step.finish().timers, Ok(()))
    }

    /// Whether all that a member waits for is free.
    fn can_take_more(&self, id: &Name, member: &Member) -> bool {
        let waits = member.current.state == MemberState::UnreleasedPartitions;
        let mut target = self.target.get(id).into_iter().flat_map(|target| target.iter());
        waits && target.all(|(topic, index)| self.is_free(id, topic, index))
    }

    /// LeaveGroup, of members of either protocol: an administrator removes members by it.
    pub(crate) fn leave_classic(
        &mut self,
        context: Context<'_>,
        request: &Leave,
    ) -> (Outcome, Vec<LeftMember>) {
        let mut gone: Vec<Name> = Vec::new();
        let left = request.members.iter().map(|leaving| {
            let found = self.find_leaving(leaving);
            if let Ok(id) = &found
                && !gone.contains(id)
            {
                gone.push(id.clone());
            }
            LeftMember {
                member: leaving.member.clone(),
                instance: leaving.instance.clone(),
                result: found.map(|_| ()),
            }
        });
        let left = left.collect();
        let mut step = Step::new(self, context);
        if !gone.is_empty() {
            step.remove_members(&gone);
        }
        (step.finish(), left)
    }

    fn find_leaving(&self, leaving: &LeavingMember) -> Result<Name, Refusal> {
        let Some(instance) = &leaving.instance else {
            let known = self.members.contains_key(&leaving.member);
            return known.then(|| leaving.member.clone()).ok_or(Refusal::UnknownMemberId);
        };
        match self.static_member(instance) {
            None => Err(Refusal::UnknownMemberId),
            Some((id, _)) if !leaving.member.is_empty() && *id != leaving.member => {
                Err(Refusal::FencedInstanceId)
            }
            Some((id, _)) => Ok(id.clone()),
        }
    }
}

impl Step<'_> {
    /// A member was told to join again: it has its rebalance timeout to do so, from the first time it was told.
    fn call_to_join(&mut self, id: &Name) {
        let timeout = self.group.members.get(id).map_or(0, |member| member.metadata.rebalance_timeout_ms);
        self.set_timer_if_absent(ConsumerTimer::Join(id.clone()), milliseconds(timeout));
    }

    /// The last member of the newer protocol was replaced by a classic one.
    fn join_and_downgrade(
        mut self,
        id: &Name,
        subscription: &embedded::Subscription,
    ) -> (Outcome, JoinResponse) {
        let is_current = self.group.target_epoch == self.group.epoch;
        if is_current {
            self.reconcile(id, Some(&subscription.owned));
        }
        let response = joined(id, &self.group.members[id]);
        self.downgrade(if is_current { Rebalance::WhenAsked } else { Rebalance::AtOnce });
        (self.finish(), response)
    }
}

fn joined(id: &Name, member: &Member) -> JoinResponse {
    JoinResponse {
        refusal: None,
        generation: member.current.epoch,
        protocol_type: Some(Name::from(PROTOCOL_TYPE)),
        protocol_name: member.classic_protocol().map(|(name, _)| name.clone()),
        leader: Name::default(),
        skip_assignment: false,
        member: id.clone(),
        members: Vec::new(),
    }
}

fn classic_metadata(
    before: MemberMetadata,
    request: &Join,
    subscription: &embedded::Subscription,
) -> MemberMetadata {
    MemberMetadata {
        instance: request.instance.clone().or(before.instance),
        rack: subscription.rack.clone().or(before.rack),
        client_id: request.client.id.clone(),
        client_host: request.client.host.clone(),
        topic_names: subscription.topics.clone(),
        topic_regex: None,
        rebalance_timeout_ms: match request.rebalance_timeout_ms {
            -1 => before.rebalance_timeout_ms,
            timeout => timeout,
        },
        assignor: before.assignor,
        classic: Some(ClassicMember {
            session_timeout_ms: request.session_timeout_ms,
            protocols: request.protocols.iter().map(|one| (one.name.clone(), one.metadata.clone())).collect(),
        }),
    }
}

fn goes_with(request: &Sync, protocol: &Name) -> bool {
    request.protocol_type.as_deref().is_none_or(|name| name == PROTOCOL_TYPE)
        && request.protocol_name.as_ref().is_none_or(|name| name == protocol)
}

fn session_timeout(member: &Member) -> Duration {
    milliseconds(member.metadata.classic.as_ref().map_or(0, |classic| classic.session_timeout_ms))
}
