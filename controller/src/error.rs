//! Why a controller ends.

use crate::quorum::QuorumError;
use crate::store::StoreError;
use std::io;
use std::net::SocketAddr;

/// What ends a controller other than being asked to.
#[derive(Debug, thiserror::Error)]
pub enum ControllerError {
    /// The address cannot be bound.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Another process holds the data directory.
    #[error("{0}")]
    DataLocked(String),
    /// The disk failed, or what is on it is not ours.
    #[error("{0}")]
    Store(String),
    /// The quorum cannot be formed.
    #[error("the quorum cannot be formed: {0}")]
    Quorum(String),
}

impl From<StoreError> for ControllerError {
    fn from(error: StoreError) -> ControllerError {
        match error {
            StoreError::Locked { .. } => ControllerError::DataLocked(error.to_string()),
            StoreError::Disk { .. } | StoreError::Database { .. } => {
                ControllerError::Store(error.to_string())
            }
        }
    }
}

impl From<QuorumError> for ControllerError {
    fn from(error: QuorumError) -> ControllerError {
        match error {
            QuorumError::Store(error) => error.into(),
            QuorumError::Raft(reason) => ControllerError::Quorum(reason),
        }
    }
}
