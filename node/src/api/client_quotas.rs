//! DescribeClientQuotas and AlterClientQuotas: nobody has a quota, and none can be set yet (KIP-546).

use super::{Answer, Asked};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        AlterClientQuotasRequest, AlterClientQuotasResponse, DescribeClientQuotasResponse,
        alter_client_quotas_response::{EntityData, EntryData},
    },
};

pub(super) fn describe(asked: &Asked) -> Answer {
    asked.respond(&DescribeClientQuotasResponse {
        entries: Some(Vec::new()),
        ..DescribeClientQuotasResponse::default()
    })
}

pub(super) fn alter(asked: &Asked, request: &AlterClientQuotasRequest<'_>) -> Answer {
    let entries = request.entries.iter().map(|entry| {
        // What is not there is taken away without more ado, as in Kafka.
        let is_done = entry.ops.iter().all(|operation| operation.remove);
        let (error_code, error_message) = if is_done {
            (ErrorCode::NONE, None)
        } else {
            (ErrorCode::INVALID_REQUEST, Some("Quotas of clients are not supported by this broker."))
        };
        let entity = entry
            .entity
            .iter()
            .map(|part| EntityData { entity_type: part.entity_type, entity_name: part.entity_name });
        EntryData { error_code, error_message, entity: entity.collect() }
    });
    asked.respond(&AlterClientQuotasResponse { throttle_time_ms: 0, entries: entries.collect() })
}
