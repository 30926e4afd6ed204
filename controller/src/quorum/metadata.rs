//! What the committed records have led to.

use bytes::Bytes;
use ringlog_image::{ApplyError, DecodeError, Image, decode_records, encode_records};
use ringlog_reactor::local::Notify;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// How many bytes of records are kept for those who follow; whoever is further behind gets the whole image.
const DELTA_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The image and its position; clones share it.
///
/// A position is the log index of the last entry that changed the image: it grows with every change, and the same
/// position means the same image on every controller.
#[derive(Clone, Default)]
pub(crate) struct Metadata {
    state: Rc<RefCell<State>>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    image: Image,
    position: u64,
    deltas: VecDeque<Delta>,
    delta_bytes: usize,
}

/// What one commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delta {
    pub(crate) after: u64,
    pub(crate) position: u64,
    /// Encoded records.
    pub(crate) records: Bytes,
}

/// Committed records that cannot be applied: a damaged log, a newer release's records, or a bug.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum MetadataError {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(transparent)]
    Apply(#[from] ApplyError),
    #[error("a snapshot of {0} bytes is too short")]
    Snapshot(usize),
}

impl Metadata {
    /// The image and its position.
    pub(crate) fn get(&self) -> (Image, u64) {
        let state = self.state.borrow();
        (state.image.clone(), state.position)
    }

    pub(crate) fn position(&self) -> u64 {
        self.state.borrow().position
    }

    /// Which cluster it is; zero while that is not known.
    pub(crate) fn cluster(&self) -> [u8; 16] {
        self.state.borrow().image.cluster().unwrap_or_default().0.0
    }

    /// Completes at the next change after this call.
    pub(crate) async fn changed_since(&self, position: u64) {
        loop {
            let changed = self.changed.notified();
            if self.position() != position {
                return;
            }
            changed.await;
        }
    }

    /// What happened after `position`, oldest first; `None` if that is too long ago.
    pub(crate) fn deltas_since(&self, position: u64) -> Option<Vec<Delta>> {
        let state = self.state.borrow();
        if position == state.position {
            return Some(Vec::new());
        }
        let first = state.deltas.iter().position(|delta| delta.after == position)?;
        Some(state.deltas.iter().skip(first).cloned().collect())
    }

    /// Applies the records of the entry with this index.
    pub(super) fn apply(&self, index: u64, records: Bytes) -> Result<(), MetadataError> {
        let mut image = self.state.borrow().image.clone();
        for record in decode_records(&records)? {
            image.apply(&record)?;
        }
        let mut state = self.state.borrow_mut();
        let delta = Delta { after: state.position, position: index, records };
        state.image = image;
        state.position = index;
        state.remember(delta);
        drop(state);
        self.changed.notify_all();
        Ok(())
    }

    /// Position (u64, little endian), then the records that make the image.
    pub(super) fn snapshot(&self) -> Bytes {
        let state = self.state.borrow();
        let mut bytes = state.position.to_le_bytes().to_vec();
        bytes.extend_from_slice(&encode_records(&state.image.records()));
        bytes.into()
    }

    /// Replaces everything by a snapshot.
    pub(super) fn install(&self, snapshot: &[u8]) -> Result<(), MetadataError> {
        let (position, records) =
            snapshot.split_first_chunk::<8>().ok_or(MetadataError::Snapshot(snapshot.len()))?;
        let mut image = Image::default();
        for record in decode_records(records)? {
            image.apply(&record)?;
        }
        let position = u64::from_le_bytes(*position);
        *self.state.borrow_mut() = State { image, position, ..State::default() };
        self.changed.notify_all();
        Ok(())
    }
}

impl State {
    fn remember(&mut self, delta: Delta) {
        self.delta_bytes += delta.records.len();
        self.deltas.push_back(delta);
        while self.delta_bytes > DELTA_BYTES_MAX {
            let Some(oldest) = self.deltas.pop_front() else { break };
            self.delta_bytes -= oldest.records.len();
        }
    }
}
