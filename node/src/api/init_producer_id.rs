//! InitProducerId: identities of idempotent producers (KIP-98), from blocks that the controller gives this node.

use super::{Asked, error};
use ringlog_kafka::{
    ErrorCode,
    messages::{InitProducerIdRequest, InitProducerIdResponse},
};

pub(super) async fn answer(asked: &Asked, request: &InitProducerIdRequest<'_>) -> InitProducerIdResponse {
    let refused = |error_code| InitProducerIdResponse {
        error_code,
        producer_id: -1,
        producer_epoch: -1,
        ..InitProducerIdResponse::default()
    };
    if request.transactional_id.is_some() {
        // There is no transaction coordinator yet.
        return refused(ErrorCode::COORDINATOR_NOT_AVAILABLE);
    }
    // A producer that comes back with an identity gets a new one: only a coordinator could raise its epoch.
    match asked.shard().producer_id().await {
        Ok(producer_id) => {
            InitProducerIdResponse { producer_id, producer_epoch: 0, ..InitProducerIdResponse::default() }
        }
        Err(error) => refused(error::of_cluster(&error).0),
    }
}
