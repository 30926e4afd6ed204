//! Incremental fetch sessions (KIP-227): the broker remembers which partitions a client fetches, so that neither
//! requests nor responses name the thousands in which nothing happens.
//!
//! One cache per shard, for the connections of that shard. A client that comes back through another shard is told
//! that its session is unknown and starts a new one with a full fetch, as after a restart of the broker.

use ringlog_model::{Instant, LeaderEpoch, Offset, PartitionIndex, TopicId};
use std::{collections::BTreeMap, rc::Rc, time::Duration};

/// A session that was not used for this long may make room for another. Kafka's
/// `min.incremental.fetch.session.eviction.ms`.
const EVICTABLE_AFTER: Duration = Duration::from_secs(120);

/// The bound on partitions remembered in all sessions of a shard, about 100 bytes each.
const PARTITIONS_MAX: usize = 200_000;

/// No session: what requests carry that want none or a new one.
pub(crate) const NO_SESSION: i32 = 0;
/// The epoch of a request that wants a new session.
pub(crate) const INITIAL_EPOCH: i32 = 0;
/// The epoch of a request that ends its session and wants none.
pub(crate) const FINAL_EPOCH: i32 = -1;

/// A topic as the request named it: by name up to version 12, by id from version 13.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TopicKey {
    /// By name.
    Name(Rc<str>),
    /// By id.
    Id(TopicId),
}

/// A partition as the request named it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PartitionKey {
    /// Its topic.
    pub(crate) topic: TopicKey,
    /// Its number.
    pub(crate) index: PartitionIndex,
}

/// What a client wants of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Which partition.
    pub(crate) key: PartitionKey,
    /// From where.
    pub(crate) fetch_offset: Offset,
    /// At most so much, one batch excepted.
    pub(crate) bytes_max: usize,
    /// The leadership that the client knows of.
    pub(crate) current_leader_epoch: LeaderEpoch,
    /// The epoch of the last record that it has (KIP-595), to detect that logs have diverged.
    pub(crate) last_fetched_epoch: LeaderEpoch,
}

/// What a client was told of a partition, as far as it decides whether to tell it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The high watermark.
    pub(crate) high_watermark: Offset,
    /// The first offset of the log.
    pub(crate) log_start: Offset,
    /// Whether records went with it.
    pub(crate) has_records: bool,
    /// Whether it must be sent in any case: an error, or diverged logs.
    pub(crate) is_urgent: bool,
}

/// Why a session cannot go on. The client falls back to a full fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionError {
    /// There is no such session (any more).
    NotFound,
    /// The request is not the next one of its session.
    WrongEpoch,
    /// The session began with names and the request has ids, or the other way round.
    TopicIdMismatch,
}

/// What a fetch request asks for, with its session resolved.
#[derive(Debug)]
pub(crate) struct FetchContext {
    /// The session to answer with, or [`NO_SESSION`].
    pub(crate) session_id: i32,
    /// Whether partitions without news may be left out of the response.
    pub(crate) is_incremental: bool,
    /// The partitions to read, in the order of priority.
    pub(crate) wanted: Vec<Wanted>,
}

struct Remembered {
    wanted: Wanted,
    high_watermark: Option<Offset>,
    log_start: Option<Offset>,
}

struct Session {
    uses_topic_ids: bool,
    epoch: i32,
    used: Instant,
    /// Position of each partition in `order`.
    places: BTreeMap<PartitionKey, u64>,
    /// Who comes first. A partition that sent records goes to the end, so that a full response does not starve
    /// those behind it.
    order: BTreeMap<u64, Remembered>,
    next_place: u64,
}

/// The sessions of one shard.
pub(crate) struct FetchSessions {
    sessions: BTreeMap<i32, Session>,
    sessions_max: usize,
    partitions: usize,
}

/// One fetch request, as far as sessions matter.
pub(crate) struct SessionRequest {
    /// The session it names.
    pub(crate) session_id: i32,
    /// Its place in the session.
    pub(crate) epoch: i32,
    /// Whether it names topics by id.
    pub(crate) uses_topic_ids: bool,
    /// The partitions it adds or changes (all of them in a full fetch).
    pub(crate) wanted: Vec<Wanted>,
    /// The partitions it no longer wants.
    pub(crate) forgotten: Vec<PartitionKey>,
}

impl FetchSessions {
    pub(crate) fn new(sessions_max: usize) -> FetchSessions {
        FetchSessions { sessions: BTreeMap::new(), sessions_max, partitions: 0 }
    }

    /// Resolves a request. `fresh_id` is a random number for a session that may begin here.
    pub(crate) fn begin(
        &mut self,
        now: Instant,
        fresh_id: u64,
        request: SessionRequest,
    ) -> Result<FetchContext, SessionError> {
        if request.epoch == INITIAL_EPOCH || request.epoch == FINAL_EPOCH {
            self.remove(request.session_id);
            let session_id = if request.epoch == INITIAL_EPOCH {
                self.create(now, fresh_id, request.uses_topic_ids, &request.wanted)
            } else {
                NO_SESSION
            };
            return Ok(FetchContext { session_id, is_incremental: false, wanted: request.wanted });
        }
        self.go_on(now, request)
    }

