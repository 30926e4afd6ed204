//! `GET /overview`: the node at one moment, and the series of `/metrics` that come from asking the shards.

use super::{Opened, Visible, groups::groups, process};
use crate::{
    metrics::{Exposition, RequestKind},
    overview::{Overview, ShardOverview, TopicOverview},
    shard::{NodeShared, ShardMessage, ShardSurvey},
};
use axum::{
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use core::time::Duration;
use ringlog_kafka::ApiKey;
use ringlog_native::Op;
use ringlog_reactor::{
    metrics::{BUCKETS, Description},
    reply,
};
use std::{collections::BTreeMap, time::Instant};

/// How long a shard may take to answer; one that hangs is reported as such.
const PATIENCE: Duration = Duration::from_secs(1);

/// Series per metric that come from topics or groups; those with the largest values come first, the others are summed.
const SERIES_MAX: usize = 1_000;

/// The label of what is summed. No topic or group of Kafka may be called so.
const OTHERS: &str = "(others)";

const MAILBOX: Description =
    Description { name: "ringlog_mailbox_messages", help: "Messages of other shards that wait." };
const RESPONDS: Description =
    Description { name: "ringlog_shard_responds", help: "1 if the shard answered within a second, else 0." };
const LOG_BYTES: Description =
    Description { name: "ringlog_topic_log_bytes", help: "Bytes of record batches in the topic's logs." };
const APPENDED: Description = Description {
    name: "ringlog_topic_appended_bytes_total",
    help: "Bytes of record batches appended to the topic.",
};
const FETCHED: Description = Description {
    name: "ringlog_topic_fetched_bytes_total",
    help: "Bytes of the topic's record batches read for consumers.",
};
const LAG: Description = Description {
    name: "ringlog_group_lag",
    help: "Records between the group's committed offsets and the high watermarks.",
};
const MEMBERS: Description = Description { name: "ringlog_group_members", help: "Members of the group." };

pub(super) async fn overview(State(visible): State<Visible>) -> Response {
    match serde_json::to_string(&survey(&visible).await) {
        Ok(body) => ([(CONTENT_TYPE, "application/json")], body + "\n").into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Asks all shards.
pub(super) async fn survey(visible: &Visible) -> Overview {
    let mut overview = Overview {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        micros: visible.begun.map_or(0, |begun| micros(begun.elapsed())),
        ..Overview::default()
    };
    if let Some((cpu_micros, resident_bytes)) = process::usage() {
        (overview.cpu_micros, overview.resident_bytes) = (cpu_micros, resident_bytes);
    }
    let Some(Opened { node, .. }) = visible.opened.get() else { return overview };
    overview.node = node.node.0;
    let surveys = ask(node).await;
    let cpu: BTreeMap<String, u64> = process::shard_cpu().into_iter().collect();
    for (number, survey) in surveys.iter().enumerate() {
        let mut shard = of_shard(visible, node, number);
        shard.responds = survey.is_some();
        shard.cpu_micros = cpu.get(&number.to_string()).copied().unwrap_or(0);
        overview.shards.push(shard);
    }
    if let Some(view) = surveys.iter().flatten().map(|survey| &survey.view).max_by_key(|view| view.version) {
        overview.cluster = view.image.cluster().map(|cluster| cluster.to_string());
    }
    overview.topics = topics(&surveys);
    // A coordinator that hangs must not hold up the rest.
    overview.groups = tokio::time::timeout(PATIENCE, groups(node, &surveys)).await.unwrap_or_default();
    overview
}

async fn ask(node: &NodeShared) -> Vec<Option<ShardSurvey>> {
    let mut pending = Vec::new();
    for mailbox in &node.mailboxes {
        let (sender, receiver) = reply::channel();
        let sent = mailbox.try_send(ShardMessage::Survey(sender)).is_ok();
        pending.push(sent.then_some(receiver));
    }
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut surveys = Vec::with_capacity(pending.len());
    for receiver in pending {
        surveys.push(match receiver {
            Some(receiver) => tokio::time::timeout_at(deadline, receiver).await.ok().and_then(Result::ok),
            None => None,
        });
    }
    surveys
}

fn of_shard(visible: &Visible, node: &NodeShared, number: usize) -> ShardOverview {
    let metrics = &visible.shards[number];
    let stores = visible.parts().get(number).map_or(&[][..], |parts| &parts.stores);
    let mut sync = [0; BUCKETS];
    for store in stores {
        store.sync.add_to(&mut sync);
    }
    let mut produce = [0; BUCKETS];
    for kind in [RequestKind::Kafka(ApiKey::Produce.code()), RequestKind::Native(Op::PRODUCE.0)] {
        metrics.requests.of(kind).duration.add_to(&mut produce);
    }
    ShardOverview {
        shard: u16::try_from(number).expect("shards are counted by a u16"),
        connections: metrics.connections.get(),
        partitions: metrics.partitions.get(),
        requests: metrics.requests.total(),
        appended_bytes: metrics.bytes_appended.get(),
        fetched_bytes: metrics.bytes_fetched.get(),
        mailbox: node.mailboxes[number].waiting() as u64,
        appends_waiting: metrics.appends_queued.get() + metrics.appends_unacknowledged.get(),
        unflushed_bytes: stores.iter().map(|store| store.unflushed_bytes.get()).sum(),
        sync: shortened(&sync),
        produce: shortened(&produce),
        ..ShardOverview::default()
    }
}

/// Without the empty buckets at the end.
fn shortened(buckets: &[u64]) -> Vec<u64> {
    let used = buckets.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
    buckets[..used].to_vec()
}

fn topics(surveys: &[Option<ShardSurvey>]) -> Vec<TopicOverview> {
    let mut topics: BTreeMap<String, TopicOverview> = BTreeMap::new();
    for survey in surveys.iter().flatten() {
        for partition in &survey.partitions {
            // One that is being deleted has no name any more.
            let Some(image) = survey.view.image.topic(partition.partition.topic) else { continue };
            let topic = topics.entry(image.name.to_string()).or_default();
            let offset = |offset: ringlog_model::Offset| u64::try_from(offset.0).unwrap_or(0);
            topic.partitions += 1;
            topic.records += offset(partition.end).saturating_sub(offset(partition.log_start));
            topic.end_offsets += offset(partition.end);
            topic.log_bytes += partition.bytes;
            topic.appended_bytes += partition.appended_bytes;
            topic.fetched_bytes += partition.fetched_bytes;
        }
    }
    topics.into_iter().map(|(name, topic)| TopicOverview { name, ..topic }).collect()
}

/// The series of an overview.
pub(super) fn report(exposition: &mut Exposition, overview: &Overview) {
    for shard in &overview.shards {
        let number = shard.shard.to_string();
        exposition.gauge(MAILBOX, &[("shard", &number)], shard.mailbox);
        exposition.gauge(RESPONDS, &[("shard", &number)], u64::from(shard.responds));
    }
    let mut topics: Vec<_> = overview.topics.iter().collect();
    topics.sort_by_key(|topic| std::cmp::Reverse(topic.log_bytes));
    for (index, topic) in topics.into_iter().enumerate() {
        let labels = [("topic", if index < SERIES_MAX { &topic.name } else { OTHERS })];
        exposition.gauge(LOG_BYTES, &labels, topic.log_bytes);
        exposition.counter(APPENDED, &labels, topic.appended_bytes);
        exposition.counter(FETCHED, &labels, topic.fetched_bytes);
    }
    let mut lags = Vec::new();
    for (index, group) in overview.groups.iter().enumerate() {
        let name = if index < SERIES_MAX { group.group.as_str() } else { OTHERS };
        exposition.gauge(MEMBERS, &[("group", name)], group.members);
        lags.extend(group.topics.iter().map(|topic| (topic.lag, group.group.as_str(), topic.topic.as_str())));
    }
    lags.sort_unstable_by_key(|(lag, ..)| std::cmp::Reverse(*lag));
    for (index, (lag, group, topic)) in lags.into_iter().enumerate() {
        let (group, topic) = if index < SERIES_MAX { (group, topic) } else { (OTHERS, OTHERS) };
        exposition.gauge(LAG, &[("group", group), ("topic", topic)], lag);
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// When the node began, for the clock of overviews.
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        metrics::ShardLabels,
        overview::{GroupOverview, GroupTopicOverview},
    };

    #[test]
    fn series_beyond_the_bound_are_summed() {
        let topic = |number: usize| TopicOverview {
            name: format!("topic-{number}"),
            log_bytes: 1_000_000 - number as u64,
            ..TopicOverview::default()
        };
        let lag = |number: usize| GroupTopicOverview { topic: format!("t{number}"), partitions: 1, lag: 2 };
        let group = GroupOverview { topics: (0..SERIES_MAX + 3).map(lag).collect(), ..Default::default() };
        let topics = (0..SERIES_MAX + 2).map(topic).collect();
        let overview = Overview { topics, groups: vec![group], ..Overview::default() };
        let mut exposition = Exposition::new(ShardLabels::Each);
        report(&mut exposition, &overview);
        let text = exposition.render();
        let series = |name: &str| text.lines().filter(|line| line.starts_with(name)).count();
        assert_eq!(series("ringlog_topic_log_bytes{"), SERIES_MAX + 1);
        assert!(text.contains("ringlog_topic_log_bytes{topic=\"(others)\"} 1997999\n"), "{}", &text[..200]);
        assert_eq!(series("ringlog_group_lag{"), SERIES_MAX + 1);
        assert!(text.contains("ringlog_group_lag{group=\"(others)\",topic=\"(others)\"} 6\n"));
    }

    #[test]
    fn empty_buckets_at_the_end_are_left_out() {
        assert_eq!(shortened(&[0, 2, 0, 0]), [0, 2]);
        assert_eq!(shortened(&[0, 0]), [0; 0]);
    }
}
