//! Folds checkpoints and journal entries into the states of the logs. Pure.
//!
//! A range of bytes that an entry speaks of is *pending*: inline ones and what the catalog carries are still to be written
//! to their segment, external ones still to be compared with their checksum. They are not judged while folding, because a later entry
//! may have removed them, and their file may by now hold something else: only what survives the fold is looked at.

use crate::format::catalog::Carried;
use crate::format::entry::{Entry, Payload};
use crate::format::snapshot::Attachment;
use crate::state::{Appended, Change, Contradiction, FileId, LogState};
use ringlog_model::{LeaderEpoch, LogId, Offset, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Where inline bytes lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JournalPlace {
    /// The domain whose journal it is.
    pub domain: u16,
    /// Which half.
    pub half: u64,
    /// First byte.
    pub position: u64,
    /// The group that holds it.
    pub sequence: u64,
}

/// Where the bytes of a pending range are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PendingBytes {
    /// In a journal, to be written to the segment.
    Inline(JournalPlace),
    /// Here, out of the catalog, to be written to the segment.
    Carried(Vec<u8>),
    /// In the segment but for their last bytes, if they have this checksum.
    External {
        /// What the batches' fields must add up to.
        checksum: u32,
        /// How many of the last bytes are in the journal.
        end: u64,
        /// Where these lie.
        place: JournalPlace,
    },
}

/// Bytes of a log that are not known to be in their segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The segment.
    pub segment: Offset,
    /// What was appended.
    pub appended: Appended,
    /// The segment's largest timestamp before it.
    pub max_timestamp_before: Timestamp,
    /// Where the bytes are.
    pub bytes: PendingBytes,
}

/// A log after the fold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayedLog {
    /// Its state, if everything pending holds.
    pub state: LogState,
    /// What its owner left.
    pub attachment: Option<Attachment>,
    /// In the order of offsets.
    pub pending: VecDeque<Pending>,
    /// Entries after a missing one were found: something acknowledged may be lost.
    pub gap: bool,
    /// What the next catalog carries of it: then nothing is pending.
    pub carried: Option<Carried>,
}

/// All logs while they are folded.
#[derive(Debug, Default)]
pub struct Replay {
    /// The logs that exist.
    pub logs: BTreeMap<LogId, ReplayedLog>,
    deleted: BTreeSet<LogId>,
    /// One past the greatest log id seen.
    pub next_log: u64,
}

impl Replay {
    /// Begins with the states of a catalog or goes on with those of a checkpoint, which replace earlier ones.
    pub fn take_states(&mut self, states: Vec<(LogState, Option<Attachment>)>) {
        for (state, attachment) in states {
            self.next_log = self.next_log.max(state.log.0 + 1);
            let log = ReplayedLog { state, attachment, pending: VecDeque::new(), gap: false, carried: None };
            self.logs.insert(log.state.log, log);
        }
    }

    /// What a catalog or a checkpoint carries of its logs, after their states: this is not in their segments.
    pub fn take_carried(&mut self, all: Vec<Carried>) {
        for carried in all {
            let log = self.logs.get_mut(&carried.log);
            let log = log.expect("it is decoded only if it has the log");
            let last = log.state.segments.back().expect("and the log a segment");
            let length = carried.bytes.len() as u64;
            let appended = Appended {
                position: last.length - length,
                length,
                base_offset: carried.base_offset,
                end_offset: last.end_offset,
                max_timestamp: last.max_timestamp,
                leader_epoch: log.state.epochs.last().map_or(LeaderEpoch::default(), |(epoch, _)| *epoch),
            };
            log.pending.push_back(Pending {
                segment: last.base_offset,
                appended,
                max_timestamp_before: last.max_timestamp,
                bytes: PendingBytes::Carried(carried.bytes),
            });
        }
    }

    /// Logs that a checkpoint knows to be deleted.
    pub fn take_deleted(&mut self, deleted: &[LogId]) {
        for log in deleted {
            self.logs.remove(log);
            self.deleted.insert(*log);
            self.next_log = self.next_log.max(log.0 + 1);
        }
    }

    /// Folds one entry. `place` is where the inline bytes of the entry lie.
    ///
    /// Entries of versions the state has already are passed over: a checkpoint may be ahead of the journal. An entry
    /// that does not follow the log's version is the consequence of a lost one: the log stops there.
    pub fn take_entry(&mut self, entry: &Entry<'_>, place: JournalPlace) -> Result<(), Contradiction> {
        self.next_log = self.next_log.max(entry.log.0 + 1);
        if self.deleted.contains(&entry.log) {
            return Ok(());
        }
        if let Change::Created { partition, topic, config } = &entry.change {
            if entry.version == 1 && !self.logs.contains_key(&entry.log) {
                let state = LogState::created(entry.log, *partition, topic.clone(), *config);
                self.take_states(vec![(state, None)]);
            }
            return Ok(());
        }
        let Some(log) = self.logs.get_mut(&entry.log) else {
            // Its creation was in a group that is lost. Without it nobody was told of the log.
            return Ok(());
        };
        if entry.version <= log.state.version {
            return Ok(());
        }
        if log.gap || entry.version != log.state.version + u64::from(entry.steps) {
            log.gap = true;
            return Ok(());
        }
        if entry.change == Change::Deleted {
            self.logs.remove(&entry.log);
            self.deleted.insert(entry.log);
            return Ok(());
        }
        log.take(entry, place)
    }
}

