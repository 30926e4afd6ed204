//! What tests and benches of the whole product share: building the executable, starting a broker on free ports and
//! ending it by its own process id, speaking to it byte by byte, asking the kernel what it uses.
#![forbid(unsafe_code)]

mod broker;
mod executable;
mod process;
pub mod wire;

pub use broker::{Addresses, Broker};
pub use executable::executable;
pub use process::{children, open_files, resident_bytes};
