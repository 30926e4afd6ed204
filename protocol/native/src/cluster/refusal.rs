//! Why the controller said no.

use rkyv::{Archive, Deserialize, Serialize};

/// The answer to a request that was refused as a whole, and the part of other answers that refuses one item.
#[derive(Archive, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RefusalV1 {
    /// A [`RefusalKind`].
    pub kind: u16,
    /// For people.
    pub message: String,
    /// Where the leader listens, if the refusal is [`RefusalKind::NotLeader`] and somebody knows.
    pub leader: Option<String>,
}

/// A kind of a newer release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("refusal {0} is unknown here")]
pub struct UnknownRefusal(pub u16);

macro_rules! kinds {
    ($($(#[$meta:meta])* $kind:ident = $id:literal,)*) => {
        /// What was wrong. The node maps these to Kafka's error codes in one place.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum RefusalKind {
            $($(#[$meta])* $kind = $id,)*
        }

        impl RefusalKind {
            /// Every kind.
            pub const ALL: &[RefusalKind] = &[$(RefusalKind::$kind),*];
        }

        impl TryFrom<u16> for RefusalKind {
            type Error = UnknownRefusal;

            fn try_from(id: u16) -> Result<RefusalKind, UnknownRefusal> {
                match id {
                    $($id => Ok(RefusalKind::$kind),)*
                    _ => Err(UnknownRefusal(id)),
                }
            }
        }
    };
}

kinds! {
    /// Another controller leads; [`RefusalV1::leader`] says where, if known. Retriable.
    NotLeader = 1,
    /// The quorum did not commit in time, or the controller is stopping. Whether it will is not known. Retriable.
    Unavailable = 2,
    /// The request makes no sense.
    InvalidRequest = 3,
    /// The caller belongs to another cluster.
    WrongCluster = 4,
    /// A node with this id is alive with another incarnation.
    DuplicateNode = 5,
    /// The node is not registered, or another life of it is.
    StaleNode = 6,
    /// The node speaks another format level.
    UnsupportedFormat = 7,
    /// No node with this id is registered.
    UnknownNode = 8,
    /// The topic's name is not allowed.
    InvalidTopicName = 10,
    /// There is such a topic already.
    TopicExists = 11,
    /// There is no such topic by name.
    UnknownTopic = 12,
    /// There is no such topic by identifier.
    UnknownTopicId = 13,
    /// The count of partitions is not allowed.
    InvalidPartitions = 14,
    /// The replication factor is not allowed, or there are not enough nodes.
    InvalidReplicationFactor = 15,
    /// The manual assignment is not allowed.
    InvalidReplicaAssignment = 16,
    /// A config is not known or not allowed.
    InvalidConfig = 17,
    /// A partition is not known.
    UnknownPartition = 20,
    /// The leader's epoch is not the current one.
    FencedLeaderEpoch = 21,
    /// The partition's epoch is not the current one.
    InvalidUpdateVersion = 22,
    /// A node that may not be in sync was proposed.
    IneligibleReplica = 23,
    /// The leader is already the one that was to be elected.
    ElectionNotNeeded = 24,
    /// The preferred leader is not alive or not in sync.
    PreferredLeaderNotAvailable = 25,
    /// No replica in sync is alive.
    EligibleLeadersNotAvailable = 26,
    /// Something that the controller's own rules forbid: there are no more ids, the metadata is at its bound.
    LimitReached = 30,
    /// The controller's disk is full; deletes still work. Retriable.
    DiskFull = 31,
}

impl RefusalV1 {
    /// A refusal without a hint.
    #[must_use]
    pub fn new(kind: RefusalKind, message: impl Into<String>) -> RefusalV1 {
        RefusalV1 { kind: kind as u16, message: message.into(), leader: None }
    }

    /// The kind; `None` if it is of a newer release.
    #[must_use]
    pub fn kind(&self) -> Option<RefusalKind> {
        RefusalKind::try_from(self.kind).ok()
    }
}
