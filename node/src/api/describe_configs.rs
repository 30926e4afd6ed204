//! DescribeConfigs: settings of topics and of this node, with where each value comes from (KIP-133, KIP-226).

use super::{Answer, Asked};
use crate::shard::Shard;
use ringlog_image::{
    TopicImage,
    config::{ConfigDefinition, ConfigKind, TOPIC_CONFIGS},
};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        DescribeConfigsRequest, DescribeConfigsResponse,
        describe_configs_request::DescribeConfigsResource,
        describe_configs_response::{
            DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
        },
    },
};

/// Where a value comes from, as Kafka numbers it.
pub(super) mod source {
    pub(in crate::api) const TOPIC: i8 = 1;
    pub(in crate::api) const STATIC_NODE: i8 = 4;
    pub(in crate::api) const DEFAULT: i8 = 5;
}

/// What is described, as Kafka numbers it.
mod resource {
    pub(super) const TOPIC: i8 = 2;
    pub(super) const NODE: i8 = 4;
}

/// Types of values, as Kafka numbers them.
mod kind {
    pub(super) const BOOLEAN: i8 = 1;
    pub(super) const STRING: i8 = 2;
    pub(super) const INT: i8 = 3;
    pub(super) const LONG: i8 = 5;
    pub(super) const DOUBLE: i8 = 6;
    pub(super) const LIST: i8 = 7;
}

/// A setting of this node, made of its options.
struct NodeConfig {
    name: &'static str,
    value: String,
    kind: i8,
    documentation: &'static str,
}

pub(super) fn answer(asked: &Asked, request: &DescribeConfigsRequest<'_>) -> Answer {
    let shard = asked.shard();
    let view = shard.view();
    let node_configs = node_configs(shard);
    let results = request.resources.iter().map(|wanted| {
        let described = match wanted.resource_type {
            resource::TOPIC => match view.image.topic_by_name(wanted.resource_name) {
                Some(topic) => Ok(describe_topic(topic, request, wanted)),
                None => Err((ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, "there is no such topic")),
            },
            resource::NODE if is_this_node(shard, wanted.resource_name) => {
                Ok(describe_node(&node_configs, request, wanted))
            }
            // The defaults of all nodes that could be changed while they run: there are none.
            resource::NODE if wanted.resource_name.is_empty() => Ok(Vec::new()),
            resource::NODE => Err((ErrorCode::INVALID_REQUEST, "another node must be asked for that")),
            _ => Err((ErrorCode::INVALID_REQUEST, "settings exist of topics and nodes")),
        };
        let (error_code, error_message, configs) = match described {
            Ok(configs) => (ErrorCode::NONE, None, configs),
            Err((code, message)) => (code, Some(message), Vec::new()),
        };
        DescribeConfigsResult {
            error_code,
            error_message,
            resource_type: wanted.resource_type,
            resource_name: wanted.resource_name,
            configs,
        }
    });
    asked.respond(&DescribeConfigsResponse { throttle_time_ms: 0, results: results.collect() })
}

fn is_this_node(shard: &Shard, name: &str) -> bool {
    name.parse() == Ok(shard.node.node.0)
}

fn is_wanted(wanted: &DescribeConfigsResource<'_>, name: &str) -> bool {
    wanted.configuration_keys.as_ref().is_none_or(|keys| keys.contains(&name))
}

fn describe_topic<'a>(
    topic: &'a TopicImage,
    request: &DescribeConfigsRequest<'_>,
    wanted: &DescribeConfigsResource<'_>,
) -> Vec<DescribeConfigsResourceResult<'a>> {
    let definitions = TOPIC_CONFIGS.iter().filter(|definition| is_wanted(wanted, definition.name));
    definitions
        .map(|definition| {
            let set = topic.configs.get(definition.name).map(String::as_str);
            let mut synonyms = Vec::new();
            if request.include_synonyms {
                let of_topic = set.map(|value| synonym(definition.name, value, source::TOPIC));
                synonyms.extend(of_topic);
                synonyms.push(synonym(
                    broker_name(definition.name),
                    definition.default.unwrap_or_default(),
                    source::DEFAULT,
                ));
            }
            DescribeConfigsResourceResult {
                name: definition.name,
                value: set.or(definition.default),
                read_only: false,
                config_source: if set.is_some() { source::TOPIC } else { source::DEFAULT },
                is_sensitive: false,
                synonyms,
                config_type: kind_of(definition),
                documentation: request.include_documentation.then_some(definition.documentation),
            }
        })
        .collect()
}

