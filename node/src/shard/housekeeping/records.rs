//! DeleteRecords on the shard that owns the partitions (KIP-107), and moving a log's start.

use crate::{
    refusal::Refusal,
    shard::{DeleteBefore, DeleteRecords, Hosted, Shard},
};
use ringlog_model::Offset;
use ringlog_partition::{Event, FetchRefusal};
use ringlog_storage::LogError;

impl Shard {
    /// Drops records; returns when that is durable.
    pub(in crate::shard) async fn serve_delete_records(
        &self,
        wanted: &[DeleteRecords],
    ) -> Vec<Result<Offset, Refusal>> {
        let mut results = Vec::with_capacity(wanted.len());
        for one in wanted {
            results.push(self.delete_records_of(one));
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

    fn delete_records_of(&self, wanted: &DeleteRecords) -> Result<Offset, Refusal> {
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
        self.move_start(&hosted, before).map_err(|error| refusal(&hosted, &error))?;
        Ok(start.max(before))
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
