//! The segment files of a domain: a bounded cache of descriptors, and the files that wait to be used again.

use super::history::ReadHistory;
use crate::format::names;
use crate::state::FileId;
use ringlog_reactor::{File, OpenOptions, Reactor};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Bytes that a file keeps while it waits: what a deleted log occupied is given back but for this much of a few files,
/// which are faster to write to than new ones.
const RECYCLED_BYTES_MAX: u64 = 64 << 20;

/// The right to use a file. Segments and read plans hold clones; the file goes back to the pool only when a retired
/// lease is the last one.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) file: FileId,
    pub(crate) history: ReadHistory,
}

impl Lease {
    pub(crate) fn new(file: FileId) -> Lease {
        Lease { file, history: ReadHistory::default() }
    }
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    /// Past the page cache: writes, and reads of active segments.
    Direct,
    /// Through the page cache: reads of sealed segments.
    Cached,
}

/// Open segment files, at most so many; the one used longest ago is closed first.
#[derive(Debug)]
pub(crate) struct SegmentFiles {
    reactor: Reactor,
    directory: PathBuf,
    open: RefCell<Open>,
    open_max: usize,
}

#[derive(Debug, Default)]
struct Open {
    files: BTreeMap<(FileId, Mode), (File, u64)>,
    uses: u64,
}

impl SegmentFiles {
    pub(crate) fn new(reactor: Reactor, directory: PathBuf, open_max: usize) -> SegmentFiles {
        SegmentFiles { reactor, directory, open: RefCell::default(), open_max: open_max.max(2) }
    }

    /// An open file; `create` makes it when it is missing.
    pub(crate) async fn get(&self, file: FileId, mode: Mode, create: bool) -> io::Result<File> {
        if let Some(found) = self.cached(file, mode) {
            return Ok(found);
        }
        let path = names::segment(&self.directory, file);
        let options = match mode {
            Mode::Direct => OpenOptions::new().read(true).write(true).direct(true).create(create),
            Mode::Cached => OpenOptions::new().read(true),
        };
        let mut opened = self.reactor.open(&path, options).await?;
        if opened.is_direct() && opened.alignment() as u64 > crate::format::BLOCK {
            opened = self.reactor.open(&path, options.direct(false)).await?;
        }
        let mut open = self.open.borrow_mut();
        while open.files.len() >= self.open_max {
            let oldest = open.files.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key);
            open.files.remove(&oldest.expect("the cache is not empty"));
        }
        open.uses += 1;
        let used = open.uses;
        open.files.insert((file, mode), (opened.clone(), used));
        Ok(opened)
    }

    fn cached(&self, file: FileId, mode: Mode) -> Option<File> {
        let mut open = self.open.borrow_mut();
        open.uses += 1;
        let uses = open.uses;
        let (found, used) = open.files.get_mut(&(file, mode))?;
        *used = uses;
        Some(found.clone())
    }

    /// Closes a file as far as nobody uses it.
    pub(crate) fn forget(&self, file: FileId) {
        let mut open = self.open.borrow_mut();
        open.files.remove(&(file, Mode::Direct));
        open.files.remove(&(file, Mode::Cached));
    }

    pub(crate) fn path(&self, file: FileId) -> PathBuf {
        names::segment(&self.directory, file)
    }

    pub(crate) fn index_path(&self, file: FileId) -> PathBuf {
        names::index(&self.directory, file)
    }

    pub(crate) fn segments_path(&self) -> PathBuf {
        self.directory.join(names::SEGMENTS)
    }
}

/// A file that its segment has let go of.
#[derive(Debug)]
struct Retired {
    lease: Arc<Lease>,
    /// Monotonic time (ns) before which it stays as it is, unless its space is needed.
    not_before: u64,
}

impl Retired {
    fn is_held(&self) -> bool {
        Arc::strong_count(&self.lease) > 1
    }
}

/// Which retired files a sweep takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sweep {
    /// Those whose delay is over at this monotonic time (ns).
    Due(u64),
    /// All: space is scarce.
    All,
}

/// Files without a segment.
#[derive(Debug)]
pub(crate) struct FilePool {
    free: RefCell<VecDeque<(FileId, u64)>>,
    retired: RefCell<Vec<Retired>>,
    next: RefCell<u32>,
    boot: u64,
    domain: u16,
    free_max: usize,
}

