//! What this node was told, under the names that Kafka has for it.

use super::describe_topic_partitions::PARTITIONS_MAX;
use crate::shard::Shard;
use ringlog_image::config::ConfigMap;

/// What was said at the start or since, and the facts, as texts.
pub(super) fn start_configs(shard: &Shard) -> ConfigMap {
    let node = &shard.node;
    let limits = &node.limits;
    let advertised = node.listeners.iter().map(|listener| {
        format!("{}://{}:{}", listener.name, listener.advertised.host, listener.advertised.port)
    });
    let advertised = advertised.collect::<Vec<_>>().join(",");
    let directories = node.directories.iter().map(|path| path.display().to_string());
    let configs = [
        ("advertised.listeners", advertised.clone()),
        ("broker.id", node.node.to_string()),
        ("connections.max.idle.ms", limits.idle_deadline.as_millis().to_string()),
        ("fetch.max.bytes", limits.fetch_response_bytes_max.to_string()),
        ("listeners", advertised),
        ("log.dirs", directories.collect::<Vec<_>>().join(",")),
        ("max.connections", limits.connections_max.to_string()),
        ("max.incremental.fetch.session.cache.slots", limits.fetch_sessions_max.to_string()),
        ("max.request.partition.size.limit", PARTITIONS_MAX.to_string()),
        ("node.id", node.node.to_string()),
        ("process.roles", "broker".to_owned()),
        ("ringlog.shards", node.shard_count().to_string()),
        ("socket.request.max.bytes", limits.request_bytes_max.to_string()),
    ];
    let mut all = ConfigMap::clone(&shard.view().start);
    all.extend(node.admin.map(|admin| ("ringlog.admin".to_owned(), admin.to_string())));
    all.extend(configs.into_iter().map(|(name, value)| (name.to_owned(), value)));
    all
}
