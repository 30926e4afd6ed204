//! Produce: checked here, ordered by the queues of the owning shards, answered when the partitions say so.

use super::{
    Answer, Asked, decode, error,
    rejected_records::RejectedRecords,
    topics::{ByOwner, resolve},
};
use crate::{
    connection::{ConnectionError, Work},
    groups::is_internal,
    refusal::Refusal,
    shard::{AppendBatch, AppendRequest, Appended, Shard},
};
use bytes::{Bytes, BytesMut};
use core::time::Duration;
use ringlog_batch::{
    BatchError, BatchView, Compression, Keys, Limits, Scratch, TimestampLimits, recompress,
    stamp_max_timestamp,
};
use ringlog_image::{
    TopicImage,
    config::{TimestampType, TopicCompression, TopicConfig},
};
use ringlog_kafka::{
    ApiKey, ErrorCode, Reader, Request, RequestHeader,
    messages::{
        ProduceRequest, ProduceResponse,
        produce_response::{LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse, TopicProduceResponse},
    },
};
use ringlog_model::{Instant, PartitionId, Timestamp, Uuid};
use ringlog_partition::{Acks, AppendRefusal, LeadershipRefusal};
use ringlog_reactor::reply::{self, ReplyReceiver};
use std::collections::BTreeMap;

type PartitionResult = Result<Appended, Refusal>;

/// Appends that were handed to one shard, with their places among the partitions of the request.
struct Submitted {
    places: Vec<usize>,
    reply: ReplyReceiver<Vec<PartitionResult>>,
}

/// The version from which topics are named by id.
const TOPIC_IDS_FROM: i16 = 13;

/// Kafka's client id of brokers that write to internal topics, and of tools that repair them.
const ADMINISTRATOR: &str = "__admin_client";

/// Bytes of records up to which the shard itself recompresses; more would hold up its other work (gzip takes a
/// millisecond for 32 KiB).
const RECOMPRESSED_HERE_MAX: usize = 8 << 10;

/// The version from which a refusal names the leader (KIP-951).
const LEADERS_FROM: i16 = 10;

/// A request whose batches are on their way, without its frame: the frame's memory is free for the next one as soon as
/// the batches are in the log's own.
struct Begun {
    acks: i16,
    topics: Vec<BegunTopic>,
    /// By the place of a partition among all of the request: those refused before they got to a shard.
    results: Vec<Option<PartitionResult>>,
    /// The records that batches were refused for, by the same places.
    rejected: BTreeMap<usize, RejectedRecords>,
    submitted: Vec<Submitted>,
}

/// A topic as its client named it.
struct BegunTopic {
    name: String,
    id: Uuid,
    partitions: Vec<i32>,
}

/// Checks the batches and submits them: when this returns their order is fixed.
pub(super) async fn begin(asked: Asked, body: Bytes) -> Result<Work, ConnectionError> {
    let begun = {
        let Request::Produce(request) = decode(ApiKey::Produce, asked.version, &body)? else {
            unreachable!("decoded as Produce")
        };
        submit(&asked, &body, &request).await
    };
    Ok(Work::Later(Box::pin(finish(asked, begun))))
}

async fn submit(asked: &Asked, body: &Bytes, request: &ProduceRequest<'_>) -> Begun {
    let shard = asked.shard();
    let view = shard.view();
    let acks = acks(request.acks);
    let mut topics = Vec::with_capacity(request.topic_data.len());
    let mut results = Vec::new();
    let mut rejected = BTreeMap::new();
    let mut by_owner = ByOwner::new();
    for topic in &request.topic_data {
        let partitions = topic.partition_data.iter().map(|partition| partition.index).collect();
        topics.push(BegunTopic { name: topic.name.to_owned(), id: topic.topic_id, partitions });
        for partition in &topic.partition_data {
            let place = results.len();
            let checked = async {
                acks.clone()?;
                let by_id = asked.version >= TOPIC_IDS_FROM;
                let (image, id) = resolve(&view, topic.name, topic.topic_id, by_id, partition.index)?;
                if is_internal(&image.name) && !is_administrator(body) {
                    return Err(Refusal::InternalTopic);
                }
                let records = partition.records.unwrap_or_default();
                check_batch(shard, &image, id, body.slice_ref(records)).await
            };
            match checked.await {
                Ok(batch) => {
                    by_owner.push(shard, batch.partition, place, batch);
                    results.push(None);
                }
                Err(refusal) => {
                    shard.counters.appends_refused.add(1);
                    let records = partition.records.unwrap_or_default();
                    let found = RejectedRecords::find(&refusal, records, topic.name, partition.index);
                    rejected.extend(found.map(|found| (place, found)));
                    results.push(Some(Err(refusal)));
                }
            }
        }
    }
    let mut begun = Begun { acks: request.acks, topics, results, rejected, submitted: Vec::new() };
    let Ok(acks) = acks else { return begun };
    let deadline = deadline(shard, acks, request.timeout_ms);
    for (owner, places, batches) in by_owner.into_groups() {
        let (sender, reply) = reply::channel();
        shard.submit_append(owner, AppendRequest { acks, deadline, batches, reply: sender }).await;
        begun.submitted.push(Submitted { places, reply });
    }
    begun
}

