//! librdkafka 1.8.2: produce with callbacks, then assign, seek and poll, as README.md describes.

use rdkafka::{
    config::ClientConfig,
    consumer::{BaseConsumer, Consumer},
    message::{BorrowedMessage, Headers, Message, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext},
    ClientContext, Offset, TopicPartitionList,
};
use std::{
    env,
    error::Error,
    process::ExitCode,
    sync::{Arc, Mutex},
    time::Duration,
};

const SMALL: usize = 40;
const FIRST_TIMESTAMP: i64 = 1_700_000_000_000;
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [bootstrap, topic, codec, size] = &arguments[..] else {
        eprintln!("usage: BOOTSTRAP TOPIC CODEC SIZE");
        return ExitCode::from(2);
    };
    let outcome = size.parse().map_err(Box::from).and_then(|size: usize| {
        produce(bootstrap, topic, codec, size)?;
        consume(bootstrap, topic, size)
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Clone, Default)]
struct Acknowledged(Arc<Mutex<Vec<Result<i64, String>>>>);

impl ClientContext for Acknowledged {}

impl ProducerContext for Acknowledged {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, _: ()) {
        let kept = match result {
            Ok(message) => Ok(message.offset()),
            Err((error, _)) => Err(error.to_string()),
        };
        self.0.lock().expect("no callback panics").push(kept);
    }
}

fn produce(bootstrap: &str, topic: &str, codec: &str, size: usize) -> Result<(), Box<dyn Error>> {
    let acknowledged = Acknowledged::default();
    let producer: BaseProducer<Acknowledged> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("compression.type", codec)
        .set("enable.idempotence", "true")
        .set("linger.ms", "20")
        .set("message.max.bytes", (size + 1_000_000).to_string())
        .create_with_context(acknowledged.clone())?;
    for number in 0..=SMALL {
        let (key, value) = (key(number), value(number, size));
        let mut record = BaseRecord::<[u8], [u8]>::to(topic)
            .partition(0)
            .timestamp(FIRST_TIMESTAMP + 1000 * number as i64);
        if let Some(key) = &key {
            record = record.key(key);
        }
        if let Some(value) = &value {
            record = record.payload(value);
        }
        if number != SMALL {
            record = record.headers(OwnedHeaders::new().add("index", &number.to_string()).add("empty", ""));
        }
        producer.send(record).map_err(|(error, _)| error)?;
    }
    producer.flush(PATIENCE);
    let found: Result<Vec<i64>, String> = acknowledged.0.lock().expect("no callback panics").iter().cloned().collect();
    let found = found?;
    if found != (0..=SMALL as i64).collect::<Vec<_>>() {
        return Err(format!("acknowledged offsets are {found:?}").into());
    }
    Ok(())
}

fn consume(bootstrap: &str, topic: &str, size: usize) -> Result<(), Box<dyn Error>> {
    let limit = size + 1_000_000;
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "unused")
        .set("enable.auto.commit", "false")
        .set("check.crcs", "true")
        .set("fetch.message.max.bytes", limit.to_string())
        .set("fetch.max.bytes", (2 * limit).to_string())
        .set("receive.message.max.bytes", (3 * limit).to_string())
        .create()?;
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, 0, Offset::Beginning)?;
    consumer.assign(&list)?;
    for number in 0..=SMALL {
        let message = consumer.poll(PATIENCE).ok_or(format!("record {number} did not come"))??;
        check(number, size, &message)?;
    }
    consumer.seek(topic, 0, Offset::Offset(20), PATIENCE)?;
    let message = consumer.poll(PATIENCE).ok_or("nothing came after the seek")??;
    check(20, size, &message)
}

fn check(number: usize, size: usize, message: &BorrowedMessage<'_>) -> Result<(), Box<dyn Error>> {
    let headers: Vec<(String, Vec<u8>)> = message.headers().map_or(Vec::new(), |headers| {
        (0..headers.count())
            .filter_map(|at| headers.get(at))
            .map(|(name, value)| (name.to_string(), value.to_vec()))
            .collect()
    });
    let wanted = match number {
        SMALL => Vec::new(),
        _ => vec![("index".to_string(), number.to_string().into_bytes()), ("empty".to_string(), Vec::new())],
    };
    let same = message.offset() == number as i64
        && message.key() == key(number).as_deref()
        && message.payload() == value(number, size).as_deref()
        && message.timestamp().to_millis() == Some(FIRST_TIMESTAMP + 1000 * number as i64)
        && headers == wanted;
    if same {
        return Ok(());
    }
    let length = message.payload().map(<[u8]>::len);
    Err(format!("record {number} differs: offset {}, value of {length:?} bytes, {headers:?}", message.offset()).into())
}

fn key(number: usize) -> Option<Vec<u8>> {
    match number {
        SMALL => Some(b"large".to_vec()),
        _ if number % 3 == 0 => None,
        _ => Some(format!("key-{number}").into_bytes()),
    }
}

fn value(number: usize, size: usize) -> Option<Vec<u8>> {
    match number {
        SMALL => Some((0..size).map(|at| (at % 251) as u8).collect()),
        1 => Some(Vec::new()),
        2 => None,
        _ => Some(format!("value-{number}-{}", "x".repeat(37 * number % 500)).into_bytes()),
    }
}
