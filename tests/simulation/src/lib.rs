//! Whole clusters in the simulator: controllers, nodes and clients, with everything that may go wrong, by seed.
//!
//! A run ([`scenario::run`]) has a safety phase, in which processes are killed, hosts lose power and packets get lost
//! while producers and consumers work, and a liveness phase, in which nothing is broken any more and everything must
//! come to its end. Then the whole history is judged ([`history::History`]): nothing acknowledged is lost, nothing is
//! invented, an offset never changes its record, idempotent producers' records stand once and in order, offsets have
//! no gap; no generation or epoch of a group gives a partition to two members, and
//! committed positions never go back, in groups of the classic protocol, of the newer one (KIP-848), and in those that are carried from
//! one to the other while members live. An answer that did not come means "unknown", not "failed".
//!
//! Runs by hand: `cargo run -p ringlog-simulation -- --from 0 --count 1000`. A seed that fails fails again.
//!
//! Architecture invariant: the code under test is the product's own; what is replaced is the world below it.
#![forbid(unsafe_code)]

mod balanced;
pub mod client;
pub mod cluster;
pub mod consumer;
mod dialect;
pub mod group_history;
pub mod history;
pub mod member;
mod positions;
pub mod producer;
pub mod scenario;
pub mod world;
