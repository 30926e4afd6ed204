//! Requests in flight on one connection: begun in order, answered in order.

use super::{
    Connection, ConnectionError, FrameReader, Outgoing, Part, ReceivedFrame, Reservation, Sender,
    budget::Budget, line::Line,
};
use crate::metrics::RequestKind;
use futures_lite::future;
use ringlog_model::Instant;
use ringlog_reactor::LocalBoxFuture;
use std::rc::Rc;

/// What became of a request whose place in the order is fixed.
pub(crate) enum Work {
    /// The answer is there.
    Ready(Outgoing),
    /// There is no answer.
    Nothing,
    /// The answer, if there is one, is computed when it is this request's turn. Appends are under way already and are only waited for.
    Later(LocalBoxFuture<Result<Option<Outgoing>, ConnectionError>>),
}

/// A request whose answer is due.
pub(crate) struct Pending {
    pub(crate) work: Work,
    /// What the request holds of its connection's and its shard's bytes until it is answered.
    pub(crate) reservations: (Option<Reservation>, Option<Reservation>),
    /// What was asked and when; none for what is pushed without being asked.
    pub(crate) asked: Option<(RequestKind, Instant)>,
}

impl Work {
    /// The answer, if there is one.
    async fn outcome(self) -> Result<Option<Outgoing>, ConnectionError> {
        match self {
            Work::Later(later) => later.await,
            ready => Ok(ready.into_ready()),
        }
    }

    fn into_ready(self) -> Option<Outgoing> {
        match self {
            Work::Ready(outgoing) => Some(outgoing),
            Work::Nothing | Work::Later(_) => None,
        }
    }
}

/// Bytes of answers up to which another one is added to the same send.
const GATHERED_BYTES_MAX: u64 = 16 << 10;

/// Answers that go out together.
#[derive(Default)]
struct Gathered {
    outgoing: Outgoing,
    bytes: u64,
    asked: Vec<(RequestKind, Instant)>,
}

/// The two halves of a connection, run by one task.
pub(crate) struct Pipeline {
    connection: Rc<Connection>,
    in_flight: Rc<Budget>,
    line: Line<Pending>,
}

impl Pipeline {
    pub(crate) fn new(connection: &Rc<Connection>) -> Pipeline {
        let limits = &connection.shard.node.limits;
        Pipeline {
            connection: connection.clone(),
            in_flight: Budget::new(limits.connection_bytes_max),
            line: Line::new(limits.connection_requests_max),
        }
    }

    /// Where pending answers go: for handlers that push without being asked.
    pub(crate) fn line(&self) -> Line<Pending> {
        self.line.clone()
    }

    /// Sends an answer that no request of the pipeline asked for.
    pub(crate) async fn answer_with(&self, work: Work) {
        // Fails only when the line is closed, and that happens behind the pipeline's loop.
        let _ = self.line.push(Pending { work, reservations: (None, None), asked: None }).await;
    }

    /// Runs until the client closes, an error, or the shard's stop; then what is in flight is still answered.
    ///
    /// `begin` takes a frame and fixes its order.
    pub(crate) async fn run(
        &self,
        reader: FrameReader,
        begin: impl AsyncFnMut(ReceivedFrame) -> Result<Work, ConnectionError>,
    ) -> Result<(), ConnectionError> {
        let receiving = async {
            match self.receive(reader, begin).await {
                Ok(End::Closed) => Ok(()),
                Ok(End::Stopping) => {
                    self.line.close();
                    // The other half ends the connection when everything is answered.
                    future::pending().await
                }
                Err(error) => Err(error),
            }
        };
        self.line.run(receiving, self.answer()).await
    }

