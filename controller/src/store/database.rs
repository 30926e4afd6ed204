//! The database: transactions in memory, then their changes on the disk.

use super::deferred::{Change, DeferredFile};
use super::reserve::{LOW_WATER_BYTES, RESERVE_BYTES, Reserve};
use redb::{ReadTransaction, ReadableDatabase, WriteTransaction};
use ringlog_reactor::local::Notify;
use ringlog_reactor::{File, OpenOptions, Reactor};
use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

/// redb's cache: the file is in memory anyway, so next to nothing.
const CACHE_BYTES: usize = 1024 * 1024;
/// How long to wait before a change that found the disk full is tried again.
const FULL_RETRY: Duration = Duration::from_millis(500);
/// How often to look at the free space.
const SPACE_CHECK: Duration = Duration::from_secs(10);

/// What can go wrong with the store. Every one of these ends the process: what it holds in memory may no longer be what
/// is on the disk.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("{path}: another process holds this data directory")]
    Locked { path: String },
    #[error("{path}: {reason}")]
    Disk { path: String, reason: String },
    #[error("{path}: the database is damaged or of another release: {reason}")]
    Database { path: String, reason: String },
}

/// How far the changes had come when something was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(u64);

/// The open database; clones share it.
#[derive(Clone)]
pub(crate) struct Database(Rc<Shared>);

struct Shared {
    reactor: Reactor,
    path: PathBuf,
    file: File,
    _lock: File,
    reserve: Reserve,
    redb: RefCell<Option<redb::Database>>,
    deferred: DeferredFile,
    /// How many changes are on the disk.
    flushed: Cell<u64>,
    /// Why nothing more will be.
    failed: RefCell<Option<StoreError>>,
    full: Cell<bool>,
    closed: Cell<bool>,
    /// There are changes to flush, or no more will come.
    wanted: Notify,
    /// `flushed` or `failed` changed.
    moved: Notify,
}

