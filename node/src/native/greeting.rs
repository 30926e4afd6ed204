//! The first exchange: versions, identity, and the way to the shard that the client wants.

use super::plain;
use crate::{
    connection::{ConnectionError, FrameReader, Framing},
    shard::{Arrival, Shard, ShardMessage},
};
use bytes::{Bytes, BytesMut};
use core::net::SocketAddr;
use ringlog_model::ShardId;
use ringlog_native::{
    ErrorCode, Frame, Op, WIRE_VERSION,
    body::{Hello, HelloReply},
    error_frame,
};
use ringlog_reactor::Stream;

/// A client that is served here, beginning with the answer.
pub(crate) struct Greeted {
    pub(crate) stream: Stream,
    pub(crate) reader: FrameReader,
    pub(crate) answer: Bytes,
}

/// Reads the client's Hello; `None` if another shard has the connection now, or the client went away. A connection for
/// another shard is handed over together with what was read of it.
pub(crate) async fn greet(
    shard: &Shard,
    stream: Stream,
    peer: SocketAddr,
    listener: usize,
    received: Bytes,
) -> Result<Option<Greeted>, ConnectionError> {
    let mut reader = FrameReader::new(shard, Framing::Native, received);
    let Some(first) = reader.next(shard, &stream).await? else { return Ok(None) };
    let limit = shard.node.limits.request_bytes_max;
    let frame = Frame::parse(first.bytes.clone(), limit as usize).map_err(super::unreadable)?;
    let correlation = frame.header.correlation;
    let hello = match frame.decode::<Hello>() {
        Ok(hello) => hello,
        Err(error) => {
            refuse(&stream, &frame, ErrorCode::InvalidRequest, &error.to_string()).await;
            return Err(ConnectionError::Request(format!("a native connection without a greeting: {error}")));
        }
    };
    if !(hello.version_lowest..=hello.version_highest).contains(&WIRE_VERSION) {
        let message = format!("this node speaks wire version {WIRE_VERSION}");
        refuse(&stream, &frame, ErrorCode::UnsupportedVersion, &message).await;
        return Ok(None);
    }
    let stream = match hello.shard {
        Some(wanted) if wanted != shard.id && wanted.0 < shard.node.shard_count() => {
            match hand_over(shard, wanted, stream, &first.bytes, reader, peer, listener).await {
                Handed::Over => return Ok(None),
                Handed::Back(kept, kept_reader) => {
                    reader = *kept_reader;
                    kept
                }
            }
        }
        _ => stream,
    };
    let cluster = shard.view().image.cluster().unwrap_or_default();
    let reply = HelloReply {
        version: WIRE_VERSION,
        shard: shard.id,
        shard_count: shard.node.shard_count(),
        node: shard.node.node,
        cluster,
        body_limit: limit,
    };
    Ok(Some(Greeted { stream, reader, answer: plain(correlation, &reply) }))
}

enum Handed {
    Over,
    Back(Stream, Box<FrameReader>),
}

async fn hand_over(
    shard: &Shard,
    to: ShardId,
    stream: Stream,
    hello: &Bytes,
    reader: FrameReader,
    peer: SocketAddr,
    listener: usize,
) -> Handed {
    match stream.detach() {
        Ok(stream) => {
            let mut received = BytesMut::from(&hello[..]);
            received.extend_from_slice(&reader.into_received());
            let arrival = Arrival { stream, peer, listener, received: received.freeze() };
            shard.send(to, ShardMessage::Connection(arrival)).await;
            Handed::Over
        }
        // It cannot be moved now: served here, with a hop per request.
        Err(stream) => Handed::Back(stream, Box::new(reader)),
    }
}

async fn refuse(stream: &Stream, frame: &Frame, code: ErrorCode, message: &str) {
    let op = if frame.header.op.is_cluster() { Op::HELLO } else { frame.header.op };
    // The client may be gone already; the connection ends either way.
    let _ = stream.send(vec![error_frame(op, frame.header.correlation, code, message)]).await;
}