    fn go_on(&mut self, now: Instant, request: SessionRequest) -> Result<FetchContext, SessionError> {
        let partitions_before = self.partitions;
        let session = self.sessions.get_mut(&request.session_id).ok_or(SessionError::NotFound)?;
        if session.epoch != request.epoch {
            return Err(SessionError::WrongEpoch);
        }
        if session.uses_topic_ids != request.uses_topic_ids {
            return Err(SessionError::TopicIdMismatch);
        }
        let had = session.order.len();
        for wanted in request.wanted {
            session.remember(wanted);
        }
        for key in &request.forgotten {
            session.forget(key);
        }
        self.partitions = partitions_before + session.order.len() - had;
        if session.order.is_empty() || self.partitions > PARTITIONS_MAX {
            let wanted = session.wanted();
            self.remove(request.session_id);
            return Ok(FetchContext { session_id: NO_SESSION, is_incremental: false, wanted });
        }
        session.epoch = next_epoch(session.epoch);
        session.used = now;
        let wanted = session.wanted();
        Ok(FetchContext { session_id: request.session_id, is_incremental: true, wanted })
    }

    /// Notes what the response to `context` says about the partition; returns whether it has to say it.
    pub(crate) fn tell(&mut self, context: &FetchContext, key: &PartitionKey, told: Told) -> bool {
        let Some(session) = self.sessions.get_mut(&context.session_id) else { return true };
        let Some(&place) = session.places.get(key) else { return true };
        let Some(remembered) = session.order.get_mut(&place) else { return true };
        let is_news = told.is_urgent
            || told.has_records
            || remembered.high_watermark != Some(told.high_watermark)
            || remembered.log_start != Some(told.log_start);
        // After an error the next response repeats the partition whatever it says.
        remembered.high_watermark = (!told.is_urgent).then_some(told.high_watermark);
        remembered.log_start = Some(told.log_start);
        if told.has_records {
            session.move_to_end(place);
        }
        is_news || !context.is_incremental
    }

    /// How many sessions and how many partitions in them.
    #[cfg(test)]
    fn sizes(&self) -> (usize, usize) {
        (self.sessions.len(), self.partitions)
    }

    fn create(&mut self, now: Instant, fresh_id: u64, uses_topic_ids: bool, wanted: &[Wanted]) -> i32 {
        if wanted.is_empty() || self.partitions + wanted.len() > PARTITIONS_MAX || !self.make_room(now) {
            return NO_SESSION;
        }
        let mut id = i32::try_from(fresh_id % 0x7fff_ffff).expect("the remainder is below 2^31") + 1;
        while self.sessions.contains_key(&id) {
            id = next_epoch(id);
        }
        let mut session = Session {
            uses_topic_ids,
            epoch: next_epoch(INITIAL_EPOCH),
            used: now,
            places: BTreeMap::new(),
            order: BTreeMap::new(),
            next_place: 0,
        };
        for wanted in wanted {
            session.remember(wanted.clone());
        }
        self.partitions += session.order.len();
        self.sessions.insert(id, session);
        id
    }

    fn make_room(&mut self, now: Instant) -> bool {
        if self.sessions.len() < self.sessions_max {
            return true;
        }
        let Some((&oldest, session)) = self.sessions.iter().min_by_key(|(_, session)| session.used) else {
            return false;
        };
        if now.since(session.used) < EVICTABLE_AFTER {
            return false;
        }
        self.remove(oldest);
        true
    }

    fn remove(&mut self, id: i32) {
        if let Some(session) = self.sessions.remove(&id) {
            self.partitions -= session.order.len();
        }
    }
}

impl Session {
    fn remember(&mut self, wanted: Wanted) {
        if let Some(remembered) = self.places.get(&wanted.key).and_then(|place| self.order.get_mut(place)) {
            remembered.wanted = wanted;
            return;
        }
        let place = self.next_place;
        self.next_place += 1;
        self.places.insert(wanted.key.clone(), place);
        self.order.insert(place, Remembered { wanted, high_watermark: None, log_start: None });
    }

    fn forget(&mut self, key: &PartitionKey) {
        if let Some(place) = self.places.remove(key) {
            self.order.remove(&place);
        }
    }

    fn move_to_end(&mut self, place: u64) {
        if let Some(remembered) = self.order.remove(&place) {
            self.places.insert(remembered.wanted.key.clone(), self.next_place);
            self.order.insert(self.next_place, remembered);
            self.next_place += 1;
        }
    }

    fn wanted(&self) -> Vec<Wanted> {
        self.order.values().map(|remembered| remembered.wanted.clone()).collect()
    }
}

/// Epochs (and session ids) count from 1 and start over after the largest number.
fn next_epoch(epoch: i32) -> i32 {
    if epoch == i32::MAX { 1 } else { epoch + 1 }
}

#[cfg(test)]
#[path = "fetch_session_tests.rs"]
mod tests;
