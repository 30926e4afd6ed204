//! AlterConfigs, of older clients: all configs of a resource at once; what is not named goes back to its default
//! (KIP-133).

use super::{
    Answer, Asked,
    config_resources::{WantedChange, alter},
};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        AlterConfigsRequest, AlterConfigsResponse, alter_configs_response::AlterConfigsResourceResponse,
    },
};
use ringlog_native::cluster::{ConfigChangeV1, ConfigOperationV1};

pub(super) async fn answer(asked: &Asked, request: &AlterConfigsRequest<'_>) -> Answer {
    let wanted = request.resources.iter().map(|resource| WantedChange {
        resource_type: resource.resource_type,
        resource_name: resource.resource_name,
        replace: true,
        changes: resource
            .configs
            .iter()
            .map(|config| ConfigChangeV1 {
                name: config.name.to_owned(),
                operation: ConfigOperationV1::Set as u8,
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
    asked.respond(&AlterConfigsResponse { throttle_time_ms: 0, responses: responses.collect() })
}
