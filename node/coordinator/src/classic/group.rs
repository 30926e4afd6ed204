//! The state of a classic group.
//!
//! ```text
//!            join                all have joined, or time is up         leader syncs
//! Empty ───────────> PreparingRebalance ───────────> CompletingRebalance ───────────> Stable
//!   ▲                  │  ▲                               │                             │
//!   └── nobody is left ┘  └── a member joins, leaves, or is lost ───────────────────────┘
//! ```

use super::{member::Member, subscription};
use crate::{
    ClassicGroupValue, GroupState, Name, OffsetCommit, Record, Refusal,
    offsets::ExpiryBase,
    timers::{Timer, Timers},
};
use ringlog_model::{Now, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The protocol type of Kafka's consumers.
pub(crate) const CONSUMER: &str = "consumer";

/// A group whose members assign among themselves.
#[derive(Debug)]
pub(crate) struct ClassicGroup {
    pub(crate) name: Name,
    pub(crate) state: GroupState,
    /// When it entered its state; of a restored group what the record says.
    pub(crate) since: Option<Timestamp>,
    /// Whether the rebalance that is being prepared began in an empty group: its first joins wait for others.
    pub(crate) is_initial: bool,
    /// What is left of the rebalance timeout when the initial delay next ends, and whether somebody joined meanwhile.
    pub(crate) initial_remaining: core::time::Duration,
    pub(crate) initial_delay: core::time::Duration,
    pub(crate) was_joined: bool,
    pub(crate) generation: i32,
    pub(crate) protocol_type: Option<Name>,
    pub(crate) protocol: Option<Name>,
    pub(crate) leader: Option<Name>,
    pub(crate) members: BTreeMap<Name, Member>,
    /// Static members by their instance ids (KIP-345).
    pub(crate) instances: BTreeMap<Name, Name>,
    /// Member ids that were given away and not used to join (KIP-394).
    pub(crate) pending: BTreeSet<Name>,
    /// Members that have not fetched the current generation's assignment.
    pub(crate) unsynced: BTreeSet<Name>,
    /// What the members of the current generation read; none if that cannot be told.
    pub(crate) subscribed: Option<BTreeSet<Name>>,
}

impl ClassicGroup {
    /// An empty group.
    pub(crate) fn new(name: Name) -> ClassicGroup {
        ClassicGroup {
            name,
            state: GroupState::Empty,
            since: None,
            is_initial: false,
            initial_remaining: core::time::Duration::ZERO,
            initial_delay: core::time::Duration::ZERO,
            was_joined: false,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            instances: BTreeMap::new(),
            pending: BTreeSet::new(),
            unsynced: BTreeSet::new(),
            subscribed: None,
        }
    }

    /// A group as its record says.
    pub(crate) fn restored(name: Name, value: &ClassicGroupValue) -> ClassicGroup {
        let mut group = ClassicGroup::new(name);
        group.generation = value.generation;
        group.protocol_type = Some(value.protocol_type.clone()).filter(|name| !name.is_empty());
        group.protocol = value.protocol.clone();
        group.leader = value.leader.clone();
        group.since = value.since;
        for member in &value.members {
            if let Some(instance) = &member.instance {
                group.instances.insert(instance.clone(), member.member.clone());
            }
            let restored = Member::restored(member, value.protocol.as_ref());
            group.members.insert(member.member.clone(), restored);
        }
        group.state = if group.members.is_empty() { GroupState::Empty } else { GroupState::Stable };
        group.subscribed = subscription::topics(&group);
        group
    }

    /// The durable state.
    pub(crate) fn record(&self) -> Option<Record> {
        // A group that nobody ever joined is there for its positions alone and has no record.
        let protocol_type = self.protocol_type.clone();
        let protocol_type = if self.is_simple() { return None } else { protocol_type.unwrap_or_default() };
        let members = self.members.iter().map(|(name, member)| member.value(name, self.protocol.as_ref()));
        let value = ClassicGroupValue {
            protocol_type,
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            since: self.since,
            members: members.collect(),
        };
        Some(Record::ClassicGroup(self.name.clone(), Some(value)))
    }

    /// Whether nobody ever joined.
    pub(crate) fn is_simple(&self) -> bool {
        self.protocol_type.is_none() && self.generation == 0 && self.since.is_none()
    }

    pub(crate) fn state(&self) -> GroupState {
        self.state
    }

    pub(crate) fn protocol_type(&self) -> Option<&Name> {
        self.protocol_type.as_ref()
    }

    pub(super) fn enter(&mut self, state: GroupState, now: Now) {
        self.state = state;
        self.since = Some(now.wall);
    }

    /// Sessions begin after a load.
    pub(crate) fn loaded(&mut self, now: Now, timers: &mut Timers) {
        for (name, member) in &self.members {
            let session = Timer::Session(self.name.clone(), name.clone());
            timers.set(session, now.monotonic.plus(member.session_timeout));
        }
    }

    /// Whether somebody has been given a member id and is about to join.
    pub(crate) fn is_awaited(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether a member reads this topic. A group of consumers of which that cannot be told reads everything.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        match &self.subscribed {
            Some(topics) => topics.contains(topic),
            None => self.is_of_consumers(),
        }
    }

    pub(crate) fn is_of_consumers(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER)
    }

    /// The member, if it may speak for itself.
    pub(crate) fn check_member(&self, member: &Name, instance: Option<&Name>) -> Result<(), Refusal> {
        let Some(instance) = instance else {
            return if self.members.contains_key(member) { Ok(()) } else { Err(Refusal::UnknownMemberId) };
        };
        match self.instances.get(instance) {
            None => Err(Refusal::UnknownMemberId),
            Some(current) if current != member => Err(Refusal::FencedInstanceId),
            Some(_) => Ok(()),
        }
    }

    /// Whether these positions may be committed.
    pub(crate) fn check_commit(&self, request: &OffsetCommit) -> Result<(), Refusal> {
        let names_member = !request.member.is_empty() || request.instance.is_some();
        if request.generation < 0 && self.state == GroupState::Empty {
            return Ok(());
        }
        if request.generation < 0 && !names_member {
            // A stranger's commit while members are at work.
            return Err(Refusal::UnknownMemberId);
        }
        self.check_member(&request.member, request.instance.as_ref())?;
        if request.generation != self.generation {
            return Err(Refusal::IllegalGeneration);
        }
        if self.state == GroupState::CompletingRebalance {
            // The generation is right and its assignment not yet known: the client asks again.
            return Err(Refusal::RebalanceInProgress);
        }
        Ok(())
    }

    /// Whether positions may be deleted at all.
    pub(crate) fn check_delete_offsets(&self) -> Result<(), Refusal> {
        if self.state == GroupState::Empty || self.is_of_consumers() {
            return Ok(());
        }
        Err(Refusal::NonEmptyGroup)
    }

    pub(crate) fn expiry_base(&self) -> ExpiryBase {
        match self.state {
            _ if self.protocol_type.is_none() => ExpiryBase::Commit,
            GroupState::Empty => ExpiryBase::Since(self.since),
            GroupState::Stable if self.is_of_consumers() && self.subscribed.is_some() => ExpiryBase::Commit,
            _ => ExpiryBase::Never,
        }
    }

    /// A member has shown that it is alive.
    pub(crate) fn heard_of(&self, member: &Name, now: Now, timers: &mut Timers) {
        if !matches!(self.state, GroupState::Stable | GroupState::PreparingRebalance) {
            return;
        }
        self.extend_session(member, now, timers);
    }

    pub(super) fn extend_session(&self, name: &Name, now: Now, timers: &mut Timers) {
        if let Some(member) = self.members.get(name) {
            let session = Timer::Session(self.name.clone(), name.clone());
            timers.set(session, now.monotonic.plus(member.session_timeout));
        }
    }
}
