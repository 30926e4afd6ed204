//! `ringlog produce TOPIC`

use crate::native::{NativeArguments, explained};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use ringlog_batch::Compression;
use ringlog_client::{Acknowledged, Client, ClientError, OutgoingRecord, Producer, ProducerOptions};
use ringlog_model::{PartitionIndex, Timestamp};
use ringlog_native::body::{Acks, Met};
use std::collections::VecDeque;
use std::io::{self, Read, Write, stderr, stdin};
use std::time::Duration;

#[derive(Args)]
#[command(after_help = "\
Examples:
  echo hello | ringlog produce greetings
  printf 'alice:one\\nbob:two\\n' | ringlog produce orders --key-separator :
  ringlog produce clicks --compression zstd --acks 1 < clicks.txt

Every line of standard input is one record. Done means acknowledged: with the defaults, on disk.")]
pub(crate) struct ProduceArguments {
    /// The topic's name
    topic: String,
    /// What stands between key and value; lines without it are values without a key
    #[arg(long, short, value_name = "TEXT")]
    key_separator: Option<String>,
    /// The partition of all records [default: by key, or spread]
    #[arg(long, short, value_name = "N")]
    partition: Option<i32>,
    /// What an acknowledgement waits for: nothing, the leader, or all replicas in sync
    #[arg(long, value_enum, default_value = "all")]
    acks: AcksName,
    /// How batches are compressed
    #[arg(long, value_enum, default_value = "none")]
    compression: CompressionName,
    /// How long a record may take to be acknowledged, with retries
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    timeout: u64,
    /// Say on standard error what was written and how durable it is
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    native: NativeArguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum AcksName {
    #[value(name = "0", alias = "none")]
    None,
    #[value(name = "1", alias = "leader")]
    Leader,
    #[value(name = "all", alias = "-1")]
    All,
}

#[derive(Clone, Copy, ValueEnum)]
enum CompressionName {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl ProduceArguments {
    fn options(&self) -> ProducerOptions {
        ProducerOptions {
            acks: match self.acks {
                AcksName::None => Acks::None,
                AcksName::Leader => Acks::Leader,
                AcksName::All => Acks::All,
            },
            compression: match self.compression {
                CompressionName::None => Compression::None,
                CompressionName::Gzip => Compression::Gzip,
                CompressionName::Snappy => Compression::Snappy,
                CompressionName::Lz4 => Compression::Lz4,
                CompressionName::Zstd => Compression::Zstd,
            },
            batch_bytes: 256 * 1024,
            delivery_timeout: Duration::from_secs(self.timeout.max(1)),
            request_timeout: Duration::from_secs(self.timeout.clamp(1, 30)),
            idempotent: !matches!(self.acks, AcksName::None),
            ..ProducerOptions::default()
        }
    }
}

pub(crate) fn run(arguments: ProduceArguments) -> Result<()> {
    let native = arguments.native.clone();
    native.run(|client| produce(client, arguments))
}

async fn produce(client: Client, arguments: ProduceArguments) -> Result<()> {
    let producer = Producer::open(&client, &arguments.topic, arguments.options()).await.map_err(explained)?;
    let mut tally = Tally::default();
    let mut lines = Lines::default();
    while !lines.has_ended && tally.first_error.is_none() {
        let read = client.reactor().run_blocking(move || lines.read()).await;
        let (rest, arrived) = read.context("cannot read standard input")?;
        lines = rest;
        for line in &arrived {
            match producer.send(&record(line, &arguments)).await {
                Ok(sent) => tally.waiting.push_back(sent),
                Err(error) => tally.fail(error),
            }
        }
        tally.settle_known().await;
        warn(&producer, &mut tally);
    }
    finish(&client, &producer, &mut tally).await?;
    tally.report(&arguments)
}

/// Waits for everything that was sent, and says meanwhile what keeps it waiting.
async fn finish(client: &Client, producer: &Producer, tally: &mut Tally) -> Result<()> {
    let flush = producer.flush();
    let mut flush = std::pin::pin!(flush);
    loop {
        match client.reactor().timeout(Duration::from_secs(1), flush.as_mut()).await {
            Ok(flushed) => break flushed.map_err(explained)?,
            Err(_) => warn(producer, tally),
        }
    }
    while let Some(sent) = tally.waiting.pop_front() {
        tally.settle(sent).await;
    }
    Ok(())
}

/// Says what is being retried, once for each cause.
fn warn(producer: &Producer, tally: &mut Tally) {
    if let Some(trouble) = producer.take_trouble()
        && tally.trouble.as_ref() != Some(&trouble)
    {
        let _ = writeln!(stderr(), "ringlog: trying again: {trouble}");
        tally.trouble = Some(trouble);
    }
}

fn record<'a>(line: &'a [u8], arguments: &ProduceArguments) -> OutgoingRecord<'a> {
    let separator = arguments.key_separator.as_deref().unwrap_or_default().as_bytes();
    let at = (!separator.is_empty())
        .then(|| line.windows(separator.len()).position(|window| window == separator))
        .flatten();
    let (key, value) = match at {
        Some(at) => (Some(&line[..at]), &line[at + separator.len()..]),
        None => (None, line),
    };
    OutgoingRecord {
        partition: arguments.partition.map(PartitionIndex),
        timestamp: Timestamp::NONE,
        key,
        value: Some(value),
        headers: &[],
    }
}

