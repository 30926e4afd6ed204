//! GetTelemetrySubscriptions and PushTelemetry: what clients measure about themselves (KIP-714).
//!
//! Nobody can subscribe to clients' metrics here, so clients are asked for none; one that pushes some all the same is
//! heard, checked and counted. Nothing is remembered of a client: its subscription follows from its id.

use super::{Answer, Asked};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, PushTelemetryRequest,
        PushTelemetryResponse,
    },
};
use ringlog_model::Uuid;

/// How often clients ask again. Kafka's default.
const PUSH_INTERVAL_MS: i32 = 300_000;
/// The largest push. Kafka's default of `telemetry.max.bytes`.
const BYTES_MAX: i32 = 1024 * 1024;
/// Zstandard, LZ4, gzip, Snappy by their numbers; none is always allowed.
const COMPRESSIONS: [i8; 4] = [4, 3, 1, 2];

pub(super) fn subscriptions(asked: &Asked, request: &GetTelemetrySubscriptionsRequest) -> Answer {
    let client_instance_id = if request.client_instance_id == Uuid::ZERO {
        let random = || u128::from(asked.shard().reactor.random_u64());
        Uuid::from_random((random() << 64) | random())
    } else {
        request.client_instance_id
    };
    asked.respond(&GetTelemetrySubscriptionsResponse {
        throttle_time_ms: 0,
        error_code: ErrorCode::NONE,
        client_instance_id,
        subscription_id: subscription_of(client_instance_id),
        accepted_compression_types: COMPRESSIONS.to_vec(),
        push_interval_ms: PUSH_INTERVAL_MS,
        telemetry_max_bytes: BYTES_MAX,
        delta_temporality: true,
        requested_metrics: Vec::new(),
    })
}

pub(super) fn push(asked: &Asked, request: &PushTelemetryRequest<'_>) -> Answer {
    let error_code = judge(request);
    if error_code == ErrorCode::NONE {
        let counters = &asked.shard().counters;
        counters.telemetry_pushes.add(1);
        counters.telemetry_bytes.add(request.metrics.len() as u64);
    }
    asked.respond(&PushTelemetryResponse { throttle_time_ms: 0, error_code })
}

fn judge(request: &PushTelemetryRequest<'_>) -> ErrorCode {
    if request.client_instance_id == Uuid::ZERO {
        return ErrorCode::INVALID_REQUEST;
    }
    if request.subscription_id != subscription_of(request.client_instance_id) {
        return ErrorCode::UNKNOWN_SUBSCRIPTION_ID;
    }
    if request.compression_type != 0 && !COMPRESSIONS.contains(&request.compression_type) {
        return ErrorCode::UNSUPPORTED_COMPRESSION_TYPE;
    }
    if request.metrics.len() > BYTES_MAX as usize {
        return ErrorCode::TELEMETRY_TOO_LARGE;
    }
    ErrorCode::NONE
}

/// A number that is the client's own and changes only with what is subscribed to, which is nothing.
fn subscription_of(client: Uuid) -> i32 {
    let [a, b, c, d, ..] = client.0;
    i32::from_be_bytes([a, b, c, d]) & i32::MAX | 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushes_are_judged_by_the_subscription_that_follows_from_the_id() {
        let client = Uuid([9; 16]);
        let good = PushTelemetryRequest {
            client_instance_id: client,
            subscription_id: subscription_of(client),
            ..PushTelemetryRequest::default()
        };
        assert_eq!(judge(&good), ErrorCode::NONE);
        let nobody = PushTelemetryRequest { client_instance_id: Uuid::ZERO, ..good.clone() };
        assert_eq!(judge(&nobody), ErrorCode::INVALID_REQUEST);
        let other = PushTelemetryRequest { subscription_id: 7, ..good.clone() };
        assert_eq!(judge(&other), ErrorCode::UNKNOWN_SUBSCRIPTION_ID);
        let codec = PushTelemetryRequest { compression_type: 9, ..good.clone() };
        assert_eq!(judge(&codec), ErrorCode::UNSUPPORTED_COMPRESSION_TYPE);
        let bytes = vec![0; BYTES_MAX as usize + 1];
        let large = PushTelemetryRequest { metrics: &bytes, ..good };
        assert_eq!(judge(&large), ErrorCode::TELEMETRY_TOO_LARGE);
    }
}
