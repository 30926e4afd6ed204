//! Appends: admission, offsets, and the acknowledgement that comes later.

use crate::producers::Sequencing;
use crate::waiters::{WAITERS_MAX, Waiter};
use crate::{
    Acknowledged, Acks, Append, AppendRefusal, Effect, Effects, LeadershipRefusal, LoggedBatch, Origin,
    Partition, Role, Space, TimestampType,
};
use ringlog_model::{Durability, LeaderEpoch, Now, Offset, Timestamp};

/// Producers looked at for expiry with each append: more than one, so that the table shrinks while it is used.
const EXPIRED_PER_APPEND: usize = 2;

impl Partition {
    pub(crate) fn append(&mut self, now: Now, append: &Append, effects: &mut Effects) {
        match self.admit(now, append) {
            Ok((epoch, Sequencing::Next)) => self.accept(now, append, epoch, effects),
            Ok((_, Sequencing::Duplicate(original))) => self.wait(
                append,
                original.base_offset,
                original.end(),
                original.log_append_time,
                Origin::Duplicate,
            ),
            Err(refusal) => {
                effects.push(Effect::Acknowledge { request: append.request, result: Err(refusal) })
            }
        }
    }

    /// Whether the batch may be appended, in the order in which Kafka looks.
    fn admit(&self, now: Now, append: &Append) -> Result<(LeaderEpoch, Sequencing), AppendRefusal> {
        let leader = self.role.lead(append.leader_epoch)?;
        let required = self.config.min_insync_replicas;
        let in_sync = leader.in_sync();
        if append.acks == Acks::All && in_sync < required {
            return Err(AppendRefusal::NotEnoughReplicas { in_sync, required });
        }
        let waiting = self.waiting();
        if append.acks != Acks::None && waiting >= WAITERS_MAX {
            return Err(AppendRefusal::TooManyWaiting { waiting });
        }
        let batch = &append.batch;
        assert!(batch.record_count > 0, "a validated batch has records");
        if batch.is_transactional {
            return Err(AppendRefusal::NoTransaction);
        }
        let sequencing = match &batch.producer {
            Some(stamp) => {
                self.producers.check(now.wall, self.config.producer_expiration, stamp, batch.record_count)?
            }
            None => Sequencing::Next,
        };
        if sequencing == Sequencing::Next {
            if self.space == Space::Low {
                return Err(AppendRefusal::DiskFull);
            }
            if self.marks.end.0.checked_add(i64::from(batch.record_count)).is_none() {
                return Err(AppendRefusal::OffsetsExhausted);
            }
        }
        Ok((leader.epoch(), sequencing))
    }

    fn accept(&mut self, now: Now, append: &Append, leader_epoch: LeaderEpoch, effects: &mut Effects) {
        let base_offset = self.marks.end;
        let stamped = match self.config.timestamp_type {
            TimestampType::CreateTime => None,
            TimestampType::LogAppendTime => Some(now.wall),
        };
        let log_append_time = stamped.unwrap_or(Timestamp::NONE);
        let logged = LoggedBatch { base_offset, log_append_time, facts: append.batch };
        self.producers.expire(now.wall, self.config.producer_expiration, EXPIRED_PER_APPEND);
        self.producers.record(now.wall, &logged, self.config.producers_max);
        self.accepted(logged.end(), append.batch.size);
        effects.push(Effect::WriteLog {
            request: append.request,
            base_offset,
            last_offset: logged.end().plus(-1),
            leader_epoch,
            log_append_time: stamped,
        });
        self.wait(append, base_offset, logged.end(), log_append_time, Origin::Fresh);
    }

    fn wait(
        &mut self,
        append: &Append,
        base_offset: Offset,
        end: Offset,
        log_append_time: Timestamp,
        origin: Origin,
    ) {
        let Append { request, acks, deadline, .. } = *append;
        let waiter = Waiter { request, base_offset, end, log_append_time, origin, deadline };
        match acks {
            Acks::None => {}
            Acks::Leader => self.waiting_leader.add(waiter),
            Acks::All => self.waiting_all.add(waiter),
        }
    }

    /// Answers the requests whose mark is there.
    pub(crate) fn release(&mut self, effects: &mut Effects) {
        // Without leadership nobody waits: the waiters were answered when it was lost.
        let Role::Leader(leader) = &self.role else { return };
        let durability = self.config.durability;
        let acknowledged = |waiter: &Waiter| Acknowledged {
            base_offset: waiter.base_offset,
            log_append_time: waiter.log_append_time,
            log_start: self.marks.log_start,
            durability: if waiter.end <= self.marks.flushed {
                Durability::Fsync
            } else {
                Durability::Written
            },
            replicas: leader.holders(&self.marks, waiter.end, durability),
            origin: waiter.origin,
        };
        while let Some(waiter) = self.waiting_leader.reached(self.marks.commit_mark) {
            let result = Ok(acknowledged(&waiter));
            effects.push(Effect::Acknowledge { request: waiter.request, result });
        }
        let required = self.config.min_insync_replicas;
        let in_sync = leader.in_sync();
        while let Some(waiter) = self.waiting_all.reached(self.marks.high_watermark) {
            let result = if in_sync < required {
                Err(AppendRefusal::NotEnoughReplicasAfterAppend { in_sync, required })
            } else {
                Ok(acknowledged(&waiter))
            };
            effects.push(Effect::Acknowledge { request: waiter.request, result });
        }
    }

    /// Answers all waiting requests: what becomes of their batches is not known here any more.
    pub(crate) fn fail_waiters(&mut self, refusal: LeadershipRefusal, effects: &mut Effects) {
        for queue in [&mut self.waiting_leader, &mut self.waiting_all] {
            for waiter in queue.take_all() {
                effects.push(Effect::Acknowledge { request: waiter.request, result: Err(refusal.into()) });
            }
        }
    }

    pub(crate) fn expire_waiters(&mut self, now: Now, effects: &mut Effects) {
        for queue in [&mut self.waiting_leader, &mut self.waiting_all] {
            queue.expired(now.monotonic, |waiter| {
                let result = Err(AppendRefusal::TimedOut);
                effects.push(Effect::Acknowledge { request: waiter.request, result });
            });
        }
    }
}