/// Cuts standard input into lines as it arrives: typed lines are sent one by one, files and pipes in larger pieces.
#[derive(Default)]
struct Lines {
    /// The beginning of a line whose end has not arrived.
    begun: Vec<u8>,
    has_ended: bool,
}

impl Lines {
    /// Waits for input. The lines are complete, but for the last one of an input that does not end with a newline.
    fn read(mut self) -> io::Result<(Lines, Vec<Vec<u8>>)> {
        let mut piece = vec![0; 64 * 1024];
        let count = stdin().lock().read(&mut piece)?;
        self.has_ended = count == 0;
        let lines = self.take(&piece[..count]);
        Ok((self, lines))
    }

    fn take(&mut self, piece: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let mut line = std::mem::take(&mut self.begun);
            line.extend_from_slice(&rest[..end]);
            lines.push(line);
            rest = &rest[end + 1..];
        }
        self.begun.extend_from_slice(rest);
        if self.has_ended && !self.begun.is_empty() {
            lines.push(std::mem::take(&mut self.begun));
        }
        lines
    }
}

/// What became of the records.
#[derive(Default)]
struct Tally {
    waiting: VecDeque<Acknowledged>,
    acknowledged: u64,
    failed: u64,
    first_error: Option<ClientError>,
    /// What was last said to be retried.
    trouble: Option<ClientError>,
    /// What every receipt so far has met, and on how many replicas at least.
    met: Option<(Met, u16)>,
}

impl Tally {
    fn fail(&mut self, error: ClientError) {
        self.failed += 1;
        self.first_error.get_or_insert(error);
    }

    /// Takes the acknowledgements that have come, so that they need not be kept.
    async fn settle_known(&mut self) {
        while self.waiting.front().is_some_and(Acknowledged::is_known) {
            let Some(sent) = self.waiting.pop_front() else { return };
            self.settle(sent).await;
        }
    }

    async fn settle(&mut self, sent: Acknowledged) {
        if let Some(receipt) = sent.receipt() {
            let (met, replicas) = self.met.get_or_insert((receipt.met, receipt.replicas));
            *met = Met(met.0 & receipt.met.0);
            *replicas = receipt.replicas.min(*replicas);
        }
        match sent.wait().await {
            Ok(_) => self.acknowledged += 1,
            Err(error) => self.fail(error),
        }
    }

    fn report(self, arguments: &ProduceArguments) -> Result<()> {
        if arguments.verbose {
            let (count, topic) = (self.acknowledged, &arguments.topic);
            let plural = |count: u64| if count == 1 { "" } else { "s" };
            let durability = match self.met {
                Some((met, replicas)) => {
                    let reached = if met.contains(Met::SYNCED) { "synced" } else { "written" };
                    format!("{reached} on {replicas} replica{}", plural(replicas.into()))
                }
                None => "without acknowledgement".to_owned(),
            };
            writeln!(stderr(), "{count} record{} to {topic}, {durability}", plural(count))?;
        }
        match self.first_error {
            None => Ok(()),
            Some(error) => {
                let (failed, all) = (self.failed, self.failed + self.acknowledged);
                bail!("{failed} of {all} records were not acknowledged: {:#}", explained(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_cut_into_lines_wherever_it_is_split() {
        let text = b"one\n\nthree\nlast";
        for split in 0..=text.len() {
            let mut lines = Lines::default();
            let mut found = lines.take(&text[..split]);
            found.extend(lines.take(&text[split..]));
            lines.has_ended = true;
            found.extend(lines.take(b""));
            assert_eq!(found, [&b"one"[..], b"", b"three", b"last"]);
        }
    }
}
