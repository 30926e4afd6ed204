//! Consumers that read a partition from its beginning and tell the history what they see.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use ringlog_batch::{Scratch, split_batches};
use ringlog_kafka::Response;
use ringlog_kafka::messages::FetchRequest;
use ringlog_kafka::messages::fetch_request::{FetchPartition, FetchTopic};
use ringlog_reactor::Reactor;

use crate::client::{Connection, Failure, accepted};
use crate::history::History;

/// The newest Fetch that names its topics.
const FETCH_VERSION: i16 = 12;
/// No test record comes near it.
const RECORDS_BYTES_MAX: usize = 16 << 20;

/// What a consumer is to do.
#[derive(Debug, Clone)]
pub struct ConsumerPlan {
    /// Where from.
    pub topic: String,
    /// Where from.
    pub partition: i32,
    /// Nodes to ask for the leader.
    pub nodes: Vec<SocketAddr>,
}

/// Where a consumer stands, for the test to look at.
#[derive(Debug, Default)]
pub struct Progress {
    /// The next offset to fetch.
    pub next: Cell<i64>,
    /// The newest high watermark that a response told.
    pub high_watermark: Cell<i64>,
    /// Responses that told nothing new: the consumer is at the end.
    pub idle: Cell<u32>,
}

/// Reads for ever.
pub async fn consume(
    reactor: Reactor,
    plan: ConsumerPlan,
    history: Rc<RefCell<History>>,
    progress: Rc<Progress>,
) {
    loop {
        if let Err(failure) = session(&reactor, &plan, &history, &progress).await {
            // A fetch outside of the log means that records which were served are gone.
            let wrong = match &failure {
                Failure::Senseless(_) => true,
                Failure::Refused(code) => !code.is_retriable(),
                Failure::Connection(_) | Failure::Timeout => false,
            };
            if wrong {
                let next = progress.next.get();
                history.borrow_mut().complain(plan.partition, format!("a consumer at {next}: {failure}"));
            }
            reactor.sleep(Duration::from_millis(1 + reactor.random_u64() % 500)).await;
        }
    }
}

async fn session(
    reactor: &Reactor,
    plan: &ConsumerPlan,
    history: &RefCell<History>,
    progress: &Progress,
) -> Result<(), Failure> {
    let node = plan.nodes[(reactor.random_u64() % plan.nodes.len() as u64) as usize];
    let leader = Connection::open(reactor, node).await?.leader_of(&plan.topic, plan.partition).await?;
    let mut connection = Connection::open(reactor, leader).await?;
    loop {
        let request = request(plan, progress.next.get(), 1 << (10 + reactor.random_u64() % 11));
        let answer = connection.call(FETCH_VERSION, &request).await?;
        let Response::Fetch(response) = answer.response()? else {
            return Err(Failure::Senseless("no answer about records".to_owned()));
        };
        accepted(response.error_code)?;
        let partition = response.responses.first().and_then(|topic| topic.partitions.first());
        let partition =
            partition.ok_or_else(|| Failure::Senseless("no partition in the answer".to_owned()))?;
        accepted(partition.error_code)?;
        progress.high_watermark.set(partition.high_watermark);
        let records = partition.records.as_ref().and_then(|records| records.bytes()).unwrap_or_default();
        let before = progress.next.get();
        read(records, plan.partition, partition.high_watermark, history, progress)?;
        progress.idle.set(if progress.next.get() == before { progress.idle.get() + 1 } else { 0 });
    }
}

fn request(plan: &ConsumerPlan, offset: i64, bytes_max: i32) -> FetchRequest<'_> {
    let partition = FetchPartition {
        partition: plan.partition,
        current_leader_epoch: -1,
        fetch_offset: offset,
        last_fetched_epoch: -1,
        log_start_offset: -1,
        partition_max_bytes: bytes_max,
        ..FetchPartition::default()
    };
    let topic = FetchTopic { topic: &plan.topic, partitions: vec![partition], ..FetchTopic::default() };
    FetchRequest {
        replica_id: -1,
        max_wait_ms: 500,
        min_bytes: 1,
        max_bytes: bytes_max,
        session_epoch: -1,
        topics: vec![topic],
        ..FetchRequest::default()
    }
}

fn read(
    records: &[u8],
    partition: i32,
    high_watermark: i64,
    history: &RefCell<History>,
    progress: &Progress,
) -> Result<(), Failure> {
    let senseless = |error: ringlog_batch::BatchError| Failure::Senseless(error.to_string());
    let mut scratch = Scratch::default();
    let mut batches = split_batches(records).peekable();
    while let Some(batch) = batches.next() {
        let batch = match batch {
            // The last batch of an answer may be cut off (KIP-74).
            Err(_) if batches.peek().is_none() => return Ok(()),
            batch => batch.map_err(senseless)?,
        };
        batch.verify_checksum().map_err(senseless)?;
        if batch.header().last_offset().0 >= high_watermark {
            let end = batch.header().next_offset();
            return Err(Failure::Senseless(format!("records up to {end} beyond the mark {high_watermark}")));
        }
        for record in batch.records(&mut scratch, RECORDS_BYTES_MAX).map_err(senseless)? {
            let record = record.map_err(senseless)?;
            let offset = batch.offset_of(&record).0;
            let next = progress.next.get();
            if offset < next {
                continue;
            }
            if offset > next {
                return Err(Failure::Senseless(format!("a gap: {offset} follows where {next} is due")));
            }
            history.borrow_mut().saw(partition, offset, record.value);
            progress.next.set(offset + 1);
        }
    }
    Ok(())
}
