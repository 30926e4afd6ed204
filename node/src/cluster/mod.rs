//! The node's side of the controller: it registers, says that it lives, follows the metadata, and carries requests that
//! change the metadata.
//!
//! One agent per node, as tasks on shard 0. It keeps the newest image in a file as well, so that a node that starts while
//! no controller answers still knows what it holds.
//!
//! Architecture invariant: nothing here touches a partition. Whoever wants to follow the metadata waits in
//! [`Agent::changed`] and takes the view from there.

mod agent;
mod error;
mod follower;
mod link;
mod saved;
mod session;
#[cfg(test)]
mod tests;

pub(crate) use agent::{Agent, AgentOptions, Freshness, View};
pub(crate) use error::ClusterError;
