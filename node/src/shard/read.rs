//! Reads on the shard that owns the partitions: how far, which bytes, and waiting for more.

use super::{Hosted, ReadOutcome, ReadPartition, ReadReply, ReadRequest, ReadWait, Shard, WatchRequest};
use crate::{refusal::Refusal, signal::Signal};
use futures_lite::future;
use ringlog_model::Instant;
use ringlog_partition::{
    FetchAnswer, FetchId, FetchPosition, FetchWaiters, Interest, Isolation, Reader, WaitingFetch,
};
use ringlog_storage::{ReadError, ReadPlan};
use std::rc::Rc;

impl Shard {
    /// Reads; waits for more first if the request says so and there is too little and no error.
    pub(super) async fn serve_read(&self, request: ReadRequest) -> ReadReply {
        loop {
            let reply = self.read_now(&request).await;
            let bytes: u64 = reply.iter().flatten().map(|outcome| outcome.plan.length()).sum();
            let wait = match request.wait {
                Some(wait) if !self.is_answer(&reply, bytes, &wait) => wait,
                _ => {
                    self.count_fetched(&request, &reply);
                    return reply;
                }
            };
            let interests = interests(&request.partitions, &reply, request.isolation);
            let missing = wait.bytes_min as u64 - bytes;
            drop(reply);
            self.wait_for_bytes(interests, request.isolation, missing, wait.until).await;
        }
    }

    fn count_fetched(&self, request: &ReadRequest, reply: &ReadReply) {
        let partitions = self.partitions.borrow();
        for (wanted, result) in request.partitions.iter().zip(reply) {
            let bytes = result.as_ref().map_or(0, |outcome| outcome.plan.length());
            if bytes > 0
                && let Some(hosted) = partitions.get(&wanted.partition)
            {
                self.counters.bytes_fetched.add(bytes);
                hosted.traffic.fetched(bytes);
            }
        }
    }

    /// Whether a read ends with this: there is enough, or something other than records to tell, or no time left.
    fn is_answer(&self, reply: &ReadReply, bytes: u64, wait: &ReadWait) -> bool {
        let is_news = |outcome: &ReadOutcome| outcome.diverging.is_some();
        reply.iter().any(|result| result.as_ref().map_or(true, is_news))
            || bytes >= wait.bytes_min as u64
            || self.is_stopping()
            || self.instant() >= wait.until
    }

    /// Waits until one of the partitions has something new, or its deadline.
    pub(super) async fn serve_watch(&self, request: WatchRequest) {
        self.wait_for_bytes(request.interests, request.isolation, 1, request.until).await;
    }

    async fn read_now(&self, request: &ReadRequest) -> ReadReply {
        let mut reply = Vec::with_capacity(request.partitions.len());
        let mut left = request.bytes_max as u64;
        let mut found_any = false;
        for partition in &request.partitions {
            let result = self.read_partition(partition, request.isolation, left, !found_any).await;
            if let Ok(outcome) = &result {
                let length = outcome.plan.length();
                found_any |= length > 0;
                left = left.saturating_sub(length);
            }
            reply.push(result);
        }
        reply
    }

    async fn read_partition(
        &self,
        wanted: &ReadPartition,
        isolation: Isolation,
        bytes_left: u64,
        at_least_one: bool,
    ) -> Result<ReadOutcome, Refusal> {
        let hosted = self.hosted(wanted.partition)?;
        let position = FetchPosition {
            offset: wanted.from,
            leader_epoch: wanted.leader_epoch,
            last_fetched_epoch: wanted.last_fetched_epoch,
            reader: Reader::Consumer(isolation),
        };
        let (answer, leader_epoch) = {
            let machine = hosted.machine.borrow();
            (machine.fetch(&position)?, machine.check_leadership(None)?)
        };
        let (limits, diverging) = match answer {
            FetchAnswer::Read(limits) => (limits, None),
            FetchAnswer::Diverged { agreed, limits } => (limits, Some(agreed)),
        };
        let bytes_max = (wanted.bytes_max as u64).min(bytes_left);
        let is_wanted = diverging.is_none() && wanted.from < limits.limit && (bytes_max > 0 || at_least_one);
        let plan = if is_wanted {
            let planned = hosted.log.plan_read(wanted.from, bytes_max, limits.limit, at_least_one).await;
            planned.map_err(|error| read_refusal(&hosted, error))?
        } else {
            ReadPlan::default()
        };
        Ok(ReadOutcome {
            high_watermark: limits.high_watermark,
            last_stable: limits.last_stable_offset,
            log_start: limits.log_start,
            leader_epoch,
            plan,
            diverging,
        })
    }

