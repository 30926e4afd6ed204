//! Frames over a connection.

use ringlog_native::cluster::{self, BodyError, CLUSTER_BODY_BYTES_MAX, ClusterBody, RefusalV1};
use ringlog_native::{Correlation, Flags, Frame, FrameBuffer, FrameError};
use ringlog_reactor::{Elapsed, Reactor, Receive, Stream};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How much is received at once. Frames are mostly far smaller, and an idle connection holds nothing.
const RECEIVE_BYTES: usize = 16 * 1024;

/// Why a connection is of no more use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error(transparent)]
    Network(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("{0}")]
    TimedOut(#[from] Elapsed),
    #[error("the peer closed the connection")]
    Closed,
    #[error("the peer refused: {0}")]
    Refused(String),
    #[error("the peer answered another request than the last one")]
    OutOfStep,
}

/// Takes frames off a connection.
pub(crate) struct FrameReader {
    reactor: Reactor,
    stream: Stream,
    buffer: FrameBuffer,
}

impl FrameReader {
    pub(crate) fn new(reactor: &Reactor, stream: Stream) -> FrameReader {
        FrameReader { reactor: reactor.clone(), stream, buffer: FrameBuffer::new(CLUSTER_BODY_BYTES_MAX) }
    }

    /// The next frame; `None` if the peer closed the connection between two.
    pub(crate) async fn next(&mut self) -> Result<Option<Frame>, ConnectionError> {
        let mut begun = false;
        loop {
            if let Some(frame) = self.buffer.next_frame()? {
                return Ok(Some(frame));
            }
            let room = self.reactor.buffer(RECEIVE_BYTES);
            let (received, bytes) = self.stream.receive(room, Receive::Some).await;
            match received? {
                0 if begun => return Err(ConnectionError::Closed),
                0 => return Ok(None),
                _ => self.buffer.push(&bytes),
            }
            begun = true;
        }
    }
}

/// A connection on which one request at a time is asked.
pub(crate) struct Caller {
    reactor: Reactor,
    stream: Stream,
    reader: FrameReader,
    asked: u64,
}

impl Caller {
    pub(crate) async fn connect(
        reactor: &Reactor,
        address: SocketAddr,
        patience: Duration,
    ) -> Result<Caller, ConnectionError> {
        let stream = reactor.timeout(patience, reactor.connect(address)).await??;
        stream.set_nodelay(true)?;
        let reader = FrameReader::new(reactor, stream.clone());
        Ok(Caller { reactor: reactor.clone(), stream, reader, asked: 0 })
    }

    /// Asks and waits for the answer. After any error the connection must be dropped.
    pub(crate) async fn ask<Q: ClusterBody, A: ClusterBody>(
        &mut self,
        request: &Q,
        patience: Duration,
    ) -> Result<A, ConnectionError> {
        self.asked += 1;
        let correlation = Correlation(self.asked);
        let frame = cluster::frame(Flags::NONE, correlation, request);
        let reactor = self.reactor.clone();
        let exchange = async {
            self.stream.send(vec![frame]).await?;
            self.reader.next().await?.ok_or(ConnectionError::Closed)
        };
        let answer = reactor.timeout(patience, exchange).await??;
        if answer.header.correlation != correlation {
            return Err(ConnectionError::OutOfStep);
        }
        if answer.header.flags.contains(Flags::ERROR) {
            let refusal: RefusalV1 = cluster::body(&answer)?;
            return Err(ConnectionError::Refused(refusal.message));
        }
        Ok(cluster::body(&answer)?)
    }
}
