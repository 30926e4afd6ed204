//! The simulator through its public face: files and crashes, sockets, time, determinism.

mod determinism;
mod files;
mod sockets;
mod time;

use bytes::Bytes;

use crate::{Buffer, Reactor, Receive, Stream};

/// `length` bytes, page-aligned, as direct writes want them.
fn aligned(fill: u8, length: usize) -> Bytes {
    let mut buffer = Buffer::with_capacity(length.max(4096));
    buffer.extend_from_slice(&vec![fill; length]);
    buffer.freeze()
}

async fn send(stream: &Stream, bytes: &[u8]) -> std::io::Result<()> {
    stream.send(vec![Bytes::copy_from_slice(bytes)]).await
}

async fn receive_all(reactor: &Reactor, stream: &Stream, length: usize) -> std::io::Result<Vec<u8>> {
    let (result, buffer) = stream.receive(reactor.buffer(length), Receive::All(length)).await;
    result.map(|_| buffer.to_vec())
}

/// Receives until the peer has finished.
async fn receive_to_end(reactor: &Reactor, stream: &Stream) -> std::io::Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let (result, buffer) = stream.receive(reactor.buffer(1000), Receive::Some).await;
        if result? == 0 {
            return Ok(all);
        }
        all.extend_from_slice(&buffer);
    }
}
