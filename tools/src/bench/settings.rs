//! What to do, the same in flags and in scenario files.

use super::schedule::Spacing;
use super::units::{Size, Span};
use super::workload::{Keys, Sizes};
use anyhow::{Result, bail};
use clap::{Args, Parser, ValueEnum};
use ringlog_batch::Compression;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Which protocol to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protocol {
    /// Ringlog's own
    Native,
    /// Kafka's: any broker that speaks it
    Kafka,
}

/// When a produce counts as acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub(crate) enum Acks {
    /// As soon as it is sent
    #[value(name = "0")]
    #[serde(rename = "0")]
    None,
    /// By the leader
    #[value(name = "1")]
    #[serde(rename = "1")]
    Leader,
    /// By all replicas in sync
    #[value(name = "all", alias = "-1")]
    #[serde(rename = "all")]
    All,
}

impl Acks {
    pub(crate) fn number(self) -> i16 {
        match self {
            Acks::None => 0,
            Acks::Leader => 1,
            Acks::All => -1,
        }
    }
}

/// Where a reader begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Beginning,
    End,
    Offset(i64),
}

super::units::as_text!(From);

impl std::str::FromStr for From {
    type Err = String;

    fn from_str(text: &str) -> Result<From, String> {
        match text {
            "beginning" => Ok(From::Beginning),
            "end" => Ok(From::End),
            _ => match text.parse() {
                Ok(offset) if offset >= 0 => Ok(From::Offset(offset)),
                _ => Err("a reader begins at the beginning, the end, or an offset".to_owned()),
            },
        }
    }
}

impl std::fmt::Display for From {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            From::Beginning => formatter.write_str("beginning"),
            From::End => formatter.write_str("end"),
            From::Offset(offset) => write!(formatter, "{offset}"),
        }
    }
}

