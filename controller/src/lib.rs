//! The controller process: a Raft quorum that owns the cluster's metadata.
#![forbid(unsafe_code)]

mod frames;
mod quorum;
mod runtime;
mod store;
