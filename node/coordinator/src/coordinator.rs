//! The state of one partition of `__consumer_offsets`, and which request goes where.

use crate::{
    Config, Effects, GroupState, ListGroups, ListedGroup, Name, Record, RecordError, Refusal, Request,
    Response, Token, Topics,
    classic::{self, ClassicGroup},
    consumer,
    group::Group,
    offsets::Offsets,
    timers::{Timer, Timers},
};
use ringlog_model::{Instant, Now};
use std::collections::BTreeMap;

/// What a request leads to: what is to be recorded, and what is answered once that is committed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision<R> {
    pub(crate) records: Vec<Record>,
    pub(crate) reply: R,
}

/// The groups of one partition of `__consumer_offsets`, and their positions.
#[derive(Debug)]
pub struct Coordinator {
    pub(crate) config: Config,
    pub(crate) groups: BTreeMap<Name, Group>,
    pub(crate) offsets: Offsets,
    pub(crate) timers: Timers,
}

/// What a group needs of its coordinator while it handles something.
pub(crate) struct Turn<'a> {
    pub(crate) now: Now,
    pub(crate) config: &'a Config,
    pub(crate) timers: &'a mut Timers,
    pub(crate) effects: &'a mut Effects,
}

impl Coordinator {
    /// Without groups.
    #[must_use]
    pub fn new(config: Config) -> Coordinator {
        Coordinator {
            config,
            groups: BTreeMap::new(),
            offsets: Offsets::default(),
            timers: Timers::default(),
        }
    }

    /// Replays a record of the partition. Records of kinds that are not kept here change nothing.
    ///
    /// # Errors
    /// If the bytes are not a record; the state is unchanged.
    pub fn load(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), RecordError> {
        if let Some(record) = Record::decode(key, value)? {
            self.apply(&record);
        }
        Ok(())
    }

    /// All records are loaded: sessions of the members begin. `topics` knows what is set for each group.
    pub fn loaded(&mut self, now: Now, topics: &dyn Topics) {
        for group in self.groups.values_mut() {
            if let Group::Classic(group) = group {
                group.loaded(now, &mut self.timers);
            }
        }
        consumer::loaded(self, now, topics);
        self.timers.set(Timer::Expiry, now.monotonic.plus(self.config.expiry_interval));
    }

    /// Handles a request: its answer is among the effects, now or later.
    pub fn handle(
        &mut self,
        now: Now,
        topics: &dyn Topics,
        token: Token,
        request: Request,
        effects: &mut Effects,
    ) {
        let response = match request {
            Request::Join(request) => return classic::join(self, now, topics, token, request, effects),
            Request::Sync(request) => return classic::sync(self, now, topics, token, &request, effects),
            Request::Leave(request) => return classic::leave(self, now, topics, token, &request, effects),
            Request::Heartbeat(request) => {
                Response::Heartbeat(classic::heartbeat(self, now, topics, &request))
            }
            Request::OffsetCommit(request) => {
                let Decision { records, reply } = self.commit_offsets(now, &request);
                self.commit(records, effects);
                Response::OffsetCommit(reply)
            }
            Request::OffsetFetch(request) => Response::OffsetFetch(self.fetch_offsets(&request)),
            Request::OffsetDelete(request) => Response::OffsetDelete(
                self.carry_out(effects, |coordinator| coordinator.delete_offsets(&request)),
            ),
            Request::ListGroups(filter) => Response::ListGroups(self.list(&filter)),
            Request::DescribeGroup { group, version } => {
                Response::DescribeGroup(classic::describe(self, &group, version))
            }
            Request::DeleteGroup { group } => {
                Response::DeleteGroup(self.carry_out(effects, |coordinator| coordinator.delete_group(&group)))
            }
            Request::ConsumerHeartbeat(request) => {
                Response::ConsumerHeartbeat(consumer::heartbeat(self, now, topics, &request, effects))
            }
            Request::DescribeConsumerGroup { group } => {
                Response::DescribeConsumerGroup(consumer::describe(self, topics, &group))
            }
        };
        effects.reply(token, response);
    }