/// Whether the client calls itself what Kafka lets write to internal topics.
fn is_administrator(body: &[u8]) -> bool {
    let header = RequestHeader::read(&mut Reader::new(body));
    header.is_ok_and(|header| header.client_id == Some(ADMINISTRATOR))
}

fn acks(acks: i16) -> Result<Acks, Refusal> {
    match acks {
        0 => Ok(Acks::None),
        1 => Ok(Acks::Leader),
        -1 => Ok(Acks::All),
        other => Err(Refusal::InvalidRequiredAcks(other)),
    }
}

fn deadline(shard: &Shard, acks: Acks, timeout_ms: i32) -> Option<Instant> {
    let timeout = Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
    (acks != Acks::None).then(|| shard.instant().plus(timeout))
}

/// Everything that can be said of a client's batch before its partition is asked, and the changes that the topic wants.
pub(crate) async fn check_batch(
    shard: &Shard,
    topic: &TopicImage,
    partition: PartitionId,
    bytes: Bytes,
) -> Result<AppendBatch, Refusal> {
    let config = shard.topic_config(topic);
    let limits = limits(&config, Timestamp(shard.reactor.wall_millis()));
    let view = BatchView::parse_only(&bytes)?;
    let header = *view.header();
    let codec = view.compression()?;
    let validated = view.validate(&limits, &mut shard.scratch.borrow_mut())?;
    if let Some(wanted) = codec_wanted(config.compression)
        && wanted != codec
    {
        let cap = limits.decompressed_bytes_max;
        let max_timestamp = validated.max_timestamp;
        let changed = if validated.record_bytes <= RECOMPRESSED_HERE_MAX {
            recompressed(&bytes, wanted, max_timestamp, &mut shard.scratch.borrow_mut(), cap)?
        } else {
            let job = move || recompressed(&bytes, wanted, max_timestamp, &mut Scratch::new(), cap);
            shard.reactor.run_blocking(job).await?
        };
        let header = *BatchView::parse_only(&changed)?.header();
        return Ok(AppendBatch { partition, leader_epoch: None, header, bytes: changed.into() });
    }
    if validated.max_timestamp != header.max_timestamp {
        let mut changed = BytesMut::from(&bytes[..]);
        stamp_max_timestamp(&mut changed, validated.max_timestamp)?;
        let header = *BatchView::parse_only(&changed)?.header();
        return Ok(AppendBatch { partition, leader_epoch: None, header, bytes: changed.freeze() });
    }
    Ok(AppendBatch { partition, leader_epoch: None, header, bytes })
}

fn recompressed(
    batch: &[u8],
    codec: Compression,
    max_timestamp: Timestamp,
    scratch: &mut Scratch,
    decompressed_bytes_max: usize,
) -> Result<Vec<u8>, BatchError> {
    let mut changed = recompress(&BatchView::parse_only(batch)?, codec, scratch, decompressed_bytes_max)?;
    stamp_max_timestamp(&mut changed, max_timestamp)?;
    Ok(changed)
}

fn limits(config: &TopicConfig, now: Timestamp) -> Limits {
    Limits {
        batch_bytes_max: usize::try_from(config.message_bytes_max).unwrap_or(0),
        timestamps: match config.timestamp_type {
            TimestampType::CreateTime => {
                TimestampLimits::around(now, config.timestamp_before_max_ms, config.timestamp_after_max_ms)
            }
            TimestampType::LogAppendTime => TimestampLimits::NONE,
        },
        keys: if config.cleanup_policy.compact { Keys::Required } else { Keys::Optional },
        ..Limits::default()
    }
}

/// The codec that the topic insists on.
fn codec_wanted(compression: TopicCompression) -> Option<Compression> {
    match compression {
        TopicCompression::Producer => None,
        TopicCompression::Uncompressed => Some(Compression::None),
        TopicCompression::Gzip => Some(Compression::Gzip),
        TopicCompression::Snappy => Some(Compression::Snappy),
        TopicCompression::Lz4 => Some(Compression::Lz4),
        TopicCompression::Zstd => Some(Compression::Zstd),
    }
}

