//! From settings to the bounds of a node.

use super::table::KAFKA;
use crate::settings::Settings;
use anyhow::Result;
use core::time::Duration;
use ringlog_coordinator::Migration;
use ringlog_image::config::{ConfigMap, ConfigScope, spell_out, validate_together};
use ringlog_node::{GroupOptions, Housekeeping, Limits, NodeOptions, TopicDefaults};
use ringlog_storage::StoreConfig;

/// Fills in everything but addresses, directories and threads.
pub(super) fn apply(options: &mut NodeOptions, settings: &Settings) {
    options.reserve_bytes = settings.number("storage.reserve-bytes");
    options.limits = limits(settings);
    options.store = StoreConfig {
        journal_half_bytes: settings.number("storage.journal-half-bytes"),
        unflushed_bytes_max: settings.number("storage.unflushed-bytes-max"),
        group_bytes_max: settings.number("storage.group-bytes-max"),
        external_bytes_min: settings.fit("storage.external-bytes-min"),
        small_group_bytes: settings.number("storage.small-group-bytes"),
        journal_ahead_bytes: settings.number("storage.journal-ahead-bytes"),
        tail_bytes_max: settings.number("storage.tail-bytes-max"),
        recovery_bytes_max: settings.number("storage.recovery-bytes-max"),
        open_files_max: settings.fit("storage.open-files-max"),
        scrub_bytes_per_second: settings.number("storage.scrub-bytes-per-second"),
        recycled_files_max: settings.fit("storage.recycled-files-max"),
        free_bytes_low: Some(settings.number("storage.free-bytes-low")).filter(|bytes| *bytes > 0),
        ..StoreConfig::default()
    };
    options.configs = configs(settings);
    options.defaults = TopicDefaults {
        auto_create: settings.is("kafka.auto.create.topics.enable"),
        partitions: settings.fit("kafka.num.partitions"),
        replication_factor: settings.fit("kafka.default.replication.factor"),
        may_delete: settings.is("kafka.delete.topic.enable"),
        segment_bytes_max: Some(settings.number("storage.segment-bytes-max")).filter(|bytes| *bytes > 0),
    };
    options.housekeeping = Housekeeping {
        retention_interval: settings.duration("kafka.log.retention.check.interval.ms"),
        compaction_interval: settings.duration("kafka.log.cleaner.backoff.ms"),
        compaction_keys_bytes_max: settings.fit("kafka.log.cleaner.dedupe.buffer.size"),
        compaction_bytes_per_second: settings.number("kafka.log.cleaner.io.max.bytes.per.second"),
    };
    groups(&mut options.groups, settings);
}

/// Refuses what was said under Kafka's names if it cannot hold together.
pub(super) fn check(settings: &Settings) -> Result<()> {
    Ok(validate_together(ConfigScope::Node, &configs(settings))?)
}

/// What was said under Kafka's names.
pub(super) fn configs(settings: &Settings) -> ConfigMap {
    let said = settings.said().filter_map(|key| Some((key.strip_prefix(KAFKA)?, settings.list(key))));
    let mut configs = said.map(|(name, values)| (name.to_owned(), values.join(","))).collect();
    spell_out(&mut configs);
    configs
}

fn groups(groups: &mut GroupOptions, settings: &Settings) {
    groups.offsets_topic_partitions = settings.fit("kafka.offsets.topic.num.partitions");
    groups.offsets_topic_segment_bytes = settings.fit("kafka.offsets.topic.segment.bytes");
    let coordinator = &mut groups.coordinator;
    coordinator.initial_rebalance_delay = settings.duration("kafka.group.initial.rebalance.delay.ms");
    coordinator.session_timeout_min = settings.duration("kafka.group.min.session.timeout.ms");
    coordinator.session_timeout_max = settings.duration("kafka.group.max.session.timeout.ms");
    coordinator.group_size_max = settings.fit("kafka.group.max.size");
    coordinator.offsets_retention =
        Duration::from_secs(settings.number("kafka.offsets.retention.minutes") * 60);
    coordinator.expiry_interval = settings.duration("kafka.offsets.retention.check.interval.ms");
    coordinator.metadata_bytes_max = settings.fit("kafka.offset.metadata.max.bytes");
    coordinator.consumer_session_timeout = settings.duration("kafka.group.consumer.session.timeout.ms");
    coordinator.consumer_heartbeat_interval = settings.duration("kafka.group.consumer.heartbeat.interval.ms");
    coordinator.consumer_assignment_interval =
        settings.duration("kafka.group.consumer.assignment.interval.ms");
    coordinator.consumer_assignors =
        settings.list("kafka.group.consumer.assignors").iter().map(|name| name.as_str().into()).collect();
    coordinator.consumer_group_size_max = settings.fit("kafka.group.consumer.max.size");
    coordinator.migration = match settings.text("kafka.group.consumer.migration.policy") {
        "upgrade" => Migration::Upgrade,
        "downgrade" => Migration::Downgrade,
        "disabled" => Migration::Disabled,
        _ => Migration::Bidirectional,
    };
}

fn limits(settings: &Settings) -> Limits {
    Limits {
        request_bytes_max: settings.fit("limits.request-bytes-max"),
        connection_bytes_max: settings.fit("limits.connection-bytes-max"),
        connection_requests_max: settings.fit("limits.connection-requests-max"),
        shard_bytes_max: settings.fit("limits.shard-bytes-max"),
        shard_response_bytes_max: settings.fit("limits.shard-response-bytes-max"),
        fetch_response_bytes_max: settings.fit("limits.fetch-response-bytes-max"),
        frame_deadline: settings.duration("limits.frame-deadline-ms"),
        send_deadline: settings.duration("limits.send-deadline-ms"),
        idle_deadline: settings.duration("limits.idle-deadline-ms"),
        connections_max: settings.fit("limits.connections-max"),
        fetch_sessions_max: settings.fit("limits.fetch-sessions-max"),
        shutdown_deadline: settings.duration("limits.shutdown-deadline-ms"),
    }
}
