//! librdkafka, the client under most languages' Kafka clients, through the crate `rdkafka`.
#![allow(clippy::unwrap_used)] // A step that fails fails its test.

use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
    message::{Header, Headers, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext},
    types::RDKafkaErrorCode,
};
use ringlog_harness::Broker;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(30);

/// Keeps the partition and offset, or the error, of every delivery callback.
#[derive(Clone, Default)]
struct Deliveries(Arc<Mutex<Vec<Delivery>>>);

type Delivery = Result<(i32, i64), KafkaError>;

impl rdkafka::ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let kept = match result {
            Ok(message) => Ok((message.partition(), message.offset())),
            Err((error, _)) => Err(error.clone()),
        };
        self.0.lock().unwrap().push(kept);
    }
}

impl Deliveries {
    fn offsets(&self) -> Vec<(i32, i64)> {
        self.0.lock().unwrap().iter().map(|one| one.clone().expect("delivered")).collect()
    }
}

fn configuration(broker: &Broker) -> ClientConfig {
    let mut configuration = ClientConfig::new();
    configuration.set("bootstrap.servers", broker.addresses().kafka.to_string());
    configuration
}

fn create_topic(broker: &Broker, name: &str, partitions: i32, configs: &[(&str, &str)]) {
    let admin: AdminClient<DefaultClientContext> = configuration(broker).create().unwrap();
    let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    for (key, value) in configs {
        topic = topic.set(key, value);
    }
    let made = block_on(admin.create_topics(&[topic], &AdminOptions::new())).unwrap();
    made[0].as_ref().expect("the topic is created");
}

/// The admin client answers by a future that its own thread completes: polling it from here is enough.
fn block_on<F: Future>(future: F) -> F::Output {
    futures_lite::future::block_on(future)
}

fn producer(broker: &Broker, settings: &[(&str, &str)]) -> (BaseProducer<Deliveries>, Deliveries) {
    let deliveries = Deliveries::default();
    let mut configuration = configuration(broker);
    for (key, value) in settings {
        configuration.set(*key, *value);
    }
    (configuration.create_with_context(deliveries.clone()).unwrap(), deliveries)
}

fn consumer(broker: &Broker, topic: &str, partition: i32, offset: Offset) -> BaseConsumer {
    let consumer: BaseConsumer = configuration(broker)
        .set("group.id", "unused")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "false")
        .set("check.crcs", "true")
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, offset).unwrap();
    consumer.assign(&list).unwrap();
    consumer
}

fn next(consumer: &BaseConsumer) -> rdkafka::message::OwnedMessage {
    consumer.poll(PATIENCE).expect("a record in time").expect("no error").detach()
}

#[test]
fn records_come_back_as_they_were_sent_with_every_codec() {
    let broker = Broker::start(&[]);
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = format!("codec-{codec}");
        create_topic(&broker, &topic, 1, &[]);
        let (producer, deliveries) = producer(&broker, &[("compression.type", codec), ("linger.ms", "50")]);
        for number in 0..200i64 {
            let payload = format!("value {number} {}", "z".repeat(usize::try_from(number).unwrap()));
            let headers =
                OwnedHeaders::new().insert(Header { key: "number", value: Some(&number.to_string()) });
            let key = format!("key {number}");
            let record = BaseRecord::to(&topic).key(&key).payload(&payload).timestamp(1_000 + number);
            producer.send(record.headers(headers)).map_err(|(error, _)| error).unwrap();
        }
        producer.flush(PATIENCE).unwrap();
        assert_eq!(deliveries.offsets(), (0..200).map(|offset| (0, offset)).collect::<Vec<_>>());
        let consumer = consumer(&broker, &topic, 0, Offset::Beginning);
        for number in 0..200i64 {
            let message = next(&consumer);
            assert_eq!(message.offset(), number);
            assert_eq!(message.key(), Some(format!("key {number}").as_bytes()));
            assert!(message.payload().unwrap().starts_with(format!("value {number} ").as_bytes()));
            assert_eq!(message.timestamp().to_millis(), Some(1_000 + number));
            let header = message.headers().unwrap().get(0);
            assert_eq!((header.key, header.value), ("number", Some(number.to_string().as_bytes())));
        }
    }
    assert!(broker.stop().success());
}

