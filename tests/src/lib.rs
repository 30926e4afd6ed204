//! Tests of the whole product: the executable as users run it, under real clients, hostile bytes and `kill -9`.
//!
//! This library holds what those tests share: building the executable, starting a broker on free ports and ending it
//! by its own process id.
#![forbid(unsafe_code)]

mod broker;
mod executable;
mod process;
pub mod wire;

pub use broker::{Addresses, Broker};
pub use executable::executable;
pub use process::{children, open_files, resident_bytes};
