//! A preallocated file that is given up when the disk is full, so that deletes, checkpoints and the next start have room.

use crate::format::names;
use ringlog_reactor::{OpenOptions, Reactor};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// It takes at most this part of the free space.
const SHARE: u64 = 4;
/// A smaller one is not worth a file.
const BYTES_MIN: u64 = 1 << 20;

/// The reserve of a data directory, known to the domains of all shards.
#[derive(Debug)]
pub(crate) struct Reserve {
    bytes: u64,
    /// Wanted and not there. A hint that shards give each other; the file itself is the truth.
    missing: AtomicBool,
}

impl Reserve {
    /// One of so many bytes; 0 for none.
    pub(crate) fn new(bytes: u64) -> Reserve {
        Reserve { bytes, missing: AtomicBool::new(bytes > 0) }
    }

    /// Whether it is wanted and not there.
    pub(crate) fn is_missing(&self) -> bool {
        self.missing.load(Ordering::Relaxed)
    }

    /// Whether there is something to give up.
    pub(crate) fn is_there(&self) -> bool {
        self.bytes > 0 && !self.is_missing()
    }

    /// Gives its space back.
    pub(crate) async fn give_up(&self, reactor: &Reactor, directory: &Path) {
        self.missing.store(self.bytes > 0, Ordering::Relaxed);
        reactor.remove_file(&directory.join(names::RESERVE)).await.ok();
    }

    /// Makes it if `left` bytes remain free then. On a disk with little free space it is smaller than wished for.
    /// Without it the directory works, only less well when full.
    pub(crate) async fn make(&self, reactor: &Reactor, directory: &Path, left: u64) {
        if self.bytes == 0 {
            return;
        }
        let path = directory.join(names::RESERVE);
        let there = reactor.metadata(&path).await.map_or(0, |found| found.length);
        let Ok(space) = reactor.space(directory).await else { return };
        let bytes = self.bytes.min((space.free + there) / SHARE);
        if there >= bytes.max(BYTES_MIN.min(self.bytes)) {
            self.missing.store(false, Ordering::Relaxed);
            return;
        }
        if bytes < BYTES_MIN.min(self.bytes) || space.free + there < bytes + left {
            return;
        }
        let made = async {
            let reserve = reactor.open(&path, OpenOptions::new().write(true).create(true)).await?;
            reserve.allocate(0, bytes).await?;
            reserve.sync_all().await
        };
        match made.await {
            Ok(()) => self.missing.store(false, Ordering::Relaxed),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "no reserve for a full disk");
                reactor.remove_file(&path).await.ok();
            }
        }
    }
}
