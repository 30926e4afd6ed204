//! Whether this replica leads, follows or serves nobody.

use crate::{LeadershipRefusal, Marks, OfflineReason};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use ringlog_model::{Durability, LeaderEpoch, NodeId, Offset};

/// What this replica is to its partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// It accepts appends and serves fetches.
    Leader(Leader),
    /// It copies another node's log.
    Follower(Follower),
    /// It serves nobody.
    Offline(OfflineReason),
}

/// How far a follower's log is, as it told last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Progress {
    written: Offset,
    flushed: Offset,
}

impl Progress {
    fn mark(self, durability: Durability) -> Offset {
        match durability {
            Durability::Fsync => self.flushed,
            Durability::Written => self.written,
        }
    }
}

/// A leader's knowledge of its followers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leader {
    epoch: LeaderEpoch,
    isr: BTreeSet<NodeId>,
    /// The other replicas; `None` until one has told its progress in this epoch.
    followers: BTreeMap<NodeId, Option<Progress>>,
}

impl Leader {
    pub(crate) fn new(epoch: LeaderEpoch, node: NodeId, replicas: Vec<NodeId>, isr: Vec<NodeId>) -> Leader {
        let followers =
            replicas.into_iter().filter(|&replica| replica != node).map(|replica| (replica, None)).collect();
        let mut isr: BTreeSet<NodeId> = isr.into_iter().collect();
        // A leader is in sync with itself, whatever an instruction forgot.
        isr.insert(node);
        Leader { epoch, isr, followers }
    }

    /// Takes over what an earlier instruction of the same epoch has learnt.
    pub(crate) fn inherit(&mut self, earlier: &Leader) {
        for (replica, progress) in &mut self.followers {
            *progress = earlier.followers.get(replica).copied().flatten();
        }
    }

    /// The leadership's number.
    #[must_use]
    pub fn epoch(&self) -> LeaderEpoch {
        self.epoch
    }

    /// How many replicas are in sync, this one included.
    #[must_use]
    pub fn in_sync(&self) -> u16 {
        u16::try_from(self.isr.len()).unwrap_or(u16::MAX)
    }

    /// The replicas in sync, this one included.
    pub fn isr(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.isr.iter().copied()
    }

    /// Notes a follower's progress. A follower's log may have been cut since, so the mark may move back.
    pub(crate) fn progress(&mut self, replica: NodeId, written: Offset, flushed: Offset) {
        if let Some(progress) = self.followers.get_mut(&replica) {
            *progress = Some(Progress { written: written.max(flushed), flushed });
        }
    }

    /// What all replicas in sync hold: the least of their marks. `None` while one of them has told nothing.
    pub(crate) fn committed(&self, own: Offset, durability: Durability) -> Option<Offset> {
        let mut least = own;
        for (replica, progress) in &self.followers {
            if self.isr.contains(replica) {
                least = least.min((*progress)?.mark(durability));
            }
        }
        Some(least)
    }

    /// How many replicas hold everything before `end`, this one included.
    pub(crate) fn holders(&self, own: &Marks, end: Offset, durability: Durability) -> u16 {
        let reached =
            |progress: &&Option<Progress>| progress.is_some_and(|known| known.mark(durability) >= end);
        let count = self.followers.values().filter(reached).count() + usize::from(own.commit_mark >= end);
        u16::try_from(count).unwrap_or(u16::MAX)
    }
}

/// A follower's knowledge of its leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Follower {
    pub(crate) epoch: LeaderEpoch,
    pub(crate) leader: NodeId,
    /// The leader's high watermark, which may be ahead of this replica's log.
    pub(crate) leader_high_watermark: Offset,
}

impl Follower {
    /// The leadership's number.
    #[must_use]
    pub fn epoch(&self) -> LeaderEpoch {
        self.epoch
    }

    /// Who leads.
    #[must_use]
    pub fn leader(&self) -> NodeId {
        self.leader
    }
}

impl Role {
    /// The leader's state, if this replica leads in the epoch that the client believes in.
    pub(crate) fn lead(&self, believed: Option<LeaderEpoch>) -> Result<&Leader, LeadershipRefusal> {
        let leader = match self {
            Role::Leader(leader) => leader,
            Role::Follower(Follower { epoch, leader, .. }) => {
                return Err(LeadershipRefusal::NotLeader { leader: *leader, epoch: *epoch });
            }
            Role::Offline(reason) => return Err(LeadershipRefusal::Offline(*reason)),
        };
        let current = leader.epoch;
        match believed {
            Some(requested) if requested < current => Err(LeadershipRefusal::Fenced { requested, current }),
            Some(requested) if requested > current => {
                Err(LeadershipRefusal::UnknownEpoch { requested, current })
            }
            _ => Ok(leader),
        }
    }
}
