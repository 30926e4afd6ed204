//! Long polls, limits, sessions.

use crate::{
    client::{Client, batch, fetch_request, fetched, values},
    harness::{World, in_every_world},
};
use ringlog_kafka::{
    ApiKey, ErrorCode, Records, Response,
    messages::{
        FetchRequest, FetchResponse, MetadataRequest,
        fetch_request::{FetchPartition, FetchTopic},
    },
};
use ringlog_model::Uuid;

in_every_world!(
    a_fetch_waits_for_any_of_its_partitions_on_any_shard,
    a_fetch_ends_at_its_deadline_with_what_there_is,
    limits_bound_a_fetch_but_one_batch_always_comes,
    an_incremental_session_names_only_what_is_new,
);

fn fetch_of<'a>(topic: &'a str, positions: &[(i32, i64)]) -> FetchRequest<'a> {
    let partitions = positions.iter().map(|&(partition, fetch_offset)| FetchPartition {
        partition,
        fetch_offset,
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    });
    let topics = vec![FetchTopic { topic, partitions: partitions.collect(), ..FetchTopic::default() }];
    FetchRequest { max_wait_ms: 20_000, min_bytes: 1, topics, ..FetchRequest::default() }
}

/// Partition and values of all partitions in a response.
fn all_values(response: &FetchResponse<'_>) -> Vec<(i32, Vec<String>)> {
    assert_eq!(response.error_code, ErrorCode::NONE);
    let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
    partitions
        .map(|partition| {
            assert_eq!(partition.error_code, ErrorCode::NONE);
            let records = partition.records.as_ref().and_then(Records::bytes).unwrap_or_default();
            (partition.partition_index, values(records))
        })
        .collect()
}

async fn create_with(client: &Client, topic: &str, partitions: i32) {
    crate::administration::create(client, topic, partitions, &[]).await;
}

fn a_fetch_waits_for_any_of_its_partitions_on_any_shard(world: &World) {
    world.live(3, async |node| {
        let (reader, writer) = (node.client().await, node.client().await);
        create_with(&reader, "topic", 4).await;
        for (partition, value) in [(2, "a"), (0, "b"), (3, "c")] {
            let positions: Vec<_> =
                (0..4).filter(|&other| other >= partition || other == 0).map(|p| (p, 0)).collect();
            // Partitions that have records would answer at once: only those behind them are asked for.
            let positions: Vec<_> =
                positions.into_iter().filter(|&(p, _)| p == partition || p == 1).collect();
            reader.send(11, &fetch_of("topic", &positions)).await;
            assert_eq!(writer.produce("topic", partition, &batch(&[value])).await, Ok(0));
            let reply = reader.receive(ApiKey::Fetch, 11).await;
            let Response::Fetch(response) = reply.decode() else { panic!("fetch") };
            let found: Vec<_> =
                all_values(&response).into_iter().filter(|(_, values)| !values.is_empty()).collect();
            assert_eq!(found, [(partition, vec![value.to_owned()])]);
        }
    });
}

fn a_fetch_ends_at_its_deadline_with_what_there_is(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        create_with(&client, "topic", 2).await;
        client.produce("topic", 0, &batch(&["a"])).await.unwrap();
        for (partition, offset, found) in [(0, 0, 1), (0, 1, 0), (1, 0, 0)] {
            let begun = node.reactor.now_nanos();
            let request =
                FetchRequest { min_bytes: 100_000, ..fetch_request("topic", partition, offset, 200) };
            let reply = client.ask(11, &request).await;
            let Response::Fetch(response) = reply.decode() else { panic!("fetch") };
            assert_eq!(fetched(&response).unwrap().0.len(), found);
            assert!(node.reactor.now_nanos() - begun >= 190_000_000);
        }
    });
}

fn limits_bound_a_fetch_but_one_batch_always_comes(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        create_with(&client, "topic", 2).await;
        let large = "x".repeat(1000);
        for partition in [0, 1] {
            for _ in 0..4 {
                client.produce("topic", partition, &batch(&[&large])).await.unwrap();
            }
        }
        let batches = async |max_bytes: i32, partition_max_bytes: i32| {
            let mut request = fetch_of("topic", &[(0, 0), (1, 0)]);
            request.max_bytes = max_bytes;
            for partition in &mut request.topics[0].partitions {
                partition.partition_max_bytes = partition_max_bytes;
            }
            let reply = client.ask(11, &request).await;
            let Response::Fetch(response) = reply.decode() else { panic!("fetch") };
            all_values(&response).into_iter().map(|(_, values)| values.len()).collect::<Vec<_>>()
        };
        assert_eq!(batches(1 << 20, 1 << 20).await, [4, 4]);
        assert_eq!(batches(1, 1 << 20).await.iter().sum::<usize>(), 1, "one batch although it is too large");
        assert_eq!(batches(1 << 20, 2500).await, [2, 2]);
        assert_eq!(batches(2500, 1 << 20).await.iter().sum::<usize>(), 2);
    });
}

fn an_incremental_session_names_only_what_is_new(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        create_with(&client, "topic", 3).await;
        let id = topic_id(&client, "topic").await;
        let ask = async |session_id, session_epoch, positions: &[(i32, i64)]| {
            let mut request = fetch_of("", positions);
            request.topics[0].topic_id = id;
            if positions.is_empty() {
                request.topics.clear();
            }
            let request = FetchRequest { session_id, session_epoch, max_wait_ms: 100, ..request };
            let reply = client.ask(16, &request).await;
            let Response::Fetch(response) = reply.decode() else { panic!("fetch") };
            let news = response.responses.iter().flat_map(|topic| &topic.partitions);
            let news: Vec<_> = news.map(|partition| partition.partition_index).collect();
            (response.error_code, response.session_id, news)
        };
        let (error, session, news) = ask(0, 0, &[(0, 0), (1, 0), (2, 0)]).await;
        assert_eq!((error, news), (ErrorCode::NONE, vec![0, 1, 2]));
        assert_eq!(ask(session, 1, &[]).await, (ErrorCode::NONE, session, vec![]));
        client.produce("topic", 1, &batch(&["a"])).await.unwrap();
        assert_eq!(ask(session, 2, &[]).await, (ErrorCode::NONE, session, vec![1]));
        assert_eq!(ask(session, 3, &[(1, 1)]).await, (ErrorCode::NONE, session, vec![]));
        assert_eq!(ask(session, 9, &[]).await.0, ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        assert_eq!(ask(session + 1, 4, &[]).await.0, ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
    });
}

pub(crate) async fn topic_id(client: &Client, name: &str) -> Uuid {
    let reply = client.ask(12, &MetadataRequest::default()).await;
    let Response::Metadata(metadata) = reply.decode() else { panic!("metadata") };
    metadata.topics.iter().find(|topic| topic.name == Some(name)).unwrap().topic_id
}
