//! DescribeConfigs: configs of topics, nodes and groups, with where each value comes from (KIP-133, KIP-226, KIP-569).

use super::{
    Answer, Asked,
    config_resources::{Refused, SOURCE_GROUP, SOURCE_LOGGER, resource, source_code},
    node_configs::start_configs,
    node_loggers,
};
use crate::{cluster::View, shard::Shard};
use ringlog_image::{
    ConfigResource,
    config::{
        Change, ConfigDefinition, ConfigKind, ConfigLayers, ConfigMap, GROUP_CONFIGS, Source, TOPIC_CONFIGS,
        node_configs, nothing_set,
    },
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

/// Types of values, as Kafka numbers them.
mod kind {
    pub(super) const BOOLEAN: i8 = 1;
    pub(super) const STRING: i8 = 2;
    pub(super) const INT: i8 = 3;
    pub(super) const LONG: i8 = 5;
    pub(super) const DOUBLE: i8 = 6;
    pub(super) const LIST: i8 = 7;
}

pub(super) fn answer(asked: &Asked, request: &DescribeConfigsRequest<'_>) -> Answer {
    let shard = asked.shard();
    let view = shard.view();
    let start = start_configs(shard);
    let levels = node_loggers::levels(shard);
    let describe = Describe { shard, view: &view, start: &start, levels: &levels, request };
    let described: Vec<_> = request.resources.iter().map(|wanted| describe.resource(wanted)).collect();
    let results = request.resources.iter().zip(&described).map(|(wanted, described)| {
        let (error_code, error_message, configs) = match described {
            Ok(configs) => (ErrorCode::NONE, None, configs.clone()),
            Err((code, message)) => (*code, Some(&**message), Vec::new()),
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

/// The configs of a topic, a node or a group: name, value, and the number of where it is from.
pub(crate) fn config_values(
    shard: &Shard,
    resource_type: i8,
    resource_name: &str,
) -> Result<Vec<(String, Option<String>, i8)>, Refused> {
    let (view, start) = (shard.view(), start_configs(shard));
    let request = DescribeConfigsRequest::default();
    let describe = Describe { shard, view: &view, start: &start, levels: &[], request: &request };
    let wanted = DescribeConfigsResource { resource_type, resource_name, configuration_keys: None };
    let described = describe.resource(&wanted)?;
    let value = |one: &DescribeConfigsResourceResult<'_>| one.value.map(ToOwned::to_owned);
    Ok(described.iter().map(|one| (one.name.to_owned(), value(one), one.config_source)).collect())
}

struct Describe<'a> {
    shard: &'a Shard,
    view: &'a View,
    /// What this node was started with.
    start: &'a ConfigMap,
    /// Its loggers with their levels.
    levels: &'a [(String, String)],
    request: &'a DescribeConfigsRequest<'a>,
}

type Described<'a> = Vec<DescribeConfigsResourceResult<'a>>;

impl<'a> Describe<'a> {
    fn resource(&self, wanted: &DescribeConfigsResource<'_>) -> Result<Described<'a>, Refused> {
        let own = self.shard.node.node;
        let image = &self.view.image;
        match (wanted.resource_type, wanted.resource_name) {
            (resource::TOPIC, name) => {
                let Some(topic) = image.topic_by_name(name) else {
                    let code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
                    return Err((code, "This server does not host this topic-partition.".to_owned()));
                };
                let layers = ConfigLayers { start: self.start, ..image.topic_layers(topic, own) };
                Ok(self.all(wanted, TOPIC_CONFIGS, &layers, Source::Own))
            }
            (resource::NODE, "") => Ok(self.set_for_all_nodes(wanted)),
            (resource::NODE, name) if name.parse() == Ok(own.0) => {
                let layers = ConfigLayers { start: self.start, ..image.node_layers(own) };
                Ok(self.all(wanted, &node_configs(), &layers, Source::Node))
            }
            (resource::NODE | resource::NODE_LOGGER, name) if name.parse() != Ok(own.0) => Err((
                ErrorCode::INVALID_REQUEST,
                format!("Unexpected broker id, expected {own} or empty string, but received {name}"),
            )),
            (resource::NODE_LOGGER, _) => Ok(self.loggers(wanted)),
            (resource::GROUP, "") => {
                Err((ErrorCode::INVALID_REQUEST, "Group name must not be empty".to_owned()))
            }
            (resource::GROUP, name) => {
                let layers = ConfigLayers { start: self.start, ..image.group_layers(name, own) };
                Ok(self.all(wanted, GROUP_CONFIGS, &layers, Source::Own))
            }
            (resource::CLIENT_METRICS, _) => Ok(Vec::new()),
            (other, _) => Err((ErrorCode::INVALID_REQUEST, format!("Unsupported resource type: {other}"))),
        }
    }

    /// Every config of a table. `own` is the level at which somebody may set them.
    fn all(
        &self,
        wanted: &DescribeConfigsResource<'_>,
        table: &[ConfigDefinition],
        layers: &ConfigLayers<'a>,
        own: Source,
    ) -> Described<'a> {
        let is_group = wanted.resource_type == resource::GROUP;
        let code = |source| match source {
            Source::Own if is_group => SOURCE_GROUP,
            source => source_code(source),
        };
        let asked_for = table.iter().filter(|definition| is_wanted(wanted, definition.name));
        asked_for
            .map(|definition| {
                let values = layers.all(definition);
                let first = values.first().copied();
                let synonyms = if self.request.include_synonyms {
                    values
                        .iter()
                        .map(|(name, source, value)| DescribeConfigsSynonym {
                            name,
                            value: Some(value),
                            source: code(*source),
                        })
                        .collect()
                } else {
                    Vec::new()
                };
                // Where nodes have no default under the strongest name, the topic's table still has one.
                let source = first.map_or(Source::Default, |(_, source, _)| source);
                DescribeConfigsResourceResult {
                    name: definition.name,
                    value: first.map(|(_, _, value)| value),
                    read_only: definition.change == Change::Restart,
                    config_source: code(source),
                    is_sensitive: false,
                    synonyms,
                    config_type: kind_of(definition),
                    documentation: self.request.include_documentation.then_some(definition.documentation),
                }
            })
            .inspect(|result| {
                debug_assert!(!result.read_only || own == Source::Node, "only nodes have such");
            })
            .collect()
    }

    fn loggers(&self, wanted: &DescribeConfigsResource<'_>) -> Described<'a> {
        let asked_for = self.levels.iter().filter(|(logger, _)| is_wanted(wanted, logger));
        asked_for
            .map(|(logger, level)| DescribeConfigsResourceResult {
                name: logger,
                value: Some(level),
                config_source: SOURCE_LOGGER,
                config_type: kind::STRING,
                ..DescribeConfigsResourceResult::default()
            })
            .collect()
    }

    /// Of the defaults of all nodes only what somebody has set, as Kafka does.
    fn set_for_all_nodes(&self, wanted: &DescribeConfigsResource<'_>) -> Described<'a> {
        let all_nodes = self.view.image.configs(&ConfigResource::AllNodes);
        let table: Vec<_> = node_configs()
            .into_iter()
            .filter(|definition| all_nodes.contains_key(definition.name))
            .map(|definition| ConfigDefinition { default: None, ..definition })
            .collect();
        let nothing = nothing_set();
        let layers = ConfigLayers { own: nothing, node: nothing, all_nodes, start: nothing };
        self.all(wanted, &table, &layers, Source::Node)
    }
}

fn is_wanted(wanted: &DescribeConfigsResource<'_>, name: &str) -> bool {
    wanted.configuration_keys.as_ref().is_none_or(|keys| keys.contains(&name))
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
