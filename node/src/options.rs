//! What a node is told when it starts, and the bounds it keeps.

use crate::NewConfigs;
use core::{net::SocketAddr, time::Duration};
use ringlog_image::config::ConfigMap;
use ringlog_model::NodeId;
use ringlog_storage::{DirectoryConfig, StoreConfig};
use std::{collections::BTreeMap, path::PathBuf, rc::Rc, sync::Arc};

/// Everything a node needs to know. The command line fills it in; nothing below reads flags or the environment.
#[derive(Clone)]
pub struct NodeOptions {
    /// Who this node is in its cluster.
    pub node_id: NodeId,
    /// Its data directories. The first also holds what belongs to the node as a whole.
    pub data: Vec<PathBuf>,
    /// The controllers, in any order.
    pub controllers: Vec<SocketAddr>,
    /// Where Kafka clients come in. The first is the one that `ready` reports.
    pub kafka: Vec<ListenerOptions>,
    /// Where clients of Ringlog's own protocol come in.
    pub native: Vec<ListenerOptions>,
    /// Where health and metrics are served over HTTP; `None` switches it off (the simulator does).
    pub admin: Option<SocketAddr>,
    /// How many shards, each with a thread of its own.
    pub shards: u16,
    /// The processors the shards are pinned to, shard 0 first; empty means that nothing is pinned.
    pub processors: Vec<usize>,
    /// The bounds of each store: one per shard and data directory.
    pub store: StoreConfig,
    /// Bytes preallocated per data directory, to be given up when the disk is full.
    pub reserve_bytes: u64,
    /// The bounds on memory and time.
    pub limits: Limits,
    /// What is logged, where the process lets it be changed while it runs.
    pub log_levels: Option<Arc<dyn LogLevels>>,
    /// What new topics get and how segments are sized.
    pub defaults: TopicDefaults,
    /// What was said at the start under Kafka's names: the defaults of topics and groups below those that are set while
    /// nodes run, and what is shown to those who ask for the node's configs. What obeys them otherwise has its own place
    /// in these options.
    pub configs: ConfigMap,
    /// What the shards do for their logs in the background.
    pub housekeeping: Housekeeping,
    /// How consumer groups are coordinated.
    pub groups: GroupOptions,
}

impl NodeOptions {
    /// A node with one data directory, one shard and the usual bounds, without listeners.
    #[must_use]
    pub fn new(node_id: NodeId, data: impl Into<PathBuf>) -> NodeOptions {
        let data = data.into();
        NodeOptions {
            node_id,
            reserve_bytes: DirectoryConfig::new(&data).reserve_bytes,
            data: vec![data],
            controllers: Vec::new(),
            kafka: Vec::new(),
            native: Vec::new(),
            admin: None,
            shards: 1,
            processors: Vec::new(),
            store: StoreConfig::default(),
            limits: Limits::default(),
            log_levels: None,
            defaults: TopicDefaults::default(),
            configs: ConfigMap::new(),
            housekeeping: Housekeeping::default(),
            groups: GroupOptions::default(),
        }
    }
}

/// The log levels of the process: `error`, `warn`, `info`, `debug`, `trace` or `off`, by target. The target
/// `root` stands for all that have none of their own.
pub trait LogLevels: Send + Sync {
    /// All that are set, the root included.
    fn levels(&self) -> BTreeMap<String, String>;

    /// Sets the level of a target; none takes the target's own level away.
    ///
    /// # Errors
    /// What is wrong, in words, if the level is none or the root shall have none.
    fn set(&self, target: &str, level: Option<&str>) -> Result<(), String>;
}

impl dyn LogLevels {
    /// The target that stands for all others, by Kafka's name of it.
    pub const ROOT: &'static str = "root";
}

