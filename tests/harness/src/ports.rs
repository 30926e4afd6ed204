//! Addresses for brokers that come back where they were.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// An address on this machine that nobody listens at and that the kernel gives to nobody meanwhile: the ports it gives away
/// by itself begin at 32768 everywhere. A client that looks for a broker which is away could otherwise get that very port,
/// and find itself. Nobody else in this process gets the address.
///
/// # Panics
/// If thousands of ports are taken.
pub fn port_of_its_own() -> SocketAddr {
    static LOOKED_AT: AtomicU16 = AtomicU16::new(0);
    // Processes that run at the same time begin at different places.
    let first = 10_000 + (std::process::id() % 1_000) as u16 * 20;
    loop {
        let port = first + LOOKED_AT.fetch_add(1, Ordering::Relaxed);
        assert!(port < 32_768, "one of thousands is free");
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Options of `ringlog dev` for a broker whose processes are killed while somebody looks for it.
pub fn listeners_of_its_own() -> [String; 6] {
    let [kafka, native, admin] = [(); 3].map(|()| port_of_its_own().to_string());
    ["--kafka".to_owned(), kafka, "--native".to_owned(), native, "--admin".to_owned(), admin]
}
