//! DeleteRecords on the shard that owns the partitions (KIP-107), and moving a log's start.

use crate::{
    refusal::Refusal,
    shard::{DeleteBefore, DeleteRecords, Hosted, Shard},
};
use core::time::Duration;
use ringlog_model::Offset;
use ringlog_partition::{Event, FetchRefusal};
use ringlog_storage::LogError;
use std::rc::Rc;

/// How long a sync may take: on a disk that has failed it takes forever.
const SYNC_PATIENCE: Duration = Duration::from_secs(2);

impl Shard {
    /// Drops records; returns when that is durable.
    pub(in crate::shard) async fn serve_delete_records(
        &self,
        wanted: &[DeleteRecords],
    ) -> Vec<Result<Offset, Refusal>> {
        let found: Vec<_> = wanted.iter().map(|one| self.find_records(one)).collect();
        // Begun for all, so that they wait for the same syncs.
        for (hosted, before) in found.iter().flatten() {
            self.begin_to_leave_producers(hosted, *before);
        }
        let mut results = Vec::with_capacity(wanted.len());
        for one in found {
            results.push(match one {
                Ok((hosted, before)) => self.delete_records_of(&hosted, before).await,
                Err(refusal) => Err(refusal),
            });
        }
        // All starts are moved by now: what makes one durable makes the others durable as well.
        for (one, result) in wanted.iter().zip(&mut results) {
            let durable = match self.hosted(one.partition) {
                Ok(hosted) => hosted.log.until_durable().await.map_err(|error| refusal(&hosted, &error)),
                Err(refusal) => Err(refusal),
            };
            if let (Ok(_), Err(refusal)) = (&result, durable) {
                *result = Err(refusal);
            }
        }
        results
    }

    /// The partition, and before which offset its records are to go.
    fn find_records(&self, wanted: &DeleteRecords) -> Result<(Rc<Hosted>, Offset), Refusal> {
        let hosted = self.hosted(wanted.partition)?;
        let view = self.view();
        if let Some(topic) = view.image.topic(wanted.partition.topic)
            && !self.topic_config(topic).cleanup_policy.delete
        {
            return Err(Refusal::OnlyCompacted);
        }
        let (start, high_watermark, end) = {
            let machine = hosted.machine.borrow();
            machine.check_leadership(None)?;
            let marks = machine.marks();
            (marks.log_start(), marks.high_watermark(), marks.end())
        };
        let before = match wanted.before {
            DeleteBefore::HighWatermark => high_watermark,
            DeleteBefore::Offset(offset) => offset,
        };
        if before < Offset::ZERO || before > high_watermark {
            let out_of_range = FetchRefusal::OffsetOutOfRange { requested: before, log_start: start, end };
            return Err(out_of_range.into());
        }
        Ok((hosted, before))
    }

    async fn delete_records_of(&self, hosted: &Hosted, before: Offset) -> Result<Offset, Refusal> {
        self.leave_producers(hosted, before).await;
        let start = hosted.machine.borrow().marks().log_start();
        self.move_start(hosted, before).map_err(|error| refusal(hosted, &error))?;
        Ok(start.max(before))
    }

    /// Sees to it that what is known of the producers of records before `start` is with the log, which then makes it durable no
    /// later than their removal: a retry of theirs is a duplicate whether or not the power fails. All that it speaks of must be
    /// synced first. On a full disk that may wait for the very space that the removal gives back, so there it is not waited for.
    /// Where the disk fills up meanwhile the wait ends with the patience.
    pub(super) async fn leave_producers(&self, hosted: &Hosted, start: Offset) {
        self.begin_to_leave_producers(hosted, start);
        if self.stores[hosted.store].is_disk_full() {
            return;
        }
        let _ = self.reactor.timeout(SYNC_PATIENCE, self.until_left(hosted, start)).await;
    }

    /// Waits until what is known of the producers of records before `upto` is with the log; or until the partition is given up.
    pub(in crate::shard) async fn until_left(&self, hosted: &Hosted, upto: Offset) {
        loop {
            let left = self.producers_left.notified();
            // Again each time: the one that was under way when the wait began may know of too little.
            self.begin_to_leave_producers(hosted, upto);
            if hosted.attached.get() >= upto || hosted.is_given_up() {
                return;
            }
            left.await;
        }
    }

    /// Takes a snapshot of the producers if one is lacking; it is left with the log once all that it speaks of is synced.
    pub(in crate::shard) fn begin_to_leave_producers(&self, hosted: &Hosted, upto: Offset) {
        let (attached, end) = (hosted.attached.get(), hosted.machine.borrow().marks().end());
        debug_assert!(attached <= end, "who cuts a log lowers what is known to be left with it");
        if attached < upto {
            self.handle(hosted, Event::TakeSnapshot, None);
        }
    }

    /// Moves a log's start forward, never beyond the high watermark; segments wholly before it are given up.
    pub(super) fn move_start(&self, hosted: &Hosted, start: Offset) -> Result<(), LogError> {
        let high_watermark = hosted.machine.borrow().marks().high_watermark();
        assert!(start <= high_watermark, "only what is committed is dropped from the front");
        hosted.log.advance_start(start)?;
        self.handle(hosted, Event::LogStart { start }, None);
        Ok(())
    }
}

fn refusal(hosted: &Hosted, error: &LogError) -> Refusal {
    tracing::warn!(partition = %hosted.id, %error, "a log's start was not moved");
    match error {
        LogError::Closed | LogError::Exists(_) | LogError::OutOfRange { .. } => Refusal::NotHere,
        LogError::Damaged(damage) => Refusal::Damaged(damage.to_string()),
        LogError::DiskFull => Refusal::Fault(error.to_string()),
        LogError::Failed(fault) => Refusal::Fault(fault.to_string()),
    }
}
