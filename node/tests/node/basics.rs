//! Produce, fetch, offsets, restart.

use crate::{
    administration::create,
    client::{batch, batch_at, fetch_request, fetched, idempotent, produce_request, produced},
    harness::{ControllerIs, World, in_every_world},
};
use bytes::Bytes;
use ringlog_batch::{BatchHeader, Compression};
use ringlog_kafka::{ApiKey, ErrorCode, Records, Response, encode_request};
use std::time::Duration;

in_every_world!(
    what_is_produced_is_fetched,
    a_restart_keeps_records_and_sequences_whatever_the_shard_count,
    replies_come_in_the_order_of_requests_and_a_long_poll_is_woken,
    without_a_controller_what_the_node_holds_is_served,
    settings_of_a_topic_hold_for_its_batches,
    frames_are_told_apart_however_they_are_cut,
);

fn frames_are_told_apart_however_they_are_cut(world: &World) {
    world.live(1, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        let sizes = [700, 1_500, 40, 900, 9_000, 600, 600];
        let values: Vec<_> = sizes.iter().map(|size| "v".repeat(*size)).collect();
        let mut bytes = Vec::new();
        for value in &values {
            let batch = batch(&[value]);
            let request = produce_request("topic", 0, &batch, -1);
            bytes.extend(encode_request(1, Some("test"), 9, &request).unwrap().into_bytes(|_| &[]));
        }
        // Long enough that a connection which waited with room for a frame has given it up.
        let long = Duration::from_millis(1_200);
        let mut sent = 0;
        for (length, pause) in [(800, long), (100, long), (1_300, Duration::ZERO), (700, long), (3_000, long)]
        {
            let piece = Bytes::copy_from_slice(&bytes[sent..sent + length]);
            client.stream.send(vec![piece]).await.unwrap();
            sent += length;
            node.reactor.sleep(pause).await;
        }
        client.stream.send(vec![Bytes::copy_from_slice(&bytes[sent..])]).await.unwrap();
        for offset in 0..sizes.len() {
            let reply = client.receive(ApiKey::Produce, 9).await;
            let Response::Produce(response) = reply.decode() else { panic!("produce") };
            assert_eq!(produced(&response), Ok(offset as i64));
        }
        assert_eq!(client.fetch("topic", 0, 0).await.unwrap().0, values);
    });
}

fn without_a_controller_what_the_node_holds_is_served(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        assert_eq!(client.produce("topic", 0, &batch(&["a"])).await, Ok(0));
    });
    world.live_with(
        1,
        ControllerIs::Away,
        |_| {},
        async |node| {
            let client = node.client().await;
            client.create("topic").await;
            assert_eq!(client.produce("topic", 0, &batch(&["b"])).await, Ok(1));
            assert_eq!(client.fetch("topic", 0, 0).await.unwrap().0, ["a", "b"]);
        },
    );
    world.live(2, async |node| {
        assert_eq!(node.client().await.fetch("topic", 0, 0).await.unwrap().0, ["a", "b"]);
    });
}

fn settings_of_a_topic_hold_for_its_batches(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        let configs = [("message.timestamp.type", "LogAppendTime"), ("compression.type", "zstd")];
        assert_eq!(create(&client, "topic", 1, &configs).await, ErrorCode::NONE);
        let value = "x".repeat(1000);
        assert_eq!(client.produce("topic", 0, &batch(&[&value])).await, Ok(0));
        let reply = client.ask(11, &fetch_request("topic", 0, 0, 0)).await;
        let Response::Fetch(response) = reply.decode() else { panic!("fetch") };
        let records = response.responses[0].partitions[0].records.as_ref().and_then(Records::bytes);
        let header = BatchHeader::parse(records.unwrap()).unwrap();
        assert_eq!(header.attributes.compression(), Ok(Compression::Zstd));
        assert!(header.is_log_append_time());
        assert!(header.max_timestamp.0 > 1_000_000_000_000 || header.max_timestamp.0 != 1000);
        assert_eq!(fetched(&response).unwrap().0, [value]);
    });
}

fn what_is_produced_is_fetched(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        assert_eq!(client.produce("topic", 0, &batch(&["a", "b"])).await, Ok(0));
        assert_eq!(client.produce("topic", 0, &batch_at(2000, &["c"])).await, Ok(2));
        assert_eq!(client.fetch("topic", 0, 0).await, Ok((vec!["a".into(), "b".into(), "c".into()], 3)));
        assert_eq!(client.fetch("topic", 0, 2).await, Ok((vec!["c".into()], 3)));
        assert_eq!(client.fetch("topic", 0, 3).await, Ok((vec![], 3)));
        assert_eq!(client.fetch("topic", 0, 4).await, Err(ErrorCode::OFFSET_OUT_OF_RANGE));
        assert_eq!(client.fetch("other", 0, 0).await, Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
        assert_eq!(
            client.produce("topic", 7, &batch(&["x"])).await,
            Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
        );
        for (timestamp, offset) in
            [(-2, 0), (-1, 3), (-3, 2), (-4, 0), (-5, -1), (0, 0), (1500, 2), (3000, -1)]
        {
            assert_eq!(client.offset("topic", 0, timestamp).await, offset, "at {timestamp}");
        }
    });
}

fn a_restart_keeps_records_and_sequences_whatever_the_shard_count(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        assert_eq!(client.produce("topic", 0, &idempotent(5, 0, &["a", "b"])).await, Ok(0));
        assert_eq!(client.produce("topic", 0, &idempotent(5, 0, &["a", "b"])).await, Ok(0), "a retry");
        assert_eq!(client.produce("topic", 0, &idempotent(5, 2, &["c"])).await, Ok(2));
    });
    for shards in [1, 3] {
        world.live(shards, async |node| {
            let client = node.client().await;
            assert_eq!(client.fetch("topic", 0, 0).await.unwrap().0, ["a", "b", "c"]);
            assert_eq!(client.produce("topic", 0, &idempotent(5, 2, &["c"])).await, Ok(2), "a retry");
            let skipped = client.produce("topic", 0, &idempotent(5, 9, &["z"])).await;
            assert_eq!(skipped, Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER));
        });
    }
}

fn replies_come_in_the_order_of_requests_and_a_long_poll_is_woken(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        // The fetch waits for the produce that comes behind it on the same connection.
        client.send(11, &fetch_request("topic", 0, 0, 10_000)).await;
        for value in ["a", "b"] {
            client.send(9, &produce_request("topic", 0, &batch(&[value]), -1)).await;
        }
        let fetch = client.receive(ApiKey::Fetch, 11).await;
        let Response::Fetch(response) = fetch.decode() else { panic!("fetch") };
        assert_eq!(fetched(&response).unwrap().0[0], "a");
        for offset in [0, 1] {
            let reply = client.receive(ApiKey::Produce, 9).await;
            let Response::Produce(response) = reply.decode() else { panic!("produce") };
            assert_eq!(produced(&response), Ok(offset));
        }
    });
}