/// Waits for the shards and answers.
async fn finish(asked: Asked, begun: Begun) -> Answer {
    let Begun { acks, topics, mut results, rejected, submitted } = begun;
    for Submitted { places, reply } in submitted {
        let replies = reply.await.unwrap_or_else(|_| vec![Err(Refusal::Stopping); places.len()]);
        for (place, result) in places.into_iter().zip(replies) {
            results[place] = Some(result);
        }
    }
    let results: Vec<_> =
        results.into_iter().map(|result| result.unwrap_or(Err(Refusal::Stopping))).collect();
    if acks == 0 {
        // There is no response that could carry an error: closing makes the client look for the reason (as Kafka does).
        return match results.into_iter().find_map(Result::err) {
            Some(refusal) => {
                Err(ConnectionError::Request(format!("a produce request with acks=0 was refused: {refusal}")))
            }
            None => Ok(None),
        };
    }
    respond(&asked, &topics, &results, &rejected)
}

fn respond(
    asked: &Asked,
    topics: &[BegunTopic],
    results: &[PartitionResult],
    rejected: &BTreeMap<usize, RejectedRecords>,
) -> Answer {
    let messages: Vec<_> =
        results.iter().map(|result| result.as_ref().err().map(ToString::to_string)).collect();
    let mut outcome = results.iter().zip(&messages).enumerate();
    let mut leaders = Vec::new();
    let mut responses = Vec::with_capacity(topics.len());
    for topic in topics {
        let mut partition_responses = Vec::with_capacity(topic.partitions.len());
        for &index in &topic.partitions {
            let (place, (result, message)) = outcome.next().expect("one result per partition");
            let mut response = partition_response(index, result, message.as_deref());
            response.record_errors = rejected.get(&place).map_or_else(Vec::new, RejectedRecords::named);
            if asked.version < LEADERS_FROM {
                response.current_leader = LeaderIdAndEpoch::default();
            }
            if response.current_leader.leader_id >= 0 {
                leaders.push(response.current_leader.leader_id);
            }
            partition_responses.push(response);
        }
        responses.push(TopicProduceResponse { name: &topic.name, topic_id: topic.id, partition_responses });
    }
    let addresses = leader_addresses(asked, leaders);
    let node_endpoints = addresses
        .iter()
        .map(|(node_id, host, port)| NodeEndpoint { node_id: *node_id, host, port: *port, rack: None })
        .collect();
    asked.respond(&ProduceResponse { responses, throttle_time_ms: 0, node_endpoints })
}

fn partition_response<'a>(
    index: i32,
    result: &PartitionResult,
    message: Option<&'a str>,
) -> PartitionProduceResponse<'a> {
    match result {
        Ok(appended) => PartitionProduceResponse {
            index,
            error_code: ErrorCode::NONE,
            base_offset: appended.acknowledged.base_offset.0,
            log_append_time_ms: appended.acknowledged.log_append_time.0,
            log_start_offset: appended.acknowledged.log_start.0,
            ..PartitionProduceResponse::default()
        },
        Err(refusal) => PartitionProduceResponse {
            index,
            error_code: error::code(refusal),
            base_offset: -1,
            log_start_offset: -1,
            error_message: message,
            current_leader: current_leader(refusal),
            ..PartitionProduceResponse::default()
        },
    }
}

/// Whom to ask instead (KIP-951).
fn current_leader(refusal: &Refusal) -> LeaderIdAndEpoch {
    match refusal {
        Refusal::Append(AppendRefusal::Leadership(LeadershipRefusal::NotLeader { leader, epoch })) => {
            LeaderIdAndEpoch { leader_id: leader.0, leader_epoch: epoch.0 }
        }
        _ => LeaderIdAndEpoch::default(),
    }
}

/// Where these nodes are, as seen through the client's listener.
pub(super) fn leader_addresses(asked: &Asked, mut leaders: Vec<i32>) -> Vec<(i32, String, i32)> {
    if leaders.is_empty() {
        return Vec::new();
    }
    leaders.sort_unstable();
    leaders.dedup();
    let shard = asked.shard();
    let listener = &shard.node.listeners[asked.connection.listener];
    let nodes = listener.reachable_nodes(&shard.view().image, shard.node.node);
    let wanted = nodes.into_iter().filter(|(id, _)| leaders.contains(&id.0));
    wanted.map(|(id, address)| (id.0, address.host, i32::from(address.port))).collect()
}
