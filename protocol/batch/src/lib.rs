//! The record batch (Kafka v2): header view, records, checksum, compression.
#![forbid(unsafe_code)]
