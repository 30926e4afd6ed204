//! openraft's log store over the database.

use super::{Database, Mark, StoreError};
use crate::quorum::encoding::{
    self, decode_entry, encode_entry, read_log_id, read_snapshot_meta, read_vote, write_log_id,
    write_snapshot_meta, write_vote,
};
use crate::quorum::types::{Entry, LogId, SnapshotMeta, TypeConfig, Vote};
use bytes::Bytes;
use openraft::entry::RaftEntry;
use openraft::storage::{IOFlushed, RaftLogStorage};
use openraft::{LogState, RaftLogReader};
use redb::{ReadableTable, TableDefinition, WriteTransaction};
use ringlog_reactor::Reactor;
use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::io;
use std::ops::RangeBounds;
use std::rc::Rc;

/// Entries by index.
const LOG: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("log");
/// Single values by name: see the keys below.
const STATE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("state");
const FORMAT: &str = "format";
const IDENTITY: &str = "controller";
const VOTE: &str = "vote";
const COMMITTED: &str = "committed";
const PURGED: &str = "purged";
const SNAPSHOT_META: &str = "snapshot-description";
const SNAPSHOT: &str = "snapshot";

/// The format of the tables.
const FORMAT_VERSION: u16 = 1;

/// The log, the hard state and the snapshot; clones share them.
#[derive(Clone)]
pub(crate) struct LogStore(Rc<Shared>);

struct Shared {
    reactor: Reactor,
    database: Database,
    vote: Cell<Option<Vote>>,
    committed: Cell<Option<LogId>>,
    purged: Cell<Option<LogId>>,
    last: Cell<Option<LogId>>,
    snapshot: RefCell<Option<(SnapshotMeta, Bytes)>>,
}

impl LogStore {
    /// Reads what is there; a new database is marked as this controller's.
    pub(crate) async fn open(
        reactor: &Reactor,
        database: Database,
        controller: u64,
    ) -> Result<LogStore, StoreError> {
        let ((), mark) = database.write(|transaction| {
            transaction.open_table(LOG)?;
            let mut state = transaction.open_table(STATE)?;
            if state.get(FORMAT)?.is_none() {
                state.insert(FORMAT, FORMAT_VERSION.to_le_bytes().as_slice())?;
                state.insert(IDENTITY, controller.to_le_bytes().as_slice())?;
            }
            Ok(())
        })?;
        database.flushed(mark).await?;
        let shared = database.read(|transaction| {
            let state = transaction.open_table(STATE)?;
            let value = |key: &str| -> Result<Option<Vec<u8>>, redb::Error> {
                Ok(state.get(key)?.map(|value| value.value().to_vec()))
            };
            check_format(value(FORMAT)?, value(IDENTITY)?, controller)?;
            let purged = optional(value(PURGED)?, |from| Ok(read_log_id(from)?))?;
            let last = match transaction.open_table(LOG)?.last()? {
                Some((_, bytes)) => Some(decode_entry(bytes.value()).map_err(damaged)?.log_id),
                None => purged,
            };
            let snapshot = match (value(SNAPSHOT_META)?, value(SNAPSHOT)?) {
                (Some(meta), Some(bytes)) => {
                    let meta = encoding::whole(&meta, read_snapshot_meta).map_err(damaged)?;
                    Some((meta, Bytes::from(bytes)))
                }
                _ => None,
            };
            Ok(Shared {
                reactor: reactor.clone(),
                database: database.clone(),
                vote: Cell::new(optional(value(VOTE)?, |from| Ok(read_vote(from)?))?),
                committed: Cell::new(optional(value(COMMITTED)?, |from| Ok(read_log_id(from)?))?),
                purged: Cell::new(purged),
                last: Cell::new(last),
                snapshot: RefCell::new(snapshot),
            })
        })?;
        Ok(LogStore(Rc::new(shared)))
    }

    /// The newest snapshot.
    pub(crate) fn snapshot(&self) -> Option<(SnapshotMeta, Bytes)> {
        self.0.snapshot.borrow().clone()
    }

    /// Replaces the snapshot; it is on the disk when this returns.
    pub(crate) async fn save_snapshot(&self, meta: SnapshotMeta, bytes: Bytes) -> io::Result<()> {
        let description = encoding::bytes(|out| write_snapshot_meta(out, &meta));
        let mark = self.write(|transaction| {
            let mut state = transaction.open_table(STATE)?;
            state.insert(SNAPSHOT_META, description.as_slice())?;
            state.insert(SNAPSHOT, bytes.as_ref())?;
            Ok(())
        })?;
        *self.0.snapshot.borrow_mut() = Some((meta, bytes));
        self.0.database.flushed(mark).await.map_err(io::Error::other)
    }

