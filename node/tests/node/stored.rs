//! How topics have their records stored: whose time they carry, by which codec, and which are refused; and what a node was
//! started with as the default of all that.

use crate::{
    administration::create,
    alterations::{NODE, TOPIC, described},
    client::{Client, batch, batch_at, fetch_request, produce_request, values},
    harness::{ControllerIs, World, in_every_world},
};
use ringlog_batch::{Compression, split_batches};
use ringlog_kafka::{ErrorCode, Records, Response};

in_every_world!(
    records_carry_the_time_of_the_append_where_a_topic_says_so,
    batches_are_stored_by_the_codec_of_their_topic,
    timestamps_that_are_too_far_from_now_are_refused,
    what_a_node_was_started_with_is_the_default_of_topics,
);

/// The batches of partition 0 as they are stored.
async fn stored(client: &Client, topic: &str) -> Vec<u8> {
    let reply = client.ask(11, &fetch_request(topic, 0, 0, 0)).await;
    let Response::Fetch(response) = reply.decode() else { panic!("fetch") };
    let records = &response.responses[0].partitions[0].records;
    records.as_ref().and_then(Records::bytes).unwrap_or_default().to_vec()
}

fn records_carry_the_time_of_the_append_where_a_topic_says_so(world: &World) {
    world.live(1, async |node| {
        let client = node.client().await;
        create(&client, "times", 1, &[("message.timestamp.type", "LogAppendTime")]).await;
        let before = node.reactor.wall_millis();
        let sent = batch_at(1000, &["a", "b"]);
        let reply = client.ask(9, &produce_request("times", 0, &sent, -1)).await;
        let Response::Produce(response) = reply.decode() else { panic!("produce") };
        let told = response.responses[0].partition_responses[0].log_append_time_ms;
        assert!((before..=node.reactor.wall_millis()).contains(&told), "{told}");

        let bytes = stored(&client, "times").await;
        let batch = split_batches(&bytes).next().unwrap().unwrap();
        batch.verify_checksum().unwrap();
        assert!(batch.header().is_log_append_time());
        assert_eq!(batch.header().max_timestamp.0, told);
        assert_eq!(values(&bytes), ["a", "b"]);
        assert_eq!(client.offset("times", 0, told).await, 0);
        assert_eq!(client.offset("times", 0, told + 1).await, -1);
    });
}

fn batches_are_stored_by_the_codec_of_their_topic(world: &World) {
    world.live(1, async |node| {
        let client = node.client().await;
        let sent = batch(&["x".repeat(500).as_str(), "y"]);
        let mut compressed = Vec::new();
        for (codec, compression) in [
            ("producer", Compression::None),
            ("uncompressed", Compression::None),
            ("gzip", Compression::Gzip),
            ("snappy", Compression::Snappy),
            ("lz4", Compression::Lz4),
            ("zstd", Compression::Zstd),
        ] {
            let topic = format!("by-{codec}");
            create(&client, &topic, 1, &[("compression.type", codec)]).await;
            assert_eq!(client.produce(&topic, 0, &sent).await, Ok(0));
            let bytes = stored(&client, &topic).await;
            let batch = split_batches(&bytes).next().unwrap().unwrap();
            assert_eq!(batch.compression().unwrap(), compression, "{codec}");
            assert_eq!(values(&bytes), values(&sent), "{codec}");
            compressed.push(bytes);
        }
        // What comes compressed is stored without as well.
        for bytes in compressed {
            assert!(client.produce("by-uncompressed", 0, &bytes).await.is_ok());
        }
        let bytes = stored(&client, "by-uncompressed").await;
        assert!(split_batches(&bytes).all(|batch| batch.unwrap().compression() == Ok(Compression::None)));
    });
}

fn timestamps_that_are_too_far_from_now_are_refused(world: &World) {
    world.live(1, async |node| {
        let client = node.client().await;
        let bounds =
            [("message.timestamp.before.max.ms", "60000"), ("message.timestamp.after.max.ms", "60000")];
        create(&client, "bounded", 1, &bounds).await;
        create(&client, "usual", 1, &[]).await;
        let now = node.reactor.wall_millis();
        for (time, expected) in [
            (now, Ok(0)),
            (now - 120_000, Err(ErrorCode::INVALID_TIMESTAMP)),
            (now + 120_000, Err(ErrorCode::INVALID_TIMESTAMP)),
        ] {
            assert_eq!(client.produce("bounded", 0, &batch_at(time, &["a"])).await, expected, "{time}");
        }
        assert!(client.produce("usual", 0, &batch_at(1, &["a"])).await.is_ok(), "old ones are welcome");
        // An hour ahead and more is not, unless the topic carries the time of the append.
        let ahead = batch_at(now + 2 * 3_600_000, &["a"]);
        assert_eq!(client.produce("usual", 0, &ahead).await, Err(ErrorCode::INVALID_TIMESTAMP));
        create(&client, "appended", 1, &[("message.timestamp.type", "LogAppendTime")]).await;
        assert!(client.produce("appended", 0, &ahead).await.is_ok());
    });
}

fn what_a_node_was_started_with_is_the_default_of_topics(world: &World) {
    let started = |options: &mut ringlog_node::NodeOptions| {
        for (name, value) in [
            ("message.max.bytes", "2000"),
            ("log.retention.hours", "24"),
            ("log.retention.ms", "86400000"),
            ("num.partitions", "3"),
            ("group.consumer.session.timeout.ms", "50000"),
        ] {
            options.configs.insert(name.to_owned(), value.to_owned());
        }
        options.defaults.partitions = 3;
        options.defaults.may_delete = false;
    };
    world.live_with(2, ControllerIs::There, started, async |node| {
        let client = node.client().await;
        assert_eq!(create(&client, "topic", -1, &[]).await, ErrorCode::NONE);
        assert!(client.produce("topic", 2, &batch(&["small"])).await.is_ok(), "it has three partitions");
        let large = batch(&[&"x".repeat(3000)]);
        assert_eq!(client.produce("topic", 0, &large).await, Err(ErrorCode::MESSAGE_TOO_LARGE));
        let (value, source, synonyms) = described(&client, (TOPIC, "topic"), "max.message.bytes").await;
        assert_eq!((&*value, source), ("2000", 4));
        assert_eq!(synonyms, ["4:message.max.bytes=2000", "5:message.max.bytes=1048588"]);
        assert_eq!(described(&client, (TOPIC, "topic"), "retention.ms").await.0, "86400000");
        assert_eq!(
            described(&client, (NODE, "1"), "log.retention.hours").await,
            ("24".into(), 4, { vec!["4:log.retention.hours=24".into(), "5:log.retention.hours=168".into()] })
        );
        assert_eq!(described(&client, (NODE, "1"), "num.partitions").await.0, "3");
        assert_eq!(described(&client, (NODE, "1"), "offsets.retention.minutes").await.1, 5);
        assert_eq!(described(&client, (32, "g"), "consumer.session.timeout.ms").await.0, "50000");
        assert_eq!(crate::administration::delete(&client, "topic").await, ErrorCode::TOPIC_DELETION_DISABLED);
    });
}
