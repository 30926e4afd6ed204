//! What the controller keeps on its disk: one redb file with the hard state, the log and the newest snapshot.
//!
//! Files in the data directory: `metadata.redb`, `lock` (held by the running process), `reserve`. docs/format.md draws
//! the tables.

mod database;
mod deferred;
mod log;
mod reserve;

pub(crate) use database::{Database, Mark, StoreError};
pub(crate) use log::LogStore;

#[cfg(test)]
mod tests;
