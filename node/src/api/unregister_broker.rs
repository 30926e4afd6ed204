//! UnregisterBroker: the controller forgets a node that will not come back (KIP-631).

use super::{Answer, Asked, error};
use ringlog_kafka::{
    ErrorCode,
    messages::{UnregisterBrokerRequest, UnregisterBrokerResponse},
};
use ringlog_native::cluster::ForgetNodeV1;

pub(super) async fn answer(asked: &Asked, request: &UnregisterBrokerRequest) -> Answer {
    let reply = asked.shard().forget_node(ForgetNodeV1 { node: request.broker_id }).await;
    let refused = reply.err().map(|error| error::of_cluster(&error));
    asked.respond(&UnregisterBrokerResponse {
        throttle_time_ms: 0,
        error_code: refused.as_ref().map_or(ErrorCode::NONE, |(code, _)| *code),
        error_message: refused.as_ref().map(|(_, message)| &**message),
    })
}
