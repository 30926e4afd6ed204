//! What the machine does, told as: state, event, expected effects.

extern crate std;

mod appends;
mod fetches;
mod histories;
mod roles;

use crate::*;
use alloc::vec::Vec;
use core::time::Duration;
use ringlog_model::*;

pub(crate) const ME: NodeId = NodeId(1);
pub(crate) const EPOCH: LeaderEpoch = LeaderEpoch(5);

/// A partition with its effects buffer and a clock.
pub(crate) struct Bench {
    pub(crate) partition: Partition,
    pub(crate) now: Now,
    effects: Effects,
    requests: u64,
}

impl Bench {
    /// Not leading yet.
    pub(crate) fn recovered(config: PartitionConfig, recovered: RecoveredPartition) -> Bench {
        let id = PartitionId::default();
        let now = Now { monotonic: Instant(1_000_000), wall: Timestamp(1_700_000_000_000) };
        Bench {
            partition: Partition::new(id, ME, config, recovered),
            now,
            effects: Effects::new(),
            requests: 0,
        }
    }

    /// Leading a new log alone.
    pub(crate) fn leading(config: PartitionConfig) -> Bench {
        Bench::leading_with(config, &[1], &[1])
    }

    /// Leading a new log with other replicas.
    pub(crate) fn leading_with(config: PartitionConfig, replicas: &[i32], isr: &[i32]) -> Bench {
        let mut bench = Bench::recovered(config, RecoveredPartition::default());
        bench.lead(EPOCH, replicas, isr);
        bench
    }

    pub(crate) fn handle(&mut self, event: Event) -> Vec<Effect> {
        self.partition.handle(self.now, event, &mut self.effects);
        self.effects.drain().collect()
    }

    pub(crate) fn lead(&mut self, epoch: LeaderEpoch, replicas: &[i32], isr: &[i32]) -> Vec<Effect> {
        let nodes = |ids: &[i32]| ids.iter().copied().map(NodeId).collect();
        self.handle(Event::BecomeLeader { epoch, replicas: nodes(replicas), isr: nodes(isr) })
    }

    /// Appends with request numbers 1, 2, 3, ...
    pub(crate) fn append(&mut self, batch: BatchFacts, acks: Acks) -> Vec<Effect> {
        self.requests += 1;
        let request = RequestId(self.requests);
        self.handle(Event::Append(Append { request, batch, acks, leader_epoch: None, deadline: None }))
    }

    pub(crate) fn written(&mut self, end: i64) -> Vec<Effect> {
        self.handle(Event::Written { end: Offset(end) })
    }

    pub(crate) fn flushed(&mut self, end: i64) -> Vec<Effect> {
        self.handle(Event::Flushed { end: Offset(end) })
    }

    pub(crate) fn progress(&mut self, replica: i32, written: i64, flushed: i64) -> Vec<Effect> {
        self.handle(Event::ReplicaProgress {
            replica: NodeId(replica),
            epoch: EPOCH,
            written: Offset(written),
            flushed: Offset(flushed),
        })
    }
}

/// A batch of `record_count` records in 100 bytes, from no idempotent producer.
pub(crate) fn plain(record_count: i32) -> BatchFacts {
    BatchFacts {
        record_count,
        size: 100,
        max_timestamp: Timestamp(9),
        producer: None,
        is_transactional: false,
    }
}

/// One record of producer 1.
pub(crate) fn sequenced(epoch: i16, base_sequence: i32) -> BatchFacts {
    let producer = Some(ProducerStamp {
        id: ProducerId(1),
        epoch: ProducerEpoch(epoch),
        base_sequence: Sequence(base_sequence),
    });
    BatchFacts { producer, ..plain(1) }
}

pub(crate) fn write(request: u64, base: i64, last: i64) -> Effect {
    Effect::WriteLog {
        request: RequestId(request),
        base_offset: Offset(base),
        last_offset: Offset(last),
        leader_epoch: EPOCH,
        log_append_time: None,
    }
}

pub(crate) fn high_watermark(offset: i64, bytes: u64) -> Effect {
    Effect::HighWatermark { offset: Offset(offset), bytes }
}

/// The receipt of a single replica that has synced.
pub(crate) fn receipt(base_offset: i64) -> Acknowledged {
    Acknowledged {
        base_offset: Offset(base_offset),
        log_append_time: Timestamp::NONE,
        log_start: Offset(0),
        durability: Durability::Fsync,
        replicas: 1,
        origin: Origin::Fresh,
    }
}

pub(crate) fn acknowledge(request: u64, receipt: Acknowledged) -> Effect {
    Effect::Acknowledge { request: RequestId(request), result: Ok(receipt) }
}

pub(crate) fn refuse(request: u64, refusal: impl Into<AppendRefusal>) -> Effect {
    Effect::Acknowledge { request: RequestId(request), result: Err(refusal.into()) }
}

pub(crate) fn config() -> PartitionConfig {
    PartitionConfig::default()
}

pub(crate) fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}
