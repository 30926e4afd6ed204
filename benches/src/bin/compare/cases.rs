//! What is compared, and what it is measured against.

use crate::servers::Server;

/// One line of the comparison, run on each of its servers in turn.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// Flags of `ringlog bench`.
    pub(crate) arguments: &'static str,
    pub(crate) servers: &'static [Server],
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The generator's run is the measurement.
    Plain,
    /// At half the rate that Ringlog reached in another case.
    HalfOf(&'static str),
    /// So much is written first, and its pages are dropped from memory, before the measurement reads it.
    Cold,
    /// A fixed rate of small records, while somebody else reads as above.
    BesideCold,
}

const ALL: &[Server] =
    &[Server::Ringlog, Server::RinglogNative, Server::Floor, Server::Kafka, Server::KafkaFlush];
const OWN: &[Server] = &[Server::Ringlog, Server::RinglogNative, Server::Floor];
const KAFKA_PROTOCOL: &[Server] = &[Server::Ringlog, Server::Floor, Server::Kafka];
const WITH_PEERS: &[Server] = &[Server::Ringlog, Server::Floor, Server::Kafka, Server::KafkaFlush];
const BASIC: &[Server] = &[Server::Ringlog, Server::Floor];

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "produce-1",
        what: "64 KiB batches, 4 producers, 1 partition",
        arguments: "produce --partitions 1 --producers 4 --batch-bytes 64KiB",
        servers: ALL,
        kind: Kind::Plain,
    },
    Case {
        name: "produce-16",
        what: "64 KiB batches, 4 producers, 16 partitions",
        arguments: "produce --partitions 16 --producers 4 --batch-bytes 64KiB",
        servers: ALL,
        kind: Kind::Plain,
    },
    Case {
        name: "small-500",
        what: "500 producers, single records of 1 KiB, 1 in flight each",
        arguments: "produce --partitions 16 --producers 500 --batch-bytes 1 --in-flight 1",
        servers: ALL,
        kind: Kind::Plain,
    },
    Case {
        name: "small-500-half",
        what: "the same at half of Ringlog's rate, open loop",
        arguments: "produce --partitions 16 --producers 500 --batch-bytes 1",
        servers: BASIC,
        kind: Kind::HalfOf("small-500"),
    },
    Case {
        name: "rate-5000",
        what: "5,000 records/s of 1 KiB one by one, 4 partitions, 16 connections, open loop",
        arguments: "produce --partitions 4 --producers 16 --batch-bytes 1 --rate 5000",
        servers: ALL,
        kind: Kind::Plain,
    },
    Case {
        name: "tail-0",
        what: "40,000 records/s in batches of up to 1 ms, 4 partitions, nobody reads",
        arguments: "produce --partitions 4 --producers 1 --rate 40000 --linger 1ms",
        servers: KAFKA_PROTOCOL,
        kind: Kind::Plain,
    },
    Case {
        name: "tail-1",
        what: "the same with 1 consumer; latency end to end",
        arguments: "mixed --partitions 4 --producers 1 --rate 40000 --linger 1ms",
        servers: KAFKA_PROTOCOL,
        kind: Kind::Plain,
    },
    Case {
        name: "tail-8",
        what: "the same with 8 consumers that each read all",
        arguments: "fanout --partitions 4 --producers 1 --groups 8 --rate 40000 --linger 1ms",
        servers: KAFKA_PROTOCOL,
        kind: Kind::Plain,
    },
    Case {
        name: "cold",
        what: "catch-up: reading what is not in memory, 4 partitions, 2 consumers",
        arguments: "consume --consumers 2 --fetch-bytes 4MiB",
        servers: KAFKA_PROTOCOL,
        kind: Kind::Cold,
    },
    Case {
        name: "cold-beside",
        what: "5,000 records/s one by one while somebody catches up on another topic",
        arguments: "produce --partitions 4 --producers 16 --batch-bytes 1 --rate 5000",
        servers: BASIC,
        kind: Kind::BesideCold,
    },
    Case {
        name: "partitions-1",
        what: "batches of 4 KiB, 8 producers with 16 in flight, 1 partition",
        arguments: "produce --partitions 1 --producers 8 --batch-bytes 4KiB --in-flight 16",
        servers: BASIC,
        kind: Kind::Plain,
    },
    Case {
        name: "partitions-1000",
        what: "the same round robin over 1,000 partitions",
        arguments: "produce --partitions 1000 --producers 8 --batch-bytes 4KiB --in-flight 16",
        servers: WITH_PEERS,
        kind: Kind::Plain,
    },
    Case {
        name: "batch-64k",
        what: "64 KiB batches, 4 producers, 4 partitions",
        arguments: "produce --partitions 4 --producers 4 --batch-bytes 64KiB",
        servers: OWN,
        kind: Kind::Plain,
    },
    Case {
        name: "batch-1m",
        what: "1 MiB batches, 4 producers, 4 partitions",
        arguments: "produce --partitions 4 --producers 4 --batch-bytes 1MiB --in-flight 2",
        servers: OWN,
        kind: Kind::Plain,
    },
    Case {
        name: "single-8",
        what: "single records of 1 KiB, 8 producers, 1 in flight each",
        arguments: "produce --partitions 8 --producers 8 --batch-bytes 1 --in-flight 1",
        servers: OWN,
        kind: Kind::Plain,
    },
    Case {
        name: "single-64",
        what: "single records of 1 KiB, 64 producers, 1 in flight each",
        arguments: "produce --partitions 16 --producers 64 --batch-bytes 1 --in-flight 1",
        servers: OWN,
        kind: Kind::Plain,
    },
    Case {
        name: "batch-64k-written",
        what: "64 KiB batches, 4 producers, 4 partitions, acknowledged when written, not synced",
        arguments: "produce --partitions 4 --producers 4 --batch-bytes 64KiB",
        servers: &[Server::RinglogWritten, Server::FloorWritten],
        kind: Kind::Plain,
    },
    Case {
        name: "read-64k",
        what: "reading 64 KiB batches just written, 4 partitions, 4 consumers",
        arguments: "consume --consumers 4 --fetch-bytes 64KiB",
        servers: BASIC,
        kind: Kind::Plain,
    },
];

