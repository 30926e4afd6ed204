//! openraft's state machine: the metadata.

use super::metadata::Metadata;
use super::types::{LogId, Outcome, Payload, Snapshot, SnapshotMeta, StoredMembership, TypeConfig};
use crate::store::LogStore;
use bytes::Bytes;
use futures_lite::{Stream, StreamExt};
use openraft::RaftSnapshotBuilder;
use openraft::storage::{EntryResponder, RaftStateMachine};
use std::cell::Cell;
use std::io;
use std::rc::Rc;

/// Kept in memory and rebuilt at the start from the newest snapshot and the committed entries after it.
pub(super) struct Machine {
    store: LogStore,
    metadata: Metadata,
    applied: Rc<Cell<Option<LogId>>>,
    membership: StoredMembership,
}

impl Machine {
    pub(super) fn new(store: LogStore, metadata: Metadata, applied: Rc<Cell<Option<LogId>>>) -> Machine {
        Machine { store, metadata, applied, membership: StoredMembership::default() }
    }

    fn apply_proposal(&self, index: u64, after: u64, records: Vec<u8>) -> io::Result<Outcome> {
        if after != self.metadata.position() {
            return Ok(Outcome::Superseded);
        }
        self.metadata.apply(index, records.into()).map_err(io::Error::other)?;
        Ok(Outcome::Applied(index))
    }
}

impl RaftStateMachine<TypeConfig> for Machine {
    type SnapshotData = Bytes;
    type SnapshotBuilder = Builder;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), io::Error> {
        Ok((self.applied.get(), self.membership.clone()))
    }

    async fn apply<S>(&mut self, mut entries: S) -> Result<(), io::Error>
    where
        S: Stream<Item = Result<EntryResponder<TypeConfig>, io::Error>> + Unpin,
    {
        while let Some(item) = entries.next().await {
            let (entry, responder) = item?;
            let outcome = match entry.payload {
                Payload::Blank => Outcome::Nothing,
                Payload::Normal(proposal) => {
                    self.apply_proposal(entry.log_id.index, proposal.after, proposal.records)?
                }
                Payload::Membership(membership) => {
                    self.membership = StoredMembership::new(Some(entry.log_id), membership);
                    Outcome::Nothing
                }
            };
            self.applied.set(Some(entry.log_id));
            if let Some(responder) = responder {
                responder.send(outcome);
            }
        }
        Ok(())
    }

    async fn get_snapshot_builder(&mut self) -> Builder {
        let meta = SnapshotMeta { last_log_id: self.applied.get(), last_membership: self.membership.clone() };
        Builder { store: self.store.clone(), meta, bytes: self.metadata.snapshot() }
    }

    async fn install_snapshot(&mut self, meta: &SnapshotMeta, snapshot: Bytes) -> Result<(), io::Error> {
        // Installed first: a snapshot that makes no image must not replace the one on the disk.
        self.metadata.install(&snapshot).map_err(io::Error::other)?;
        self.applied.set(meta.last_log_id);
        self.membership = meta.last_membership.clone();
        if self.store.snapshot().is_none_or(|(saved, _)| saved != *meta) {
            self.store.save_snapshot(meta.clone(), snapshot).await?;
        }
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot>, io::Error> {
        Ok(self.store.snapshot().map(|(meta, snapshot)| Snapshot { meta, snapshot }))
    }
}

/// A snapshot taken, to be stored.
pub(super) struct Builder {
    store: LogStore,
    meta: SnapshotMeta,
    bytes: Bytes,
}

impl RaftSnapshotBuilder<TypeConfig> for Builder {
    type SnapshotData = Bytes;

    async fn build_snapshot(&mut self) -> Result<Snapshot, io::Error> {
        self.store.save_snapshot(self.meta.clone(), self.bytes.clone()).await?;
        Ok(Snapshot { meta: self.meta.clone(), snapshot: self.bytes.clone() })
    }
}
