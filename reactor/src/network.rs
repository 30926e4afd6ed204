//! Listening sockets and connections.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use bytes::Bytes;

use crate::file::advance;
use crate::reactor::unexpected;
use crate::slots::OperationFuture;
use crate::{Buffer, Completion, DriverKind, File, Handle, Operation, Reactor, Release, Way};

/// From this many missing bytes on, a receive of all asks the kernel to complete only when all are there: fewer
/// wakes for bulk, while small frames are not held up by the longer path.
const WAIT_ALL_MIN: usize = 32 * 1024;
/// How much of a file one operation sends at most, so that one connection does not hold a file thread for long.
const SEND_FILE_MAX: u64 = 1 << 20;

/// A listening socket; closed on drop. One task at a time may accept.
pub struct Listener {
    socket: Socket,
    bound: SocketAddr,
    /// An accept whose future was dropped: it may have a connection already, so the next one carries on with it.
    abandoned: RefCell<Option<OperationFuture>>,
}

impl Listener {
    pub(crate) fn new(reactor: Reactor, handle: Handle, bound: SocketAddr) -> Self {
        Self { socket: Socket::new(reactor, handle), bound, abandoned: RefCell::default() }
    }

    /// Waits for a connection. Dropping the future loses none.
    pub async fn accept(&self) -> io::Result<(Stream, SocketAddr)> {
        let operation = self.abandoned.borrow_mut().take().unwrap_or_else(|| {
            let listener = self.socket.handle.clone();
            self.socket.reactor.submit(Operation::Accept { listener })
        });
        let keeper = KeepOnDrop { place: &self.abandoned, operation: Some(operation) };
        match keeper.finish().await {
            Completion::Accepted(accepted) => {
                let (handle, peer) = accepted?;
                Ok((Stream::new(self.socket.reactor.clone(), handle), peer))
            }
            other => unexpected(&other),
        }
    }

    /// The address it is bound to.
    pub fn local_address(&self) -> SocketAddr {
        self.bound
    }
}

/// How much a receive waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receive {
    /// Whatever comes first, up to the room left in the buffer.
    Some,
    /// Exactly this many bytes; fewer only if the peer finishes before.
    All(usize),
}

/// A connection on one shard; clones share it. One task may receive while another sends; two may not do the same.
///
/// When the last clone is dropped the connection is closed: what the kernel has taken is still sent, operations in
/// flight are cancelled.
#[derive(Clone)]
pub struct Stream {
    shared: Rc<Connection>,
}

struct Connection {
    socket: Socket,
    /// A receive whose future was dropped while it was in flight. It may still take bytes, so the next receive waits
    /// for it and delivers them first.
    abandoned: RefCell<Option<OperationFuture>>,
    /// Bytes an abandoned receive took and that did not fit the next buffer.
    carried: RefCell<Buffer>,
    /// A send was dropped half way: how much went out is unknown, so nothing may follow it.
    send_broken: Cell<bool>,
}

/// A connection on its way to another shard: give it to [`Reactor::adopt`] there.
pub struct DetachedStream {
    handle: Handle,
    from: DriverKind,
}

impl Stream {
    pub(crate) fn new(reactor: Reactor, handle: Handle) -> Self {
        let shared = Connection {
            socket: Socket::new(reactor, handle),
            abandoned: RefCell::default(),
            carried: RefCell::default(),
            send_broken: Cell::new(false),
        };
        Self { shared: Rc::new(shared) }
    }

    /// Receives into the buffer, appended to its filled part. `Ok(0)` means the peer has finished (or no room was
    /// asked for). Dropping the future loses no bytes: the next receive delivers them.
    pub async fn receive(&self, mut buffer: Buffer, amount: Receive) -> (io::Result<usize>, Buffer) {
        let wanted = match amount {
            Receive::Some => buffer.remaining(),
            Receive::All(length) => length,
        };
        if wanted > buffer.remaining() {
            let error =
                io::Error::new(io::ErrorKind::InvalidInput, "a receive beyond the room of its buffer");
            return (Err(error), buffer);
        }
        if let Err(error) = self.shared.settle_abandoned().await {
            return (Err(error), buffer);
        }
        let mut done = self.shared.take_carried(&mut buffer, wanted);
        while done < wanted && !(done > 0 && amount == Receive::Some) {
            let length = wanted - done;
            let wait_all = amount != Receive::Some && length >= WAIT_ALL_MIN;
            let result;
            (result, buffer) = self.shared.receive_once(buffer, length, wait_all).await;
            match result {
                Ok(0) => break,
                Ok(received) => done += received,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (Err(error), buffer),
            }
        }
        (Ok(done), buffer)
    }