    async fn wait_for_bytes(
        &self,
        interests: Vec<Interest>,
        isolation: Isolation,
        missing_bytes: u64,
        until: Instant,
    ) {
        // What moved between the plan and now would not wake anybody.
        if interests.iter().any(|interest| self.has_moved(interest, isolation)) {
            return;
        }
        let id = FetchId(self.name());
        let signal = Rc::new(Signal::default());
        let waiting = WaitingFetch { id, missing_bytes: missing_bytes.max(1), deadline: until, interests };
        self.fetch_waiters.borrow_mut().wait(waiting);
        self.fetch_signals.borrow_mut().insert(id, signal.clone());
        let _leave = LeaveOnDrop { shard: self, id };
        future::or(signal.wait(), self.reactor.sleep_until(until.0)).await;
    }

    fn has_moved(&self, interest: &Interest, isolation: Isolation) -> bool {
        let partitions = self.partitions.borrow();
        let Some(hosted) = partitions.get(&interest.partition) else { return true };
        let limits = hosted.machine.borrow().read_limits(Reader::Consumer(isolation));
        limits.limit > interest.limit
    }

    /// Wakes the fetches that `find` says.
    pub(super) fn wake_fetches(&self, find: impl FnOnce(&mut FetchWaiters, &mut Vec<FetchId>)) {
        let mut waiters = self.fetch_waiters.borrow_mut();
        if waiters.is_empty() {
            return;
        }
        let mut woken = Vec::new();
        find(&mut waiters, &mut woken);
        let mut signals = self.fetch_signals.borrow_mut();
        for id in woken {
            if let Some(signal) = signals.remove(&id) {
                signal.set();
            }
        }
    }
}

/// Takes a fetch out of the waiting ones however its task ends.
struct LeaveOnDrop<'a> {
    shard: &'a Shard,
    id: FetchId,
}

impl Drop for LeaveOnDrop<'_> {
    fn drop(&mut self) {
        self.shard.fetch_waiters.borrow_mut().cancel(self.id);
        self.shard.fetch_signals.borrow_mut().remove(&self.id);
    }
}

/// What a reader has seen of its partitions.
pub(crate) fn interests(
    partitions: &[ReadPartition],
    reply: &ReadReply,
    isolation: Isolation,
) -> Vec<Interest> {
    let seen = partitions.iter().zip(reply).filter_map(|(wanted, result)| {
        let outcome = result.as_ref().ok()?;
        let limit = match isolation {
            Isolation::ReadUncommitted => outcome.high_watermark,
            Isolation::ReadCommitted => outcome.last_stable,
        };
        Some(Interest { partition: wanted.partition, limit })
    });
    seen.collect()
}

/// What a reader is told of a log that could not be read; the operator is told more.
pub(super) fn read_refusal(hosted: &Hosted, error: ReadError) -> Refusal {
    match error {
        ReadError::OutOfRange { offset, start, end } => {
            ringlog_partition::FetchRefusal::OffsetOutOfRange { requested: offset, log_start: start, end }
                .into()
        }
        ReadError::Closed => Refusal::NotHere,
        ReadError::Damaged(damage) => {
            tracing::error!(partition = %hosted.id, %damage, "found damage while reading");
            Refusal::Damaged(damage.to_string())
        }
        error @ ReadError::Io { .. } => {
            tracing::error!(partition = %hosted.id, %error, "reading failed");
            Refusal::Fault(error.to_string())
        }
    }
}