fn describe_node<'a>(
    configs: &'a [NodeConfig],
    request: &DescribeConfigsRequest<'_>,
    wanted: &DescribeConfigsResource<'_>,
) -> Vec<DescribeConfigsResourceResult<'a>> {
    let configs = configs.iter().filter(|config| is_wanted(wanted, config.name));
    configs
        .map(|config| {
            let synonyms = if request.include_synonyms {
                vec![synonym(config.name, &config.value, source::STATIC_NODE)]
            } else {
                Vec::new()
            };
            DescribeConfigsResourceResult {
                name: config.name,
                value: Some(&config.value),
                read_only: true,
                config_source: source::STATIC_NODE,
                is_sensitive: false,
                synonyms,
                config_type: config.kind,
                documentation: request.include_documentation.then_some(config.documentation),
            }
        })
        .collect()
}

fn synonym<'a>(name: &'a str, value: &'a str, source: i8) -> DescribeConfigsSynonym<'a> {
    DescribeConfigsSynonym { name, value: Some(value), source }
}

/// The name under which Kafka's broker has the default of a topic's setting.
fn broker_name(topic_config: &'static str) -> &'static str {
    match topic_config {
        "cleanup.policy" => "log.cleanup.policy",
        "max.message.bytes" => "message.max.bytes",
        "message.timestamp.after.max.ms" => "log.message.timestamp.after.max.ms",
        "message.timestamp.before.max.ms" => "log.message.timestamp.before.max.ms",
        "message.timestamp.type" => "log.message.timestamp.type",
        "retention.bytes" => "log.retention.bytes",
        "retention.ms" => "log.retention.ms",
        "segment.bytes" => "log.segment.bytes",
        "segment.ms" => "log.roll.ms",
        other => other,
    }
}

fn kind_of(definition: &ConfigDefinition) -> i8 {
    match definition.kind {
        ConfigKind::Boolean => kind::BOOLEAN,
        ConfigKind::Int(..) | ConfigKind::IntOr(..) => kind::INT,
        ConfigKind::Long(..) => kind::LONG,
        ConfigKind::Ratio => kind::DOUBLE,
        ConfigKind::Word(_) | ConfigKind::Text => kind::STRING,
        ConfigKind::Words(_) | ConfigKind::Replicas | ConfigKind::Texts => kind::LIST,
    }
}

fn node_configs(shard: &Shard) -> Vec<NodeConfig> {
    let node = &shard.node;
    let listeners = node.listeners.iter().map(|listener| {
        format!("{}://{}:{}", listener.name, listener.advertised.host, listener.advertised.port)
    });
    let config = |name, value: String, kind, documentation| NodeConfig { name, value, kind, documentation };
    vec![
        config(
            "advertised.listeners",
            listeners.collect::<Vec<_>>().join(","),
            kind::LIST,
            "What clients are told.",
        ),
        config(
            "auto.create.topics.enable",
            node.defaults.auto_create.to_string(),
            kind::BOOLEAN,
            "Whether Metadata creates topics that clients ask for by name.",
        ),
        config("broker.id", node.node.to_string(), kind::INT, "The node's id."),
        config(
            "default.replication.factor",
            "1".into(),
            kind::INT,
            "Replicas of topics created without a number.",
        ),
        config("node.id", node.node.to_string(), kind::INT, "The node's id."),
        config(
            "num.partitions",
            node.defaults.partitions.to_string(),
            kind::INT,
            "Partitions of topics created without a number.",
        ),
        config("ringlog.shards", node.shard_count().to_string(), kind::INT, "Threads that serve partitions."),
        config(
            "socket.request.max.bytes",
            node.limits.request_bytes_max.to_string(),
            kind::INT,
            "The largest request.",
        ),
    ]
}
