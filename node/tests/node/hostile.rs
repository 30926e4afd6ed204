//! Bytes that no client should send.

use crate::{
    client::{Client, batch, produce_request},
    harness::{ControllerIs, Running, World, in_every_world},
};
use bytes::Bytes;
use ringlog_kafka::{ApiKey, ErrorCode};
use ringlog_node::NodeOptions;
use ringlog_reactor::Receive;
use std::time::Duration;

in_every_world!(
    lengths_and_requests_that_cannot_be_followed_close_their_connection,
    an_unknown_version_of_api_versions_is_told_what_is_known,
    bad_batches_are_refused_with_kafkas_codes,
    acks_zero_has_no_answer_and_a_refusal_closes,
    a_client_that_never_reads_does_not_stop_the_others,
    a_frame_that_does_not_arrive_in_time_closes_its_connection,
    a_request_of_the_largest_size_gets_through_small_budgets,
);

fn a_frame_that_does_not_arrive_in_time_closes_its_connection(world: &World) {
    let hurry = |options: &mut NodeOptions| options.limits.frame_deadline = Duration::from_millis(300);
    world.live_with(1, ControllerIs::There, hurry, async |node| {
        let (slow, idle) = (node.client().await, node.client().await);
        for byte in [0u8, 0, 0, 30, 0, 3] {
            if slow.stream.send(vec![Bytes::from(vec![byte])]).await.is_err() {
                break;
            }
            node.reactor.sleep(Duration::from_millis(70)).await;
        }
        assert!(slow.receive_frame().await.is_none());
        idle.create("topic").await;
    });
}

fn a_request_of_the_largest_size_gets_through_small_budgets(world: &World) {
    let small = |options: &mut NodeOptions| {
        options.limits.connection_bytes_max = 10_000;
        options.limits.shard_bytes_max = 10_000;
        options.limits.shard_response_bytes_max = 10_000;
        options.store.unflushed_bytes_max = 10_000;
    };
    world.live_with(2, ControllerIs::There, small, async |node| {
        let clients = [node.client().await, node.client().await, node.client().await];
        clients[0].create("topic").await;
        let value = "x".repeat(300_000);
        let large = batch(&[&value]);
        // All three at once, twice: one after the other they fit.
        for round in 0..2 {
            for client in &clients {
                client.send(9, &produce_request("topic", 0, &large, -1)).await;
            }
            let mut offsets = Vec::new();
            for client in &clients {
                let reply = client.receive(ApiKey::Produce, 9).await;
                let ringlog_kafka::Response::Produce(response) = reply.decode() else { panic!("produce") };
                offsets.push(crate::client::produced(&response).unwrap());
            }
            offsets.sort_unstable();
            assert_eq!(offsets, [0, 1, 2].map(|offset| offset + 3 * round));
        }
        assert_eq!(clients[1].fetch("topic", 0, 0).await.unwrap().0.len(), 3, "a MiB of it");
    });
}

/// Sends raw bytes; whether the node closes then.
async fn closes(node: &Running, bytes: Vec<u8>) -> bool {
    let client = node.client().await;
    client.stream.send(vec![Bytes::from(bytes)]).await.unwrap();
    let receiving = client.stream.receive(node.reactor.buffer(64), Receive::Some);
    matches!(node.reactor.timeout(Duration::from_secs(5), receiving).await, Ok((Ok(0) | Err(_), _)))
}

fn header(api: i16, version: i16) -> Vec<u8> {
    let mut bytes = 8i32.to_be_bytes().to_vec();
    bytes.extend(api.to_be_bytes());
    bytes.extend(version.to_be_bytes());
    bytes.extend(1i32.to_be_bytes());
    bytes
}

