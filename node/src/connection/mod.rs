//! Connections: from bytes to frames, and from responses to bytes, in the order of the requests.
//!
//! ```text
//! receive ──> FrameReader ──> begin (order fixed) ──> line of pending ──> finish ──> send
//!                  ▲ no receive is posted while the connection's or the shard's bytes in flight are at their bound
//! ```

mod accept;
mod budget;
mod frame;
mod line;
mod outgoing;
mod pipeline;
mod reader;

pub(crate) use accept::{Accepting, accept};
pub(crate) use budget::{Budget, Reservation};
pub(crate) use frame::Framing;
pub(crate) use line::Line;
pub(crate) use outgoing::{Outgoing, Part, SendError, Sender};
pub(crate) use pipeline::{Pending, Pipeline, Work};
pub(crate) use reader::{FrameReader, ReadError, ReceivedFrame};

use crate::{
    api,
    listener::Protocol,
    native::{self, Greeted},
    shard::{Arrival, Shard},
    signal::Signal,
};
use bytes::Bytes;
use core::net::SocketAddr;
use futures_lite::future;
use ringlog_reactor::Stream;
use std::rc::Rc;

/// What a connection's handlers know of it.
pub(crate) struct Connection {
    /// The shard that serves it.
    pub(crate) shard: Shard,
    /// The socket.
    pub(crate) stream: Stream,
    /// Which listener it came through, as an index.
    pub(crate) listener: usize,
    /// Set when the connection shall read no more, answer what is in flight, and end.
    pub(crate) stop: Rc<Signal>,
}

/// Why a connection ended, if not by its client's wish.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    /// The client's bytes could not be followed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The client did not take its response.
    #[error(transparent)]
    Send(#[from] SendError),
    /// A request that Kafka answers by closing.
    #[error("{0}")]
    Request(String),
}

impl ConnectionError {
    /// Whether a line in the log is due: not for a client that just went away.
    fn is_worth_a_line(&self) -> bool {
        match self {
            ConnectionError::Read(ReadError::Io(_)) | ConnectionError::Send(SendError::Io(_)) => false,
            ConnectionError::Read(ReadError::Idle) => false,
            ConnectionError::Read(_) | ConnectionError::Send(_) | ConnectionError::Request(_) => true,
        }
    }
}

/// Serves a connection to its end.
pub(crate) async fn serve(shard: Shard, arrival: Arrival) {
    let Arrival { stream, peer, listener, received } = arrival;
    let counters = shard.counters.clone();
    counters.connections.add(1);
    // A connection that another shard handed over was accepted there.
    if received.is_empty() {
        counters.connections_accepted.add(1);
    }
    match shard.reactor.adopt(stream) {
        Ok(stream) => {
            let (number, stop) = shard.enter_connection();
            if let Err(error) = serve_protocol(&shard, stream, peer, listener, stop, received).await
                && error.is_worth_a_line()
            {
                counters.connections_refused.add(1);
                tracing::warn!(%peer, %error, "closed a connection");
            }
            shard.leave_connection(number);
        }
        Err(error) => tracing::warn!(%peer, %error, "could not take over a connection"),
    }
    counters.connections.subtract(1);
    counters.connections_closed.add(1);
}

async fn serve_protocol(
    shard: &Shard,
    stream: Stream,
    peer: SocketAddr,
    listener: usize,
    stop: Rc<Signal>,
    received: Bytes,
) -> Result<(), ConnectionError> {
    let connection =
        |stream| Rc::new(Connection { shard: shard.clone(), stream, listener, stop: stop.clone() });
    match shard.node.listeners[listener].protocol {
        Protocol::Kafka => api::serve(&connection(stream), received).await,
        // Boxed: the states of its greeting would make every connection larger.
        Protocol::Native => {
            Box::pin(async {
                let greeting = future::or(
                    async {
                        stop.wait().await;
                        Ok(None)
                    },
                    native::greet(shard, stream, peer, listener, received),
                );
                match greeting.await? {
                    Some(Greeted { stream, reader, answer }) => {
                        native::serve(&connection(stream), reader, answer).await
                    }
                    None => Ok(()),
                }
            })
            .await
        }
    }
}
