//! The native client: batching idempotent producers and consumers on credit.
//!
//! # Place in the flow
//!
//! ```text
//! caller -> Producer / Consumer / Client      driver: tasks, sockets, timers of a Reactor
//!             |  records, receipts, time
//!             v
//!           core                              sans I/O: what to send, what came back, when to act next
//!             |  frames
//!             v
//!           ringlog-native
//! ```
//!
//! # Main types
//!
//! [`Client`] knows a node and from it the cluster; [`Producer`] and [`Consumer`] serve one topic each.
//! [`core`] has the state machines on their own, for other drivers.
//!
//! Architecture invariant: `core` does no I/O and reads no clock: time is an argument, bytes go in and come out.
//!
//! Architecture invariant: everything a peer can make the client hold is bounded: frames by their limit, deliveries by
//! the credit granted, records not yet acknowledged by [`ProducerOptions::buffer_bytes_max`].
#![forbid(unsafe_code)]

mod client;
mod consumer;
pub mod core;
mod error;
mod link;
mod producer;

pub use client::{Client, ClientOptions, Resolve};
pub use consumer::{Consumer, ConsumerOptions, Delivered, Start};
pub use core::{OutgoingRecord, ProducerOptions, ReceivedRecord};
pub use error::ClientError;
pub use producer::{Acknowledged, Producer};
