//! Addresses that a predecessor has not quite let go of.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

/// The kernel takes apart the io_uring of a killed process after its end, and with it its listening sockets; that is a
/// matter of milliseconds.
const LETTING_GO: Duration = Duration::from_secs(1);

/// Waits a little while any of these is in use. Whoever has it longer is somebody else, and binding it will say so.
pub(crate) fn wait_until_free(addresses: impl IntoIterator<Item = SocketAddr>) {
    let deadline = Instant::now() + LETTING_GO;
    for address in addresses.into_iter().filter(|address| address.port() != 0) {
        while is_in_use(address) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn is_in_use(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_err_and(|error| error.kind() == ErrorKind::AddrInUse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_becomes_free_is_waited_for() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        assert!(is_in_use(address));
        let begun = Instant::now();
        let lets_go = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            drop(taken);
        });
        wait_until_free([address]);
        assert!(begun.elapsed() >= Duration::from_millis(40));
        assert!(!is_in_use(address));
        lets_go.join().unwrap();
    }
}
