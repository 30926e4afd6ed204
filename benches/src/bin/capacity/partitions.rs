//! Many partitions on one node: what an idle one costs, how fast they are created, how long a start takes.

use crate::broker::Subject;
use crate::client::{Client, batch, for_each};
use crate::report::Report;
use anyhow::{Context, Result, bail, ensure};
use ringlog_kafka::Response;
use ringlog_kafka::messages::ListOffsetsRequest;
use ringlog_kafka::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ringlog_reactor::Reactor;
use std::path::Path;
use std::time::Instant;

const TOPIC_PARTITIONS: usize = 1_000;
/// Record bytes in each partition, once they are filled.
const RECORD_BYTES: usize = 1_000;
const PRODUCERS: usize = 64;
/// A header's block, the record's, as much again ahead, and what the file system adds.
const DISK_KIB: f64 = 20.0;
/// 512 segment files a shard (`storage.open-files-max`) on up to eight shards.
const OPEN_FILES: usize = 8 * 512;
/// The timestamp that stands for the end.
const LATEST: i64 = -1;

pub(crate) async fn measure(
    reactor: &Reactor,
    data: &Path,
    partitions: usize,
    report: &mut Report,
) -> Result<()> {
    let topics = partitions.div_ceil(TOPIC_PARTITIONS);
    let partitions = topics * TOPIC_PARTITIONS;
    let broker = Subject::fresh(data, "partitions")?;
    report
        .tell("an empty broker is ready after", format!("{:.0} ms", broker.ready_after.as_secs_f64() * 1e3));
    let client = Client::open(reactor, broker.kafka()).await?;
    let before = broker.memory();
    let (mut first, mut slowest) = (0.0, 0.0f64);
    for topic in 0..topics {
        let begun = Instant::now();
        client.create_topic(&name(topic), TOPIC_PARTITIONS as i32, &[]).await?;
        // Created is what takes records.
        client.produce(&name(topic), 0, &batch(None, &[7; RECORD_BYTES])?).await?;
        let took = begun.elapsed().as_secs_f64();
        if topic == 0 {
            first = took;
        }
        slowest = slowest.max(took);
    }
    report.below("1,000 partitions are created, the first 1,000", first, 2.0, "s");
    report.below(format!("1,000 partitions are created, the slowest of {partitions}"), slowest, 2.0, "s");
    let each = broker.memory().saturating_sub(before) as f64 / partitions as f64 / 1024.0;
    report.below(format!("memory of an idle partition, of {partitions}"), each, 16.0, "KiB");
    let (files, _) = broker.segments()?;
    let of_empty = files.saturating_sub(topics);
    report.exactly(format!("segment files of {} empty partitions", partitions - topics), of_empty, 0);
    report.tell("open files of the node", broker.open_files());
    drop(client);

    let broker = broker.restart()?;
    report.below("ready after a clean stop, empty", broker.ready_after.as_secs_f64(), 2.0, "s");
    check_ends(reactor, &broker, topics, |partition| i64::from(partition == 0)).await?;
    let begun = Instant::now();
    for_each(reactor, broker.kafka(), partitions - topics, PRODUCERS, move |client, number| async move {
        let (topic, partition) = (number / (TOPIC_PARTITIONS - 1), number % (TOPIC_PARTITIONS - 1) + 1);
        client.produce(&name(topic), partition as i32, &batch(None, &[7; RECORD_BYTES])?).await
    })
    .await?;
    let took = begun.elapsed().as_secs_f64();
    report.tell(format!("a record of {RECORD_BYTES} bytes into each"), format!("{took:.1} s"));
    let (files, _) = broker.segments()?;
    report.tell("segment files after it: small records stay in the journal until its half is full", files);
    let each = broker.memory().saturating_sub(before) as f64 / partitions as f64 / 1024.0;
    report.below("memory of a partition, all written", each, 16.0, "KiB");

    let broker = broker.kill_and_start()?;
    report.below("ready after kill -9, a record in each", broker.ready_after.as_secs_f64(), 5.0, "s");
    check_ends(reactor, &broker, topics, |_| 1).await?;
    report.below("open files of the node", broker.open_files() as f64, OPEN_FILES as f64, "files");
    let broker = broker.restart()?;
    report.below("ready after a clean stop, a record in each", broker.ready_after.as_secs_f64(), 2.0, "s");
    // An orderly stop puts everything that was in the journal into segments.
    let (files, bytes) = broker.segments()?;
    let of_disk = bytes as f64 / partitions as f64 / 1024.0;
    report.below(format!("disk for each, in {files} segment files"), of_disk, DISK_KIB, "KiB");
    check_ends(reactor, &broker, topics, |_| 1).await?;
    broker.end()
}

fn name(topic: usize) -> String {
    format!("capacity-{topic}")
}

/// Every partition is led and has its records.
async fn check_ends(
    reactor: &Reactor,
    broker: &Subject,
    topics: usize,
    wanted: impl Fn(i32) -> i64,
) -> Result<()> {
    let client = Client::open(reactor, broker.kafka()).await?;
    for topic in 0..topics {
        let name = name(topic);
        let partition = |index| ListOffsetsPartition {
            partition_index: index,
            timestamp: LATEST,
            ..ListOffsetsPartition::default()
        };
        let partitions = (0..TOPIC_PARTITIONS as i32).map(partition).collect();
        let topics = vec![ListOffsetsTopic { name: &name, partitions }];
        let request = ListOffsetsRequest { replica_id: -1, topics, ..ListOffsetsRequest::default() };
        let answer = client.ask(7, &request).await?;
        let Response::ListOffsets(response) = answer.response()? else { bail!("no answer about offsets") };
        for found in &response.topics.first().context("no topic in the answer")?.partitions {
            let index = found.partition_index;
            ensure!(found.error_code.is_none(), "partition {index} of {name}: {}", found.error_code);
            let wanted = wanted(index);
            ensure!(
                found.offset == wanted,
                "partition {index} of {name} ends at {}, not {wanted}",
                found.offset
            );
        }
    }
    Ok(())
}
