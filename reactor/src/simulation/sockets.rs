//! Sockets: operations that wait for a peer, and the packets that end the wait.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;

use super::Crash;
use super::describe;
use super::disk::error;
use super::network::{Body, Endpoint, Listener, Packet, Path, Phase};
use super::world::{Event, HostId, InFlight, Object, OperationKey, Outcome, State, World};
use crate::{Completion, Handle, ListenOptions, Operation, Way};

/// How long a host waits for the answer to its request to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long after a full backlog the request is sent again.
const CONNECT_RETRY: Duration = Duration::from_secs(1);
/// How long packets are held back by a cut before their connection breaks.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);
/// Packets within one host.
const LOOPBACK_DELAY: (Duration, Duration) = (Duration::from_micros(2), Duration::from_micros(40));
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
    fn progress_accepts(&mut self, id: u64) {
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

    fn progress_receives(&mut self, id: u64) {
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

    fn progress_sends(&mut self, id: u64) {
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

    fn fail(&mut self, key: OperationKey, number: i32) {
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

/// Packets.
impl World {
    fn open_path(&mut self, from: u64, from_host: HostId, to_host: HostId) {
        self.network
            .paths
            .insert(from, Path { from_host, to_host, queue: VecDeque::new(), stalled_since: None });
    }

    fn transmit(&mut self, from: u64, packet: Packet) {
        let Some(path) = self.network.paths.get(&from) else { return };
        let (low, high) = if path.from_host == path.to_host {
            LOOPBACK_DELAY
        } else {
            self.faults.network_delay.clone().into_inner()
        };
        let arrival = self.now + self.random.duration(low, high).as_nanos() as u64;
        let path = self.network.paths.get_mut(&from).expect("found above");
        let arrival = path.queue.back().map_or(arrival, |(last, _)| arrival.max(*last));
        path.queue.push_back((arrival, packet));
        if path.queue.len() == 1 && path.stalled_since.is_none() {
            self.events.push(arrival, &mut self.random, Event::Arrive(from));
        }
    }

    /// The first packet of a path reaches the other host, unless the way is closed.
    pub(crate) fn arrive(&mut self, from: u64) -> Outcome {
        let Some(path) = self.network.paths.get_mut(&from) else { return Outcome::Nothing };
        if path.stalled_since.is_some() {
            return Outcome::Nothing;
        }
        let (from_host, to_host) = (path.from_host, path.to_host);
        if !self.hosts[to_host].powered || self.network.is_cut(from_host, to_host) {
            let now = self.now;
            self.network.paths.get_mut(&from).expect("found above").stalled_since = Some(now);
            self.schedule(STALL_TIMEOUT, Event::GiveUp(from, now));
            return Outcome::Nothing;
        }
        let path = self.network.paths.get_mut(&from).expect("found above");
        let Some((_, packet)) = path.queue.pop_front() else { return Outcome::Nothing };
        if let Some((next, _)) = path.queue.front() {
            let next = (*next).max(self.now);
            self.events.push(next, &mut self.random, Event::Arrive(from));
        } else if !self.network.endpoints.contains_key(&from) {
            self.network.paths.remove(&from);
        }
        self.receive_packet(from_host, to_host, packet);
        Outcome::Nothing
    }

    fn receive_packet(&mut self, from_host: HostId, to_host: HostId, packet: Packet) {
        let Packet { from, to, body } = packet;
        if let Body::Connect { target, source } = body {
            return self.answer_connect(from_host, to_host, from, target, source);
        }
        let Some(endpoint) = self.network.endpoints.get_mut(&to) else {
            if matches!(body, Body::Data(_) | Body::Finish | Body::Established) {
                self.answer_reset(to_host, from_host, from);
            }
            return;
        };
        match body {
            Body::Established => {
                let Phase::Connecting(key) = endpoint.phase else { return };
                endpoint.phase = Phase::Established;
                endpoint.peer = from;
                let handle = self.handle(to, Object::Endpoint);
                self.finish(key, Completion::Connected(Ok(handle)));
            }
            Body::Refused => self.end_endpoint(to, libc::ECONNREFUSED),
            Body::Reset => self.end_endpoint(to, libc::ECONNRESET),
            Body::Window(count) => {
                endpoint.window += count;
                self.progress_sends(to);
            }
            Body::Data(bytes) => {
                endpoint.push(bytes);
                self.progress_receives(to);
            }
            Body::Finish => {
                endpoint.receive_ended = true;
                self.progress_receives(to);
            }
            Body::Connect { .. } => unreachable!("answered above"),
        }
    }

    fn answer_connect(
        &mut self,
        from_host: HostId,
        to_host: HostId,
        asker: u64,
        target: SocketAddr,
        source: SocketAddr,
    ) {
        let Some(capacity) = self.network.endpoints.get(&asker).map(|endpoint| endpoint.capacity) else {
            return;
        };
        let Some(id) = self.network.listener_at(to_host, target) else {
            let phantom = self.next_id();
            self.open_path(phantom, to_host, from_host);
            return self.transmit(phantom, Packet { from: phantom, to: asker, body: Body::Refused });
        };
        let listener = self.network.listeners.get_mut(&id).expect("found by listener_at");
        if listener.backlog.len() >= listener.backlog_max {
            return self.schedule(CONNECT_RETRY, Event::ConnectAgain(asker));
        }
        let endpoint = self.next_id();
        let local = SocketAddr::new(target.ip(), target.port());
        let mut accepted = Endpoint::new(to_host, local, source, Phase::Established, capacity);
        accepted.peer = asker;
        self.network.endpoints.insert(endpoint, accepted);
        self.open_path(endpoint, to_host, from_host);
        self.transmit(endpoint, Packet { from: endpoint, to: asker, body: Body::Established });
        self.network.listeners.get_mut(&id).expect("found above").backlog.push_back(endpoint);
        self.progress_accepts(id);
    }

    pub(crate) fn connect_again(&mut self, id: u64) -> Outcome {
        if let Some(Endpoint { phase: Phase::Connecting(_), local, remote, .. }) =
            self.network.endpoints.get(&id)
        {
            let body = Body::Connect { target: *remote, source: *local };
            self.transmit(id, Packet { from: id, to: 0, body });
        }
        Outcome::Nothing
    }

    pub(crate) fn connect_timeout(&mut self, id: u64) -> Outcome {
        let connecting = self.network.endpoints.get(&id).map(|endpoint| endpoint.phase);
        if let Some(Phase::Connecting(_)) = connecting {
            self.network.paths.remove(&id);
            self.end_endpoint(id, libc::ETIMEDOUT);
        }
        Outcome::Nothing
    }

    /// A path that has been stalled all the time loses its connection.
    pub(crate) fn give_up(&mut self, from: u64, since: u64) -> Outcome {
        if self.network.paths.get(&from).is_some_and(|path| path.stalled_since == Some(since)) {
            self.network.paths.remove(&from);
            self.end_endpoint(from, libc::ETIMEDOUT);
        }
        Outcome::Nothing
    }

    /// Ways have opened: what was held back travels on.
    pub(crate) fn resume_paths(&mut self) {
        let stalled: Vec<u64> = self
            .network
            .paths
            .iter()
            .filter(|(_, path)| path.stalled_since.is_some())
            .map(|(id, _)| *id)
            .collect();
        for id in stalled {
            let path = &self.network.paths[&id];
            if self.hosts[path.to_host].powered && !self.network.is_cut(path.from_host, path.to_host) {
                let path = self.network.paths.get_mut(&id).expect("listed above");
                path.stalled_since = None;
                let (low, high) = self.faults.network_delay.clone().into_inner();
                let delay = self.random.duration(low, high);
                self.schedule(delay, Event::Arrive(id));
            }
        }
    }

    fn answer_reset(&mut self, from_host: HostId, to_host: HostId, to: u64) {
        let phantom = self.next_id();
        self.open_path(phantom, from_host, to_host);
        self.transmit(phantom, Packet { from: phantom, to, body: Body::Reset });
    }
}

/// Ends.
impl World {
    /// Breaks a connection at this end: whatever waits fails, a request to connect as well.
    fn end_endpoint(&mut self, id: u64, number: i32) {
        let Some(endpoint) = self.network.endpoints.get_mut(&id) else { return };
        let phase = endpoint.phase;
        endpoint.break_with(number);
        if let Phase::Connecting(key) = phase {
            self.network.endpoints.remove(&id);
            return self.fail(key, number);
        }
        self.progress_receives(id);
        self.progress_sends(id);
    }

    /// A connection is lost for both of its ends at once.
    pub(crate) fn break_connection(&mut self, id: u64) {
        let Some(peer) = self.network.endpoints.get(&id).map(|endpoint| endpoint.peer) else { return };
        self.trace.record(self.now, "break", &[id, peer]);
        self.end_endpoint(id, libc::ECONNRESET);
        self.end_endpoint(peer, libc::ECONNRESET);
    }

    /// Breaks every connection between two hosts.
    pub(crate) fn break_connections(&mut self, one: HostId, other: HostId) {
        let between = |endpoint: &Endpoint, network: &super::network::Network| {
            let peer = network.endpoints.get(&endpoint.peer).map(|peer| peer.host);
            endpoint.host == one && peer == Some(other)
        };
        let broken: Vec<u64> = self
            .network
            .endpoints
            .iter()
            .filter(|(_, endpoint)| between(endpoint, &self.network))
            .map(|(id, _)| *id)
            .collect();
        broken.into_iter().for_each(|id| self.break_connection(id));
    }

    pub(crate) fn close_endpoint(&mut self, id: u64) {
        let Some(endpoint) = self.network.endpoints.remove(&id) else { return };
        let body = if endpoint.available() > 0 { Body::Reset } else { Body::Finish };
        let told = endpoint.send_ended && matches!(body, Body::Finish);
        if endpoint.phase == Phase::Established && !told {
            self.transmit(id, Packet { from: id, to: endpoint.peer, body });
        }
        if self.network.paths.get(&id).is_some_and(|path| path.queue.is_empty()) {
            self.network.paths.remove(&id);
        }
    }

    pub(crate) fn close_listener(&mut self, id: u64) {
        let Some(listener) = self.network.listeners.remove(&id) else { return };
        for endpoint in listener.backlog {
            if let Some(Endpoint { peer, .. }) = self.network.endpoints.remove(&endpoint) {
                self.transmit(endpoint, Packet { from: endpoint, to: peer, body: Body::Reset });
            }
        }
    }

    /// Sockets of a host whose processes are gone. Without power nobody is told.
    pub(crate) fn drop_sockets(&mut self, host: HostId, crash: Crash) {
        let listeners: Vec<u64> = self
            .network
            .listeners
            .iter()
            .filter(|(_, listener)| listener.host == host)
            .map(|(id, _)| *id)
            .collect();
        let endpoints: Vec<u64> = self
            .network
            .endpoints
            .iter()
            .filter(|(_, endpoint)| endpoint.host == host)
            .map(|(id, _)| *id)
            .collect();
        for id in listeners.iter().chain(&endpoints) {
            self.objects.remove(id);
        }
        match crash {
            Crash::Process => {
                listeners.into_iter().for_each(|id| self.close_listener(id));
                endpoints.into_iter().for_each(|id| self.close_endpoint(id));
            }
            Crash::Power => {
                listeners.iter().for_each(|id| drop(self.network.listeners.remove(id)));
                endpoints.iter().for_each(|id| drop(self.network.endpoints.remove(id)));
                self.network.paths.retain(|_, path| path.from_host != host);
            }
        }
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
}