/// What `ringlog bench` is to write first for a case that reads.
pub(crate) const PRELOAD: &str = "produce --partitions 4 --producers 4 --batch-bytes 64KiB --warm-up 0s";

/// Apache Iggy 0.9-edge over TCP on this kind of machine, measured with its own generator (issue 4): megabytes and
/// messages a second, latencies, server CPU.
pub(crate) struct Quoted {
    pub(crate) case: &'static str,
    pub(crate) records_per_s: Option<f64>,
    pub(crate) mb_per_s: Option<f64>,
    pub(crate) p50_us: Option<f64>,
    pub(crate) p99_us: Option<f64>,
    pub(crate) server_cpu_s_per_gb: Option<f64>,
}

pub(crate) const IGGY: &[Quoted] = &[
    quoted("batch-64k", None, Some(295.0), Some(460.0), Some(5000.0), Some(3.3)),
    quoted("batch-1m", None, Some(577.0), None, Some(18_600.0), Some(1.7)),
    quoted("single-8", Some(20_700.0), None, None, Some(1500.0), None),
    quoted("single-64", Some(39_200.0), None, Some(2100.0), Some(6800.0), None),
    quoted("batch-64k-written", None, Some(698.0), None, None, Some(2.3)),
    quoted("read-64k", None, Some(277.0), None, None, Some(6.0)),
];

const fn quoted(
    case: &'static str,
    records_per_s: Option<f64>,
    mb_per_s: Option<f64>,
    p50_us: Option<f64>,
    p99_us: Option<f64>,
    server_cpu_s_per_gb: Option<f64>,
) -> Quoted {
    Quoted { case, records_per_s, mb_per_s, p50_us, p99_us, server_cpu_s_per_gb }
}

impl Quoted {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "case": self.case,
            "records_per_s": self.records_per_s,
            "mb_per_s": self.mb_per_s,
            "p50_us": self.p50_us,
            "p99_us": self.p99_us,
            "server_cpu_s_per_gb": self.server_cpu_s_per_gb,
        })
    }
}
