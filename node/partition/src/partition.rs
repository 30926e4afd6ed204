//! The machine itself: one event in, effects out.

use crate::role::{Follower, Leader};
use crate::waiters::WaiterQueue;
use crate::{
    Effect, Effects, EpochHistory, Event, LeadershipRefusal, LoggedBatch, Marks, OfflineReason,
    PartitionConfig, ProducerTable, RequestId, Role, Space,
};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use ringlog_model::{Instant, LeaderEpoch, NodeId, Now, Offset, PartitionId};

/// Producers forgotten at one tick, so that a tick stays short.
const EXPIRED_PER_TICK: usize = 256;

/// What storage found of a log when it was opened (or that it is new: all zero and empty).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveredPartition {
    /// The log's first offset.
    pub log_start: Offset,
    /// One past its last offset; everything before it is synced.
    pub end: Offset,
    /// Its leaderships.
    pub epochs: EpochHistory,
    /// Its idempotent producers, from the snapshot and the batches behind it.
    pub producers: ProducerTable,
}

/// The state of one replica of one partition.
#[derive(Clone, Debug)]
pub struct Partition {
    pub(crate) id: PartitionId,
    pub(crate) node: NodeId,
    pub(crate) config: PartitionConfig,
    pub(crate) role: Role,
    pub(crate) marks: Marks,
    pub(crate) epochs: EpochHistory,
    pub(crate) producers: ProducerTable,
    pub(crate) space: Space,
    /// Requests that wait for this replica's commit mark.
    pub(crate) waiting_leader: WaiterQueue,
    /// Requests that wait for the high watermark.
    pub(crate) waiting_all: WaiterQueue,
    /// Ends and sizes of the batches that are not readable yet, in order.
    uncommitted: VecDeque<(Offset, u32)>,
    /// A producer snapshot whose offset is not synced yet.
    snapshot: Option<(Offset, Vec<u8>)>,
    /// The offset of the last snapshot given out.
    attached: Option<Offset>,
}

impl Partition {
    /// A replica that serves nobody until it is told its role.
    #[must_use]
    pub fn new(
        id: PartitionId,
        node: NodeId,
        config: PartitionConfig,
        recovered: RecoveredPartition,
    ) -> Partition {
        let RecoveredPartition { log_start, end, epochs, producers } = recovered;
        Partition {
            id,
            node,
            config,
            role: Role::Offline(OfflineReason::Unassigned),
            marks: Marks::recovered(log_start, end),
            epochs,
            producers,
            space: Space::Enough,
            waiting_leader: WaiterQueue::default(),
            waiting_all: WaiterQueue::default(),
            uncommitted: VecDeque::new(),
            snapshot: None,
            attached: None,
        }
    }

    /// Takes one event in and appends what is to be done to `effects`.
    ///
    /// # Panics
    /// If the caller breaks the contract with its own log: progress beyond what was accepted, a cut of a leader's log, a log
    /// start beyond the commit mark. What clients and peers send never panics.
    pub fn handle(&mut self, now: Now, event: Event, effects: &mut Effects) {
        self.marks.check();
        match event {
            Event::Append(append) => self.append(now, &append, effects),
            Event::Written { end } => self.marks.move_written(end, self.config.durability),
            Event::Flushed { end } => self.marks.move_flushed(end, self.config.durability),
            Event::BecomeLeader { epoch, replicas, isr } => self.lead(epoch, replicas, isr, effects),
            Event::BecomeFollower { epoch, leader } => self.follow(epoch, leader, effects),
            Event::GoOffline(reason) => self.go_offline(reason, effects),
            Event::ReplicaProgress { replica, epoch, written, flushed } => {
                self.follower_progressed(replica, epoch, written, flushed);
            }
            Event::Replicate { request, epoch, batch_epoch, batch, high_watermark } => {
                self.replicate(now, request, epoch, batch_epoch, &batch, high_watermark, effects);
            }
            Event::Truncated { end, producers } => self.truncate(end, producers),
            Event::LogStart { start } => self.move_start(start),
            Event::TakeSnapshot => self.take_snapshot(),
            Event::Space(space) => self.space = space,
            Event::Configure(config) => self.configure(config),
            Event::Tick => self.tick(now, effects),
        }
        self.advance_high_watermark(effects);
        self.release(effects);
        self.attach_snapshot(effects);
        self.marks.check();
    }

