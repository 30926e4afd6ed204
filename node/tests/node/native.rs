//! The native protocol: shards, receipts, subscriptions.

use crate::{
    client::{batch, values},
    harness::{Running, World, in_every_world},
};
use bytes::Bytes;
use ringlog_model::{LeaderEpoch, Offset, PartitionId, PartitionIndex, ShardId, Timestamp};
use ringlog_native::{
    Body, Correlation, ErrorCode, Flags, Frame, FrameBuffer, Header, Op,
    body::{
        Acks, Credit, Deliver, Hello, HelloReply, InitProducer, InitProducerReply, Isolation, ListOffsets,
        ListOffsetsReply, Met, OffsetQuery, Ping, Produce, Receipt, ShardMap, ShardMapReply, Subscribe,
        SubscribeReply, TopicCreate, TopicCreateReply, TopicDelete, TopicDescribe, TopicDescribeReply,
        TopicList, TopicListReply, Unsubscribe,
    },
    records_frame, request,
};
use ringlog_reactor::{Reactor, Receive, Stream};
use std::{cell::Cell, time::Duration};

in_every_world!(
    a_connection_is_served_by_the_shard_it_names,
    appends_get_receipts_and_subscriptions_deliver_them_on_credit,
    topics_have_a_life_and_its_end_ends_subscriptions,
    a_connection_without_a_greeting_is_closed,
);

struct Native {
    reactor: Reactor,
    stream: Stream,
    frames: FrameBuffer,
    correlation: Cell<u64>,
}

impl Native {
    async fn connect(node: &Running, shard: Option<u16>) -> (Native, HelloReply) {
        let stream = node.reactor.connect(node.addresses.native[0]).await.unwrap();
        let frames = FrameBuffer::new(8 << 20);
        let mut native = Native { reactor: node.reactor.clone(), stream, frames, correlation: Cell::new(0) };
        let hello =
            Hello { version_lowest: 1, version_highest: 1, shard: shard.map(ShardId), client: "test".into() };
        let reply = native.ask(&hello).await;
        (native, reply)
    }

    async fn send(&self, bytes: Vec<Bytes>) {
        self.stream.send(bytes).await.unwrap();
    }

    fn next(&self) -> Correlation {
        self.correlation.set(self.correlation.get() + 1);
        Correlation(self.correlation.get())
    }

    async fn ask<Q: Body, A: Body>(&mut self, body: &Q) -> A {
        self.ask_frame(body).await.decode().unwrap()
    }

    async fn ask_frame<Q: Body>(&mut self, body: &Q) -> Frame {
        let correlation = self.next();
        self.send(vec![request(correlation, body)]).await;
        let frame = self.receive().await.expect("an answer");
        assert_eq!(frame.header.correlation, correlation);
        frame
    }

    async fn produce(&mut self, partition: PartitionId, batch: Vec<u8>) -> Result<Receipt, ErrorCode> {
        let header = Header::new(Op::PRODUCE, Flags::NONE, self.next());
        let body = Produce { partition, acks: Acks::All, timeout_ms: 10_000 };
        self.send(records_frame(header, &body, batch.into()).into()).await;
        let frame = self.receive().await.expect("a receipt");
        match frame.error().unwrap() {
            Some(error) => Err(error.code),
            None => Ok(frame.decode().unwrap()),
        }
    }

    async fn receive(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.frames.next_frame().unwrap() {
                return Some(frame);
            }
            let receiving = self.stream.receive(self.reactor.buffer(64 << 10), Receive::Some);
            let received = self.reactor.timeout(Duration::from_secs(20), receiving).await;
            match received.expect("an answer in time") {
                (Ok(count), bytes) if count > 0 => self.frames.push(&bytes),
                _ => return None,
            }
        }
    }

    async fn create(&mut self, name: &str, partitions: i32) -> TopicCreateReply {
        let configs = vec![("max.message.bytes".to_owned(), "5000".to_owned())];
        self.ask(&TopicCreate { name: name.into(), partitions, replication_factor: -1, configs }).await
    }
}

fn a_connection_is_served_by_the_shard_it_names(world: &World) {
    world.live(3, async |node| {
        for shard in [0, 1, 2] {
            let (mut native, hello) = Native::connect(&node, Some(shard)).await;
            assert_eq!((hello.shard, hello.shard_count), (ShardId(shard), 3));
            let _: Ping = native.ask(&Ping).await;
        }
        let (mut native, hello) = Native::connect(&node, Some(77)).await;
        assert!(hello.shard.0 < 3, "a shard that does not exist counts as none");
        native.create("topic", 4).await;
        let map: ShardMapReply = native.ask(&ShardMap { topics: vec!["topic".into(), "none".into()] }).await;
        let shards: Vec<_> = map.topics[0].partitions.iter().map(|place| place.shard.0).collect();
        assert_eq!(shards[0], shards[3], "partitions go around");
        assert_eq!(map.topics[1].error, Some(ErrorCode::UnknownTopicOrPartition));
        assert_eq!(map.nodes.len(), 1);
    });
}

