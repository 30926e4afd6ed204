//! What a coordinator has said and the log does not hold yet, and who waits for it.

use super::requests::{CoordinatorReply, Unavailable};
use bytes::Bytes;
use ringlog_batch::{BatchBuilder, BatchError, Compression};
use ringlog_coordinator::{Effect, Effects, EncodedRecord, Record, Response, Token};
use ringlog_model::Timestamp;
use std::collections::{BTreeMap, VecDeque};

/// A batch takes what waits until it has so many bytes. Kafka's default for the largest batch is twice as much; a
/// single record may be larger than either.
const BATCH_BYTES: usize = 512 << 10;

/// Requests, records and answers of one coordinator, in flight.
#[derive(Default)]
pub(super) struct Outbox {
    tokens: u64,
    /// Requests that the coordinator has not answered. At most one per member and connection.
    asked: BTreeMap<Token, CoordinatorReply>,
    /// Records to append; each entry goes into one batch as a whole.
    waiting: VecDeque<Vec<EncodedRecord>>,
    /// How many entries there have been, and how many of them are committed.
    recorded: u64,
    committed: u64,
    /// How many entries have been taken for appending.
    taken: u64,
    /// Answers that wait until so many entries are committed; in the order of that number.
    parked: VecDeque<(u64, CoordinatorReply, Response)>,
}

/// Records on their way into the log.
pub(super) struct Batch {
    pub(super) bytes: Bytes,
    /// How many entries are committed when this is.
    pub(super) upto: u64,
}

impl Outbox {
    /// Takes in a request.
    pub(super) fn ask(&mut self, reply: CoordinatorReply) -> Token {
        self.tokens += 1;
        let token = Token(self.tokens);
        self.asked.insert(token, reply);
        token
    }

    /// Takes in what the coordinator has decided.
    pub(super) fn take_in(&mut self, effects: &mut Effects) -> Result<(), BatchError> {
        for effect in effects.drain() {
            match effect {
                Effect::Append(records) => {
                    self.waiting.push_back(encode(&records)?);
                    self.recorded += 1;
                }
                Effect::Reply(token, response) => {
                    let Some(reply) = self.asked.remove(&token) else { continue };
                    if self.committed == self.recorded {
                        // A client that is gone does not get it.
                        let _ = reply.send(Ok(response));
                    } else {
                        self.parked.push_back((self.recorded, reply, response));
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn has_records(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The next batch, of everything that waits or as much as fits.
    pub(super) fn next_batch(&mut self, now: Timestamp) -> Result<Option<Batch>, BatchError> {
        let mut builder = BatchBuilder::new();
        while builder.size() < BATCH_BYTES
            && let Some(records) = self.waiting.pop_front()
        {
            for EncodedRecord { key, value } in &records {
                builder.append(now, Some(key), value.as_deref(), &[])?;
            }
            self.taken += 1;
        }
        if builder.record_count() == 0 {
            return Ok(None);
        }
        Ok(Some(Batch { bytes: builder.build(Compression::None)?.into(), upto: self.taken }))
    }

    /// A batch is committed: answers that waited for it go out.
    pub(super) fn committed(&mut self, upto: u64) {
        self.committed = self.committed.max(upto);
        while self.parked.front().is_some_and(|(after, ..)| *after <= upto) {
            if let Some((_, reply, response)) = self.parked.pop_front() {
                let _ = reply.send(Ok(response));
            }
        }
    }

    /// Everybody is told to ask elsewhere or later; what is not in the log is forgotten.
    pub(super) fn refuse_all(&mut self, why: Unavailable) {
        let asked = core::mem::take(&mut self.asked).into_values();
        let parked = core::mem::take(&mut self.parked).into_iter().map(|(_, reply, _)| reply);
        for reply in asked.chain(parked) {
            let _ = reply.send(Err(why));
        }
        self.waiting.clear();
        self.taken = self.recorded;
        self.committed = self.recorded;
    }
}

fn encode(records: &[Record]) -> Result<Vec<EncodedRecord>, BatchError> {
    // Names come from requests, whose strings are no longer than the format's.
    records.iter().map(|record| record.encode().map_err(|_| BatchError::FormatLimit)).collect()
}
