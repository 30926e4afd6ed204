//! Packets between hosts, and the ends of connections.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::Crash;
use super::network::{Body, Endpoint, Network, Packet, Path, Phase};
use super::world::{Event, HostId, Object, Outcome, World};
use crate::Completion;

/// How long after a full backlog the request is sent again.
const CONNECT_RETRY: Duration = Duration::from_secs(1);
/// How long packets are held back by a cut before their connection breaks.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);
/// Packets within one host.
const LOOPBACK_DELAY: (Duration, Duration) = (Duration::from_micros(2), Duration::from_micros(40));

/// Packets.
impl World {
    pub(crate) fn open_path(&mut self, from: u64, from_host: HostId, to_host: HostId) {
        self.network
            .paths
            .insert(from, Path { from_host, to_host, queue: VecDeque::new(), stalled_since: None });
    }

    pub(crate) fn transmit(&mut self, from: u64, packet: Packet) {
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
        let between = |endpoint: &Endpoint, network: &Network| {
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
}
