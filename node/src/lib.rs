//! The node process: shards, listeners, request handlers.
//!
//! Place in the flow: bytes of clients come in through [`run()`]'s listeners, become requests (`connection`, `api`, `native`),
//! events of partitions (`shard`, `ringlog-partition`), appends and read plans of logs (`ringlog-storage`), and go back as responses.
//!
//! Main types: [`NodeOptions`] (what a node is told), [`run()`] (its life on shard 0), [`NodeError`].
//!
//! Architecture invariant: everything but `control` reaches the world through the [`Reactor`](ringlog_reactor::Reactor) alone, so that the simulator runs it.
//!
//! Architecture invariant: below `api` and `native` nobody knows a wire protocol; below `shard` nobody knows sockets.
#![forbid(unsafe_code)]

mod administration;
mod api;
mod cluster;
mod connection;
mod control;
mod error;
mod groups;
mod listener;
mod metrics;
mod native;
mod new_configs;
mod options;
pub mod overview;
mod refusal;
mod run;
mod shard;
mod signal;

pub use control::AdminEndpoint;
pub use error::NodeError;
pub use new_configs::NewConfigs;
pub use options::{
    GroupOptions, HostPort, Housekeeping, Limits, ListenerOptions, LogLevels, NodeOptions, ReadyAddresses,
    ReadyCallback, TopicDefaults,
};
pub use run::run;
