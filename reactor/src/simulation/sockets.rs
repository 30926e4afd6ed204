//! Sockets: operations that wait for a peer. What ends the wait is in `packets`.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;

use super::describe;
use super::disk::error;
use super::network::{Body, Endpoint, Listener, Packet, Phase};
use super::world::{Event, HostId, InFlight, Object, OperationKey, State, World};
use crate::{Completion, Handle, ListenOptions, Operation, Way};

/// How long a host waits for the answer to its request to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Buffers of a connection are between these, the seed choosing: small ones find missing backpressure.
const SOCKET_BUFFER: (u64, u64) = (4 << 10, 256 << 10);
/// What one packet carries at most.
const PACKET_MAX: usize = 64 << 10;

/// Requests.
impl World {
    pub(crate) fn submit_to_network(&mut self, key: OperationKey, host: HostId, operation: Operation) {
        let (name, numbers) = describe::operation(&operation);
        self.trace.record(self.now, name, &[key.0, key.1 as u64, numbers[0], numbers[1], numbers[2]]);
        let sample = match &operation {
            Operation::Send { parts, .. } => describe::sample(parts),
            // Whether the hint to wait for everything is honoured this time.
            Operation::Receive { wait_all, .. } => u64::from(*wait_all && self.random.chance(3, 4)),
            _ => 0,
        };
        let target = match &operation {
            Operation::Accept { listener } => listener.simulated_id(),
            Operation::Receive { socket, .. }
            | Operation::Send { socket, .. }
            | Operation::SendFile { socket, .. }
            | Operation::Writable { socket }
            | Operation::Shutdown { socket, .. } => socket.simulated_id(),
            _ => 0,
        };
        let connect = if let Operation::Connect { address } = &operation { Some(*address) } else { None };
        let shutdown = if let Operation::Shutdown { way, .. } = &operation { Some(*way) } else { None };
        let receives = matches!(operation, Operation::Receive { .. });
        self.register(key, host, State::Waiting(operation, sample));
        if let Some(address) = connect {
            self.connect(key, host, address);
        } else if let Some(way) = shutdown {
            let result = self.shutdown(target, way);
            self.finish(key, Completion::Unit(result));
        } else if let Some(listener) = self.network.listeners.get_mut(&target) {
            listener.accepts.push_back(key);
            self.progress_accepts(target);
        } else if let Some(endpoint) = self.network.endpoints.get_mut(&target) {
            if receives {
                endpoint.receives.push_back(key);
                self.progress_receives(target);
            } else {
                endpoint.sends.push_back(key);
                self.progress_sends(target);
            }
        } else {
            self.fail(key, libc::EBADF);
        }
    }

    /// Binds and listens.
    pub(crate) fn listen(
        &mut self,
        host: HostId,
        mut address: SocketAddr,
        options: ListenOptions,
    ) -> io::Result<(Handle, SocketAddr)> {
        self.close_dropped();
        if self.host_at(host, address.ip()) != Some(host) {
            return Err(error(libc::EADDRNOTAVAIL));
        }
        if address.port() == 0 {
            address.set_port(self.free_port(host, address.ip()));
        } else if self.network.is_taken(host, address) {
            return Err(error(libc::EADDRINUSE));
        }
        let id = self.next_id();
        let backlog_max = usize::try_from(options.backlog).unwrap_or(1).max(1);
        let listener =
            Listener { host, address, backlog_max, backlog: VecDeque::new(), accepts: VecDeque::new() };
        self.network.listeners.insert(id, listener);
        Ok((self.handle(id, Object::Listener), address))
    }

    fn free_port(&mut self, host: HostId, address: IpAddr) -> u16 {
        loop {
            let state = &mut self.hosts[host];
            let port = state.next_port;
            state.next_port = if port == u16::MAX { 32_768 } else { port + 1 };
            if !self.network.is_port_used(host, address, port) {
                return port;
            }
        }
    }