/// One listener: an address to bind, and what others are told to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerOptions {
    /// Its name, under which Metadata looks up the addresses of the other nodes. Listeners on several local
    /// addresses (IPv4 and IPv6) may share one name; the first of them is advertised.
    pub name: String,
    /// What to bind; port 0 picks a free one.
    pub bind: SocketAddr,
    /// What clients are told, if not the bound address. Required when that is a wildcard.
    pub advertised: Option<HostPort>,
    /// Whether the node starts without this listener when the address cannot be bound (`dev` on `[::1]`).
    pub optional: bool,
}

/// A host name or address with a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// A name or an address that clients can resolve.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl ListenerOptions {
    /// A listener that advertises what it binds.
    #[must_use]
    pub fn new(name: &str, bind: SocketAddr) -> ListenerOptions {
        ListenerOptions { name: name.to_owned(), bind, advertised: None, optional: false }
    }

    /// What clients are told once the listener is bound to `actual`; `None` for a wildcard without an advertised
    /// address, which no client could connect to.
    #[must_use]
    pub fn advertised(&self, actual: SocketAddr) -> Option<HostPort> {
        match &self.advertised {
            // Port 0 stands for "the port that was picked".
            Some(told) if told.port == 0 => Some(HostPort { host: told.host.clone(), port: actual.port() }),
            Some(told) => Some(told.clone()),
            None if actual.ip().is_unspecified() => None,
            None => Some(HostPort { host: actual.ip().to_string(), port: actual.port() }),
        }
    }
}

/// The bounds on memory and time, each with the reason for its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest request. Kafka's `socket.request.max.bytes`.
    pub request_bytes_max: u32,
    /// Bytes of requests in flight per connection, beyond which it is not read from; a single larger request is
    /// let through alone. A few batches of the usual size keep a connection busy.
    pub connection_bytes_max: usize,
    /// Requests in flight per connection, beyond which it is not read from. Producers keep five.
    pub connection_requests_max: usize,
    /// Bytes of requests in flight per shard, beyond which its connections are not read from.
    pub shard_bytes_max: usize,
    /// Bytes of record batches that responses of a shard may keep from being freed.
    pub shard_response_bytes_max: usize,
    /// Bytes of records in one fetch response, whatever the client asks for. Clients ask for up to 50 MiB (Java),
    /// which would let one connection that never reads pin as much.
    pub fetch_response_bytes_max: usize,
    /// How long a begun frame may take to arrive whole.
    pub frame_deadline: Duration,
    /// How long a response may make no progress before its connection is closed.
    pub send_deadline: Duration,
    /// How long a connection may be idle. Kafka's `connections.max.idle.ms`.
    pub idle_deadline: Duration,
    /// Connections of one node; one more is closed at once.
    pub connections_max: usize,
    /// Fetch sessions per shard (KIP-227), the least recently used one going first. Kafka's
    /// `max.incremental.fetch.session.cache.slots`.
    pub fetch_sessions_max: usize,
    /// How long a shutdown waits for requests in flight.
    pub shutdown_deadline: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            request_bytes_max: 100 << 20,
            connection_bytes_max: 8 << 20,
            connection_requests_max: 32,
            shard_bytes_max: 128 << 20,
            shard_response_bytes_max: 128 << 20,
            fetch_response_bytes_max: 16 << 20,
            frame_deadline: Duration::from_secs(30),
            send_deadline: Duration::from_secs(60),
            idle_deadline: Duration::from_secs(600),
            connections_max: 60_000,
            fetch_sessions_max: 1_000,
            shutdown_deadline: Duration::from_secs(10),
        }
    }
}

/// What a topic gets that does not say otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicDefaults {
    /// Whether Metadata creates a topic that a client asks for by name. Kafka's `auto.create.topics.enable`.
    pub auto_create: bool,
    /// Partitions of a topic created without a number. Kafka's `num.partitions`.
    pub partitions: i32,
    /// Replicas of a topic created without a number. Kafka's `default.replication.factor`.
    pub replication_factor: i16,
    /// Whether clients may delete topics. Kafka's `delete.topic.enable`.
    pub may_delete: bool,
    /// The largest internal segment: a bound below the topic's `segment.bytes`, so that `dev` stays small.
    pub segment_bytes_max: Option<u64>,
}