    /// Sends all parts in order. If the future is dropped before it has finished, later sends fail with
    /// `BrokenPipe`: how much of it went out is unknown.
    pub async fn send(&self, parts: Vec<Bytes>) -> io::Result<()> {
        self.send_parts(parts, false).await
    }

    /// The same as [`Stream::send`] when something else is sent at once after it: the peer is not woken for this alone.
    pub async fn send_ahead(&self, parts: Vec<Bytes>) -> io::Result<()> {
        self.send_parts(parts, true).await
    }

    async fn send_parts(&self, mut parts: Vec<Bytes>, more: bool) -> io::Result<()> {
        let sending = self.shared.begin_send()?;
        parts.retain(|part| !part.is_empty());
        while !parts.is_empty() {
            let socket = self.shared.socket.handle.clone();
            let result;
            (result, parts) = match self.submit(Operation::Send { socket, parts, more }).await {
                Completion::Written { result, parts } => (result, parts),
                other => unexpected(&other),
            };
            match result {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => advance(&mut parts, sent),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        sending.complete();
        Ok(())
    }

    /// Sends a range of a file without copying it through user memory. Pages in the page cache are sent at once, others
    /// by a file thread that reads them first. `UnexpectedEof` if the file ends before. Dropping the future breaks later
    /// sends. For files opened without direct I/O, which would pass the page cache by.
    pub async fn send_file(&self, file: &File, mut offset: u64, length: u64) -> io::Result<()> {
        let sending = self.shared.begin_send()?;
        let mut left = length;
        while left > 0 {
            let (socket, file) = (self.shared.socket.handle.clone(), file.handle().clone());
            let operation = Operation::SendFile { socket, file, offset, length: left.min(SEND_FILE_MAX) };
            let result = match self.submit(operation).await {
                Completion::Count(result) => result,
                other => unexpected(&other),
            };
            match result {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(sent) => {
                    offset += sent;
                    left -= sent;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let socket = self.shared.socket.handle.clone();
                    self.unit(Operation::Writable { socket }).await?;
                }
                Err(error) => return Err(error),
            }
        }
        sending.complete();
        Ok(())
    }

    /// Shuts down one or both ways.
    pub async fn shutdown(&self, way: Way) -> io::Result<()> {
        let socket = self.shared.socket.handle.clone();
        self.unit(Operation::Shutdown { socket, way }).await
    }

    /// Address of the peer.
    pub fn peer_address(&self) -> io::Result<SocketAddr> {
        self.shared.socket.reactor.shard.driver.peer_address(&self.shared.socket.handle)
    }

    /// Our own address of this connection.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.shared.socket.reactor.shard.driver.local_address(&self.shared.socket.handle)
    }

    /// Sends small frames at once (Nagle's algorithm off).
    pub fn set_nodelay(&self, on: bool) -> io::Result<()> {
        self.shared.socket.reactor.shard.driver.set_nodelay(&self.shared.socket.handle, on)
    }

    /// Takes the connection off this shard. Fails, giving it back, if there are other clones or if a receive was
    /// dropped in flight (its bytes would be lost).
    pub fn detach(self) -> Result<DetachedStream, Self> {
        let quiet = self.shared.abandoned.borrow().is_none() && self.shared.carried.borrow().is_empty();
        if !quiet || Rc::strong_count(&self.shared) > 1 {
            return Err(self);
        }
        let handle = self.shared.socket.handle.clone();
        let from = self.shared.socket.reactor.driver();
        self.shared.socket.release.set(Release::Move);
        Ok(DetachedStream { handle, from })
    }

    async fn unit(&self, operation: Operation) -> io::Result<()> {
        match self.submit(operation).await {
            Completion::Unit(result) => result,
            other => unexpected(&other),
        }
    }

    fn submit(&self, operation: Operation) -> OperationFuture {
        self.shared.socket.reactor.submit(operation)
    }
}

impl Reactor {
    /// Makes a connection accepted on another shard usable on this one.
    pub fn adopt(&self, stream: DetachedStream) -> io::Result<Stream> {
        if stream.from != self.driver() {
            self.shard.driver.adopt(&stream.handle)?;
        }
        Ok(Stream::new(self.clone(), stream.handle))
    }
}

impl Connection {
    async fn receive_once(
        &self,
        buffer: Buffer,
        length: usize,
        wait_all: bool,
    ) -> (io::Result<usize>, Buffer) {
        let socket = self.socket.handle.clone();
        let operation = self.socket.reactor.submit(Operation::Receive { socket, buffer, length, wait_all });
        let completion = self.keep(operation).finish().await;
        match completion {
            Completion::Read { result, buffer } => (result, buffer),
            other => unexpected(&other),
        }
    }

