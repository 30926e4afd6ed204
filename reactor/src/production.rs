//! What the two production drivers have in common.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};
use rustix::thread::CpuSet;
use rustix::time::{ClockId, clock_gettime};

use crate::pool::Pool;
use crate::random::Random;
use crate::resident::{Relay, is_resident};
use crate::{
    Completion, DriverChoice, Handle, Launch, ListenOptions, Operation, Options, Remote, Token, Way, run,
};

/// Clocks, random numbers, file threads, and how to start a shard like this one.
pub(crate) struct Production {
    pub(crate) clock: Clock,
    pub(crate) pool: Pool,
    pub(crate) random: Random,
    pub(crate) fallback_reason: Option<String>,
    relay: Relay,
    registered_bytes: usize,
    spin: Duration,
}

impl Production {
    pub(crate) fn new(remote: Arc<Remote>, options: &Options, processors: Option<CpuSet>) -> Self {
        let pool = Pool::new(remote, processors);
        Self {
            clock: Clock::default(),
            pool,
            random: Random::from_kernel(),
            fallback_reason: None,
            relay: Relay::default(),
            registered_bytes: options.registered_bytes,
            spin: options.spin,
        }
    }

    /// Sends from a file: at once if its pages are in memory, else on a file thread, whose answer comes later.
    pub(crate) fn send_file(&self, token: Token, operation: Operation) -> Option<Completion> {
        if let Operation::SendFile { socket, file, offset, length } = &operation
            && is_resident(file, *offset, *length)
        {
            return Some(Completion::Count(self.relay.send(socket, file, *offset, *length)));
        }
        self.pool.submit(token, operation);
        None
    }

    pub(crate) fn launch(&self, launch: Launch, driver: DriverChoice) -> io::Result<()> {
        let Launch { options, body, shutdown, finished } = launch;
        let (registered_bytes, spin) = (self.registered_bytes, self.spin);
        let options =
            Options { driver, pin: options.pin, name: options.name, registered_bytes, spin, shutdown };
        std::thread::Builder::new().name(options.name.clone()).spawn(move || {
            let ended = run(options, body);
            // Nobody has to wait for it.
            let _ = finished.send(ended);
        })?;
        Ok(())
    }
}

/// The time as it was when somebody first asked since it was last forgotten: a request asks ten times while its tasks run, and
/// reading a clock costs as much as some of them do.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    monotonic: Cell<Option<u64>>,
    wall: Cell<Option<i64>>,
}

impl Clock {
    pub(crate) fn forget(&self) {
        self.monotonic.set(None);
        self.wall.set(None);
    }

    pub(crate) fn now_nanos(&self) -> u64 {
        self.monotonic.get().unwrap_or_else(|| {
            let now = now_nanos();
            self.monotonic.set(Some(now));
            now
        })
    }

    pub(crate) fn wall_millis(&self) -> i64 {
        self.wall.get().unwrap_or_else(|| {
            let now = wall_millis();
            self.wall.set(Some(now));
            now
        })
    }
}

pub(crate) fn now_nanos() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}

pub(crate) fn wall_millis() -> i64 {
    let now = clock_gettime(ClockId::Realtime);
    now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}

pub(crate) fn listen(
    address: SocketAddr,
    options: ListenOptions,
    flags: SocketFlags,
) -> io::Result<(Handle, SocketAddr)> {
    let socket = new_socket(address, flags)?;
    // Takes over connections in TIME_WAIT after a restart; two listeners still exclude each other.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    rustix::net::bind(&socket, &address)?;
    rustix::net::listen(&socket, options.backlog)?;
    let bound = rustix::net::getsockname(&socket)?.try_into()?;
    Ok((Handle::from_kernel(socket), bound))
}

pub(crate) fn new_socket(address: SocketAddr, flags: SocketFlags) -> io::Result<std::os::fd::OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let protocol = Some(rustix::net::ipproto::TCP);
    Ok(rustix::net::socket_with(family, SocketType::STREAM, flags | SocketFlags::CLOEXEC, protocol)?)
}

pub(crate) fn local_address(socket: &Handle) -> io::Result<SocketAddr> {
    Ok(rustix::net::getsockname(socket.kernel())?.try_into()?)
}

pub(crate) fn peer_address(socket: &Handle) -> io::Result<SocketAddr> {
    let address = rustix::net::getpeername(socket.kernel())?.ok_or(io::ErrorKind::NotConnected)?;
    Ok(address.try_into()?)
}

pub(crate) fn shutdown_way(way: Way) -> rustix::net::Shutdown {
    match way {
        Way::Receive => rustix::net::Shutdown::Read,
        Way::Send => rustix::net::Shutdown::Write,
        Way::Both => rustix::net::Shutdown::Both,
    }
}

pub(crate) fn set_nodelay(socket: &Handle, on: bool) -> io::Result<()> {
    Ok(sockopt::set_tcp_nodelay(socket.kernel(), on)?)
}

/// The second half of closing a connection whose last user is gone: if cancelled operations still hold the
/// descriptor, `close` would come too late for the peer, so the end of the stream is sent now.
pub(crate) fn finish(socket: &Handle) {
    if socket.holders() > 1 {
        // A listener or a connection that is already gone has nothing to shut down.
        let _ = rustix::net::shutdown(socket.kernel(), rustix::net::Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_until_it_is_forgotten() {
        let clock = Clock::default();
        let first = clock.now_nanos();
        while now_nanos() == first {}
        assert_eq!(clock.now_nanos(), first);
        clock.forget();
        assert!(clock.now_nanos() > first);
        assert!(wall_millis() - clock.wall_millis() < 60_000, "no other clock");
    }
}
