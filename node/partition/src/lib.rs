//! One partition's replication state machine, pure.
#![forbid(unsafe_code)]
