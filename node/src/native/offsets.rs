//! ListOffsets: one offset of one partition.

use super::{Session, plain, produce::known, reply::Refused};
use crate::{
    refusal::Refusal,
    shard::{FindOffset, WantedOffset},
};
use bytes::Bytes;
use ringlog_native::{
    Frame,
    body::{Isolation as AskedIsolation, ListOffsets, ListOffsetsReply, OffsetQuery},
};
use ringlog_partition::Isolation;
use std::rc::Rc;

pub(super) async fn answer(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let asked = frame.decode::<ListOffsets>()?;
    let shard = session.shard();
    let find = FindOffset {
        partition: asked.partition,
        leader_epoch: known(frame.header.epoch),
        isolation: match asked.isolation {
            AskedIsolation::ReadUncommitted => Isolation::ReadUncommitted,
            AskedIsolation::ReadCommitted => Isolation::ReadCommitted,
        },
        wanted: match asked.query {
            OffsetQuery::Beginning => WantedOffset::Earliest,
            OffsetQuery::End => WantedOffset::Latest,
            OffsetQuery::Timestamp(time) => WantedOffset::AtTime(time),
            OffsetQuery::LatestTimestamp => WantedOffset::MaxTimestamp,
        },
    };
    let mut found = shard.find_offsets(shard.owner(asked.partition), vec![find]).await;
    let found = found.pop().unwrap_or(Err(Refusal::Stopping))?;
    let reply = ListOffsetsReply { offset: found.offset.unwrap_or(found.end), timestamp: found.timestamp };
    Ok(plain(frame.header.correlation, &reply))
}