    fn connect(&mut self, key: OperationKey, host: HostId, target: SocketAddr) {
        let Some(to_host) = self.host_at(host, target.ip()) else {
            return self.fail(key, libc::EHOSTUNREACH);
        };
        let own = if target.ip().is_loopback() { target.ip() } else { IpAddr::V4(self.hosts[host].address) };
        let local = SocketAddr::new(own, self.free_port(host, own));
        let id = self.next_id();
        let capacity = self.random.between(SOCKET_BUFFER.0, SOCKET_BUFFER.1) as usize;
        let endpoint = Endpoint::new(host, local, target, Phase::Connecting(key), capacity);
        self.network.endpoints.insert(id, endpoint);
        self.open_path(id, host, to_host);
        self.transmit(id, Packet { from: id, to: 0, body: Body::Connect { target, source: local } });
        self.schedule(CONNECT_TIMEOUT, Event::ConnectTimeout(id));
    }

    fn shutdown(&mut self, id: u64, way: Way) -> io::Result<()> {
        let endpoint = self.network.endpoints.get_mut(&id).ok_or_else(|| error(libc::EBADF))?;
        if endpoint.phase != Phase::Established {
            return Err(error(libc::ENOTCONN));
        }
        if way != Way::Send {
            endpoint.receive_ended = true;
        }
        let finish = way != Way::Receive && !std::mem::replace(&mut endpoint.send_ended, way != Way::Receive);
        let peer = endpoint.peer;
        if finish {
            self.transmit(id, Packet { from: id, to: peer, body: Body::Finish });
        }
        self.progress_receives(id);
        self.progress_sends(id);
        Ok(())
    }
}

/// Progress of what waits.
impl World {
    pub(crate) fn progress_accepts(&mut self, id: u64) {
        loop {
            let Some(listener) = self.network.listeners.get_mut(&id) else { return };
            if listener.accepts.is_empty() || listener.backlog.is_empty() {
                return;
            }
            let key = listener.accepts.pop_front().expect("not empty");
            let endpoint = listener.backlog.pop_front().expect("not empty");
            let Some(remote) = self.network.endpoints.get(&endpoint).map(|endpoint| endpoint.remote) else {
                self.network.listeners.get_mut(&id).expect("found above").accepts.push_front(key);
                continue;
            };
            let handle = self.handle(endpoint, Object::Endpoint);
            self.finish(key, Completion::Accepted(Ok((handle, remote))));
        }
    }

    pub(crate) fn progress_receives(&mut self, id: u64) {
        loop {
            let Some(endpoint) = self.network.endpoints.get_mut(&id) else { return };
            let Some(key) = endpoint.receives.front().copied() else { return };
            let Some(InFlight { state: State::Waiting(Operation::Receive { length, .. }, honour), .. }) =
                self.in_flight.get(&key)
            else {
                endpoint.receives.pop_front();
                continue;
            };
            let (wanted, available) = (*length, endpoint.available());
            let full = available >= endpoint.capacity;
            let ready =
                available > 0 && (*honour == 0 || available >= wanted || full || endpoint.receive_ended);
            match endpoint.phase {
                Phase::Broken(number) => {
                    endpoint.receives.pop_front();
                    self.fail(key, number);
                }
                _ if ready => {
                    endpoint.receives.pop_front();
                    self.receive(id, key, wanted.min(available));
                }
                _ if endpoint.receive_ended => {
                    endpoint.receives.pop_front();
                    self.receive(id, key, 0);
                }
                _ => return,
            }
        }
    }

    /// Moves `count` bytes, or fewer, into the buffer of a receive.
    fn receive(&mut self, id: u64, key: OperationKey, count: usize) {
        let honoured =
            self.in_flight.get(&key).is_some_and(|entry| matches!(entry.state, State::Waiting(_, 1)));
        let count = if honoured { count } else { self.faults.shorten(count, 1, &mut self.random) };
        let Some(Operation::Receive { mut buffer, .. }) = self.take_waiting(key) else { return };
        let Some(endpoint) = self.network.endpoints.get_mut(&id) else { return };
        let count = endpoint.take(count.min(buffer.remaining()), |piece| buffer.extend_from_slice(piece));
        let peer = endpoint.peer;
        if count > 0 {
            self.transmit(id, Packet { from: id, to: peer, body: Body::Window(count) });
        }
        self.finish(key, Completion::Read { result: Ok(count), buffer });
    }

