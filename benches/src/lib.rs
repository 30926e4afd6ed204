//! Micro benches, the floor programs and the peers.
#![forbid(unsafe_code)]