fn appends_get_receipts_and_subscriptions_deliver_them_on_credit(world: &World) {
    world.live(2, async |node| {
        let (mut writer, _) = Native::connect(&node, None).await;
        let (mut reader, _) = Native::connect(&node, None).await;
        let topic = writer.create("topic", 2).await.topic;
        let partition = PartitionId { topic, index: PartitionIndex(1) };
        let receipt = writer.produce(partition, batch(&["a"])).await.unwrap();
        assert_eq!(receipt.base_offset, Offset(0));
        assert!(receipt.met.contains(Met::WRITTEN) && receipt.met.contains(Met::SYNCED));
        assert_eq!(receipt.replicas, 1);
        let too_large = writer.produce(partition, batch(&[&"x".repeat(6000)])).await;
        assert_eq!(too_large, Err(ErrorCode::MessageTooLarge));

        let subscribe = Subscribe {
            partition,
            offset: Offset(0),
            credit: 1,
            delivery_bytes_max: 1 << 20,
            isolation: Isolation::ReadUncommitted,
        };
        let frame = reader.ask_frame(&subscribe).await;
        let subscription = frame.header.correlation;
        let opened: SubscribeReply = frame.decode().unwrap();
        assert_eq!(opened.high_watermark, Offset(1));
        let delivered = reader.receive().await.unwrap();
        assert_eq!(delivered.header.correlation, subscription);
        assert_eq!(delivered.header.epoch, LeaderEpoch(0));
        assert_eq!(values(&delivered.records()), ["a"]);
        assert_eq!(delivered.decode::<Deliver>().unwrap().next, Offset(1));

        // The credit is used up: what comes now waits for more of it.
        writer.produce(partition, batch(&["b", "c"])).await.unwrap();
        let _: Ping = reader.ask(&Ping).await;
        let credit = Credit { subscription, bytes: 10_000 };
        reader.send(vec![request(reader.next(), &credit)]).await;
        assert_eq!(values(&reader.receive().await.unwrap().records()), ["b", "c"]);
        writer.produce(partition, batch(&["d"])).await.unwrap();
        assert_eq!(values(&reader.receive().await.unwrap().records()), ["d"]);

        let ended = reader.ask_frame(&Unsubscribe { subscription }).await;
        assert_eq!(ended.header.op, Op::UNSUBSCRIBE);
        writer.produce(partition, batch(&["e"])).await.unwrap();
        let end = ListOffsets { partition, query: OffsetQuery::End, isolation: Isolation::ReadUncommitted };
        let end: ListOffsetsReply = reader.ask(&end).await;
        assert_eq!(end.offset, Offset(5), "and nothing was delivered in between");
        let at = OffsetQuery::Timestamp(Timestamp(5000));
        let at = ListOffsets { partition, query: at, isolation: Isolation::ReadUncommitted };
        let found: ListOffsetsReply = reader.ask(&at).await;
        assert_eq!((found.offset, found.timestamp), (Offset(5), Timestamp::NONE));
    });
}

fn topics_have_a_life_and_its_end_ends_subscriptions(world: &World) {
    world.live(2, async |node| {
        let (mut native, _) = Native::connect(&node, None).await;
        let topic = native.create("topic", 2).await.topic;
        let again =
            TopicCreate { name: "topic".into(), partitions: 1, replication_factor: -1, configs: vec![] };
        let again = native.ask_frame(&again).await;
        assert_eq!(again.error().unwrap().unwrap().code, ErrorCode::TopicAlreadyExists);
        let list: TopicListReply = native.ask(&TopicList).await;
        assert_eq!(list.topics.len(), 1);
        let described: TopicDescribeReply = native.ask(&TopicDescribe { name: "topic".into() }).await;
        assert_eq!((described.partitions.len(), described.configs.len()), (2, 1));
        let identity: InitProducerReply = native.ask(&InitProducer).await;
        assert!(identity.producer.0 >= 0);
        for index in [0, 1] {
            let subscribe = Subscribe {
                partition: PartitionId { topic, index: PartitionIndex(index) },
                offset: Offset(0),
                credit: 1000,
                delivery_bytes_max: 1 << 20,
                isolation: Isolation::ReadUncommitted,
            };
            let _: SubscribeReply = native.ask(&subscribe).await;
        }
        let out_of_range = Subscribe {
            partition: PartitionId { topic, index: PartitionIndex(0) },
            offset: Offset(5),
            credit: 1000,
            delivery_bytes_max: 1 << 20,
            isolation: Isolation::ReadUncommitted,
        };
        let out_of_range = native.ask_frame(&out_of_range).await;
        assert_eq!(out_of_range.error().unwrap().unwrap().code, ErrorCode::OffsetOutOfRange);
        let (mut other, _) = Native::connect(&node, None).await;
        let deleted = other.ask_frame(&TopicDelete { name: "topic".into() }).await;
        assert_eq!(deleted.error(), Ok(None));
        for _ in 0..2 {
            let ended = native.receive().await.unwrap();
            assert_eq!(ended.header.op, Op::DELIVER);
            assert!(ended.error().unwrap().is_some());
        }
    });
}

fn a_connection_without_a_greeting_is_closed(world: &World) {
    world.live(1, async |node| {
        let stream = node.reactor.connect(node.addresses.native[0]).await.unwrap();
        stream.send(vec![request(Correlation(1), &Ping)]).await.unwrap();
        let mut frames = FrameBuffer::new(1 << 20);
        let mut refused = None;
        while let (Ok(1..), bytes) = stream.receive(node.reactor.buffer(4096), Receive::Some).await {
            frames.push(&bytes);
            refused = frames.next_frame().unwrap().or(refused);
        }
        assert_eq!(refused.unwrap().error().unwrap().unwrap().code, ErrorCode::InvalidRequest);
    });
}
