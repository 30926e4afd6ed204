//! Space on the disk: allocation ahead of need, and what is given up when there is none left.

use crate::format::names;
use crate::segment::allocate::grown_length;
use crate::segment::files::{FilePool, SegmentFiles};
use ringlog_reactor::{File, Reactor};
use std::cell::Cell;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;

/// The space of a data directory, seen by one domain.
#[derive(Debug)]
pub(crate) struct Space {
    reactor: Reactor,
    directory: PathBuf,
    pool: Rc<FilePool>,
    free: Cell<u64>,
    free_low: u64,
    /// Appends are refused.
    full: Cell<bool>,
}

impl Space {
    pub(crate) fn new(reactor: Reactor, directory: PathBuf, pool: Rc<FilePool>, free_low: u64) -> Space {
        Space { reactor, directory, pool, free: Cell::new(u64::MAX), free_low, full: Cell::new(false) }
    }

    /// Whether appends are refused.
    pub(crate) fn is_full(&self) -> bool {
        self.full.get()
    }

    /// Looks at the disk. Full begins below the low-water mark and ends a quarter above it.
    pub(crate) async fn look(&self) {
        match self.reactor.space(&self.directory).await {
            Ok(space) => {
                self.free.set(space.free);
                let low = if self.full.get() { self.free_low + self.free_low / 4 } else { self.free_low };
                self.set_full(space.free < low);
            }
            Err(error) => tracing::warn!(%error, "the free space of the data directory is not known"),
        }
    }

    /// Whether so much may be written without getting near the low-water mark.
    pub(crate) async fn has_room(&self, bytes: u64) -> bool {
        self.look().await;
        !self.full.get() && self.free.get().saturating_sub(self.free_low) >= bytes
    }

    fn set_full(&self, full: bool) {
        if full != self.full.replace(full) {
            let (path, free) = (self.directory.display(), self.free.get());
            if full {
                tracing::error!(%path, free, "disk full: appends are refused");
            } else {
                tracing::info!(%path, free, "the disk has space again: appends are taken");
            }
        }
    }

    /// Makes a file at least `needed` long; returns its new length.
    pub(crate) async fn allocate(
        &self,
        file: &File,
        files: &SegmentFiles,
        allocated: u64,
        needed: u64,
        limit: u64,
    ) -> io::Result<u64> {
        let length = grown_length(allocated, needed, limit, self.free.get());
        match file.allocate(allocated, length - allocated).await {
            Ok(()) => return Ok(length),
            Err(error) if is_full(&error) => {}
            Err(error) => return Err(error),
        }
        self.give_up_reserve(files).await;
        file.allocate(allocated, needed - allocated).await?;
        Ok(needed)
    }

    /// The disk is full: retired files and the reserve go, appends are refused until there is space again.
    pub(crate) async fn give_up_reserve(&self, files: &SegmentFiles) {
        self.set_full(true);
        self.pool.give_up_free(files).await;
        self.reactor.remove_file(&self.directory.join(names::RESERVE)).await.ok();
    }
}

/// Whether an error says that the disk (or the quota) is full.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
