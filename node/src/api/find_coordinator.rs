//! FindCoordinator: there are no groups and no transactions yet, and clients are told to try again.
//!
//! The API is served all the same: librdkafka enables LZ4 only where it is.

use super::Asked;
use ringlog_kafka::{
    ErrorCode,
    messages::{FindCoordinatorRequest, FindCoordinatorResponse, find_coordinator_response::Coordinator},
};

/// The version from which one request asks for several keys (KIP-699).
const SEVERAL_KEYS_FROM: i16 = 4;

const ERROR: ErrorCode = ErrorCode::COORDINATOR_NOT_AVAILABLE;
const MESSAGE: &str = "this broker has no group or transaction coordinator";

pub(super) fn answer<'a>(asked: &Asked, request: &FindCoordinatorRequest<'a>) -> FindCoordinatorResponse<'a> {
    if asked.version < SEVERAL_KEYS_FROM {
        return FindCoordinatorResponse {
            error_code: ERROR,
            error_message: Some(MESSAGE),
            node_id: -1,
            port: -1,
            ..FindCoordinatorResponse::default()
        };
    }
    let coordinators = request.coordinator_keys.iter().map(|key| Coordinator {
        key,
        node_id: -1,
        host: "",
        port: -1,
        error_code: ERROR,
        error_message: Some(MESSAGE),
    });
    FindCoordinatorResponse { coordinators: coordinators.collect(), ..FindCoordinatorResponse::default() }
}
