//! One end of a connection.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::{Buf, Bytes};

use crate::simulation::world::{HostId, OperationKey};

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Asked for; the operation waits for the answer.
    Connecting(OperationKey),
    /// Both ways open.
    Established,
    /// Broken, with the error number that operations on it get.
    Broken(i32),
}

/// One end of a connection: the bytes it has received, the room at the other end, and who waits.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) host: HostId,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    /// The other end; 0 until it is known.
    pub(crate) peer: u64,
    pub(crate) phase: Phase,
    /// Bytes the other end still has room for.
    pub(crate) window: usize,
    /// Bytes this end can hold, which is the other end's window at the start.
    pub(crate) capacity: usize,
    received: VecDeque<Bytes>,
    received_bytes: usize,
    /// The peer has finished, or this end was shut for receiving.
    pub(crate) receive_ended: bool,
    /// This end has finished.
    pub(crate) send_ended: bool,
    pub(crate) receives: VecDeque<OperationKey>,
    pub(crate) sends: VecDeque<OperationKey>,
}

impl Endpoint {
    pub(crate) fn new(
        host: HostId,
        local: SocketAddr,
        remote: SocketAddr,
        phase: Phase,
        capacity: usize,
    ) -> Endpoint {
        Endpoint {
            host,
            local,
            remote,
            peer: 0,
            phase,
            window: capacity,
            capacity,
            received: VecDeque::new(),
            received_bytes: 0,
            receive_ended: false,
            send_ended: false,
            receives: VecDeque::new(),
            sends: VecDeque::new(),
        }
    }

    /// Bytes that wait to be received.
    pub(crate) fn available(&self) -> usize {
        self.received_bytes
    }

    pub(crate) fn push(&mut self, bytes: Bytes) {
        self.received_bytes += bytes.len();
        self.received.push_back(bytes);
    }

    /// Takes up to `count` bytes out of the buffer, handing them over piece by piece.
    pub(crate) fn take(&mut self, count: usize, mut sink: impl FnMut(&[u8])) -> usize {
        let mut left = count.min(self.received_bytes);
        let taken = left;
        while left > 0 {
            let front = self.received.front_mut().expect("received_bytes counts what is queued");
            let piece = left.min(front.len());
            sink(&front[..piece]);
            front.advance(piece);
            if front.is_empty() {
                self.received.pop_front();
            }
            left -= piece;
        }
        self.received_bytes -= taken;
        taken
    }

    /// Breaks the connection; what was received is lost.
    pub(crate) fn break_with(&mut self, error: i32) {
        self.phase = Phase::Broken(error);
        self.received.clear();
        self.received_bytes = 0;
    }
}
