//! IncrementalAlterConfigs: single configs of topics, nodes and groups (KIP-339).

use super::{
    Answer, Asked,
    config_resources::{WantedChange, alter},
};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
        incremental_alter_configs_response::AlterConfigsResourceResponse,
    },
};
use ringlog_native::cluster::ConfigChangeV1;

pub(super) async fn answer(asked: &Asked, request: &IncrementalAlterConfigsRequest<'_>) -> Answer {
    let wanted = request.resources.iter().map(|resource| WantedChange {
        resource_type: resource.resource_type,
        resource_name: resource.resource_name,
        replace: false,
        changes: resource
            .configs
            .iter()
            .map(|config| ConfigChangeV1 {
                name: config.name.to_owned(),
                // What is none of Kafka's numbers is refused by the controller.
                operation: u8::try_from(config.config_operation).unwrap_or(u8::MAX),
                value: config.value.map(ToOwned::to_owned),
            })
            .collect(),
    });
    let results = alter(asked, &wanted.collect::<Vec<_>>(), request.validate_only).await;
    let responses = request.resources.iter().zip(&results).map(|(resource, result)| {
        let (error_code, error_message) = match result {
            Ok(()) => (ErrorCode::NONE, None),
            Err((code, message)) => (*code, Some(&**message)),
        };
        AlterConfigsResourceResponse {
            error_code,
            error_message,
            resource_type: resource.resource_type,
            resource_name: resource.resource_name,
        }
    });
    asked.respond(&IncrementalAlterConfigsResponse { throttle_time_ms: 0, responses: responses.collect() })
}