#[test]
fn acknowledged_records_survive_kill_and_an_idempotent_producer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut acknowledged = 0;
    for round in 0..3 {
        let broker = Broker::start_in(&data, &["--shards", if round == 1 { "1" } else { "2" }]);
        if round == 0 {
            create_topic(&broker, "survivor", 1, &[]);
        }
        let consumer = consumer(&broker, "survivor", 0, Offset::Beginning);
        for offset in 0..acknowledged {
            let message = next(&consumer);
            assert_eq!(message.offset(), offset);
            assert_eq!(message.payload(), Some(format!("record {offset}").as_bytes()));
        }
        let (producer, deliveries) = producer(&broker, &[("enable.idempotence", "true"), ("linger.ms", "1")]);
        for number in acknowledged..acknowledged + 500 {
            let payload = format!("record {number}");
            producer
                .send(BaseRecord::<(), _>::to("survivor").payload(&payload))
                .map_err(|(error, _)| error)
                .unwrap();
        }
        producer.flush(PATIENCE).unwrap();
        let wanted: Vec<_> = (acknowledged..acknowledged + 500).map(|offset| (0, offset)).collect();
        assert_eq!(deliveries.offsets(), wanted);
        acknowledged += 500;
        broker.kill();
    }
}

#[test]
fn a_record_beyond_the_topics_limit_is_refused_and_the_connection_goes_on() {
    let broker = Broker::start(&[]);
    create_topic(&broker, "small", 1, &[("max.message.bytes", "1000")]);
    let (producer, deliveries) = producer(&broker, &[("linger.ms", "0")]);
    let large = vec![b'x'; 5_000];
    producer.send(BaseRecord::<(), _>::to("small").payload(&large)).map_err(|(error, _)| error).unwrap();
    producer.flush(PATIENCE).unwrap();
    producer.send(BaseRecord::<(), _>::to("small").payload("fits")).map_err(|(error, _)| error).unwrap();
    producer.flush(PATIENCE).unwrap();
    let kept = deliveries.0.lock().unwrap().clone();
    assert_eq!(
        kept[0].as_ref().unwrap_err().rdkafka_error_code(),
        Some(RDKafkaErrorCode::MessageSizeTooLarge),
        "{kept:?}"
    );
    assert_eq!(*kept[1].as_ref().unwrap(), (0, 0));
}

#[test]
fn watermarks_and_times_are_answered_and_a_waiting_consumer_is_woken() {
    let broker = Broker::start(&[]);
    create_topic(&broker, "times", 2, &[]);
    let (producer, _deliveries) = producer(&broker, &[]);
    let waiting = consumer(&broker, "times", 1, Offset::Offset(0));
    assert!(waiting.poll(Duration::from_millis(300)).is_none(), "nothing is there yet");
    for number in 0..10 {
        let record =
            BaseRecord::<(), _>::to("times").partition(1).payload("x").timestamp(5_000 + 10 * number);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(PATIENCE).unwrap();
    assert_eq!(next(&waiting).offset(), 0);
    assert_eq!(waiting.fetch_watermarks("times", 1, PATIENCE).unwrap(), (0, 10));
    assert_eq!(waiting.fetch_watermarks("times", 0, PATIENCE).unwrap(), (0, 0));
    let mut wanted = TopicPartitionList::new();
    wanted.add_partition_offset("times", 1, Offset::Offset(5_041)).unwrap();
    let found = waiting.offsets_for_times(wanted, PATIENCE).unwrap();
    assert_eq!(found.find_partition("times", 1).unwrap().offset(), Offset::Offset(5));
}

#[test]
fn a_consumer_that_asks_beyond_the_end_is_told_so_and_starts_over() {
    let broker = Broker::start(&[]);
    create_topic(&broker, "range", 1, &[]);
    let (producer, _deliveries) = producer(&broker, &[]);
    producer.send(BaseRecord::<(), _>::to("range").payload("only")).map_err(|(error, _)| error).unwrap();
    producer.flush(PATIENCE).unwrap();
    let consumer: BaseConsumer = configuration(&broker)
        .set("group.id", "unused")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_offset("range", 0, Offset::Offset(1_000)).unwrap();
    consumer.assign(&list).unwrap();
    assert_eq!(next(&consumer).payload(), Some(&b"only"[..]));
}
