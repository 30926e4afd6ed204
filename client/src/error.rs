//! What can go wrong between a client and its cluster.

use ringlog_batch::BatchError;
use ringlog_model::PartitionIndex;
use ringlog_native::{DecodeError, ErrorBody, ErrorCode, FrameError};
use std::net::SocketAddr;

/// Why something the client was asked for did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Nobody could be reached there.
    #[error("cannot connect to {address}: {reason}")]
    Connect {
        /// Where.
        address: SocketAddr,
        /// What the operating system said.
        reason: String,
    },
    /// An advertised host name means nothing here.
    #[error("cannot resolve {host}, which the cluster advertises")]
    Unresolved {
        /// The name.
        host: String,
    },
    /// The connection ended before the answer came. Whether the request was carried out is unknown.
    #[error("connection to {address} lost: {reason}")]
    Lost {
        /// Where.
        address: SocketAddr,
        /// How.
        reason: String,
    },
    /// The peer's bytes are not the native protocol.
    #[error("{address}: {source}")]
    Protocol {
        /// Where.
        address: SocketAddr,
        /// What is wrong with them.
        source: FrameError,
    },
    /// A body is not what its header says.
    #[error("a reply cannot be read: {0}")]
    Reply(#[from] DecodeError),
    /// The node said no.
    #[error("{0}")]
    Refused(ErrorBody),
    /// No answer in time. Whether the request was carried out is unknown.
    #[error("no answer within {milliseconds} ms")]
    TimedOut {
        /// How long was waited.
        milliseconds: u64,
    },
    /// The topic does not exist.
    #[error("there is no topic {0:?}")]
    UnknownTopic(String),
    /// The topic has no such partition.
    #[error("topic {topic:?} has no partition {partition}")]
    UnknownPartition {
        /// The topic.
        topic: String,
        /// The number asked for.
        partition: PartitionIndex,
    },
    /// The partition has no leader, or its leader is not among the nodes.
    #[error("partition {partition} of {topic:?} has no leader now")]
    NoLeader {
        /// The topic.
        topic: String,
        /// The partition.
        partition: PartitionIndex,
    },
    /// A record cannot be put into a batch, or a delivered batch cannot be read.
    #[error("{0}")]
    Batch(#[from] BatchError),
    /// An earlier batch of the partition has an unknown outcome, so nothing may follow it without risking order or
    /// duplicates.
    #[error("partition {0} gave up: the outcome of an earlier batch is unknown")]
    GaveUp(PartitionIndex),
}

impl ClientError {
    /// Whether the same may succeed later without anybody changing it.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self {
            ClientError::Connect { .. }
            | ClientError::Lost { .. }
            | ClientError::TimedOut { .. }
            | ClientError::NoLeader { .. } => true,
            ClientError::Refused(body) => body.code.is_retriable(),
            _ => false,
        }
    }

    /// The node's code, if a node said no.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            ClientError::Refused(body) => Some(body.code),
            _ => None,
        }
    }
}