impl FilePool {
    pub(crate) fn new(boot: u64, domain: u16, free: Vec<(FileId, u64)>, free_max: usize) -> FilePool {
        FilePool {
            free: RefCell::new(free.into()),
            retired: RefCell::default(),
            next: RefCell::new(0),
            boot,
            domain,
            free_max,
        }
    }

    /// A file for a new segment, with its length if it has been used before.
    pub(crate) fn take(&self) -> (Arc<Lease>, Option<u64>) {
        if let Some((file, length)) = self.free.borrow_mut().pop_front() {
            return (Arc::new(Lease::new(file)), Some(length));
        }
        let mut next = self.next.borrow_mut();
        let file = FileId::new(self.boot, self.domain, *next);
        *next += 1;
        (Arc::new(Lease::new(file)), None)
    }

    /// When a retired file can go at the earliest, monotonic (ns). If that is past, a reader may still hold it.
    pub(crate) fn next_due(&self) -> Option<u64> {
        self.retired.borrow().iter().map(|retired| retired.not_before).min()
    }

    /// A segment has let go of its file, durably. It stays as it is until `not_before` unless its space is needed.
    pub(crate) fn retire(&self, lease: Arc<Lease>, not_before: u64) {
        self.retired.borrow_mut().push(Retired { lease, not_before });
    }

    /// Moves retired files that nobody refers to any more into the pool, their cached pages dropped; what is too many
    /// is removed, and all of them on a full disk.
    pub(crate) async fn sweep(&self, files: &SegmentFiles, which: Sweep, disk_is_full: bool) {
        self.take_back(files, which).await;
        self.shrink(files, if disk_is_full { 0 } else { self.free_max }).await;
    }

    async fn take_back(&self, files: &SegmentFiles, which: Sweep) {
        let mut quiet = Vec::new();
        self.retired.borrow_mut().retain(|retired| {
            let stays = retired.is_held() || matches!(which, Sweep::Due(now) if now < retired.not_before);
            if !stays {
                quiet.push(retired.lease.file);
            }
            stays
        });
        for file in quiet {
            let recycled = self.recycle(files, file).await;
            files.forget(file);
            match recycled {
                Ok(Some(length)) => self.free.borrow_mut().push_back((file, length)),
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => tracing::warn!(%file, %error, "a retired segment file was not recycled"),
            }
        }
    }

    async fn recycle(&self, files: &SegmentFiles, file: FileId) -> io::Result<Option<u64>> {
        let open = files.get(file, Mode::Cached, false).await?;
        open.advise_dont_need(0..0).await?;
        let length = open.length().await?;
        match files.reactor.remove_file(&files.index_path(file)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(Some(length))
    }

    /// Gives back most of large free files, and removes those beyond `keep`.
    async fn shrink(&self, files: &SegmentFiles, keep: usize) {
        let large: VecDeque<_> = {
            let mut free = self.free.borrow_mut();
            let (large, small) = free.drain(..).partition(|(_, length)| *length > RECYCLED_BYTES_MAX);
            *free = small;
            large
        };
        for (file, length) in large {
            let shortened =
                async { files.get(file, Mode::Direct, false).await?.truncate(RECYCLED_BYTES_MAX).await };
            let length = match shortened.await {
                Ok(()) => RECYCLED_BYTES_MAX,
                Err(error) => {
                    tracing::warn!(%file, %error, "a retired segment file was not shortened");
                    length
                }
            };
            files.forget(file);
            self.free.borrow_mut().push_back((file, length));
        }
        while self.free.borrow().len() > keep {
            self.remove_one(files).await;
        }
    }

    /// Removes all files that nobody refers to, also those that were to stay for a while: the disk is full.
    pub(crate) async fn give_up_free(&self, files: &SegmentFiles) {
        self.take_back(files, Sweep::All).await;
        while !self.free.borrow().is_empty() {
            self.remove_one(files).await;
        }
    }

    async fn remove_one(&self, files: &SegmentFiles) {
        let Some((file, _)) = self.free.borrow_mut().pop_front() else { return };
        files.forget(file);
        if let Err(error) = files.reactor.remove_file(&files.path(file)).await {
            tracing::warn!(%file, %error, "a retired segment file was not removed");
        }
    }
}