    pub(crate) fn progress_sends(&mut self, id: u64) {
        loop {
            let Some(endpoint) = self.network.endpoints.get_mut(&id) else { return };
            let Some(key) = endpoint.sends.front().copied() else { return };
            let refusal = match endpoint.phase {
                Phase::Broken(number) => Some(number),
                _ if endpoint.send_ended => Some(libc::EPIPE),
                _ => None,
            };
            if let Some(number) = refusal {
                endpoint.sends.pop_front();
                self.fail(key, number);
            } else if endpoint.window == 0 {
                return;
            } else {
                endpoint.sends.pop_front();
                let window = endpoint.window;
                self.send(id, key, window);
            }
        }
    }

    /// Sends as much of one operation as the window lets through.
    fn send(&mut self, id: u64, key: OperationKey, window: usize) {
        let Some(InFlight { state: State::Waiting(_, sample), host, .. }) = self.in_flight.get(&key) else {
            return;
        };
        let (sample, host) = (*sample, *host);
        match self.take_waiting(key) {
            Some(Operation::Send { parts, .. }) => {
                assert!(describe::sample(&parts) == sample, "a buffer changed while it waited to be sent");
                let mut bytes = parts.concat();
                bytes.truncate(window);
                let length = self.faults.shorten(bytes.len(), 1, &mut self.random);
                bytes.truncate(length);
                self.transmit_data(id, bytes.into());
                self.finish(key, Completion::Written { result: Ok(length), parts });
            }
            Some(Operation::Writable { .. }) => self.finish(key, Completion::Unit(Ok(()))),
            Some(Operation::SendFile { file, offset, length, .. }) => {
                let mut bytes = vec![0; window.min(length as usize)];
                let handle = self.opened(file.simulated_id());
                match handle.and_then(|handle| self.hosts[host].disk.read(handle, offset, &mut bytes)) {
                    Ok(read) => {
                        bytes.truncate(read);
                        self.transmit_data(id, bytes.into());
                        self.finish(key, Completion::Count(Ok(read as u64)));
                    }
                    Err(failure) => self.finish(key, Completion::Count(Err(failure))),
                }
            }
            _ => {}
        }
    }

    fn transmit_data(&mut self, id: u64, mut bytes: Bytes) {
        let Some(endpoint) = self.network.endpoints.get_mut(&id) else { return };
        endpoint.window -= bytes.len();
        let peer = endpoint.peer;
        while !bytes.is_empty() {
            let piece = bytes.split_to(bytes.len().min(PACKET_MAX));
            self.transmit(id, Packet { from: id, to: peer, body: Body::Data(piece) });
        }
        let rate = self.faults.lost_connections;
        if self.faults.strikes(rate, &mut self.random) {
            self.break_connection(id);
        }
    }

    /// Takes the operation out of its entry, which keeps the place until `finish`.
    fn take_waiting(&mut self, key: OperationKey) -> Option<Operation> {
        let entry = self.in_flight.get_mut(&key)?;
        let State::Waiting(..) = entry.state else { return None };
        match std::mem::replace(&mut entry.state, State::Done(Completion::Unit(Ok(())))) {
            State::Waiting(operation, _) => Some(operation),
            _ => None,
        }
    }

    pub(crate) fn fail(&mut self, key: OperationKey, number: i32) {
        if let Some(operation) = self.take_waiting(key) {
            self.finish(key, operation.fail(error(number)));
        }
    }

    /// Removes a cancelled operation from whatever it waits in.
    pub(crate) fn forget_waiting(&mut self, key: OperationKey) {
        for listener in self.network.listeners.values_mut() {
            listener.accepts.retain(|other| *other != key);
        }
        let mut unwanted = None;
        for (id, endpoint) in &mut self.network.endpoints {
            endpoint.receives.retain(|other| *other != key);
            endpoint.sends.retain(|other| *other != key);
            if endpoint.phase == Phase::Connecting(key) {
                unwanted = Some(*id);
            }
        }
        if let Some(id) = unwanted {
            self.network.endpoints.remove(&id);
        }
    }
}
