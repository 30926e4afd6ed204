//! Where decisions are made: one after the other, each on the image that the ones before it lead to.
//!
//! What waits in the queue is decided as a group and committed as one entry, so that many requests cost one sync. Whoever
//! asked hears of the decision only once it is committed; a refusal too, because it may rest on a decision of the same
//! group.

use crate::quorum::{CommittedLog, ProposeError, Role};
use ringlog_decide::{Decision, Refusal};
use ringlog_image::{Image, MetadataRecord};
use ringlog_reactor::Reactor;
use ringlog_reactor::local::{Queue, oneshot};
use std::rc::Rc;

/// How many requests may wait. Each is bounded by its frame; a node has few under way.
const QUEUE_MAX: usize = 1_024;
/// A group takes no more requests once it has this many records, so that an entry stays far below what a frame holds.
const GROUP_RECORDS_MAX: usize = 10_000;

/// Why a request has no decision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeskError {
    /// It was decided: no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Somebody else decides.
    #[error("another controller leads")]
    NotLeader {
        /// Where.
        leader: Option<String>,
    },
    /// It is not known whether the decision is or will be committed.
    #[error("{0}")]
    Unavailable(String),
}

type Finish = Box<dyn FnOnce(Result<u64, DeskError>)>;
/// Decides, and gives the records with what to do once it is known what became of them.
type Job = Box<dyn FnOnce(&Image) -> (Vec<MetadataRecord>, Finish)>;

/// The way to the desk; clones lead to the same one.
#[derive(Clone)]
pub(crate) struct Desk {
    queue: Queue<Job>,
}

impl Desk {
    /// Opens the desk. It works while this controller leads, and refuses otherwise.
    pub(crate) fn open(reactor: &Reactor, log: Rc<dyn CommittedLog>) -> Desk {
        let queue = Queue::bounded(QUEUE_MAX);
        reactor.spawn(work(queue.clone(), log)).detach();
        Desk { queue }
    }

    /// Has a decision made and committed; gives the reply and the position that holds it.
    pub(crate) async fn decide<T: 'static>(
        &self,
        decide: impl FnOnce(&Image) -> Result<Decision<T>, Refusal> + 'static,
    ) -> Result<(T, u64), DeskError> {
        let (sender, receiver) = oneshot();
        let job: Job = Box::new(move |image| match decide(image) {
            Ok(Decision { records, reply }) => {
                let finish = move |committed: Result<u64, DeskError>| {
                    sender.send(committed.map(|position| (reply, position))).ok();
                };
                (records, Box::new(finish))
            }
            Err(refusal) => {
                let finish = move |committed: Result<u64, DeskError>| {
                    sender.send(committed.and(Err(DeskError::Refused(refusal)))).ok();
                };
                (Vec::new(), Box::new(finish))
            }
        });
        if self.queue.try_push(job).is_err() {
            return Err(DeskError::Unavailable("too many requests wait, or the controller stops".into()));
        }
        receiver.await.unwrap_or_else(|_| Err(DeskError::Unavailable("the controller stops".into())))
    }

    /// Takes no more requests.
    pub(crate) fn close(&self) {
        self.queue.close();
    }
}

async fn work(queue: Queue<Job>, log: Rc<dyn CommittedLog>) {
    while let Some(first) = queue.pop().await {
        let (mut image, position) = log.metadata().get();
        let role = log.role();
        let mut records = Vec::new();
        let mut finishes = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            let (decided, finish) = job(&image);
            if let Err(error) = decided.iter().try_for_each(|record| image.apply(record)) {
                // A decision that contradicts the image it was made on is a bug; committing it would end every
                // controller, so it ends here.
                panic!("a decision does not fit its image: {error}");
            }
            records.extend(decided);
            finishes.push(finish);
            next = if records.len() < GROUP_RECORDS_MAX { queue.try_pop() } else { None };
        }
        let outcome = match role {
            Role::Follower { leader } => Err(DeskError::NotLeader { leader }),
            Role::Leader { .. } if records.is_empty() => Ok(position),
            Role::Leader { .. } => log.propose(position, records).await.map_err(|error| match error {
                ProposeError::NotLeader => DeskError::NotLeader { leader: None },
                other => DeskError::Unavailable(other.to_string()),
            }),
        };
        for finish in finishes {
            finish(outcome.clone());
        }
    }
}
