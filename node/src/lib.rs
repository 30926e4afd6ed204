//! The node process: shards, listeners, request handlers.
#![forbid(unsafe_code)]
