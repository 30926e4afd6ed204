//! OffsetFetch, of one group or of several (KIP-709).

use super::{Answer, Asked, error, name};
use crate::cluster::View;
use ringlog_coordinator::{FetchOffsets, FetchedOffset, FetchedTopic, Name, Request, Response};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        OffsetFetchRequest, OffsetFetchResponse,
        offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopic},
        offset_fetch_response::{
            OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
            OffsetFetchResponseTopic, OffsetFetchResponseTopics,
        },
    },
};
use ringlog_model::{Offset, TopicId};

/// The version from which an error concerns the whole response.
const ONE_ERROR_FROM: i16 = 2;
/// The version from which several groups are asked for.
const SEVERAL_GROUPS_FROM: i16 = 8;
/// The version from which topics are named by id.
const TOPIC_IDS_FROM: i16 = 10;

/// What is asked for: topics by name with their ids, and partitions.
type Wanted = Vec<(Name, TopicId, Vec<i32>)>;

pub(super) async fn answer(asked: &Asked, request: &OffsetFetchRequest<'_>) -> Answer {
    if asked.version < SEVERAL_GROUPS_FROM {
        return answer_one(asked, request).await;
    }
    let view = asked.shard().view();
    let mut fetched = Vec::with_capacity(request.groups.len());
    for group in &request.groups {
        fetched.push(fetch_group(asked, &view, group).await);
    }
    let groups = request.groups.iter().zip(&fetched).map(|(group, fetched)| {
        let (topics, error_code) = match fetched {
            Ok(topics) => (topics.as_slice(), ErrorCode::NONE),
            Err(code) => (&[] as &[_], *code),
        };
        OffsetFetchResponseGroup {
            group_id: group.group_id,
            topics: topics.iter().map(|(topic, code)| respond_topic(topic, *code)).collect(),
            error_code,
        }
    });
    let groups = groups.collect();
    asked.respond(&OffsetFetchResponse { groups, ..OffsetFetchResponse::default() })
}

/// One group's topics, each with an error of its own or none.
async fn fetch_group(
    asked: &Asked,
    view: &View,
    group: &OffsetFetchRequestGroup<'_>,
) -> Result<Vec<(FetchedTopic, ErrorCode)>, ErrorCode> {
    let by_id = asked.version >= TOPIC_IDS_FROM;
    let mut unknown = Vec::new();
    let topics: Option<Wanted> = group.topics.as_ref().map(|topics| {
        let mut wanted = Wanted::new();
        for topic in topics {
            let partitions = topic.partition_indexes.clone();
            if !by_id {
                wanted.push((topic.name.into(), id_of(view, topic.name), partitions));
                continue;
            }
            let id = TopicId(topic.topic_id);
            match view.image.topic(id) {
                Some(found) => wanted.push((found.name.clone(), id, partitions)),
                None => unknown.push(nothing(Name::default(), id, &partitions)),
            }
        }
        wanted
    });
    let fetch = FetchOffsets {
        group: group.group_id.into(),
        member: name(group.member_id),
        member_epoch: group.member_epoch,
        topics,
    };
    let mut fetched: Vec<_> =
        fetch_offsets(asked, fetch).await?.into_iter().map(|topic| (topic, ErrorCode::NONE)).collect();
    if by_id {
        // Positions in topics that are gone have no id that the client could know.
        for (topic, _) in &mut fetched {
            topic.topic_id = id_of(view, &topic.topic);
        }
        fetched.retain(|(topic, _)| topic.topic_id != TopicId::default());
    }
    fetched.extend(unknown.into_iter().map(|topic| (topic, ErrorCode::UNKNOWN_TOPIC_ID)));
    Ok(fetched)
}

fn id_of(view: &View, topic: &str) -> TopicId {
    view.image.topic_by_name(topic).map(|found| found.id).unwrap_or_default()
}

async fn fetch_offsets(asked: &Asked, fetch: FetchOffsets) -> Result<Vec<FetchedTopic>, ErrorCode> {
    let group = fetch.group.clone();
    match asked.shard().coordinate(&group, Request::OffsetFetch(fetch)).await {
        Ok(Response::OffsetFetch(Ok(topics))) => Ok(topics),
        Ok(Response::OffsetFetch(Err(refusal))) => Err(error::of_group(&refusal)),
        other => Err(error::of_coordination(&other)),
    }
}

fn respond_topic(topic: &FetchedTopic, error_code: ErrorCode) -> OffsetFetchResponseTopics<'_> {
    let partitions = topic.partitions.iter().map(|partition| OffsetFetchResponsePartitions {
        partition_index: partition.partition,
        committed_offset: partition.offset.0,
        committed_leader_epoch: partition.leader_epoch.map_or(-1, |epoch| epoch.0),
        metadata: Some(&partition.metadata),
        error_code,
    });
    OffsetFetchResponseTopics {
        name: &topic.topic,
        topic_id: topic.topic_id.0,
        partitions: partitions.collect(),
    }
}

async fn answer_one(asked: &Asked, request: &OffsetFetchRequest<'_>) -> Answer {
    let view = asked.shard().view();
    let wanted = |topics: &Vec<OffsetFetchRequestTopic<'_>>| -> Wanted {
        let wanted = |topic: &OffsetFetchRequestTopic<'_>| {
            (topic.name.into(), id_of(&view, topic.name), topic.partition_indexes.clone())
        };
        topics.iter().map(wanted).collect()
    };
    let topics = request.topics.as_ref().map(wanted);
    let fetch = FetchOffsets {
        group: request.group_id.into(),
        member: None,
        member_epoch: -1,
        topics: topics.clone(),
    };
    let (fetched, error_code) = match fetch_offsets(asked, fetch).await {
        Ok(fetched) => (fetched, ErrorCode::NONE),
        Err(code) if asked.version >= ONE_ERROR_FROM => (Vec::new(), code),
        Err(code) => {
            let all = topics.into_iter().flatten();
            (all.map(|(topic, id, partitions)| nothing(topic, id, &partitions)).collect(), code)
        }
    };
    let topics = fetched.iter().map(|topic| OffsetFetchResponseTopic {
        name: &topic.topic,
        partitions: topic
            .partitions
            .iter()
            .map(|partition| OffsetFetchResponsePartition {
                partition_index: partition.partition,
                committed_offset: partition.offset.0,
                committed_leader_epoch: partition.leader_epoch.map_or(-1, |epoch| epoch.0),
                metadata: Some(&partition.metadata),
                error_code,
            })
            .collect(),
    });
    let topics = topics.collect();
    asked.respond(&OffsetFetchResponse { topics, error_code, ..OffsetFetchResponse::default() })
}

/// A topic of which nothing can be told.
fn nothing(topic: Name, topic_id: TopicId, partitions: &[i32]) -> FetchedTopic {
    let nothing = |partition: &i32| FetchedOffset {
        partition: *partition,
        offset: Offset(-1),
        leader_epoch: None,
        metadata: Name::default(),
    };
    FetchedTopic { topic, topic_id, partitions: partitions.iter().map(nothing).collect() }
}
