//! Consumer groups on this node: a coordinator over each partition of `__consumer_offsets` that this node leads, on the
//! shard that owns the partition.
//!
//! ```text
//! connection's shard                       shard of the partition
//! api/groups ──> Shard::coordinate ──────> Coordinated: machine ──> outbox ──> partition (acks = all)
//!      ▲                                                              │ parked until committed
//!      └──────────────────── one-shot reply <─────────────────────────┘
//! ```
//!
//! The machine applies what it decides at once; replies wait until everything that was recorded before them is
//! committed. If an append fails, the machine is ahead of its log: it is dropped, whoever waits is told to ask again, and
//! the state is loaded anew (see `docs/decisions/coordinator.md`).
//!
//! Architecture invariant: nothing here knows the wire protocol; `api/groups` translates.

mod catalogue;
mod coordinated;
mod facts;
mod follow;
mod load;
mod outbox;
mod requests;
mod topic;

pub(crate) use facts::{
    NoFacts, describe as describe_group, list as list_groups, unexpected as unexpected_answer,
};
pub(crate) use requests::{CoordinatorReply, Unavailable, partition_of_group};
pub(crate) use topic::{OFFSETS_TOPIC, is_internal, new_offsets_topic};

use coordinated::Coordinated;
use core::cell::RefCell;
use ringlog_reactor::Task;
use std::{collections::BTreeMap, rc::Rc};

/// The coordinators of one shard, by the index of their partition.
#[derive(Default)]
pub(crate) struct Groups {
    coordinated: RefCell<BTreeMap<i32, Running>>,
}

/// A coordinator and the task that loads it, writes its records and lets its deadlines pass. Ends when dropped.
struct Running {
    coordinated: Rc<Coordinated>,
    _task: Task<()>,
}

impl Groups {
    fn get(&self, index: i32) -> Option<Rc<Coordinated>> {
        self.coordinated.borrow().get(&index).map(|running| running.coordinated.clone())
    }

    fn all(&self) -> Vec<Rc<Coordinated>> {
        self.coordinated.borrow().values().map(|running| running.coordinated.clone()).collect()
    }

    /// The node stops: whoever waits is told so.
    pub(crate) fn stop(&self) {
        for coordinated in self.all() {
            coordinated.refuse_all(Unavailable::NotCoordinator);
        }
    }
}
