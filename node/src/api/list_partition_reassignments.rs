//! ListPartitionReassignments: partitions are never reassigned yet.

use ringlog_kafka::messages::ListPartitionReassignmentsResponse;

pub(super) fn answer() -> ListPartitionReassignmentsResponse<'static> {
    ListPartitionReassignmentsResponse::default()
}
