//! A producer as users of librdkafka write it: a copy into its queue for each record, answers taken by polling.

use crate::clients::{BATCH_BYTES, IN_FLIGHT, PARTITIONS, RECORD_BYTES};
use anyhow::{Result, ensure};
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

#[derive(Default)]
struct Counting {
    delivered: AtomicU64,
}

impl rdkafka::ClientContext for Counting {}

impl ProducerContext for Counting {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        self.delivered.fetch_add(u64::from(result.is_ok()), Ordering::Relaxed);
    }
}

pub(crate) fn produce(address: &str, topic: &str, records: u64) -> Result<()> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", address)
        .set("acks", "all")
        .set("batch.size", BATCH_BYTES.to_string())
        .set("max.in.flight.requests.per.connection", IN_FLIGHT.to_string());
    let producer: BaseProducer<Counting> = config.create_with_context(Counting::default())?;
    let payload: Vec<u8> = (0..RECORD_BYTES).map(|at| b'a' + (at % 26) as u8).collect();
    // As many records for a partition before the next one's turn as a batch has, as clients without keys do.
    let turn = (BATCH_BYTES / RECORD_BYTES) as u64;
    for number in 0..records {
        let partition = (number / turn % PARTITIONS as u64) as i32;
        let mut record = BaseRecord::<(), [u8]>::to(topic).partition(partition).payload(&payload[..]);
        while let Err((error, refused)) = producer.send(record) {
            let is_full = matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull));
            ensure!(is_full, "librdkafka does not take a record: {error}");
            producer.poll(Duration::from_millis(10));
            record = refused;
        }
        if number % 1000 == 0 {
            producer.poll(Duration::ZERO);
        }
    }
    producer.flush(Duration::from_secs(120))?;
    let delivered = producer.context().delivered.load(Ordering::Relaxed);
    ensure!(delivered == records, "{delivered} of {records} record(s) were delivered");
    Ok(())
}
