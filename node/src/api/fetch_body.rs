//! Record bytes on their way into a response: from a read plan to parts that can be sent without stalling the shard.

use crate::{connection::Part, refusal::Refusal, shard::Shard};
use ringlog_storage::{ReadError, ReadPlan, Slice};

/// The records of one partition.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// In order.
    pub(crate) parts: Vec<Part>,
}

impl Body {
    /// Length in bytes.
    pub(crate) fn length(&self) -> usize {
        let length = |part: &Part| match part {
            Part::Bytes(bytes) => bytes.len(),
            Part::File(slice) => usize::try_from(slice.length).expect("plans are bounded far below"),
        };
        self.parts.iter().map(length).sum()
    }
}

/// Makes a plan fit for sending: what must be read directly and checked is read into memory.
pub(crate) async fn prepare(shard: &Shard, plan: ReadPlan) -> Result<Body, Refusal> {
    let plan = plan.prepare(&shard.reads).await.map_err(refuse)?;
    let parts = plan.slices.into_iter().map(|slice| match slice {
        Slice::Memory(bytes) => Part::Bytes(bytes),
        Slice::File(slice) => Part::File(slice),
    });
    Ok(Body { parts: parts.collect() })
}

fn refuse(error: ReadError) -> Refusal {
    tracing::error!(%error, "reading records for a client failed");
    match error {
        ReadError::Damaged(damage) => Refusal::Damaged(damage.to_string()),
        error => Refusal::Fault(error.to_string()),
    }
}
