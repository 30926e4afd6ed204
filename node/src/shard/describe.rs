//! What a shard tells of the logs and producers it holds.

use super::{LogSize, Shard, ShardMessage};
use crate::refusal::Refusal;
use ringlog_model::{PartitionId, ShardId};
use ringlog_partition::ActiveProducer;
use ringlog_reactor::reply;

impl Shard {
    /// The logs of one shard with their sizes; of none if the shard stops.
    pub(crate) async fn log_sizes(&self, at: ShardId) -> Vec<LogSize> {
        if at == self.id {
            return self.serve_log_sizes();
        }
        let (sender, receiver) = reply::channel();
        self.send(at, ShardMessage::LogSizes(sender)).await;
        receiver.await.unwrap_or_default()
    }

    pub(super) fn serve_log_sizes(&self) -> Vec<LogSize> {
        let partitions = self.partitions.borrow();
        let sizes = partitions.values().map(|hosted| LogSize {
            partition: hosted.id,
            directory: hosted.store,
            bytes: hosted.log.bytes(),
        });
        sizes.collect()
    }

    /// The producers that partitions of one shard remember.
    pub(crate) async fn active_producers(
        &self,
        at: ShardId,
        wanted: Vec<PartitionId>,
    ) -> Vec<Result<Vec<ActiveProducer>, Refusal>> {
        if at == self.id {
            return self.serve_active_producers(&wanted);
        }
        let count = wanted.len();
        let (sender, receiver) = reply::channel();
        self.send(at, ShardMessage::ActiveProducers(wanted, sender)).await;
        receiver.await.unwrap_or_else(|_| vec![Err(Refusal::Stopping); count])
    }

    pub(super) fn serve_active_producers(
        &self,
        wanted: &[PartitionId],
    ) -> Vec<Result<Vec<ActiveProducer>, Refusal>> {
        let described = wanted.iter().map(|partition| {
            let hosted = self.hosted(*partition)?;
            let machine = hosted.machine.borrow();
            machine.check_leadership(None)?;
            Ok(machine.producers().active().collect())
        });
        described.collect()
    }
}
