//! The state machines, without I/O: connection, partitioner, producer, subscription.

mod connection;
mod lane;
mod partitioner;
mod producer;
mod subscription;
#[cfg(test)]
mod tests;

pub use connection::{ConnectionCore, ConnectionEvent, ConnectionFault};
pub use lane::{BatchNumber, Failure, Outcome, Transmit};
pub use partitioner::{Partitioner, murmur2};
pub use producer::{OutgoingRecord, ProducerCore, ProducerOptions, Pushed};
pub use subscription::{ReceivedRecord, SubscriptionCore, visit_records};
