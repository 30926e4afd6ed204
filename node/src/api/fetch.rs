//! Fetch: sessions, long polls, limits, and responses whose records are not copied.

use super::{
    Answer, Asked, error,
    fetch_body::{Body, prepare},
    fetch_session::{FetchContext, PartitionKey, SessionRequest, Told, TopicKey, Wanted},
    parts,
    produce::leader_addresses,
    topics::{ByOwner, known_epoch, resolve},
};
use crate::{
    connection::Outgoing,
    refusal::Refusal,
    shard::{ReadOutcome, ReadPartition, ReadRequest, ReadWait, Shard, WatchRequest, interests},
};
use core::time::Duration;
use futures_lite::future;
use ringlog_kafka::{
    ErrorCode, External, Records,
    messages::{
        FetchRequest, FetchResponse,
        fetch_response::{
            EpochEndOffset, FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
        },
    },
};
use ringlog_model::{Instant, LeaderEpoch, Offset, PartitionIndex, ShardId, TopicId, Uuid};
use ringlog_partition::{FetchRefusal, Isolation, LeadershipRefusal};

/// The version from which topics are named by id.
const TOPIC_IDS_FROM: i16 = 13;

/// The version from which a refusal names the leader (KIP-595), and from which it says where that is (KIP-951).
const LEADERS_FROM: i16 = 12;
const ADDRESSES_FROM: i16 = 16;

type PartitionResult = Result<ReadOutcome, Refusal>;

/// How a fetch reads, whatever its partitions.
struct Terms {
    isolation: Isolation,
    bytes_max: usize,
    bytes_min: usize,
    until: Instant,
}

pub(super) async fn answer(asked: &Asked, request: FetchRequest<'_>) -> Answer {
    let shard = asked.shard();
    let terms = terms(shard, &request);
    let context = {
        let session = session_request(asked, &request);
        let (now, fresh_id) = (shard.instant(), shard.reactor.random_u64());
        shard.fetch_sessions.borrow_mut().begin(now, fresh_id, session)
    };
    drop(request);
    match context {
        Ok(context) => {
            let results = read(asked, &context, &terms).await;
            respond(asked, &context, results).await
        }
        Err(refused) => {
            let error_code = error::of_session(refused);
            asked.respond(&FetchResponse { error_code, ..FetchResponse::default() })
        }
    }
}

fn terms(shard: &Shard, request: &FetchRequest<'_>) -> Terms {
    let asked_max = usize::try_from(request.max_bytes).unwrap_or(0);
    let bytes_max = asked_max.min(shard.node.limits.fetch_response_bytes_max);
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    Terms {
        isolation: match request.isolation_level {
            1 => Isolation::ReadCommitted,
            _ => Isolation::ReadUncommitted,
        },
        bytes_max,
        // More than may be sent at once would only ever end with the deadline.
        bytes_min: usize::try_from(request.min_bytes).unwrap_or(0).min(bytes_max),
        until: shard.instant().plus(wait),
    }
}

fn session_request(asked: &Asked, request: &FetchRequest<'_>) -> SessionRequest {
    let uses_topic_ids = asked.version >= TOPIC_IDS_FROM;
    let topic_key = |name: &str, id: Uuid| {
        if uses_topic_ids { TopicKey::Id(TopicId(id)) } else { TopicKey::Name(name.into()) }
    };
    let mut wanted = Vec::new();
    for topic in &request.topics {
        let key = topic_key(topic.topic, topic.topic_id);
        wanted.extend(topic.partitions.iter().map(|partition| Wanted {
            key: PartitionKey { topic: key.clone(), index: PartitionIndex(partition.partition) },
            fetch_offset: Offset(partition.fetch_offset),
            bytes_max: usize::try_from(partition.partition_max_bytes).unwrap_or(0),
            current_leader_epoch: LeaderEpoch(partition.current_leader_epoch),
            last_fetched_epoch: LeaderEpoch(partition.last_fetched_epoch),
        }));
    }
    let mut forgotten = Vec::new();
    for topic in &request.forgotten_topics_data {
        let key = topic_key(topic.topic, topic.topic_id);
        forgotten.extend(
            topic
                .partitions
                .iter()
                .map(|index| PartitionKey { topic: key.clone(), index: PartitionIndex(*index) }),
        );
    }
    // Versions without sessions: a full fetch that wants none.
    let (session_id, epoch) =
        if asked.version >= 7 { (request.session_id, request.session_epoch) } else { (0, -1) };
    SessionRequest { session_id, epoch, uses_topic_ids, wanted, forgotten }
}

