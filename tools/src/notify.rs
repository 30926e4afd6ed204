//! Tells the service manager how far this process is: a datagram to the socket in `NOTIFY_SOCKET` (sd_notify(3)).

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The process serves.
pub(crate) fn ready() {
    tell("READY=1");
}

/// The process has been told to end.
pub(crate) fn stopping() {
    tell("STOPPING=1");
}

fn tell(state: &str) {
    let Some(name) = std::env::var("NOTIFY_SOCKET").ok().filter(|name| !name.is_empty()) else { return };
    if let Err(error) = send(&name, state) {
        tracing::warn!(%error, name, "the service manager cannot be told: {state}");
    }
}

/// A name that begins with `@` is one of the abstract namespace.
fn send(name: &str, state: &str) -> io::Result<()> {
    let address = match name.strip_prefix('@') {
        Some(abstract_name) => SocketAddr::from_abstract_name(abstract_name)?,
        None => SocketAddr::from_pathname(name)?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_arrives_at_sockets_with_a_path_and_without() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let hidden = format!("@ringlog-notify-{}", std::process::id());
        let named = UnixDatagram::bind(&path).unwrap();
        let unnamed =
            UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&hidden[1..]).unwrap()).unwrap();
        for (socket, name) in [(named, path.to_str().unwrap()), (unnamed, hidden.as_str())] {
            send(name, "READY=1").unwrap();
            let mut received = [0; 64];
            let count = socket.recv(&mut received).unwrap();
            assert_eq!(&received[..count], b"READY=1");
        }
        assert!(send("/nonexistent/notify", "READY=1").is_err());
    }
}
