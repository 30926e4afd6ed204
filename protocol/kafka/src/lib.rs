//! The Kafka wire protocol: one definition per message.
#![forbid(unsafe_code)]
