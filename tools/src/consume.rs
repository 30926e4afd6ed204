//! `ringlog consume TOPIC`

use crate::format::Format;
use crate::moment;
use crate::native::{NativeArguments, explained};
use anyhow::{Result, bail};
use clap::Args;
use ringlog_batch::Scratch;
use ringlog_client::{Client, Consumer, ConsumerOptions, Delivered, Start};
use ringlog_model::{Offset, PartitionIndex, Timestamp};
use ringlog_native::body::{Isolation, OffsetQuery, TopicPlace};
use std::collections::BTreeMap;
use std::io::{BufWriter, StdoutLock, Write, stdout};

#[derive(Args)]
#[command(after_help = "\
Examples:
  ringlog consume orders                              all records, then end
  ringlog consume orders --from end --follow          what comes from now on
  ringlog consume orders --from -10                   the last ten of each partition
  ringlog consume orders --from 2026-01-31T12:00:00Z --format '%T %k: %s\\n'

Format: %t topic, %p partition, %o offset, %T timestamp (ms), %k key, %K its length, %s value, %S its
length, %h headers, %% a percent sign; \\n \\r \\t \\0 \\\\ \\xHH. A null key or value has the length -1.")]
pub(crate) struct ConsumeArguments {
    /// The topic's name
    topic: String,
    /// Where to begin: beginning, end, an offset, -N for N before the end, a date or time (UTC unless it names a
    /// zone), or @MILLISECONDS since 1970
    #[arg(long, default_value = "beginning", value_parser = from, allow_hyphen_values = true, value_name = "WHERE")]
    from: From,
    /// Only this partition; may be repeated [default: all]
    #[arg(long, short, value_name = "N")]
    partition: Vec<i32>,
    /// End after this many records
    #[arg(long, short, value_name = "N")]
    count: Option<u64>,
    /// Wait for more records instead of ending at the topic's end
    #[arg(long, short)]
    follow: bool,
    /// How to print a record, as kcat's -f
    #[arg(long, default_value = r"%s\n", value_parser = Format::parse)]
    format: Format,
    #[command(flatten)]
    native: NativeArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Start(Start),
    BeforeEnd(i64),
}

fn from(text: &str) -> Result<From, String> {
    let number = |digits: &str| digits.parse::<i64>().ok().filter(|number| *number >= 0);
    Ok(match text {
        "beginning" => From::Start(Start::Beginning),
        "end" => From::Start(Start::End),
        _ => {
            let timestamp = |at| From::Start(Start::Timestamp(Timestamp(at)));
            let found = if let Some(before) = text.strip_prefix('-') {
                number(before).map(From::BeforeEnd)
            } else if let Some(milliseconds) = text.strip_prefix('@') {
                number(milliseconds).map(timestamp)
            } else {
                number(text)
                    .map(|offset| From::Start(Start::Offset(Offset(offset))))
                    .or_else(|| moment::parse(text).map(timestamp))
            };
            found.ok_or("neither beginning, end, an offset, -N, a date or time, nor @MILLISECONDS")?
        }
    })
}

pub(crate) fn run(arguments: ConsumeArguments) -> Result<()> {
    let native = arguments.native.clone();
    native.run(|client| consume(client, arguments))
}

async fn consume(client: Client, arguments: ConsumeArguments) -> Result<()> {
    let topic = client.topic(&arguments.topic).await.map_err(explained)?;
    let partitions: Vec<PartitionIndex> = if arguments.partition.is_empty() {
        topic.partitions.iter().map(|place| place.index).collect()
    } else {
        arguments.partition.iter().copied().map(PartitionIndex).collect()
    };
    let mut starts = Vec::new();
    for &partition in &partitions {
        starts.push((partition, start(&client, &topic, partition, arguments.from).await?));
    }
    let options = ConsumerOptions::default();
    let consumer = Consumer::open(&client, &arguments.topic, &starts, options).await.map_err(explained)?;
    let mut ends = BTreeMap::new();
    if !arguments.follow {
        for (&partition, &start) in consumer.starts() {
            let end = offset(&client, &topic, partition, OffsetQuery::End).await?;
            if start < end {
                ends.insert(partition, end);
            } else if start > end {
                bail!("offset {start} of partition {partition} is behind its end, {end}");
            }
        }
        if ends.is_empty() {
            return Ok(());
        }
    }
    print(&consumer, &arguments, ends).await
}

async fn start(client: &Client, topic: &TopicPlace, partition: PartitionIndex, from: From) -> Result<Start> {
    let count = match from {
        From::Start(start) => return Ok(start),
        From::BeforeEnd(count) => count,
    };
    let end = offset(client, topic, partition, OffsetQuery::End).await?;
    let beginning = offset(client, topic, partition, OffsetQuery::Beginning).await?;
    Ok(Start::Offset(end.plus(-count).max(beginning)))
}

async fn offset(
    client: &Client,
    topic: &TopicPlace,
    partition: PartitionIndex,
    query: OffsetQuery,
) -> Result<Offset> {
    let found = client.list_offset(topic, partition, query, Isolation::ReadUncommitted).await;
    Ok(found.map_err(explained)?.offset)
}

/// Prints until the count is reached, or every partition has reached the end it had when this began.
async fn print(
    consumer: &Consumer,
    arguments: &ConsumeArguments,
    mut ends: BTreeMap<PartitionIndex, Offset>,
) -> Result<()> {
    let mut left = arguments.count.unwrap_or(u64::MAX);
    let mut scratch = Scratch::new();
    let mut out = BufWriter::new(stdout().lock());
    while left > 0 {
        let delivered = consumer.next().await.map_err(explained)?;
        let partition = delivered.partition;
        let end = match ends.get(&partition) {
            Some(&end) => end,
            None if arguments.follow => Offset(i64::MAX),
            None => continue,
        };
        print_delivered(&delivered, arguments, end, &mut left, &mut scratch, &mut out)?;
        out.flush()?;
        if delivered.deliver.next >= end {
            ends.remove(&partition);
            if ends.is_empty() {
                break;
            }
        }
    }
    Ok(())
}

fn print_delivered(
    delivered: &Delivered,
    arguments: &ConsumeArguments,
    end: Offset,
    left: &mut u64,
    scratch: &mut Scratch,
    out: &mut BufWriter<StdoutLock<'_>>,
) -> Result<()> {
    let mut written = Ok(());
    delivered
        .visit(scratch, |record| {
            if *left == 0 || record.offset >= end {
                return false;
            }
            *left -= 1;
            written = arguments.format.write(out, &arguments.topic, delivered.partition, &record);
            written.is_ok()
        })
        .map_err(explained)?;
    Ok(written?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_say_where_to_begin_is_understood() {
        for (text, expected) in [
            ("beginning", From::Start(Start::Beginning)),
            ("end", From::Start(Start::End)),
            ("17", From::Start(Start::Offset(Offset(17)))),
            ("-10", From::BeforeEnd(10)),
            ("@1000", From::Start(Start::Timestamp(Timestamp(1000)))),
            ("1970-01-02", From::Start(Start::Timestamp(Timestamp(86_400_000)))),
        ] {
            assert_eq!(from(text), Ok(expected), "{text}");
        }
        for text in ["", "first", "--5", "@-1", "1970-13-01"] {
            assert!(from(text).is_err(), "{text}");
        }
    }
}