#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Settings {
    /// A broker; the others are learned from it [default: 127.0.0.1:9092 for kafka, 127.0.0.1:9192 for native]
    #[arg(long, value_name = "HOST:PORT", help_heading = "Broker")]
    pub(crate) brokers: Option<String>,
    /// Which protocol to speak
    #[arg(long, value_enum, default_value = "kafka", help_heading = "Broker")]
    pub(crate) protocol: Protocol,

    /// The topic; created if it is not there
    #[arg(long, default_value = "ringlog-bench", value_name = "NAME", help_heading = "Topics")]
    pub(crate) topic: String,
    /// Topics; those after the first are NAME-2, NAME-3, ...
    #[arg(long, default_value_t = 1, value_name = "N", help_heading = "Topics")]
    pub(crate) topics: usize,
    /// Partitions of each topic [default: those it has, 1 if it is created]
    #[arg(long, value_name = "N", help_heading = "Topics")]
    pub(crate) partitions: Option<i32>,
    /// Replicas of each partition of a topic that is created [default: the cluster's]
    #[arg(long, default_value_t = -1, hide_default_value = true, value_name = "N", help_heading = "Topics")]
    pub(crate) replication_factor: i16,
    /// A configuration of a topic that is created; may be repeated
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Topics")]
    pub(crate) topic_config: Vec<String>,
    /// Delete the topics first if they are there
    #[arg(long, help_heading = "Topics")]
    pub(crate) fresh: bool,

    /// Producers, each with a connection to every leader
    #[arg(long, default_value_t = 1, value_name = "N", help_heading = "Who")]
    pub(crate) producers: usize,
    /// Consumers of a group, among whom the partitions are divided
    #[arg(long, default_value_t = 1, value_name = "N", help_heading = "Who")]
    pub(crate) consumers: usize,
    /// Groups of consumers, each of which reads everything
    #[arg(long, default_value_t = 1, value_name = "N", help_heading = "Who")]
    pub(crate) groups: usize,
    /// Consumers are members of the group of this name, which assigns the partitions and takes their offsets; with
    /// several groups those after the first are called NAME-2, NAME-3, ... (kafka)
    #[arg(long, value_name = "NAME", help_heading = "Who")]
    pub(crate) group: Option<String>,
    /// Connections of a producer to each leader, among which its partitions are divided; for `connections`: in all
    #[arg(long, default_value_t = 1, value_name = "N", help_heading = "Who")]
    pub(crate) connections: usize,
    /// Requests that a producer has in flight on a connection
    #[arg(long, default_value_t = 5, value_name = "N", help_heading = "Who")]
    pub(crate) in_flight: usize,

    /// Bytes of a record's value: SIZE, LEAST-MOST, or SIZE*WEIGHT,SIZE*WEIGHT,...
    #[arg(long, default_value = "1024", value_name = "SIZES", help_heading = "Records")]
    pub(crate) record_size: Sizes,
    /// Take the records from the lines of a file
    #[arg(long, value_name = "FILE", help_heading = "Records")]
    pub(crate) records_from: Option<PathBuf>,
    /// Keys: none, uniform:N, zipf:N or zipf:N,EXPONENT
    #[arg(long, default_value = "none", value_name = "KEYS", help_heading = "Records")]
    pub(crate) keys: Keys,
    /// Share of each record that a compressor can do away with, 0 to 1
    #[arg(long, default_value_t = 0.0, value_name = "SHARE", help_heading = "Records")]
    pub(crate) compressibility: f64,
    /// Compression of batches: none, gzip, snappy, lz4, zstd
    #[arg(long, default_value = "none", value_name = "CODEC", help_heading = "Records")]
    pub(crate) compression: String,
    /// Bytes of a batch, unless a single record is larger
    #[arg(long, default_value = "64KiB", value_name = "SIZE", help_heading = "Records")]
    pub(crate) batch_bytes: Size,
    /// How long a batch that is not full waits for more records, with --rate
    #[arg(long, default_value = "0", value_name = "TIME", help_heading = "Records")]
    pub(crate) linger: Span,
    /// When a record counts as acknowledged
    #[arg(long, value_enum, default_value = "all", help_heading = "Records")]
    pub(crate) acks: Acks,
    /// Number the batches of a producer, so that the broker refuses gaps and drops repetitions (kafka, acks=all)
    #[arg(long, help_heading = "Records")]
    pub(crate) idempotent: bool,

    /// Records a second, all producers together; latencies count from the intended send time [default: as many as go]
    #[arg(long, value_name = "N", help_heading = "How long and how fast")]
    pub(crate) rate: Option<f64>,
    /// How records of a fixed rate are spaced: even or poisson
    #[arg(long, default_value = "even", value_name = "KIND", help_heading = "How long and how fast")]
    pub(crate) arrivals: Spacing,
    /// How long to measure
    #[arg(long, default_value = "10s", value_name = "TIME", help_heading = "How long and how fast")]
    pub(crate) duration: Span,
    /// How long to run before that
    #[arg(long, default_value = "1s", value_name = "TIME", help_heading = "How long and how fast")]
    pub(crate) warm_up: Span,
    /// End after this many records
    #[arg(long, value_name = "N", help_heading = "How long and how fast")]
    pub(crate) records: Option<u64>,
    /// Search the highest rate whose p99 stays under this (produce); --duration is the length of a step
    #[arg(long, value_name = "TIME", help_heading = "How long and how fast")]
    pub(crate) ramp_p99: Option<Span>,
    /// How long to wait for what is still on its way at the end
    #[arg(long, default_value = "30s", value_name = "TIME", help_heading = "How long and how fast")]
    pub(crate) drain: Span,

    /// Where consumers begin: beginning, end, or an offset (consume)
    #[arg(long, default_value = "beginning", value_name = "WHERE", help_heading = "Reading")]
    pub(crate) from: From,
    /// Bytes that a partition may be sent ahead of what was asked for or consumed
    #[arg(long, default_value = "1MiB", value_name = "SIZE", help_heading = "Reading")]
    pub(crate) fetch_bytes: Size,
    /// How long a broker may wait for records before it answers a fetch (kafka)
    #[arg(long, default_value = "500ms", value_name = "TIME", help_heading = "Reading")]
    pub(crate) fetch_wait: Span,
    /// Read back and check what was produced (produce)
    #[arg(long, help_heading = "Reading")]
    pub(crate) verify: bool,
    /// What is written before the cold readers start (catchup)
    #[arg(long, default_value = "1GiB", value_name = "SIZE", help_heading = "Reading")]
    pub(crate) preload: Size,
    /// Numbers of partitions to compare (partitions)
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 128, 1000], value_name = "N,N,...", help_heading = "Topics")]
    pub(crate) counts: Vec<i32>,

    /// Generator threads
    #[arg(long, default_value_t = 1, value_name = "N", help_heading = "Generator")]
    pub(crate) threads: usize,
    /// What random choices are derived from
    #[arg(long, default_value_t = 1, value_name = "N", help_heading = "Generator")]
    pub(crate) seed: u64,
}

/// The most of anything that is counted in connections; the kernel has as many ports for one address.
const MANY: usize = 60_000;

