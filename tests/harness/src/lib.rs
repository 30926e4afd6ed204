//! What tests and benches of the whole product share: building the executable, starting a broker on free ports and
//! ending it by its own process id, speaking to it byte by byte, asking the kernel what it uses.
#![forbid(unsafe_code)]

mod broker;
mod executable;
mod ports;
mod process;
pub mod wire;

pub use broker::{Addresses, Broker};
pub use executable::executable;
pub use ports::{listeners_of_its_own, port_of_its_own};
pub use process::{children, open_files, resident_bytes};
