//! What a controller is told when it starts.

use ringlog_decide::TopicDefaults;
use ringlog_model::ControllerId;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Everything a controller needs to know. The command line fills it in; nothing below reads flags or the environment.
#[derive(Clone, Debug)]
pub struct ControllerOptions {
    /// Which voter of the quorum this is. Its data directory remembers it.
    pub id: ControllerId,
    /// The data directory, an absolute path.
    pub data: PathBuf,
    /// Where nodes and the other controllers come in; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The cluster listeners of all voters, this one included or not; empty for a quorum of one. Which voters there are
    /// counts when the quorum is formed, their addresses count always.
    pub peers: BTreeMap<ControllerId, SocketAddr>,
    /// What topics get that do not say otherwise.
    pub topics: TopicDefaults,
    /// How often, and how patiently.
    pub timing: Timing,
}

/// How often, and how patiently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How often a node says that it lives. Kafka's `broker.heartbeat.interval.ms`.
    pub node_heartbeat: Duration,
    /// After how long without that others lead what it led. Kafka's `broker.session.timeout.ms`.
    pub node_lease: Duration,
    /// How often the leader of the quorum says that it lives, where there are others.
    pub quorum_heartbeat: Duration,
    /// After how long without that another voter stands for election; a random part of as much again is added. Kafka's
    /// `controller.quorum.election.timeout.ms`.
    pub quorum_election: Duration,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            node_heartbeat: Duration::from_secs(2),
            node_lease: Duration::from_secs(9),
            quorum_heartbeat: Duration::from_millis(300),
            quorum_election: Duration::from_millis(1_000),
        }
    }
}

impl ControllerOptions {
    /// A quorum of one with the usual defaults.
    #[must_use]
    pub fn alone(data: PathBuf, listen: SocketAddr) -> ControllerOptions {
        ControllerOptions {
            id: ControllerId(1),
            data,
            listen,
            peers: BTreeMap::new(),
            topics: TopicDefaults::default(),
            timing: Timing::default(),
        }
    }
}