    /// Lets deadlines pass.
    pub fn tick(&mut self, now: Now, topics: &dyn Topics, effects: &mut Effects) {
        while let Some(timer) = self.timers.pop_due(now.monotonic) {
            match &timer {
                Timer::Join(group)
                | Timer::Sync(group)
                | Timer::Session(group, _)
                | Timer::Pending(group, _) => {
                    let mut turn =
                        Turn { now, config: &self.config, timers: &mut self.timers, effects: &mut *effects };
                    if let Some(Group::Classic(group)) = self.groups.get_mut(group) {
                        group.timed_out(&mut turn, &timer);
                    }
                }
                Timer::Consumer(group, timer) => {
                    consumer::timed_out(self, now, topics, group, timer, effects)
                }
                Timer::Expiry => {
                    self.expire_offsets(now, effects);
                    self.timers.set(Timer::Expiry, now.monotonic.plus(self.config.expiry_interval));
                }
            }
        }
    }

    /// When [`Coordinator::tick`] has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Topics are gone, and with them all positions in them. Other changes of topics need no word: consumer groups look at their
    /// topics with the next heartbeat of any member.
    pub fn topics_deleted(&mut self, deleted: &[Name], effects: &mut Effects) {
        let records = self.offsets.in_topics(deleted);
        self.commit(records, effects);
    }

    /// The durable state as records: loaded into an empty coordinator they give it again. Of classic groups that rebalance
    /// this is what the next finished generation would begin from.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        let mut records = Vec::new();
        for (name, group) in &self.groups {
            match group {
                Group::Classic(group) => records.extend(group.record()),
                Group::Consumer(group) => records.extend(group.records(name)),
            }
        }
        records.extend(self.offsets.records());
        records
    }

    /// The sole mutation of the durable state, by replay and by live operation.
    pub(crate) fn apply(&mut self, record: &Record) {
        match record {
            Record::Offset(key, Some(value)) => {
                // Positions without a group are those of consumers that assign by themselves.
                if !self.groups.contains_key(&key.group) {
                    self.groups
                        .insert(key.group.clone(), Group::Classic(ClassicGroup::new(key.group.clone())));
                }
                self.offsets.put(key, value.clone());
            }
            Record::Offset(key, None) => self.offsets.remove(key),
            Record::ClassicGroup(group, Some(value)) => {
                let restored = ClassicGroup::restored(group.clone(), value);
                self.groups.insert(group.clone(), Group::Classic(restored));
            }
            Record::ClassicGroup(group, None) => {
                if let Some(Group::Classic(_)) = self.groups.get(group) {
                    self.groups.remove(group);
                }
            }
            Record::Consumer(record) => consumer::apply(self, record),
        }
    }

    /// Applies records and has them appended.
    pub(crate) fn commit(&mut self, records: Vec<Record>, effects: &mut Effects) {
        for record in &records {
            self.apply(record);
        }
        effects.append(records);
    }

    /// Decides and commits.
    pub(crate) fn carry_out<R>(
        &mut self,
        effects: &mut Effects,
        decide: impl FnOnce(&mut Coordinator) -> Result<Decision<R>, Refusal>,
    ) -> Result<R, Refusal> {
        let Decision { records, reply } = decide(self)?;
        self.commit(records, effects);
        Ok(reply)
    }

    fn list(&self, filter: &ListGroups) -> Vec<ListedGroup> {
        let passes = |group: &Group| {
            (filter.states.is_empty() || filter.states.contains(&group.state()))
                && (filter.types.is_empty() || filter.types.contains(&group.group_type()))
        };
        let listed = self.groups.iter().filter(|(_, group)| passes(group)).map(|(name, group)| ListedGroup {
            group: name.clone(),
            protocol_type: group.protocol_type(),
            state: group.state(),
            group_type: group.group_type(),
        });
        listed.collect()
    }

    fn delete_group(&mut self, name: &Name) -> Result<Decision<()>, Refusal> {
        let group = self.groups.get(name).ok_or(Refusal::GroupIdNotFound)?;
        match group.state() {
            GroupState::Empty => {}
            GroupState::Dead => return Err(Refusal::GroupIdNotFound),
            _ => return Err(Refusal::NonEmptyGroup),
        }
        let mut records = self.offsets.of_group(name);
        records.extend(group.tombstones(name));
        self.timers.cancel(&Timer::Join(name.clone()));
        Ok(Decision { records, reply: () })
    }
}
