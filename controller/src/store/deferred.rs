//! redb's file in memory, with every change noted down for the disk.
//!
//! redb calls its storage synchronously, the reactor's files are asynchronous. So redb works on a copy in memory, and what
//! it does to it (writes, lengths, syncs, in this order) is carried out on the real file afterwards. Nothing counts as
//! stored before the note of its sync has been carried out, so a crash at any moment leaves the real file in a state that
//! redb's own sequence of operations could have left behind, which is what redb recovers from.

use bytes::Bytes;
use redb::StorageBackend;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

/// One change, to be carried out after those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Write { offset: u64, bytes: Bytes },
    SetLength(u64),
    Sync,
}

/// The file; clones share it. `Sync` only because redb asks for it: one task uses it at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct DeferredFile(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
    bytes: Vec<u8>,
    changes: Vec<Change>,
    /// How many changes there have ever been.
    count: u64,
}

impl DeferredFile {
    pub(super) fn new(bytes: Vec<u8>) -> DeferredFile {
        DeferredFile(Arc::new(Mutex::new(Content { bytes, changes: Vec::new(), count: 0 })))
    }

    /// The changes since the last call.
    pub(super) fn take_changes(&self) -> Vec<Change> {
        std::mem::take(&mut self.content().changes)
    }

    /// The whole file as it is in memory.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.content().bytes.clone()
    }

    /// How many changes there have ever been.
    pub(super) fn count(&self) -> u64 {
        self.content().count
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().expect("nothing panics while it holds the content")
    }
}

impl Content {
    fn note(&mut self, change: Change) {
        self.changes.push(change);
        self.count += 1;
    }

    fn range(&self, offset: u64, length: usize) -> io::Result<std::ops::Range<usize>> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start.checked_add(length).filter(|end| *end <= self.bytes.len());
        end.map(|end| start..end).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

impl StorageBackend for DeferredFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.content().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let content = self.content();
        let range = content.range(offset, out.len())?;
        out.copy_from_slice(&content.bytes[range]);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut content = self.content();
        content.bytes.resize(usize::try_from(length).map_err(io::Error::other)?, 0);
        content.note(Change::SetLength(length));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.content().note(Change::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut content = self.content();
        let range = content.range(offset, data.len())?;
        content.bytes[range].copy_from_slice(data);
        content.note(Change::Write { offset, bytes: Bytes::copy_from_slice(data) });
        Ok(())
    }
}
