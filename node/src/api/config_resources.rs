//! What several APIs of configs have in common: Kafka's numbers, and changes on their way to the controller.

use super::{Asked, error, node_loggers};
use ringlog_image::{ConfigResource, config::Source};
use ringlog_kafka::ErrorCode;
use ringlog_native::cluster::{AlterConfigsV1, AlterResourceV1, ConfigChangeV1, ResourceKindV1};
use std::collections::{BTreeMap, BTreeSet};

/// What has configs, as Kafka numbers it.
pub(crate) mod resource {
    pub(crate) const TOPIC: i8 = 2;
    pub(crate) const NODE: i8 = 4;
    pub(crate) const NODE_LOGGER: i8 = 8;
    pub(crate) const CLIENT_METRICS: i8 = 16;
    pub(crate) const GROUP: i8 = 32;
}

/// Where a topic's or a node's value comes from, as Kafka numbers it.
pub(super) fn source_code(source: Source) -> i8 {
    match source {
        Source::Own => 1,
        Source::Node => 2,
        Source::AllNodes => 3,
        Source::Start => 4,
        Source::Default => 5,
    }
}

/// The number of a logger's level.
pub(super) const SOURCE_LOGGER: i8 = 6;
/// The number of a group's own value.
pub(super) const SOURCE_GROUP: i8 = 8;

/// Changes that a client wants of one resource.
pub(super) struct WantedChange<'a> {
    pub(super) resource_type: i8,
    pub(super) resource_name: &'a str,
    pub(super) replace: bool,
    pub(super) changes: Vec<ConfigChangeV1>,
}

/// A refusal as the client gets it.
pub(super) type Refused = (ErrorCode, String);

/// Has the changes made; one result per resource, in their order.
pub(super) async fn alter(
    asked: &Asked,
    wanted: &[WantedChange<'_>],
    validate_only: bool,
) -> Vec<Result<(), Refused>> {
    let mut times: BTreeMap<(i8, &str), usize> = BTreeMap::new();
    for one in wanted {
        *times.entry((one.resource_type, one.resource_name)).or_default() += 1;
    }
    let mut results = Vec::with_capacity(wanted.len());
    let mut forwarded = Vec::new();
    let mut places = Vec::new();
    for one in wanted {
        let once = times[&(one.resource_type, one.resource_name)] == 1;
        if one.resource_type == resource::NODE_LOGGER && once {
            results.push(node_loggers::alter(asked.shard(), one, validate_only));
            continue;
        }
        results.push(match forwardable(one, once) {
            Ok(resource) => {
                places.push(results.len());
                forwarded.push(resource);
                Ok(())
            }
            Err(refused) => Err(refused),
        });
    }
    if forwarded.is_empty() {
        return results;
    }
    let request = AlterConfigsV1 { resources: forwarded, validate_only };
    match asked.shard().alter_configs(request).await {
        Ok(reply) => {
            for (place, refusal) in places.into_iter().zip(&reply.refusals) {
                if let Some(refusal) = refusal {
                    results[place] = Err(error::of_controller(refusal));
                }
            }
        }
        Err(failed) => {
            let failed = error::of_cluster(&failed);
            for place in places {
                results[place] = Err(failed.clone());
            }
        }
    }
    results
}

/// What the controller is asked for one resource.
fn forwardable(wanted: &WantedChange<'_>, once: bool) -> Result<AlterResourceV1, Refused> {
    let invalid = |reason: &str| Err((ErrorCode::INVALID_REQUEST, reason.to_owned()));
    if !once {
        return invalid("Each resource must appear at most once.");
    }
    let mut names = BTreeSet::new();
    if !wanted.changes.iter().all(|change| names.insert(&*change.name)) {
        return invalid("Error due to duplicate config keys");
    }
    let kind = match (wanted.resource_type, wanted.resource_name) {
        (resource::TOPIC, _) => ResourceKindV1::Topic,
        (resource::NODE, "") => ResourceKindV1::AllNodes,
        (resource::NODE, _) => ResourceKindV1::Node,
        (resource::GROUP, _) => ResourceKindV1::Group,
        (resource::CLIENT_METRICS, _) => return invalid("there are no subscriptions of client metrics here"),
        (other, _) => return Err((ErrorCode::INVALID_REQUEST, format!("Unexpected resource type {other}"))),
    };
    Ok(AlterResourceV1 {
        kind: kind as u8,
        name: wanted.resource_name.to_owned(),
        replace: wanted.replace,
        changes: wanted.changes.clone(),
    })
}

/// The resource as clients name it: type and name.
pub(super) fn named(resource: &ConfigResource) -> (i8, String) {
    match resource {
        ConfigResource::AllNodes => (resource::NODE, String::new()),
        ConfigResource::Node(node) => (resource::NODE, node.to_string()),
        ConfigResource::Group(name) => (resource::GROUP, name.clone()),
    }
}