/// Reads from the owners of the partitions; waits until there is enough, an error, or the deadline.
async fn read(asked: &Asked, context: &FetchContext, terms: &Terms) -> Vec<PartitionResult> {
    let shard = asked.shard();
    loop {
        let view = shard.view();
        let mut results: Vec<Option<PartitionResult>> = Vec::with_capacity(context.wanted.len());
        let mut by_owner = ByOwner::new();
        for wanted in &context.wanted {
            let resolved = match &wanted.key.topic {
                TopicKey::Name(name) => resolve(&view, name, Uuid::ZERO, false, wanted.key.index.0),
                TopicKey::Id(id) => resolve(&view, "", id.0, true, wanted.key.index.0),
            };
            match resolved {
                Ok((_, partition)) => {
                    let read = ReadPartition {
                        partition,
                        from: wanted.fetch_offset,
                        bytes_max: wanted.bytes_max,
                        leader_epoch: known_epoch(wanted.current_leader_epoch.0),
                        last_fetched_epoch: known_epoch(wanted.last_fetched_epoch.0),
                    };
                    by_owner.push(shard, partition, results.len(), read);
                    results.push(None);
                }
                Err(refusal) => results.push(Some(Err(refusal))),
            }
        }
        let has_refusal = results.iter().any(Option::is_some);
        let groups: Vec<_> = by_owner.into_groups().collect();
        let wait = ReadWait { bytes_min: terms.bytes_min, until: terms.until };
        // One owner can wait by itself: one hop out and one back. Several are asked, and watched if they have too little.
        let at_owner = (groups.len() == 1 && !has_refusal).then_some(wait);
        let watched = read_groups(shard, groups, terms, at_owner, &mut results).await;
        let mut results: Vec<_> =
            results.into_iter().map(|result| result.unwrap_or(Err(Refusal::Stopping))).collect();
        trim(&mut results, terms.bytes_max);
        if at_owner.is_some()
            || is_enough(&results, terms)
            || shard.is_stopping()
            || shard.instant() >= terms.until
        {
            return results;
        }
        drop(results);
        watch(shard, watched, terms).await;
    }
}

/// What to watch at each owner.
type Watched = Vec<(ShardId, Vec<ringlog_partition::Interest>)>;

async fn read_groups(
    shard: &Shard,
    groups: Vec<(ShardId, Vec<usize>, Vec<ReadPartition>)>,
    terms: &Terms,
    wait: Option<ReadWait>,
    results: &mut [Option<PartitionResult>],
) -> Watched {
    let reading: Vec<_> = groups
        .into_iter()
        .map(|(owner, places, partitions)| {
            let request = ReadRequest {
                partitions: partitions.clone(),
                isolation: terms.isolation,
                bytes_max: terms.bytes_max,
                wait,
            };
            let shard = shard.clone();
            let reading = async move { shard.read(owner, request).await };
            (owner, places, partitions, Box::pin(reading))
        })
        .collect();
    let mut watched = Vec::with_capacity(reading.len());
    for (owner, places, partitions, reading) in reading {
        let reply = reading.await;
        watched.push((owner, interests(&partitions, &reply, terms.isolation)));
        for (place, result) in places.into_iter().zip(reply) {
            results[place] = Some(result);
        }
    }
    watched
}

/// Each owner was allowed the whole of the bytes: what goes beyond comes with the next fetch. The first batch is kept
/// whatever its size.
fn trim(results: &mut [PartitionResult], bytes_max: usize) {
    let mut left = bytes_max as u64;
    let mut has_any = false;
    for outcome in results.iter_mut().flatten() {
        let length = outcome.plan.length();
        if length > left && has_any {
            outcome.plan = ringlog_storage::ReadPlan::default();
        } else {
            has_any |= length > 0;
            left = left.saturating_sub(length);
        }
    }
}

fn is_enough(results: &[PartitionResult], terms: &Terms) -> bool {
    let mut bytes = 0;
    for result in results {
        match result {
            Ok(outcome) if outcome.diverging.is_none() => bytes += outcome.plan.length(),
            _ => return true,
        }
    }
    bytes >= terms.bytes_min as u64
}

/// Waits until any of the owners has something new, or the deadline.
async fn watch(shard: &Shard, watched: Watched, terms: &Terms) {
    let deadline = async { shard.reactor.sleep_until(terms.until.0).await };
    let mut any: std::pin::Pin<Box<dyn Future<Output = ()> + '_>> = Box::pin(deadline);
    for (owner, interests) in watched {
        let request = WatchRequest { interests, isolation: terms.isolation, until: terms.until };
        any = Box::pin(future::or(any, shard.watch(owner, request)));
    }
    any.await;
}

