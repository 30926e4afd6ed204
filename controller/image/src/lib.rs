//! The cluster's metadata as an immutable image, and the records that change it.
//!
//! Place in the flow: the controller decides ([`MetadataRecord`]s), the quorum commits, and both the controller and
//! every node apply the same records to an [`Image`]. A snapshot of an image is again a list of records, so there is
//! one encoding for the log, for snapshots, for deltas on the wire and for exports.
//!
//! Main types: [`Image`] (cheap to clone, safe to share between threads), [`MetadataRecord`], [`NodeImage`],
//! [`TopicImage`], [`PartitionImage`], [`ConfigResource`], and [`config`], the tables of the configs that exist.
//!
//! Architecture invariant: [`Image::apply`] is the only mutation; it neither fails on nor invents anything that
//! depends on time, randomness or I/O, so replaying the same records gives the same image everywhere.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod config;
mod encoding;
mod image;
mod node;
mod record;
mod resource;
mod topic;
pub mod wire;

pub use encoding::{DecodeError, RECORD_BYTES_MAX, decode_records, encode_records};
pub use image::{ApplyError, Image};
pub use node::{ListenerAddress, NodeImage, NodeState};
pub use record::{MetadataRecord, PartitionState};
pub use resource::ConfigResource;
pub use topic::{PartitionImage, TopicImage};
