//! The node process: shards, listeners, request handlers.
#![forbid(unsafe_code)]

mod error;
mod options;

pub use error::NodeError;
pub use options::{
    HostPort, Limits, ListenerOptions, NodeOptions, ReadyAddresses, ReadyCallback, TopicDefaults,
};
use ringlog_reactor::Reactor;

/// Runs a node on this thread as its shard 0, until [`Reactor::shutdown_requested`]; further shards are launched from
/// here. `ready` is called once, when the node serves.
///
/// # Errors
/// [`NodeError`] if it cannot start, or did not stop in order.
pub async fn run(reactor: Reactor, options: NodeOptions, ready: ReadyCallback) -> Result<(), NodeError> {
    let _ = (reactor, options, ready);
    Err(NodeError::Options("not yet".into()))
}