impl Settings {
    pub(crate) fn broker(&self) -> &str {
        match (&self.brokers, self.protocol) {
            (Some(brokers), _) => brokers,
            (None, Protocol::Kafka) => "127.0.0.1:9092",
            (None, Protocol::Native) => "127.0.0.1:9192",
        }
    }

    pub(crate) fn topic_names(&self) -> Vec<String> {
        let further = (2..=self.topics).map(|number| format!("{}-{number}", self.topic));
        std::iter::once(self.topic.clone()).chain(further).collect()
    }

    pub(crate) fn codec(&self) -> Result<Compression> {
        match Compression::from_name(&self.compression) {
            Some(codec) => Ok(codec),
            None => bail!("there is no compression {:?}: none, gzip, snappy, lz4, zstd", self.compression),
        }
    }

    pub(crate) fn configs(&self) -> Result<Vec<(String, String)>> {
        let pair = |text: &String| match text.split_once('=') {
            Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
            None => bail!("{text:?} is not KEY=VALUE"),
        };
        self.topic_config.iter().map(pair).collect()
    }

    /// Refuses what cannot be run, whether it came from flags or from a file.
    pub(crate) fn check(&self) -> Result<()> {
        for (name, number, most) in [
            ("topics", self.topics, 10_000),
            ("producers", self.producers, MANY),
            ("consumers", self.consumers, MANY),
            ("groups", self.groups, MANY),
            ("connections", self.connections, MANY),
            ("in-flight", self.in_flight, 1_000),
            ("threads", self.threads, 256),
        ] {
            if number == 0 || number > most {
                bail!("--{name} is between 1 and {most}, not {number}");
            }
        }
        if self.partitions.is_some_and(|partitions| partitions < 1)
            || self.counts.iter().any(|&count| count < 1)
        {
            bail!("a topic has at least one partition");
        }
        if !(0.0..=1.0).contains(&self.compressibility) {
            bail!("--compressibility is between 0 and 1, not {}", self.compressibility);
        }
        if self.rate.is_some_and(|rate| !(rate > 0.0 && rate < 1e9)) {
            bail!("--rate is above zero and below a thousand million");
        }
        if self.duration.nanos() == 0 {
            bail!("--duration is above zero");
        }
        if self.batch_bytes.bytes() > 64 << 20 || self.record_size.largest() > 64 << 20 {
            bail!("records and batches are at most 64MiB");
        }
        if self.idempotent
            && (self.protocol != Protocol::Kafka || self.acks != Acks::All || self.in_flight > 5)
        {
            bail!("--idempotent goes with --protocol kafka, --acks all and at most 5 requests in flight");
        }
        if self.group.is_some() && self.protocol != Protocol::Kafka {
            bail!("--group goes with --protocol kafka");
        }
        self.codec()?;
        self.configs()?;
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Settings {
        #[derive(Parser)]
        struct Nothing {
            #[command(flatten)]
            settings: Settings,
        }
        Nothing::parse_from(["bench"]).settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_files_have_the_same_defaults() {
        let from_file: Settings = toml::from_str("").unwrap();
        assert_eq!(format!("{from_file:?}"), format!("{:?}", Settings::default()));
        from_file.check().unwrap();
    }

    #[test]
    fn a_file_says_what_flags_say() {
        let settings: Settings = toml::from_str(
            "protocol = 'native'\nrecord-size = 100\nbatch-bytes = '1MiB'\nduration = '3s'\nacks = '1'\nkeys = 'zipf:10'\n\
             topic-config = ['a=b']\nrate = 5000.0\n",
        )
        .unwrap();
        assert_eq!(settings.protocol, Protocol::Native);
        assert_eq!(settings.record_size, Sizes::Fixed(100));
        assert_eq!(settings.batch_bytes, Size(1 << 20));
        assert_eq!(settings.configs().unwrap(), [("a".to_owned(), "b".to_owned())]);
        let again: Settings = toml::from_str(&toml::to_string(&settings).unwrap()).unwrap();
        assert_eq!(format!("{again:?}"), format!("{settings:?}"));
        assert!(toml::from_str::<Settings>("durations = '3s'").is_err(), "a misspelt setting is refused");
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        for wrong in [
            "producers = 0",
            "threads = 0",
            "partitions = 0",
            "compressibility = 2.0",
            "rate = 0.0",
            "duration = '0s'",
            "compression = 'rar'",
            "topic-config = ['x']",
            "idempotent = true\nacks = '1'",
            "idempotent = true\nin-flight = 6",
            "group = 'g'\nprotocol = 'native'",
        ] {
            assert!(toml::from_str::<Settings>(wrong).unwrap().check().is_err(), "{wrong}");
        }
    }
}
