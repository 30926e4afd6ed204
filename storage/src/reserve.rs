//! A preallocated file that is given up when the disk is full, so that deletes, checkpoints and the next start have room.

use crate::format::names;
use crate::space::is_full;
use ringlog_reactor::{OpenOptions, Reactor};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// It takes at most this part of the file system. Not of what is free: one that was given up would come back smaller each time.
const SHARE: u64 = 8;
/// A smaller one is not worth a file.
const BYTES_MIN: u64 = 1 << 20;

/// The reserve of a data directory, known to the domains of all shards.
#[derive(Debug)]
pub(crate) struct Reserve {
    bytes: u64,
    /// Wanted and not there: no domain takes appends, since what it would write to is what others need to give space back.
    missing: AtomicBool,
    /// Somebody is making it.
    making: AtomicBool,
    /// How often it was given up, for whoever is making it meanwhile.
    given_up: AtomicU64,
}

impl Reserve {
    /// One of so many bytes; 0 for none.
    pub(crate) fn new(bytes: u64) -> Reserve {
        Reserve {
            bytes,
            missing: AtomicBool::new(bytes > 0),
            making: AtomicBool::new(false),
            given_up: AtomicU64::new(0),
        }
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
        self.given_up.fetch_add(1, Ordering::SeqCst);
        self.missing.store(self.bytes > 0, Ordering::SeqCst);
        reactor.remove_file(&directory.join(names::RESERVE)).await.ok();
    }

    /// Makes it if `left` bytes remain free then.
    pub(crate) async fn make(&self, reactor: &Reactor, directory: &Path, left: u64) {
        if self.bytes == 0 || self.making.swap(true, Ordering::SeqCst) {
            return;
        }
        let before = self.given_up.load(Ordering::SeqCst);
        if self.try_to_make(reactor, directory, left).await {
            self.missing.store(false, Ordering::SeqCst);
            if self.given_up.load(Ordering::SeqCst) != before {
                self.missing.store(true, Ordering::SeqCst);
            }
        }
        self.making.store(false, Ordering::SeqCst);
    }

    /// Whether it is there now, or cannot be had on this file system: then the directory works without, only less well when
    /// full.
    async fn try_to_make(&self, reactor: &Reactor, directory: &Path, left: u64) -> bool {
        let path = directory.join(names::RESERVE);
        let there = reactor.metadata(&path).await.map_or(0, |found| found.length);
        let Ok(space) = reactor.space(directory).await else { return false };
        let bytes = self.bytes.min(space.total / SHARE);
        let least = BYTES_MIN.min(self.bytes);
        if there >= bytes.max(least) {
            return true;
        }
        if bytes < least || space.free + there < bytes + left {
            // Of an earlier, smaller size.
            return there >= least;
        }
        let made = async {
            let reserve = reactor.open(&path, OpenOptions::new().write(true).create(true)).await?;
            reserve.allocate(0, bytes).await?;
            reserve.sync_all().await
        };
        let Err(error) = made.await else { return true };
        tracing::warn!(path = %path.display(), %error, "no reserve for a full disk");
        reactor.remove_file(&path).await.ok();
        !is_full(&error)
    }
}