    async fn receive(
        &self,
        mut reader: FrameReader,
        mut begin: impl AsyncFnMut(ReceivedFrame) -> Result<Work, ConnectionError>,
    ) -> Result<End, ConnectionError> {
        let shard = &self.connection.shard;
        loop {
            let next = async { Some(reader.next(shard, &self.connection.stream).await) };
            let stopping = async {
                self.connection.stop.wait().await;
                None
            };
            let Some(next) = future::or(stopping, next).await else { return Ok(End::Stopping) };
            let Some(mut frame) = next? else { return Ok(End::Closed) };
            let length = frame.bytes.len();
            let kind = frame.kind();
            let asked = Some((kind, shard.instant()));
            shard.counters.requests.begun(kind);
            shard.counters.request_bytes.add(length as u64);
            let of_connection = match self.in_flight.try_reserve(length) {
                Some(reservation) => reservation,
                None => self.in_flight.reserve(length).await,
            };
            let of_shard = frame.reservation.take();
            // Boxed, as is the send below: connections that wait, thousands of them, need not hold room for the state.
            let work = Box::pin(begin(frame)).await?;
            let reservations = (Some(of_connection), of_shard);
            // Fails only when the line is closed, which happens behind this loop.
            let _ = self.line.push(Pending { work, reservations, asked }).await;
        }
    }

    async fn answer(&self) -> Result<(), ConnectionError> {
        let mut sender = Sender::new(&self.connection.shard, &self.connection.stream);
        let mut gathered = Gathered::default();
        // The request whose answer was not there when those before it were sent.
        let mut waiting = None;
        loop {
            let pending = match waiting.take() {
                Some(pending) => pending,
                None => match self.line.pop().await {
                    Some(pending) => pending,
                    None => return Ok(()),
                },
            };
            let Pending { work, reservations, asked } = pending;
            let first = work.outcome().await?;
            drop(reservations);
            self.gather(&mut gathered, first, asked);
            let ended = self.gather_ready(&mut gathered, &mut waiting).await;
            let Gathered { outgoing, asked, .. } = &mut gathered;
            if !outgoing.parts.is_empty() {
                Box::pin(sender.send(std::mem::take(outgoing))).await?;
            }
            let shard = &self.connection.shard;
            for (kind, begun) in asked.drain(..) {
                let nanos = shard.instant().0.saturating_sub(begun.0);
                shard.counters.requests.answered(kind, nanos);
            }
            gathered.bytes = 0;
            ended?;
        }
    }

    /// Adds the answers that are there by now: requests of one connection are often answered by the same commit group, and
    /// one send costs as much for several answers as for one.
    async fn gather_ready(
        &self,
        gathered: &mut Gathered,
        waiting: &mut Option<Pending>,
    ) -> Result<(), ConnectionError> {
        while gathered.bytes < GATHERED_BYTES_MAX
            && gathered.outgoing.reservation.is_none()
            && let Some(mut pending) = self.line.try_pop()
        {
            let outcome = match &mut pending.work {
                Work::Later(later) => future::poll_once(later).await,
                work => Some(Ok(std::mem::replace(work, Work::Nothing).into_ready())),
            };
            let Some(outcome) = outcome else {
                *waiting = Some(pending);
                break;
            };
            let outcome = outcome?;
            drop(pending.reservations);
            self.gather(gathered, outcome, pending.asked);
        }
        Ok(())
    }

    fn gather(
        &self,
        gathered: &mut Gathered,
        outgoing: Option<Outgoing>,
        asked: Option<(RequestKind, Instant)>,
    ) {
        let Some(mut outgoing) = outgoing else { return };
        self.count_refusal(asked, &outgoing);
        gathered.asked.extend(asked);
        gathered.bytes += outgoing.parts.iter().map(Part::length).sum::<u64>();
        let all = &mut gathered.outgoing;
        all.parts.append(&mut outgoing.parts);
        // Nothing is added behind an answer that holds memory.
        all.reservation = outgoing.reservation;
    }

    /// Native answers say in their header whether they are errors. Kafka's have codes anywhere: they are counted where
    /// they are encoded.
    fn count_refusal(&self, asked: Option<(RequestKind, Instant)>, outgoing: &Outgoing) {
        if let (Some((RequestKind::Native(_), _)), [Part::Bytes(frame)]) = (asked, &outgoing.parts[..])
            && let Some(code) = ringlog_native::error_of_frame(frame)
        {
            self.connection.shard.counters.requests.error(code.number(), 1);
        }
    }
}

/// Why no more is received.
enum End {
    Closed,
    Stopping,
}
