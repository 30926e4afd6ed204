//! Why a node did not start, or stopped.

use core::net::SocketAddr;
use ringlog_storage::{OpenError, StoreFault};
use std::{io, path::PathBuf};

/// A fault that ends the node. What goes wrong with one client or one partition is handled where it happens.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The options contradict themselves.
    #[error("{0}")]
    Options(String),
    /// A listener's address is taken or not this machine's.
    #[error("cannot listen on {address} ({name}): {source}")]
    Listen {
        /// The listener.
        name: String,
        /// What was to be bound.
        address: SocketAddr,
        /// The system's refusal.
        source: io::Error,
    },
    /// A wildcard is bound and nobody said what clients shall connect to.
    #[error(
        "listener {name} binds the wildcard address {address} without an advertised address: clients are told an \
         address to connect to, so name one that they can reach"
    )]
    WildcardWithoutAdvertised {
        /// The listener.
        name: String,
        /// The wildcard.
        address: SocketAddr,
    },
    /// A data directory was not opened.
    #[error(transparent)]
    Directory(#[from] OpenError),
    /// A store did not start or did not shut down in order.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// A file of the node's own could not be read or written.
    #[error("{action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// A shard's thread could not be started, or ended by a panic.
    #[error("shard {shard}: {reason}")]
    Shard {
        /// Which.
        shard: u16,
        /// What happened.
        reason: String,
    },
}