fn lengths_and_requests_that_cannot_be_followed_close_their_connection(world: &World) {
    world.live(2, async |node| {
        for length in [i32::MIN, -1, 0, 7, i32::MAX, (100 << 20) + 1] {
            assert!(closes(&node, length.to_be_bytes().to_vec()).await, "length {length}");
        }
        assert!(closes(&node, b"GET / HTTP/1.1\r\n\r\n".to_vec()).await, "another protocol");
        assert!(closes(&node, header(999, 0)).await, "an unknown API");
        assert!(closes(&node, header(ApiKey::JoinGroup.code(), 5)).await, "an API that is not served");
        assert!(closes(&node, header(ApiKey::Produce.code(), 2)).await, "a version that is not served");
        assert!(closes(&node, header(ApiKey::Metadata.code(), 9)).await, "a truncated request");
        let client = node.client().await;
        client.create("topic").await;
        assert_eq!(client.produce("topic", 0, &batch(&["a"])).await, Ok(0), "the others are served");
    });
}

fn an_unknown_version_of_api_versions_is_told_what_is_known(world: &World) {
    world.live(1, async |node| {
        let client = node.client().await;
        client.stream.send(vec![Bytes::from(header(ApiKey::ApiVersions.code(), 99))]).await.unwrap();
        let frame = client.receive_frame().await.unwrap();
        assert_eq!(frame[..4], 1i32.to_be_bytes(), "the correlation id");
        assert_eq!(frame[4..6], ErrorCode::UNSUPPORTED_VERSION.0.to_be_bytes());
        assert_eq!(frame[6..10], 1i32.to_be_bytes(), "one API");
        assert_eq!(frame[10..14], [0, 18, 0, 0], "ApiVersions from version 0");
        client.create("topic").await;
    });
}

fn bad_batches_are_refused_with_kafkas_codes(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        let damaged = |at: usize| {
            let mut bytes = batch(&["value"]);
            let at = if at == usize::MAX { bytes.len() - 2 } else { at };
            bytes[at] ^= 0x40;
            bytes
        };
        let twice = [batch(&["a"]), batch(&["b"])].concat();
        for (name, bytes, code) in [
            ("flipped bit", damaged(usize::MAX), ErrorCode::CORRUPT_MESSAGE),
            ("wrong magic", damaged(16), ErrorCode::INVALID_RECORD),
            ("truncated", batch(&["a"])[..40].to_vec(), ErrorCode::CORRUPT_MESSAGE),
            ("empty", Vec::new(), ErrorCode::INVALID_RECORD),
            ("two batches", twice, ErrorCode::INVALID_RECORD),
            ("too large", batch(&[&"x".repeat(1_100_000)]), ErrorCode::MESSAGE_TOO_LARGE),
        ] {
            assert_eq!(client.produce("topic", 0, &bytes).await, Err(code), "{name}");
        }
        let good = batch(&["a"]);
        let request = produce_request("topic", 0, &good, 5);
        let reply = client.ask(9, &request).await;
        let ringlog_kafka::Response::Produce(response) = reply.decode() else { panic!("produce") };
        assert_eq!(crate::client::produced(&response), Err(ErrorCode::INVALID_REQUIRED_ACKS));
        assert_eq!(client.fetch("topic", 0, 0).await, Ok((vec![], 0)), "nothing of it is in the log");
    });
}

fn acks_zero_has_no_answer_and_a_refusal_closes(world: &World) {
    world.live(2, async |node| {
        let client = node.client().await;
        client.create("topic").await;
        client.send(9, &produce_request("topic", 0, &batch(&["a"]), 0)).await;
        assert_eq!(client.produce("topic", 0, &batch(&["b"])).await, Ok(1));
        client.send(9, &produce_request("other", 0, &batch(&["a"]), 0)).await;
        assert!(client.receive_frame().await.is_none());
    });
}

fn a_client_that_never_reads_does_not_stop_the_others(world: &World) {
    world.live(1, async |node| {
        let (deaf, client) = (node.client().await, node.client().await);
        client.create("topic").await;
        let value = "x".repeat(500_000);
        for _ in 0..8 {
            client.produce("topic", 0, &batch(&[&value])).await.unwrap();
        }
        for _ in 0..20 {
            let request = crate::client::fetch_request("topic", 0, 0, 0);
            deaf.send(11, &request).await;
        }
        let (found, _) = client.fetch("topic", 0, 7).await.unwrap();
        assert_eq!(found.len(), 1);
        drop_late(deaf);
    });
}

/// Keeps the deaf client's connection open until here.
fn drop_late(deaf: Client) {
    drop(deaf);
}
