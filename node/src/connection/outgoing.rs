//! Sends responses: bytes and ranges of files, in pieces, each of which must be taken in time.

use super::Reservation;
use crate::shard::Shard;
use bytes::Bytes;
use core::time::Duration;
use ringlog_reactor::{Alarm, Stream};
use ringlog_storage::FileSlice;
use std::io;

/// How much is handed to the socket at a time: progress is noticed, and deadlines hold, per piece.
const PIECE_BYTES: usize = 1 << 20;

/// A last piece that would be smaller than this goes with the one before: a response is often a little longer than the
/// round number that the client asked for, and a send for that little would cost as much as one for a lot.
const REST_MIN_BYTES: usize = PIECE_BYTES / 4;

/// How often a send that makes no progress is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A part of a response.
#[derive(Debug)]
pub(crate) enum Part {
    /// In memory.
    Bytes(Bytes),
    /// In a file, to be sent from the page cache.
    File(FileSlice),
}

impl Part {
    /// Bytes of it.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Part::Bytes(bytes) => bytes.len() as u64,
            Part::File(slice) => slice.length,
        }
    }
}

/// A whole response, or several pushes together.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    /// What to send, in order.
    pub(crate) parts: Vec<Part>,
    /// The memory that the parts keep from being freed.
    pub(crate) reservation: Option<Reservation>,
}

impl Outgoing {
    /// A response that is one piece of memory.
    pub(crate) fn bytes(bytes: Bytes) -> Outgoing {
        Outgoing { parts: vec![Part::Bytes(bytes)], reservation: None }
    }
}

/// Why a response was not sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("send: {0}")]
    Io(#[from] io::Error),
    #[error("the client does not read its responses: no progress for {0:?}")]
    Stalled(Duration),
}

/// Sends on one connection.
pub(crate) struct Sender<'a> {
    shard: &'a Shard,
    stream: &'a Stream,
    alarm: Alarm,
}

impl<'a> Sender<'a> {
    pub(crate) fn new(shard: &'a Shard, stream: &'a Stream) -> Sender<'a> {
        Sender { shard, stream, alarm: shard.reactor.alarm() }
    }

    /// Sends all of it.
    pub(crate) async fn send(&mut self, outgoing: Outgoing) -> Result<(), SendError> {
        let Outgoing { parts, reservation } = outgoing;
        let mut piece: Vec<Bytes> = Vec::with_capacity(parts.len().min(64));
        let mut piece_bytes = 0;
        for part in parts {
            match part {
                Part::Bytes(mut bytes) => {
                    while piece_bytes + bytes.len() > PIECE_BYTES + REST_MIN_BYTES {
                        let fits = PIECE_BYTES.saturating_sub(piece_bytes);
                        if fits > 0 {
                            piece.push(bytes.split_to(fits));
                        }
                        self.send_piece(std::mem::take(&mut piece), false).await?;
                        piece_bytes = 0;
                    }
                    piece_bytes += bytes.len();
                    if !bytes.is_empty() {
                        piece.push(bytes);
                    }
                }
                Part::File(slice) => {
                    self.send_piece(std::mem::take(&mut piece), true).await?;
                    piece_bytes = 0;
                    self.send_file(slice).await?;
                }
            }
        }
        self.send_piece(piece, false).await?;
        drop(reservation);
        Ok(())
    }

    async fn send_piece(&mut self, piece: Vec<Bytes>, more_follows: bool) -> Result<(), SendError> {
        if piece.is_empty() {
            return Ok(());
        }
        let length: usize = piece.iter().map(Bytes::len).sum();
        self.shard.counters.response_bytes.add(length as u64);
        let stream = self.stream;
        if more_follows {
            self.watched(stream.send_ahead(piece)).await
        } else {
            self.watched(stream.send(piece)).await
        }
    }

    async fn send_file(&mut self, slice: FileSlice) -> Result<(), SendError> {
        let file = self.shard.reactor.adopt_file(slice.file.clone());
        let end = slice.position + slice.length;
        let mut at = slice.position;
        while at < end {
            let piece = (end - at).min(PIECE_BYTES as u64);
            let stream = self.stream;
            self.watched(stream.send_file(&file, at, piece)).await?;
            self.shard.counters.response_bytes.add(piece);
            at += piece;
        }
        Ok(())
    }

    /// Waits for a piece to be taken. A client that takes nothing is let go after the deadline, or soon when others
    /// wait for the memory that its response holds.
    async fn watched(&mut self, sending: impl Future<Output = io::Result<()>>) -> Result<(), SendError> {
        let limit = self.shard.node.limits.send_deadline;
        let mut sending = std::pin::pin!(sending);
        let mut waited = Duration::ZERO;
        loop {
            let look = (limit - waited).min(LOOK_EVERY);
            if let Ok(result) = self.alarm.within(look, sending.as_mut()).await {
                return Ok(result?);
            }
            waited += look;
            if waited >= limit || self.shard.response_budget.is_contended() {
                return Err(SendError::Stalled(waited));
            }
        }
    }
}
