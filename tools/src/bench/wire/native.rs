//! The load's side of the native protocol, over the client's own connection core.

use super::{CLIENT, Event, Layout, Refusal, RefusalKind};
use anyhow::{Result, anyhow, bail};
use bytes::Bytes;
use ringlog_client::core::{ConnectionCore, ConnectionEvent};
use ringlog_model::{LeaderEpoch, Offset, PartitionId, ShardId};
use ringlog_native::body::{Acks, Isolation, Produce, Receipt, ShardMap, Subscribe};
use ringlog_native::{BODY_LIMIT_DEFAULT, Correlation, ErrorCode, Frame};
use std::collections::BTreeMap;
use std::rc::Rc;

const PRODUCE_TIMEOUT_MS: u32 = 30_000;

#[derive(Debug)]
enum Pending {
    Produce { ticket: u64 },
    Subscribe { place: usize },
    Ping { ticket: u64 },
}

struct Subscription {
    place: usize,
    /// Bytes delivered since the last grant.
    delivered: u64,
}

pub(crate) struct NativeCodec {
    layout: Rc<Layout>,
    core: ConnectionCore,
    is_greeted: bool,
    pending: BTreeMap<Correlation, Pending>,
    subscriptions: BTreeMap<Correlation, Subscription>,
    window: u64,
}

impl NativeCodec {
    /// `window` bounds what a subscription may be sent ahead.
    pub(crate) fn new(layout: Rc<Layout>, shard: Option<ShardId>, window: u64) -> NativeCodec {
        NativeCodec {
            layout,
            core: ConnectionCore::new(CLIENT, shard, BODY_LIMIT_DEFAULT),
            is_greeted: false,
            pending: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            window: window.max(1),
        }
    }

    pub(crate) fn is_greeted(&self) -> bool {
        self.is_greeted
    }

    pub(crate) fn produce(&mut self, place: usize, ticket: u64, acks: i16, batch: Bytes) {
        let place = self.layout.places[place];
        let acks = match acks {
            0 => Acks::None,
            1 => Acks::Leader,
            _ => Acks::All,
        };
        let partition = PartitionId { topic: place.topic_id, index: place.partition };
        let body = Produce { partition, acks, timeout_ms: PRODUCE_TIMEOUT_MS };
        if let Some(correlation) = self.core.produce(place.epoch, &body, batch) {
            self.pending.insert(correlation, Pending::Produce { ticket });
        }
    }

    pub(crate) fn subscribe(&mut self, at: usize, offset: i64, delivery_bytes: u32) {
        let place = self.layout.places[at];
        let body = Subscribe {
            partition: PartitionId { topic: place.topic_id, index: place.partition },
            offset: Offset(offset),
            credit: self.window,
            delivery_bytes_max: delivery_bytes,
            isolation: Isolation::ReadUncommitted,
        };
        let correlation = self.core.ask(&body, place.epoch);
        self.pending.insert(correlation, Pending::Subscribe { place: at });
        // Before the answer: the first delivery may stand right behind it.
        self.subscriptions.insert(correlation, Subscription { place: at, delivered: 0 });
    }

    /// Asks for where no topic is: a round trip that touches no data.
    pub(crate) fn ping(&mut self, ticket: u64) {
        let correlation = self.core.ask(&ShardMap { topics: Vec::new() }, LeaderEpoch::UNKNOWN);
        self.pending.insert(correlation, Pending::Ping { ticket });
    }

    pub(crate) fn take_output(&mut self) -> Vec<Bytes> {
        self.core.take_output()
    }

    pub(crate) fn has_output(&self) -> bool {
        !self.core.has_no_output()
    }

    pub(crate) fn receive(&mut self, bytes: &[u8], on: &mut dyn FnMut(Event<'_>)) -> Result<()> {
        self.core.receive(bytes)?;
        while let Some(event) = self.core.next_event() {
            match event {
                ConnectionEvent::Greeted(_) => self.is_greeted = true,
                ConnectionEvent::Unwelcome(error) => bail!("the node refused the connection: {error}"),
                ConnectionEvent::Reply { correlation, outcome } => {
                    let outcome = outcome.map_err(|error| (error.code, error.to_string()));
                    self.replied(correlation, outcome, on)?;
                }
                ConnectionEvent::Delivery { subscription, records, .. } => {
                    self.delivered(subscription, &records, on);
                }
                ConnectionEvent::Ended { subscription, error } => {
                    if let Some(ended) = self.subscriptions.remove(&subscription) {
                        on(refused(ended.place, error.code, error.to_string()));
                    }
                }
            }
        }
        Ok(())
    }

    fn replied(
        &mut self,
        correlation: Correlation,
        outcome: Result<Frame, (ErrorCode, String)>,
        on: &mut dyn FnMut(Event<'_>),
    ) -> Result<()> {
        let pending = self.pending.remove(&correlation).ok_or_else(|| anyhow!("an answer to no question"))?;
        match pending {
            Pending::Produce { ticket } => {
                let outcome = match outcome {
                    Ok(frame) => Ok(frame.decode::<Receipt>()?.base_offset.0),
                    Err((code, reason)) => Err(Refusal { reason, kind: kind(code) }),
                };
                on(Event::Produced { ticket, outcome });
            }
            Pending::Subscribe { place } => {
                if let Err((code, reason)) = outcome {
                    self.subscriptions.remove(&correlation);
                    on(refused(place, code, reason));
                }
            }
            Pending::Ping { ticket } => on(Event::Pong { ticket }),
        }
        Ok(())
    }

    fn delivered(&mut self, subscription: Correlation, records: &[u8], on: &mut dyn FnMut(Event<'_>)) {
        let Some(open) = self.subscriptions.get_mut(&subscription) else { return };
        on(Event::Records { place: open.place, records });
        on(Event::Fetched);
        open.delivered += records.len() as u64;
        if open.delivered >= self.window.div_ceil(2) {
            let bytes = std::mem::take(&mut open.delivered);
            self.core.grant(subscription, bytes);
        }
    }
}

fn refused(place: usize, code: ErrorCode, reason: String) -> Event<'static> {
    match code {
        ErrorCode::OffsetOutOfRange => Event::OutOfRange { place },
        _ => Event::Refused { place, refusal: Refusal { reason, kind: kind(code) } },
    }
}

fn kind(code: ErrorCode) -> RefusalKind {
    match code {
        ErrorCode::NotLeaderOrFollower => RefusalKind::Moved,
        _ => RefusalKind::Final,
    }
}