    fn keep(&self, operation: OperationFuture) -> KeepOnDrop<'_> {
        KeepOnDrop { place: &self.abandoned, operation: Some(operation) }
    }

    /// Waits for a receive that was dropped in flight and keeps what it took.
    async fn settle_abandoned(&self) -> io::Result<()> {
        let Some(operation) = self.abandoned.borrow_mut().take() else { return Ok(()) };
        operation.request_cancel();
        let completion = self.keep(operation).finish().await;
        let Completion::Read { result, buffer } = completion else { unexpected(&completion) };
        match result {
            Ok(received) => {
                let mut late = Buffer::with_capacity(received);
                late.extend_from_slice(&buffer[buffer.len() - received..]);
                *self.carried.borrow_mut() = late;
                Ok(())
            }
            Err(error) if was_cancelled(&error) || error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn take_carried(&self, buffer: &mut Buffer, wanted: usize) -> usize {
        let mut carried = self.carried.borrow_mut();
        let count = carried.len().min(wanted);
        if count > 0 {
            buffer.extend_from_slice(&carried[..count]);
            carried.consume_front(count);
        }
        if carried.is_empty() {
            *carried = Buffer::default();
        }
        count
    }

    fn begin_send(&self) -> io::Result<Sending<'_>> {
        if self.send_broken.replace(true) {
            let message = "an earlier send on this connection failed, was dropped or is still going on";
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, message));
        }
        Ok(Sending { connection: self })
    }
}

/// An operation whose result must not be lost: if it is dropped in flight, it is kept for the next of its kind.
struct KeepOnDrop<'a> {
    place: &'a RefCell<Option<OperationFuture>>,
    operation: Option<OperationFuture>,
}

impl KeepOnDrop<'_> {
    async fn finish(mut self) -> Completion {
        let completion = self.operation.as_mut().expect("taken only below and on drop").await;
        self.operation = None;
        completion
    }
}

impl Drop for KeepOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(operation) = self.operation.take() {
            *self.place.borrow_mut() = Some(operation);
        }
    }
}

/// A send in flight; unless it completes, the connection stays broken for sends.
struct Sending<'a> {
    connection: &'a Connection,
}

impl Sending<'_> {
    fn complete(self) {
        self.connection.send_broken.set(false);
    }
}

fn was_cancelled(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ECANCELED)
}

struct Socket {
    reactor: Reactor,
    handle: Handle,
    release: Cell<Release>,
}

impl Socket {
    fn new(reactor: Reactor, handle: Handle) -> Self {
        Self { reactor, handle, release: Cell::new(Release::Close) }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.reactor.shard.driver.release(&self.handle, self.release.get());
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Listener({})", self.bound)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Stream({:?})", self.shared.socket.handle)
    }
}

impl fmt::Debug for DetachedStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DetachedStream({:?})", self.handle)
    }
}
