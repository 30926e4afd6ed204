//! Searches on the shard that owns the partitions: offsets by time, ends of epochs.

use super::{FindEpochEnd, FindOffset, FoundOffset, Shard, WantedOffset, read::read_refusal};
use crate::refusal::Refusal;
use ringlog_model::{LeaderEpoch, Offset, Timestamp};
use ringlog_partition::{EpochEnd, Reader};
use ringlog_storage::TimestampHit;

impl Shard {
    pub(super) async fn serve_find_offsets(
        &self,
        wanted: Vec<FindOffset>,
    ) -> Vec<Result<FoundOffset, Refusal>> {
        let mut found = Vec::with_capacity(wanted.len());
        for one in &wanted {
            found.push(self.find_offset(one).await);
        }
        found
    }

    async fn find_offset(&self, find: &FindOffset) -> Result<FoundOffset, Refusal> {
        let hosted = self.hosted(find.partition)?;
        let (leader_epoch, limits, start_epoch) = {
            let machine = hosted.machine.borrow();
            let leader_epoch = machine.check_leadership(find.leader_epoch)?;
            let limits = machine.read_limits(Reader::Consumer(find.isolation));
            let first = machine.epochs().entries().first().map(|entry| entry.epoch);
            (leader_epoch, limits, first)
        };
        let end = limits.limit;
        let at = |offset: Offset, leader_epoch: Option<LeaderEpoch>| FoundOffset {
            offset: Some(offset),
            timestamp: Timestamp::NONE,
            leader_epoch: leader_epoch.unwrap_or(LeaderEpoch::UNKNOWN),
            end,
        };
        let hit = match find.wanted {
            WantedOffset::Earliest => return Ok(at(limits.log_start, start_epoch)),
            WantedOffset::Latest => return Ok(at(end, Some(leader_epoch))),
            WantedOffset::AtTime(time) => hosted.log.find_by_timestamp(time, end).await,
            WantedOffset::MaxTimestamp => hosted.log.find_max_timestamp(end).await,
        };
        let hit = hit.map_err(|error| read_refusal(&hosted, error))?;
        Ok(match hit {
            Some(TimestampHit { offset, timestamp, leader_epoch }) => {
                FoundOffset { offset: Some(offset), timestamp, leader_epoch, end }
            }
            None => FoundOffset {
                offset: None,
                timestamp: Timestamp::NONE,
                leader_epoch: LeaderEpoch::UNKNOWN,
                end,
            },
        })
    }

    pub(super) fn serve_find_epoch_ends(
        &self,
        wanted: &[FindEpochEnd],
    ) -> Vec<Result<Option<EpochEnd>, Refusal>> {
        wanted.iter().map(|find| self.find_epoch_end(find)).collect()
    }

    fn find_epoch_end(&self, find: &FindEpochEnd) -> Result<Option<EpochEnd>, Refusal> {
        let hosted = self.hosted(find.partition)?;
        let machine = hosted.machine.borrow();
        Ok(machine.end_of_epoch(find.leader_epoch, find.epoch)?)
    }
}
