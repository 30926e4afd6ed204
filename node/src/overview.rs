//! The node at one moment, as `GET /overview` tells it: what `ringlog top` shows.
//!
//! Numbers that only grow are counted from the node's start; whoever asks twice knows the rates. Fields are added,
//! never changed; readers take what they know.

use serde::{Deserialize, Serialize};

/// The node at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overview {
    /// The node's number.
    pub node: i32,
    /// The cluster, once it is known.
    pub cluster: Option<String>,
    /// The node's version.
    pub version: String,
    /// When, in microseconds of a clock that never jumps.
    pub micros: u64,
    /// Processor time of the process in microseconds.
    pub cpu_micros: u64,
    /// Memory that the process occupies.
    pub resident_bytes: u64,
    /// By number.
    pub shards: Vec<ShardOverview>,
    /// By name.
    pub topics: Vec<TopicOverview>,
    /// By name.
    pub groups: Vec<GroupOverview>,
}

/// One shard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShardOverview {
    /// Its number.
    pub shard: u16,
    /// Whether it answered in time. If not, its partitions are missing.
    pub responds: bool,
    /// Processor time of its thread in microseconds.
    pub cpu_micros: u64,
    /// Connections that are open.
    pub connections: u64,
    /// Partitions that it owns.
    pub partitions: u64,
    /// Requests received.
    pub requests: u64,
    /// Bytes of batches appended.
    pub appended_bytes: u64,
    /// Bytes of batches read for consumers.
    pub fetched_bytes: u64,
    /// Messages of other shards that wait.
    pub mailbox: u64,
    /// Appends that wait or are not acknowledged.
    pub appends_waiting: u64,
    /// Bytes accepted and not durable yet.
    pub unflushed_bytes: u64,
    /// Syncs in microseconds, in the buckets of the node's histograms.
    pub sync: Vec<u64>,
    /// Produce requests in microseconds, likewise.
    pub produce: Vec<u64>,
}

/// One topic, its partitions on this node together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TopicOverview {
    /// Its name.
    pub name: String,
    /// Partitions on this node.
    pub partitions: u64,
    /// Offsets that there are, from the logs' starts to their ends.
    pub records: u64,
    /// The logs' ends, added up: grows by one for each record produced.
    pub end_offsets: u64,
    /// Bytes of batches in the logs.
    pub log_bytes: u64,
    /// Bytes of batches appended.
    pub appended_bytes: u64,
    /// Bytes of batches read for consumers.
    pub fetched_bytes: u64,
}

/// One group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupOverview {
    /// Its name.
    pub group: String,
    /// Kafka's name of its state.
    pub state: String,
    /// Members that it has.
    pub members: u64,
    /// By topic.
    pub topics: Vec<GroupTopicOverview>,
}

/// How far behind a group is in one topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupTopicOverview {
    /// The topic.
    pub topic: String,
    /// Partitions with a committed offset.
    pub partitions: u64,
    /// Records behind the committed offsets.
    pub lag: u64,
}

impl GroupOverview {
    /// Records behind the committed offsets, in all topics.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.topics.iter().map(|topic| topic.lag).sum()
    }
}