impl Default for TopicDefaults {
    fn default() -> TopicDefaults {
        TopicDefaults {
            auto_create: true,
            partitions: 1,
            replication_factor: 1,
            may_delete: true,
            segment_bytes_max: None,
        }
    }
}

/// Retention and compaction: when they look, and what they may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Housekeeping {
    /// How often logs are looked at for segments that have expired. Kafka's `log.retention.check.interval.ms`.
    pub retention_interval: Duration,
    /// How often compacted logs are looked at for something to compact. Kafka's `log.cleaner.backoff.ms`.
    pub compaction_interval: Duration,
    /// Memory of one shard for the keys of the log that it compacts, 24 bytes each: what does not fit is left for the
    /// next time. Kafka's `log.cleaner.dedupe.buffer.size`, which is shared by all.
    pub compaction_keys_bytes_max: usize,
    /// Bytes per second that one shard's compaction reads and writes. Kafka's
    /// `log.cleaner.io.max.bytes.per.second`.
    pub compaction_bytes_per_second: u64,
}

impl Default for Housekeeping {
    fn default() -> Housekeeping {
        Housekeeping {
            retention_interval: Duration::from_secs(300),
            compaction_interval: Duration::from_secs(15),
            compaction_keys_bytes_max: 32 << 20,
            compaction_bytes_per_second: 64 << 20,
        }
    }
}

/// Consumer groups: where they are kept, and their bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupOptions {
    /// Partitions of `__consumer_offsets` when it is created. Kafka's `offsets.topic.num.partitions`.
    pub offsets_topic_partitions: i32,
    /// Its segments. Kafka's `offsets.topic.segment.bytes`.
    pub offsets_topic_segment_bytes: u32,
    /// What the coordinators go by.
    pub coordinator: ringlog_coordinator::Config,
}

impl Default for GroupOptions {
    fn default() -> GroupOptions {
        GroupOptions {
            offsets_topic_partitions: 50,
            offsets_topic_segment_bytes: 100 << 20,
            coordinator: ringlog_coordinator::Config::default(),
        }
    }
}

/// How a started node is reached: addresses as bound.
#[derive(Clone, Debug)]
pub struct ReadyAddresses {
    /// Its Kafka listeners.
    pub kafka: Vec<SocketAddr>,
    /// Its native listeners.
    pub native: Vec<SocketAddr>,
    /// Its HTTP listener.
    pub admin: Option<SocketAddr>,
    /// Where configs are said anew to it, by its own process.
    pub new_configs: NewConfigs,
}

/// Called once, on shard 0, when the node is registered and serves.
pub type ReadyCallback = Rc<dyn Fn(&ReadyAddresses)>;

#[cfg(test)]
mod tests {
    use super::*;

    fn listener(bind: &str, advertised: Option<(&str, u16)>) -> ListenerOptions {
        let advertised = advertised.map(|(host, port)| HostPort { host: host.into(), port });
        ListenerOptions { advertised, ..ListenerOptions::new("KAFKA", bind.parse().unwrap()) }
    }

    #[test]
    fn a_wildcard_without_an_advertised_address_has_none() {
        let actual = "0.0.0.0:9092".parse().unwrap();
        assert_eq!(listener("0.0.0.0:9092", None).advertised(actual), None);
        let told = listener("0.0.0.0:9092", Some(("broker.example", 0))).advertised(actual).unwrap();
        assert_eq!(told, HostPort { host: "broker.example".into(), port: 9092 });
    }

    #[test]
    fn the_bound_port_is_advertised_in_place_of_port_zero() {
        let told = listener("127.0.0.1:0", None).advertised("127.0.0.1:4711".parse().unwrap()).unwrap();
        assert_eq!(told, HostPort { host: "127.0.0.1".into(), port: 4711 });
    }
}