impl ReplayedLog {
    fn take(&mut self, entry: &Entry<'_>, place: JournalPlace) -> Result<(), Contradiction> {
        let last = self.state.segments.back();
        let before = last.map(|segment| (segment.base_offset, segment.max_timestamp));
        self.state.apply(&entry.change, u32::from(entry.steps))?;
        match (&entry.change, entry.payload, before) {
            (Change::Appended(appended), payload, Some((segment, max_timestamp_before))) => {
                let bytes = match payload {
                    Payload::Inline(_) => PendingBytes::Inline(place),
                    Payload::External { checksum, end } => {
                        PendingBytes::External { checksum, end: end.len() as u64, place }
                    }
                    Payload::None => unreachable!("appends are decoded with their payload"),
                };
                self.pending.push_back(Pending { segment, appended: *appended, max_timestamp_before, bytes });
            }
            // What remained was moved to its segments and synced before this was written down.
            (Change::Truncated { .. }, _, _) => {
                self.pending.clear();
                self.drop_attachment_beyond_end();
            }
            (Change::Reset { .. }, _, _) => {
                self.pending.clear();
                self.attachment = None;
            }
            (Change::StartMoved { .. }, _, _) => self.drop_pending_of_released_segments(),
            // What was to be brought into the replaced segments is, as far as it remains, in the new one.
            (Change::Compacted(compacted), _, _) => {
                let replaced = compacted.base_offset..compacted.end_offset;
                self.pending.retain(|pending| !replaced.contains(&pending.segment));
            }
            (Change::Attached { upto, bytes }, _, _) => self.attachment = Some((*upto, bytes.clone())),
            _ => {}
        }
        Ok(())
    }

    /// What was attached may speak of records that are gone.
    fn drop_attachment_beyond_end(&mut self) {
        if self.attachment.as_ref().is_some_and(|(upto, _)| *upto > self.state.end) {
            self.attachment = None;
        }
    }

    fn drop_pending_of_released_segments(&mut self) {
        let first = self.state.segments.front().map(|segment| segment.base_offset);
        self.pending.retain(|pending| Some(pending.segment) >= first);
    }

    /// Where in the last segment that begins which is pending, if that is so little, of that segment's end alone and known
    /// to be right, that the next catalog can carry it.
    #[must_use]
    pub fn carriable_from(&self, bytes_max: u64) -> Option<u64> {
        let last = self.state.segments.back().filter(|_| !self.gap)?;
        let from = self.pending.front()?.appended.position;
        let mut at = from;
        for pending in &self.pending {
            let is_known = !matches!(pending.bytes, PendingBytes::External { .. });
            if !is_known || pending.segment != last.base_offset || pending.appended.position != at {
                return None;
            }
            at += pending.appended.length;
        }
        (at == last.length && at - from <= bytes_max).then_some(from)
    }

    /// The file of a pending range's segment.
    #[must_use]
    pub fn file_of(&self, pending: &Pending) -> Option<FileId> {
        let index = self.state.segments.binary_search_by_key(&pending.segment, |segment| segment.base_offset);
        index.ok().map(|index| self.state.segments[index].file)
    }

    /// The range did not reach the disk: the log ends before it.
    pub fn cut_before(&mut self, pending: &Pending) -> Result<Vec<FileId>, Contradiction> {
        let end = pending.appended.base_offset;
        self.pending.retain(|other| other.appended.base_offset < end);
        self.state.start = self.state.start.min(end);
        let (length, max_timestamp) = self.kept_before(pending);
        let released = self.state.cut(end, length, max_timestamp);
        self.drop_attachment_beyond_end();
        released
    }

    /// Bytes and largest timestamp of the segment that becomes the last.
    fn kept_before(&self, pending: &Pending) -> (u64, Timestamp) {
        if pending.appended.position > 0 {
            return (pending.appended.position, pending.max_timestamp_before);
        }
        let end = pending.appended.base_offset;
        let before = self.state.segments.iter().rev().find(|segment| segment.base_offset < end);
        before.map_or((0, Timestamp::NONE), |segment| (segment.length, segment.max_timestamp))
    }
}