    /// A transaction that also takes along how far the log is known to be committed, which needs no sync of its own.
    fn write(&self, body: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>) -> io::Result<Mark> {
        let committed = self.0.committed.get().map(|id| encoding::bytes(|out| write_log_id(out, &id)));
        let result = self.0.database.write(|transaction| {
            if let Some(committed) = &committed {
                transaction.open_table(STATE)?.insert(COMMITTED, committed.as_slice())?;
            }
            body(transaction)
        });
        result.map(|((), mark)| mark).map_err(io::Error::other)
    }

    fn put(&self, key: &'static str, value: &[u8]) -> io::Result<Mark> {
        self.write(|transaction| {
            transaction.open_table(STATE)?.insert(key, value)?;
            Ok(())
        })
    }
}

impl RaftLogReader<TypeConfig> for LogStore {
    async fn try_get_log_entries<R: RangeBounds<u64> + Clone + Debug>(
        &mut self,
        range: R,
    ) -> Result<Vec<Entry>, io::Error> {
        let read = self.0.database.read(|transaction| {
            let log = transaction.open_table(LOG)?;
            let mut entries = Vec::new();
            for item in log.range(range)? {
                entries.push(decode_entry(item?.1.value()).map_err(damaged)?);
            }
            Ok(entries)
        });
        read.map_err(io::Error::other)
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, io::Error> {
        Ok(self.0.vote.get())
    }
}

impl RaftLogStorage<TypeConfig> for LogStore {
    type LogReader = LogStore;

    async fn get_log_state(&mut self) -> Result<LogState<TypeConfig>, io::Error> {
        Ok(LogState { last_purged_log_id: self.0.purged.get(), last_log_id: self.0.last.get() })
    }

    async fn get_log_reader(&mut self) -> LogStore {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), io::Error> {
        let mark = self.put(VOTE, &encoding::bytes(|out| write_vote(out, vote)))?;
        self.0.vote.set(Some(*vote));
        self.0.database.flushed(mark).await.map_err(io::Error::other)
    }

    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), io::Error> {
        self.0.committed.set(committed);
        Ok(())
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, io::Error> {
        Ok(self.0.committed.get())
    }

    async fn append<I>(&mut self, entries: I, callback: IOFlushed<TypeConfig>) -> Result<(), io::Error>
    where
        I: IntoIterator<Item = Entry>,
    {
        let mut last = self.0.last.get();
        let mark = self.write(|transaction| {
            let mut log = transaction.open_table(LOG)?;
            for entry in entries {
                log.insert(entry.index(), encode_entry(&entry).as_slice())?;
                last = Some(entry.log_id);
            }
            Ok(())
        })?;
        self.0.last.set(last);
        let database = self.0.database.clone();
        let flushed = async move {
            callback.io_completed(database.flushed(mark).await.map_err(io::Error::other));
        };
        self.0.reactor.spawn(flushed).detach();
        Ok(())
    }

    async fn truncate_after(&mut self, keep: Option<LogId>) -> Result<(), io::Error> {
        let first = keep.map_or(0, |id| id.index + 1);
        let mark = self.write(|transaction| {
            transaction.open_table(LOG)?.retain_in(first.., |_, _| false)?;
            Ok(())
        })?;
        self.0.last.set(keep);
        self.0.database.flushed(mark).await.map_err(io::Error::other)
    }

    async fn purge(&mut self, upto: LogId) -> Result<(), io::Error> {
        let encoded = encoding::bytes(|out| write_log_id(out, &upto));
        let mark = self.write(|transaction| {
            transaction.open_table(STATE)?.insert(PURGED, encoded.as_slice())?;
            transaction.open_table(LOG)?.retain_in(..=upto.index, |_, _| false)?;
            Ok(())
        })?;
        self.0.purged.set(Some(upto));
        if self.0.last.get().is_none_or(|last| last.index <= upto.index) {
            self.0.last.set(Some(upto));
        }
        self.0.database.flushed(mark).await.map_err(io::Error::other)
    }
}

fn check_format(
    format: Option<Vec<u8>>,
    identity: Option<Vec<u8>>,
    controller: u64,
) -> Result<(), redb::Error> {
    if format.as_deref() != Some(&FORMAT_VERSION.to_le_bytes()) {
        let found = format.unwrap_or_default();
        return Err(damaged(format!("its tables have format {found:?}, this release has {FORMAT_VERSION}")));
    }
    if identity.as_deref() != Some(&controller.to_le_bytes()) {
        return Err(damaged(format!("it belongs to another controller than {controller}")));
    }
    Ok(())
}

fn optional<T>(
    value: Option<Vec<u8>>,
    read: impl FnOnce(&mut ringlog_image::wire::Reader<'_>) -> encoding::Decoded<T>,
) -> Result<Option<T>, redb::Error> {
    value.map(|bytes| encoding::whole(&bytes, read).map_err(damaged)).transpose()
}

fn damaged(error: impl ToString) -> redb::Error {
    redb::Error::Corrupted(error.to_string())
}