impl Database {
    /// Opens the database in this directory, creating both if need be.
    pub(crate) async fn open(reactor: &Reactor, directory: &Path) -> Result<Database, StoreError> {
        let disk = |path: &Path| {
            let path = path.display().to_string();
            move |error: io::Error| StoreError::Disk { path, reason: error.to_string() }
        };
        create_directories(reactor, directory).await.map_err(disk(directory))?;
        let lock = lock(reactor, directory).await?;
        let reserve = Reserve::new(reactor, directory.join("reserve"));
        if let Err(error) = reserve.take().await {
            tracing::warn!(%error, "no space is held back for a full disk");
        }
        let path = directory.join("metadata.redb");
        let bytes = match reactor.read_file(&path).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let bytes = empty_database(&path)?;
                reactor.write_file_durably(&path, &bytes).await.map_err(disk(&path))?;
                bytes
            }
            read => read.map_err(disk(&path))?,
        };
        let options = OpenOptions::new().read(true).write(true);
        let file = reactor.open(&path, options).await.map_err(disk(&path))?;
        let deferred = DeferredFile::new(bytes);
        let redb = open_redb(&deferred, &path)?;
        let shared = Shared {
            reactor: reactor.clone(),
            path,
            file,
            _lock: lock,
            reserve,
            redb: RefCell::new(Some(redb)),
            deferred,
            flushed: Cell::new(0),
            failed: RefCell::new(None),
            full: Cell::new(false),
            closed: Cell::new(false),
            wanted: Notify::new(),
            moved: Notify::new(),
        };
        let database = Database(Rc::new(shared));
        reactor.spawn(flush_changes(database.clone())).detach();
        reactor.spawn(watch_space(database.clone())).detach();
        // What opening did to the file (repairing it) must hold before anything is built on it.
        database.flushed(database.mark()).await?;
        Ok(database)
    }

    /// Runs a transaction in memory. It is on the disk once [`Database::flushed`] has returned for its mark.
    pub(crate) fn write<T>(
        &self,
        body: impl FnOnce(&WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<(T, Mark), StoreError> {
        self.check()?;
        let result = self.with_redb(|redb| {
            let mut transaction = redb.begin_write()?;
            transaction.set_durability(redb::Durability::Immediate)?;
            let value = body(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        self.0.wanted.notify_all();
        match result {
            Ok(value) => Ok((value, self.mark())),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Reads what has been committed, flushed or not.
    pub(crate) fn read<T>(
        &self,
        body: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        self.check()?;
        self.with_redb(|redb| body(&redb.begin_read()?)).map_err(|error| self.fail(error))
    }

    /// Waits until everything up to the mark is on the disk.
    pub(crate) async fn flushed(&self, mark: Mark) -> Result<(), StoreError> {
        loop {
            let moved = self.0.moved.notified();
            self.check()?;
            if self.0.flushed.get() >= mark.0 {
                return Ok(());
            }
            moved.await;
        }
    }

    /// Whether the disk is so full that nothing new should be created.
    pub(crate) fn is_full(&self) -> bool {
        self.0.full.get()
    }

    /// Why the store no longer works, if it does not.
    pub(crate) fn failure(&self) -> Option<StoreError> {
        self.0.failed.borrow().clone()
    }

    /// Completes when the store no longer works.
    pub(crate) async fn failed(&self) -> StoreError {
        loop {
            let moved = self.0.moved.notified();
            if let Some(error) = self.failure() {
                return error;
            }
            moved.await;
        }
    }

    /// Ends the database and waits until its last change is on the disk.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        let redb = self.0.redb.borrow_mut().take();
        drop(redb);
        self.0.wanted.notify_all();
        let result = self.flushed(self.mark()).await;
        self.0.closed.set(true);
        self.0.wanted.notify_all();
        result
    }

    fn mark(&self) -> Mark {
        Mark(self.0.deferred.count())
    }

    fn with_redb<T>(
        &self,
        body: impl FnOnce(&redb::Database) -> Result<T, redb::Error>,
    ) -> Result<T, redb::Error> {
        match &*self.0.redb.borrow() {
            Some(redb) => body(redb),
            None => Err(redb::Error::DatabaseClosed),
        }
    }

    fn check(&self) -> Result<(), StoreError> {
        self.failure().map_or(Ok(()), Err)
    }

    fn fail(&self, error: impl std::fmt::Display) -> StoreError {
        let path = self.0.path.display().to_string();
        let error = StoreError::Database { path, reason: error.to_string() };
        self.0.failed.borrow_mut().get_or_insert(error.clone());
        self.0.moved.notify_all();
        error
    }
}

fn open_redb(file: &DeferredFile, path: &Path) -> Result<redb::Database, StoreError> {
    redb::Builder::new()
        .set_cache_size(CACHE_BYTES)
        .create_with_backend(file.clone())
        .map_err(|error| StoreError::Database { path: path.display().to_string(), reason: error.to_string() })
}

/// The bytes of a database without tables. A new file gets them all at once: redb's own creation of a file does not
/// survive a crash in its middle.
pub(super) fn empty_database(path: &Path) -> Result<Vec<u8>, StoreError> {
    let file = DeferredFile::default();
    drop(open_redb(&file, path)?);
    Ok(file.bytes())
}

/// Carries out the changes, one after the other, for as long as the database is open.
async fn flush_changes(database: Database) {
    let shared = &database.0;
    loop {
        let wanted = shared.wanted.notified();
        let changes = shared.deferred.take_changes();
        if changes.is_empty() {
            if shared.closed.get() {
                return;
            }
            wanted.await;
            continue;
        }
        let mut resized = false;
        for change in changes {
            resized |= matches!(change, Change::SetLength(_));
            if let Err(error) = carry_out(shared, &change, resized).await {
                let reason = error.to_string();
                let error = StoreError::Disk { path: shared.path.display().to_string(), reason };
                tracing::error!(%error, "the controller's store has failed");
                shared.failed.borrow_mut().get_or_insert(error);
                shared.moved.notify_all();
                return;
            }
            shared.flushed.set(shared.flushed.get() + 1);
        }
        shared.moved.notify_all();
    }
}

/// One change. A full disk is waited out: nothing of a write that found no space has happened, so it may be repeated; a
/// failed sync may not, because what it did not write may be gone from the cache.
async fn carry_out(shared: &Shared, change: &Change, resized: bool) -> io::Result<()> {
    loop {
        let result = match change {
            Change::Write { offset, bytes } => shared.file.write_at(bytes.clone(), *offset).await,
            Change::SetLength(length) => set_length(&shared.file, *length).await,
            Change::Sync if resized => return shared.file.sync_all().await,
            Change::Sync => return shared.file.sync_data().await,
        };
        match result {
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                shared.full.set(true);
                if shared.reserve.release().await {
                    tracing::warn!("the disk is full; using the space held back for that");
                } else {
                    shared.reactor.sleep(FULL_RETRY).await;
                }
            }
            result => return result,
        }
    }
}

/// Grows with blocks reserved, so that writes into the new part find space.
async fn set_length(file: &File, length: u64) -> io::Result<()> {
    let before = file.length().await?;
    if length > before {
        match file.allocate(before, length - before).await {
            Err(error) if error.kind() != io::ErrorKind::StorageFull => {}
            result => return result,
        }
    }
    file.truncate(length).await
}

/// Keeps `full` true while there is little space, and takes the reserve back once there is enough.
async fn watch_space(database: Database) {
    let shared = &database.0;
    while !shared.closed.get() && shared.failed.borrow().is_none() {
        if let Ok(space) = shared.reactor.space(shared.reserve.directory()).await {
            if !shared.reserve.is_held() && space.free > LOW_WATER_BYTES + RESERVE_BYTES {
                shared.reserve.take().await.ok();
            }
            shared.full.set(space.free < LOW_WATER_BYTES);
        }
        shared.reactor.sleep(SPACE_CHECK).await;
    }
}

/// Creates what is missing, and makes each new directory durable in the one above it.
async fn create_directories(reactor: &Reactor, directory: &Path) -> io::Result<()> {
    let mut above = Vec::new();
    for ancestor in directory.ancestors() {
        match reactor.metadata(ancestor).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => above.extend(ancestor.parent()),
            Err(error) => return Err(error),
            Ok(_) => break,
        }
    }
    reactor.create_directory_all(directory).await?;
    for directory in above {
        reactor.sync_directory(directory).await?;
    }
    Ok(())
}

async fn lock(reactor: &Reactor, directory: &Path) -> Result<File, StoreError> {
    let path = directory.join("lock");
    reactor.lock_exclusively(&path).await.map_err(|error| {
        let path = directory.display().to_string();
        match error.kind() {
            io::ErrorKind::WouldBlock => StoreError::Locked { path },
            _ => StoreError::Disk { path, reason: error.to_string() },
        }
    })
}
