//! Produce: one batch for one partition, answered with a receipt of what had been met.

use super::{Session, later, reply::Refused};
use crate::{
    api::check_batch,
    connection::{ConnectionError, Outgoing, Work},
    groups::is_internal,
    refusal::Refusal,
    shard::{AppendRequest, Appended},
};
use core::time::Duration;
use ringlog_model::{Durability, LeaderEpoch, Timestamp};
use ringlog_native::{
    Frame, Op,
    body::{Acks as AskedAcks, Met, Produce, Receipt},
    response,
};
use ringlog_partition::{Acks, Origin};
use ringlog_reactor::reply::{self, ReplyReceiver};
use std::rc::Rc;

/// Checks and submits: when this returns the order is fixed.
pub(super) async fn begin(session: &Rc<Session>, frame: Frame) -> Result<Work, ConnectionError> {
    let correlation = frame.header.correlation;
    let asked = match frame.decode::<Produce>() {
        Ok(asked) => asked,
        Err(error) => return Ok(later(Op::PRODUCE, correlation, async move { Err(error.into()) })),
    };
    let submitted = submit(session, &frame, &asked).await;
    if asked.acks == AskedAcks::None {
        // No reply at all, not even to a refusal.
        return Ok(Work::Nothing);
    }
    Ok(later(Op::PRODUCE, correlation, async move {
        let receiver = submitted?;
        let mut results = receiver.await.map_err(|_| Refusal::Stopping)?;
        let appended = results.pop().ok_or(Refusal::Stopping)??;
        Ok(Outgoing::bytes(response(correlation, appended.leader_epoch, &receipt(&appended))))
    }))
}

type Results = Vec<Result<Appended, Refusal>>;

async fn submit(
    session: &Rc<Session>,
    frame: &Frame,
    asked: &Produce,
) -> Result<ReplyReceiver<Results>, Refused> {
    let shard = session.shard();
    let view = shard.view();
    let topic = view.image.topic(asked.partition.topic).ok_or(Refusal::UnknownTopicId)?;
    topic.partition(asked.partition.index).ok_or(Refusal::UnknownTopicOrPartition)?;
    if is_internal(&topic.name) {
        return Err(Refusal::InternalTopic.into());
    }
    let mut batch = check_batch(shard, topic, asked.partition, frame.records()).await?;
    batch.leader_epoch = known(frame.header.epoch);
    let timeout = Duration::from_millis(u64::from(asked.timeout_ms));
    let acks = match asked.acks {
        AskedAcks::None => Acks::None,
        AskedAcks::Leader => Acks::Leader,
        AskedAcks::All => Acks::All,
    };
    let deadline = (acks != Acks::None).then(|| shard.instant().plus(timeout));
    let (reply, receiver) = reply::channel();
    let request = AppendRequest { acks, deadline, batches: vec![batch], reply };
    shard.submit_append(shard.owner(asked.partition), request).await;
    Ok(receiver)
}

/// The epoch of a header, where "unknown" means that the client does not say.
pub(super) fn known(epoch: LeaderEpoch) -> Option<LeaderEpoch> {
    (epoch != LeaderEpoch::UNKNOWN).then_some(epoch)
}

fn receipt(appended: &Appended) -> Receipt {
    let acknowledged = &appended.acknowledged;
    let mut met = Met::WRITTEN;
    if acknowledged.durability == Durability::Fsync {
        met = met | Met::SYNCED;
    }
    if acknowledged.origin == Origin::Duplicate {
        met = met | Met::DUPLICATE;
    }
    let append_time = acknowledged.log_append_time;
    Receipt {
        base_offset: acknowledged.base_offset,
        append_time: if append_time.0 < 0 { Timestamp::NONE } else { append_time },
        log_start: acknowledged.log_start,
        met,
        replicas: acknowledged.replicas,
    }
}
