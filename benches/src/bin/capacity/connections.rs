//! Many client connections: what each costs, and whether the node still answers all of them.

use crate::broker::Subject;
use crate::client::{Client, batch};
use crate::report::{Latencies, Report};
use anyhow::{Context, Result, bail, ensure};
use ringlog_kafka::Response;
use ringlog_kafka::messages::fetch_request::{FetchPartition, FetchTopic};
use ringlog_kafka::messages::metadata_request::MetadataRequestTopic;
use ringlog_kafka::messages::{ApiVersionsRequest, FetchRequest, MetadataRequest};
use ringlog_reactor::Reactor;
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

const TOPIC: &str = "capacity";
const PARTITIONS: i32 = 16;
const RECORD_BYTES: usize = 1_000;
/// Connections that ask at the same time.
const AT_ONCE: usize = 64;

pub(crate) async fn measure(reactor: &Reactor, data: &Path, count: usize, report: &mut Report) -> Result<()> {
    let broker = Subject::fresh(data, "connections")?;
    let first = Client::open(reactor, broker.kafka()).await?;
    first.create_topic(TOPIC, PARTITIONS, &[]).await?;
    work(&first, 0).await?;
    let before = broker.memory();

    let begun = Instant::now();
    let clients = open(reactor, &broker, count).await?;
    let took = begun.elapsed().as_secs_f64();
    report.tell(format!("{count} clients connect and learn the metadata"), format!("{took:.2} s"));
    let each = broker.memory().saturating_sub(before) as f64 / count as f64 / 1024.0;
    report.below("memory of an idle connection", each, 16.0, "KiB");

    let begun = Instant::now();
    let mut latencies = all_work(reactor, &clients).await?;
    let took = begun.elapsed().as_secs_f64();
    report.exactly("connections whose produce and fetch are answered", latencies.len(), count);
    report.tell(
        format!("produce and fetch over all, {AT_ONCE} at once"),
        format!("{took:.2} s; p50 {:.1} ms, p99 {:.1} ms", latencies.quantile(0.5), latencies.quantile(0.99)),
    );
    let each = broker.memory().saturating_sub(before) as f64 / count as f64 / 1024.0;
    report.below("memory of a connection after it", each, 32.0, "KiB");
    drop((clients, first));
    broker.end()
}

async fn open(reactor: &Reactor, broker: &Subject, count: usize) -> Result<Rc<Vec<Client>>> {
    let (opened, next) = (Rc::new(RefCell::new(Vec::with_capacity(count))), Rc::new(Cell::new(0)));
    let address = broker.kafka();
    let workers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (worker, opened, next) = (reactor.clone(), opened.clone(), next.clone());
            reactor.spawn(async move {
                while next.replace(next.get() + 1) < count {
                    let client = Client::open(&worker, address).await?;
                    greet(&client).await?;
                    opened.borrow_mut().push(client);
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for worker in workers {
        worker.await?;
    }
    Ok(Rc::new(opened.take()))
}

/// What every client asks first.
async fn greet(client: &Client) -> Result<()> {
    let request = ApiVersionsRequest {
        client_software_name: "capacity",
        client_software_version: "1",
        ..ApiVersionsRequest::default()
    };
    client.ask(3, &request).await?.response()?;
    let topic = MetadataRequestTopic { name: Some(TOPIC), ..MetadataRequestTopic::default() };
    let request = MetadataRequest { topics: Some(vec![topic]), ..MetadataRequest::default() };
    client.ask(9, &request).await?.response()?;
    Ok(())
}

async fn all_work(reactor: &Reactor, clients: &Rc<Vec<Client>>) -> Result<Latencies> {
    let (latencies, next) = (Rc::new(RefCell::new(Latencies::default())), Rc::new(Cell::new(0)));
    let workers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (clients, latencies, next) = (clients.clone(), latencies.clone(), next.clone());
            reactor.spawn(async move {
                while next.get() < clients.len() {
                    let number = next.replace(next.get() + 1);
                    let begun = Instant::now();
                    work(&clients[number], number as i32 % PARTITIONS).await?;
                    latencies.borrow_mut().record(begun.elapsed().as_nanos() as u64);
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for worker in workers {
        worker.await?;
    }
    Ok(latencies.take())
}

/// A record in, and records out.
async fn work(client: &Client, partition: i32) -> Result<()> {
    client.produce(TOPIC, partition, &batch(None, &[7; RECORD_BYTES])?).await?;
    let partitions =
        vec![FetchPartition { partition, partition_max_bytes: 4_096, ..FetchPartition::default() }];
    let topics = vec![FetchTopic { topic: TOPIC, partitions, ..FetchTopic::default() }];
    let request = FetchRequest { max_wait_ms: 1_000, min_bytes: 1, topics, ..FetchRequest::default() };
    let answer = client.ask(11, &request).await?;
    let Response::Fetch(response) = answer.response()? else { bail!("no answer to a fetch") };
    let topic = response.responses.first().context("no topic in the answer")?;
    let partition = topic.partitions.first().context("no partition in the answer")?;
    ensure!(partition.error_code.is_none(), "a fetch was refused: {}", partition.error_code);
    ensure!(partition.records.is_some(), "a fetch gave nothing");
    Ok(())
}