async fn respond(asked: &Asked, context: &FetchContext, results: Vec<PartitionResult>) -> Answer {
    let shard = asked.shard();
    let bytes: u64 = results.iter().flatten().map(|outcome| outcome.plan.length()).sum();
    let reservation = match bytes {
        0 => None,
        _ => Some(shard.response_budget.reserve(usize::try_from(bytes).unwrap_or(usize::MAX)).await),
    };
    // All at a time: the partitions of a response need not wait for each other's disk.
    results.iter().flatten().for_each(|outcome| outcome.plan.begin(&shard.reads));
    let mut bodies = Vec::new();
    let mut leaders = Vec::new();
    let mut told: Vec<(&PartitionKey, PartitionData<'_>)> = Vec::new();
    for (wanted, result) in context.wanted.iter().zip(results) {
        let (data, body) = partition_data(shard, wanted.key.index, result).await;
        if told_to_client(shard, context, &wanted.key, &data, &body) {
            let external = External { body: bodies.len(), length: body.length() };
            let mut data = PartitionData { records: Some(Records::External(external)), ..data };
            if asked.version < LEADERS_FROM {
                data.current_leader = LeaderIdAndEpoch::default();
            }
            if data.current_leader.leader_id >= 0 {
                leaders.push(data.current_leader.leader_id);
            }
            told.push((&wanted.key, data));
            bodies.push(body.parts);
        }
    }
    if asked.version < ADDRESSES_FROM {
        leaders.clear();
    }
    let addresses = leader_addresses(asked, leaders);
    let node_endpoints = addresses
        .iter()
        .map(|(node_id, host, port)| NodeEndpoint { node_id: *node_id, host, port: *port, rack: None })
        .collect();
    let response = FetchResponse {
        session_id: context.session_id,
        responses: by_topic(told),
        node_endpoints,
        ..FetchResponse::default()
    };
    let encoded = asked.encode(&response)?;
    Ok(Some(Outgoing { parts: parts(encoded, bodies), reservation }))
}

/// The partition's part of the response, without its records, and the records.
async fn partition_data(
    shard: &Shard,
    index: PartitionIndex,
    result: PartitionResult,
) -> (PartitionData<'static>, Body) {
    let prepared = match result {
        Ok(mut outcome) => {
            let plan = std::mem::take(&mut outcome.plan);
            prepare(shard, plan).await.map(|body| (outcome, body))
        }
        Err(refusal) => Err(refusal),
    };
    match prepared {
        Ok((outcome, body)) => {
            let data = PartitionData {
                partition_index: index.0,
                error_code: ErrorCode::NONE,
                high_watermark: outcome.high_watermark.0,
                last_stable_offset: outcome.last_stable.0,
                log_start_offset: outcome.log_start.0,
                diverging_epoch: outcome.diverging.map_or_else(EpochEndOffset::default, |agreed| {
                    EpochEndOffset { epoch: agreed.epoch.0, end_offset: agreed.end.0 }
                }),
                ..PartitionData::default()
            };
            (data, body)
        }
        Err(refusal) => {
            let data = PartitionData {
                partition_index: index.0,
                error_code: error::code(&refusal),
                high_watermark: -1,
                current_leader: current_leader(&refusal),
                ..PartitionData::default()
            };
            (data, Body::default())
        }
    }
}

/// Notes in the session what the response says; returns whether it says it.
fn told_to_client(
    shard: &Shard,
    context: &FetchContext,
    key: &PartitionKey,
    data: &PartitionData<'_>,
    body: &Body,
) -> bool {
    let told = Told {
        high_watermark: Offset(data.high_watermark),
        log_start: Offset(data.log_start_offset),
        has_records: body.length() > 0,
        is_urgent: data.error_code != ErrorCode::NONE || data.diverging_epoch.end_offset >= 0,
    };
    shard.fetch_sessions.borrow_mut().tell(context, key, told)
}

fn current_leader(refusal: &Refusal) -> LeaderIdAndEpoch {
    match refusal {
        Refusal::Fetch(FetchRefusal::Leadership(LeadershipRefusal::NotLeader { leader, epoch })) => {
            LeaderIdAndEpoch { leader_id: leader.0, leader_epoch: epoch.0 }
        }
        _ => LeaderIdAndEpoch::default(),
    }
}

/// Consecutive partitions of one topic under one heading. The order stays: it is the order of the records.
fn by_topic<'a>(told: Vec<(&'a PartitionKey, PartitionData<'a>)>) -> Vec<FetchableTopicResponse<'a>> {
    let mut topics: Vec<(&TopicKey, FetchableTopicResponse<'a>)> = Vec::new();
    for (key, data) in told {
        match topics.last_mut() {
            Some((topic, response)) if **topic == key.topic => response.partitions.push(data),
            _ => {
                let (topic, topic_id) = match &key.topic {
                    TopicKey::Name(name) => (&**name, Uuid::ZERO),
                    TopicKey::Id(id) => ("", id.0),
                };
                let partitions = vec![data];
                topics.push((&key.topic, FetchableTopicResponse { topic, topic_id, partitions }));
            }
        }
    }
    topics.into_iter().map(|(_, response)| response).collect()
}