    /// When [`Event::Tick`] is due; `None` if nothing waits.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        let deadlines = [self.waiting_leader.next_deadline(), self.waiting_all.next_deadline()];
        deadlines.into_iter().flatten().min()
    }

    /// Which partition it is.
    #[must_use]
    pub fn id(&self) -> PartitionId {
        self.id
    }

    /// What this replica is.
    #[must_use]
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// How far its log has come.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> &PartitionConfig {
        &self.config
    }

    /// Whether its disk has room, as it was told last.
    #[must_use]
    pub fn space(&self) -> Space {
        self.space
    }

    /// Its leaderships.
    #[must_use]
    pub fn epochs(&self) -> &EpochHistory {
        &self.epochs
    }

    /// Its idempotent producers.
    #[must_use]
    pub fn producers(&self) -> &ProducerTable {
        &self.producers
    }

    /// How many requests wait for their acknowledgement.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting_leader.len() + self.waiting_all.len()
    }

    /// Notes that a batch was given to the log.
    pub(crate) fn accepted(&mut self, end: Offset, size: u32) {
        self.marks.end = end;
        self.uncommitted.push_back((end, size));
    }

    fn newest_epoch(&self) -> LeaderEpoch {
        let told = match &self.role {
            Role::Leader(leader) => leader.epoch(),
            Role::Follower(follower) => follower.epoch,
            Role::Offline(_) => LeaderEpoch::UNKNOWN,
        };
        self.epochs.latest().map_or(told, |latest| told.max(latest.epoch))
    }

    fn lead(&mut self, epoch: LeaderEpoch, replicas: Vec<NodeId>, isr: Vec<NodeId>, effects: &mut Effects) {
        if epoch < self.newest_epoch() || self.faulty() {
            return;
        }
        let mut leader = Leader::new(epoch, self.node, replicas, isr);
        if let Role::Leader(earlier) = &self.role
            && earlier.epoch() == epoch
        {
            leader.inherit(earlier);
        }
        // Requests of an earlier leadership of this same node go on waiting: its log is not cut.
        self.epochs.begin(epoch, self.marks.end);
        self.role = Role::Leader(leader);
        effects.push(Effect::RoleChanged);
    }

    fn follow(&mut self, epoch: LeaderEpoch, leader: NodeId, effects: &mut Effects) {
        if epoch < self.newest_epoch() || self.faulty() {
            return;
        }
        self.fail_waiters(LeadershipRefusal::NotLeader { leader, epoch }, effects);
        let leader_high_watermark = self.marks.high_watermark;
        self.role = Role::Follower(Follower { epoch, leader, leader_high_watermark });
        effects.push(Effect::RoleChanged);
    }

    fn go_offline(&mut self, reason: OfflineReason, effects: &mut Effects) {
        // After a fault nobody knows what the disk holds: that stands until the log is opened again.
        let reason = if self.faulty() { OfflineReason::DiskFault } else { reason };
        self.fail_waiters(LeadershipRefusal::Offline(reason), effects);
        self.role = Role::Offline(reason);
        effects.push(Effect::RoleChanged);
    }

    fn faulty(&self) -> bool {
        self.role == Role::Offline(OfflineReason::DiskFault)
    }

    fn follower_progressed(&mut self, replica: NodeId, epoch: LeaderEpoch, written: Offset, flushed: Offset) {
        if let Role::Leader(leader) = &mut self.role
            && leader.epoch() == epoch
        {
            leader.progress(replica, written, flushed);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "they are the fields of one event")]
    fn replicate(
        &mut self,
        now: Now,
        request: RequestId,
        epoch: LeaderEpoch,
        batch_epoch: LeaderEpoch,
        batch: &LoggedBatch,
        high_watermark: Offset,
        effects: &mut Effects,
    ) {
        let Role::Follower(follower) = &mut self.role else { return };
        // Compaction leaves holes between batches, so a batch may begin later than the log ends, never earlier.
        if follower.epoch != epoch || batch.base_offset < self.marks.end || batch.facts.record_count <= 0 {
            return;
        }
        follower.leader_high_watermark = follower.leader_high_watermark.max(high_watermark);
        self.epochs.begin(batch_epoch, batch.base_offset);
        self.producers.record(now.wall, batch, self.config.producers_max);
        self.accepted(batch.end(), batch.facts.size);
        effects.push(Effect::WriteLog {
            request,
            base_offset: batch.base_offset,
            last_offset: batch.end().plus(-1),
            leader_epoch: batch_epoch,
            log_append_time: None,
        });
    }

    fn take_snapshot(&mut self) {
        // One at a time: under constant load the newest would never be synced. The last one again says nothing new.
        if self.snapshot.is_none() && self.attached != Some(self.marks.end) {
            self.snapshot = Some((self.marks.end, self.producers.snapshot(self.marks.end)));
        }
    }

    fn attach_snapshot(&mut self, effects: &mut Effects) {
        if let Some((offset, snapshot)) = self.snapshot.take_if(|(offset, _)| *offset <= self.marks.flushed) {
            self.attached = Some(offset);
            effects.push(Effect::AttachProducers { offset, snapshot });
        }
    }

    fn truncate(&mut self, end: Offset, producers: ProducerTable) {
        assert!(!matches!(self.role, Role::Leader(_)), "a leader's log is never cut");
        self.marks.truncate(end);
        self.epochs.truncate(end);
        self.producers = producers;
        self.snapshot = None;
        self.attached = None;
        while self.uncommitted.back().is_some_and(|&(batch_end, _)| batch_end > end) {
            self.uncommitted.pop_back();
        }
    }

    fn move_start(&mut self, start: Offset) {
        self.marks.move_start(start);
        self.epochs.move_start(start);
    }

    fn configure(&mut self, config: PartitionConfig) {
        self.config = config;
        self.marks.settle(config.durability);
    }

    fn tick(&mut self, now: Now, effects: &mut Effects) {
        self.expire_waiters(now, effects);
        self.producers.expire(now.wall, self.config.producer_expiration, EXPIRED_PER_TICK);
    }

    fn advance_high_watermark(&mut self, effects: &mut Effects) {
        let reached = match &self.role {
            Role::Leader(leader) => leader.committed(self.marks.commit_mark, self.config.durability),
            Role::Follower(follower) => Some(follower.leader_high_watermark.min(self.marks.commit_mark)),
            Role::Offline(_) => None,
        };
        let Some(offset) = reached.filter(|&reached| reached > self.marks.high_watermark) else { return };
        self.marks.high_watermark = offset;
        let mut bytes = 0;
        while let Some(&(end, size)) = self.uncommitted.front()
            && end <= offset
        {
            bytes += u64::from(size);
            self.uncommitted.pop_front();
        }
        effects.push(Effect::HighWatermark { offset, bytes });
    }
}
