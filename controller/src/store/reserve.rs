//! Disk space held back for the day the disk is full: enough to commit deletions and elections, and to restart.

use ringlog_reactor::{File, OpenOptions, Reactor};
use std::cell::Cell;
use std::io;
use std::path::{Path, PathBuf};

/// How much is held back. A deletion of the largest topic is one small record; a transaction of the store rewrites some
/// dozens of pages of 4 KiB; growing the store's file by one step takes the most.
pub(crate) const RESERVE_BYTES: u64 = 8 * 1024 * 1024;

/// Below this much free space nothing new is created.
pub(crate) const LOW_WATER_BYTES: u64 = 32 * 1024 * 1024;

/// A file that takes up space and holds nothing.
#[derive(Debug)]
pub(super) struct Reserve {
    reactor: Reactor,
    path: PathBuf,
    held: Cell<bool>,
}

impl Reserve {
    pub(super) fn new(reactor: &Reactor, path: PathBuf) -> Reserve {
        Reserve { reactor: reactor.clone(), path, held: Cell::new(false) }
    }

    pub(super) fn is_held(&self) -> bool {
        self.held.get()
    }

    /// Takes the space if it is not held. A file system that cannot preallocate goes without.
    pub(super) async fn take(&self) -> io::Result<()> {
        if self.held.get() {
            return Ok(());
        }
        let file: File =
            self.reactor.open(&self.path, OpenOptions::new().read(true).write(true).create(true)).await?;
        if file.length().await? < RESERVE_BYTES
            && let Err(error) = file.allocate(0, RESERVE_BYTES).await
        {
            drop(file);
            self.reactor.remove_file(&self.path).await.ok();
            return Err(error);
        }
        self.held.set(true);
        Ok(())
    }

    /// Gives the space back; whether there was any.
    pub(super) async fn release(&self) -> bool {
        if !self.held.replace(false) {
            return false;
        }
        self.reactor.remove_file(&self.path).await.is_ok()
    }

    /// The directory it is in.
    pub(super) fn directory(&self) -> &Path {
        self.path.parent().expect("the reserve is in the data directory")
    }
}
