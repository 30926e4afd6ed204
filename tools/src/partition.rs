//! `ringlog partition describe`

use crate::native::{NativeArguments, explained};
use crate::table::Table;
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use ringlog_client::Client;
use ringlog_model::{PartitionId, PartitionIndex};
use ringlog_native::body::{PartitionDescribe, PartitionDescribeReply, SegmentSummary};
use std::io::{Write, stdout};

#[derive(Subcommand)]
pub(crate) enum PartitionCommand {
    /// Show the offsets, the directory and the segments of partitions on their leader
    #[command(after_help = "\
Examples:
  ringlog partition describe orders        all partitions, a line each
  ringlog partition describe orders 3      one partition with its segments")]
    Describe(DescribeArguments),
}

#[derive(Args)]
pub(crate) struct DescribeArguments {
    /// The topic's name
    topic: String,
    /// The partition's number [default: all]
    #[arg(value_parser = clap::value_parser!(i32).range(0..))]
    partition: Option<i32>,
    #[command(flatten)]
    native: NativeArguments,
}

pub(crate) fn run(command: PartitionCommand) -> Result<()> {
    match command {
        PartitionCommand::Describe(arguments) => {
            let native = arguments.native.clone();
            native.run(|client| describe(client, arguments))
        }
    }
}

async fn describe(client: Client, arguments: DescribeArguments) -> Result<()> {
    let name = arguments.topic;
    let topic = client.topic(&name).await.map_err(explained)?;
    if let Some(wanted) = arguments.partition {
        let index = PartitionIndex(wanted);
        if topic.partitions.iter().all(|place| place.index != index) {
            bail!(
                "topic {name:?} has {} partitions, 0 to {}",
                topic.partitions.len(),
                topic.partitions.len() - 1
            );
        }
        let question = PartitionDescribe { partition: PartitionId { topic: topic.topic, index } };
        let reply: PartitionDescribeReply =
            client.ask_leader(&topic, index, &question).await.map_err(explained)?;
        return one(&name, wanted, &reply);
    }
    let mut table = Table::default();
    let head = [
        "PARTITION",
        "SHARD",
        "BEGINNING",
        "END",
        "HIGH WATERMARK",
        "SYNCED",
        "SEGMENTS",
        "BYTES",
        "DIRECTORY",
    ];
    table.row(head.map(str::to_owned));
    for place in &topic.partitions {
        let question =
            PartitionDescribe { partition: PartitionId { topic: topic.topic, index: place.index } };
        let reply: Result<PartitionDescribeReply, _> =
            client.ask_leader(&topic, place.index, &question).await;
        table.row(match reply {
            Ok(reply) => vec![
                place.index.to_string(),
                reply.shard.to_string(),
                reply.log_start.to_string(),
                reply.end.to_string(),
                reply.high_watermark.to_string(),
                reply.flushed.to_string(),
                reply.segments.len().to_string(),
                bytes(&reply.segments).to_string(),
                reply.directory,
            ],
            // The others are of use all the same.
            Err(error) => vec![place.index.to_string(), "?".to_owned(), explained(error).to_string()],
        });
    }
    table.print()
}

fn one(name: &str, index: i32, reply: &PartitionDescribeReply) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "partition:      {name}-{index}")?;
    writeln!(out, "shard:          {}", reply.shard)?;
    writeln!(out, "directory:      {}", reply.directory)?;
    writeln!(out, "beginning:      {}", reply.log_start)?;
    writeln!(out, "high watermark: {}", reply.high_watermark)?;
    writeln!(out, "synced:         {}", reply.flushed)?;
    writeln!(out, "end:            {}", reply.end)?;
    writeln!(out, "bytes:          {}", bytes(&reply.segments))?;
    writeln!(out)?;
    drop(out);
    let mut table = Table::default();
    table.row(["FIRST", "END", "BYTES", "NEWEST RECORD", "STATE", "FILE"].map(str::to_owned));
    for segment in &reply.segments {
        table.row([
            segment.base.to_string(),
            segment.end.to_string(),
            segment.bytes.to_string(),
            crate::moment::show(segment.max_timestamp.0),
            if segment.sealed { "sealed" } else { "active" }.to_owned(),
            segment.file.clone(),
        ]);
    }
    table.print()
}

fn bytes(segments: &[SegmentSummary]) -> u64 {
    segments.iter().map(|segment| segment.bytes).sum()
}
