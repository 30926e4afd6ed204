//! The handle through which everything above reaches the world.

use std::any::Any;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::context::ShardContext;
use crate::metrics::ReactorMetrics;
use crate::run::ShardHandle;
use crate::slots::OperationFuture;
use crate::{
    Alarm, BlockingJob, Buffer, Completion, DirectoryEntry, DriverKind, File, Launch, LaunchOptions,
    ListenOptions, Listener, LocalBoxFuture, Metadata, OpenOptions, Operation, SharedFile, ShutdownTrigger,
    Sleep, Space, Stream, TailBuffer, Task, reply,
};

/// Cheap handle (one `Rc`) to the context of this shard: tasks, clocks, random numbers, files, network.
///
/// All paths are absolute. All futures may be dropped at any time: that cancels what they asked for.
#[derive(Clone)]
pub struct Reactor {
    pub(crate) shard: Rc<ShardContext>,
}

/// The future did not finish in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not finished in time")
    }
}

impl std::error::Error for Elapsed {}

/// Tasks, time and chance.
impl Reactor {
    pub(crate) fn new(shard: Rc<ShardContext>) -> Self {
        Self { shard }
    }

    /// Starts a task on this shard. Dropping the [`Task`] cancels it.
    ///
    /// # Panics
    /// A panic inside the task ends the whole shard, detached or not.
    pub fn spawn<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        // Boxed, so that the machinery of a task is compiled once for each type of result and not for each future.
        crate::executor::spawn(&self.shard, Box::pin(future))
    }

    /// Monotonic clock, nanoseconds since an arbitrary start, as it was after the last turn of the driver or a few tasks ago:
    /// to time what one task does without ever waiting, use a clock of your own.
    pub fn now_nanos(&self) -> u64 {
        self.shard.driver.now_nanos()
    }

    /// Wall clock, milliseconds since 1970-01-01 UTC. May jump.
    pub fn wall_millis(&self) -> i64 {
        self.shard.driver.wall_millis()
    }

    /// Gives the kernel what was submitted at once, and not only when the tasks that are ready have run: worth a system call
    /// where a device would be idle meanwhile.
    pub fn hand_over(&self) {
        self.shard.driver.hand_over();
    }

    /// A random number (from the seed, in the simulator). Not for secrets.
    pub fn random_u64(&self) -> u64 {
        self.shard.driver.random_u64()
    }

    /// A hasher state for maps, seeded from `random_u64`.
    pub fn hash_state(&self) -> ahash::RandomState {
        let next = || self.random_u64();
        ahash::RandomState::with_seeds(next(), next(), next(), next())
    }

    /// What this shard's executor knows of itself; may travel to whoever reports it.
    pub fn metrics(&self) -> Arc<ReactorMetrics> {
        self.shard.metrics.clone()
    }

    /// Which driver carries this shard.
    pub fn driver(&self) -> DriverKind {
        self.shard.driver.kind()
    }

    /// Why io_uring was not taken although `auto` would have preferred it: one line for the log.
    pub fn fallback_reason(&self) -> Option<&str> {
        self.shard.driver.fallback_reason()
    }

    /// Sleeps for a duration.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.now_nanos().saturating_add(nanos(duration)))
    }

    /// Sleeps until a time of `now_nanos`.
    pub fn sleep_until(&self, nanos: u64) -> Sleep {
        Sleep::new(self.shard.clone(), nanos)
    }

    /// Runs a future for at most `duration`; on [`Elapsed`] it is dropped.
    pub async fn timeout<F: Future>(&self, duration: Duration, future: F) -> Result<F::Output, Elapsed> {
        let mut future = pin!(future);
        let mut sleep = pin!(self.sleep(duration));
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            sleep.as_mut().poll(context).map(|()| Err(Elapsed))
        })
        .await
    }

    /// Bounds waits of which each follows the one before: see [`Alarm`].
    pub fn alarm(&self) -> Alarm {
        Alarm::new(self.shard.clone())
    }

    /// Lets every other ready task run once.
    pub async fn yield_now(&self) {
        futures_lite::future::yield_now().await;
    }

    /// Runs a closure where it may block: on a file thread (in the simulator: inline, after a virtual delay).
    /// Dropping the future does not stop a closure that has begun.
    ///
    /// # Panics
    /// With the closure's own panic.
    pub async fn run_blocking<T, F>(&self, job: F) -> T
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.run_job(BlockingJob::new(move || Box::new(job()) as Box<dyn Any + Send>)).await
    }

    /// The same for work that must not be noticed: it runs on a thread of its own, one job after the other, while no
    /// other thread wants the processor (`SCHED_IDLE`). Where the processors are never idle it may take very long:
    /// whoever needs progress looks at the clock and uses [`run_blocking`](Self::run_blocking) then.
    ///
    /// # Panics
    /// With the closure's own panic.
    pub async fn run_in_background<T, F>(&self, job: F) -> T
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let job = BlockingJob::new(move || Box::new(job()) as Box<dyn Any + Send>);
        self.run_job(job.in_background()).await
    }

    async fn run_job<T: 'static>(&self, job: BlockingJob) -> T {
        match self.submit(Operation::Blocking(job)).await {
            Completion::Blocking(Ok(output)) => *output.downcast().expect("the type the closure returned"),
            Completion::Blocking(Err(panic)) => std::panic::resume_unwind(panic),
            other => unexpected(&other),
        }
    }

    /// Starts another shard: a new pinned thread with the same kind of driver (in the simulator: another executor on
    /// this host). It is given its own reactor; it ends when its future does.
    pub fn launch(
        &self,
        options: LaunchOptions,
        body: impl FnOnce(Reactor) -> LocalBoxFuture<()> + Send + 'static,
    ) -> io::Result<ShardHandle> {
        let (finished, waiting) = reply::channel();
        let shutdown = self.shard.shutdown.clone();
        self.shard.driver.launch(Launch { options, body: Box::new(body), shutdown, finished })?;
        Ok(ShardHandle::new(waiting))
    }

    /// Completes when the process (in the simulator: the host) was asked to stop.
    pub async fn shutdown_requested(&self) {
        self.shard.shutdown.requested().await;
    }

    /// Whether the process was asked to stop.
    pub fn is_shutdown_requested(&self) -> bool {
        self.shard.shutdown.is_requested()
    }

    /// What asks all shards of this process to stop; may travel to other threads.
    pub fn shutdown_trigger(&self) -> ShutdownTrigger {
        ShutdownTrigger(self.shard.shutdown.clone())
    }

    pub(crate) fn submit(&self, operation: Operation) -> OperationFuture {
        OperationFuture::submit(self.shard.clone(), operation)
    }
}

/// Memory.
impl Reactor {
    /// Memory for receives and other short-lived bytes, from the heap; aligned to 4,096 bytes if at least that large.
    pub fn buffer(&self, capacity: usize) -> Buffer {
        Buffer::with_capacity(capacity)
    }

    /// Memory for direct reads, registered with the kernel where there is some left; aligned like `buffer`.
    pub fn disk_buffer(&self, capacity: usize) -> Buffer {
        self.shard.driver.allocate(capacity)
    }

    /// A chunk to append to and write from, registered with the kernel where there is some left.
    pub fn tail_buffer(&self, capacity: usize) -> TailBuffer {
        TailBuffer::new(self.shard.driver.allocate(capacity).into_memory())
    }
}

/// Files and directories.
impl Reactor {
    /// Opens a file. If direct I/O is asked for and refused, the file is buffered ([`File::is_direct`] says so).
    pub async fn open(&self, path: &Path, options: OpenOptions) -> io::Result<File> {
        match self.submit(Operation::Open { path: path.to_owned(), options }).await {
            Completion::Opened(opened) => Ok(File::new(self.clone(), opened?)),
            other => unexpected(&other),
        }
    }

    /// Creates (if missing), opens and locks a file; `WouldBlock` if another process holds the lock. The lock lasts
    /// as long as the file is open.
    pub async fn lock_exclusively(&self, path: &Path) -> io::Result<File> {
        self.open(path, OpenOptions::new().read(true).write(true).create(true).lock(true)).await
    }

    /// Makes a file of another shard usable on this one.
    pub fn adopt_file(&self, file: SharedFile) -> File {
        file.on(self.clone())
    }

    /// Renames, replacing what had the new name. Durable after `sync_directory` of the parent.
    pub async fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.unit(Operation::Rename { from: from.to_owned(), to: to.to_owned() }).await
    }

    /// Unlinks a file.
    pub async fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.unit(Operation::RemoveFile { path: path.to_owned() }).await
    }

    /// Makes a directory; `AlreadyExists` if there is one.
    pub async fn create_directory(&self, path: &Path) -> io::Result<()> {
        self.unit(Operation::CreateDirectory { path: path.to_owned() }).await
    }

    /// Makes a directory and all missing parents. Nothing is synced.
    pub async fn create_directory_all(&self, path: &Path) -> io::Result<()> {
        let mut missing = Vec::new();
        for ancestor in path.ancestors() {
            match self.metadata(ancestor).await {
                Ok(metadata) if metadata.is_directory => break,
                Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => missing.push(ancestor),
                Err(error) => return Err(error),
            }
        }
        for directory in missing.into_iter().rev() {
            match self.create_directory(directory).await {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes an empty directory.
    pub async fn remove_directory(&self, path: &Path) -> io::Result<()> {
        self.unit(Operation::RemoveDirectory { path: path.to_owned() }).await
    }

    /// Lists a directory, sorted by name.
    pub async fn read_directory(&self, path: &Path) -> io::Result<Vec<DirectoryEntry>> {
        match self.submit(Operation::ReadDirectory { path: path.to_owned() }).await {
            Completion::Directory(entries) => entries,
            other => unexpected(&other),
        }
    }

    /// Makes creations, renames and removals in a directory durable.
    pub async fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.unit(Operation::SyncDirectory { path: path.to_owned() }).await
    }

    /// Length and kind of what is at a path.
    pub async fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        match self.submit(Operation::Stat { path: path.to_owned() }).await {
            Completion::Metadata(metadata) => metadata,
            other => unexpected(&other),
        }
    }

    /// Space of the file system that holds a path.
    pub async fn space(&self, path: &Path) -> io::Result<Space> {
        match self.submit(Operation::Space { path: path.to_owned() }).await {
            Completion::Space(space) => space,
            other => unexpected(&other),
        }
    }

    /// Reads a whole file.
    pub async fn read_file(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = self.open(path, OpenOptions::new().read(true)).await?;
        let length = usize::try_from(file.length().await?).map_err(io::Error::other)?;
        let (result, buffer) = file.read_at(self.buffer(length), 0, length).await;
        result?;
        Ok(buffer.to_vec())
    }

    /// Replaces a file as a whole: after a crash it holds either the old or the new bytes. Written beside it under
    /// the same name with `.new` behind, synced, renamed, and the directory synced.
    pub async fn write_file_durably(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let parent = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let temporary = with_suffix(path, ".new");
        let options = OpenOptions::new().write(true).create(true).truncate(true);
        let file = self.open(&temporary, options).await?;
        file.write_at(bytes::Bytes::copy_from_slice(bytes), 0).await?;
        file.sync_all().await?;
        drop(file);
        self.rename(&temporary, path).await?;
        self.sync_directory(parent).await
    }

    async fn unit(&self, operation: Operation) -> io::Result<()> {
        match self.submit(operation).await {
            Completion::Unit(result) => result,
            other => unexpected(&other),
        }
    }
}

/// Network.
impl Reactor {
    /// Binds and listens; port 0 picks a free one. Without SO_REUSEPORT: a second process on the same address fails
    /// with `AddrInUse`.
    pub fn listen(&self, address: SocketAddr) -> io::Result<Listener> {
        let (handle, bound) = self.shard.driver.listen(address, ListenOptions::default())?;
        Ok(Listener::new(self.clone(), handle, bound))
    }

    /// Connects. Wrap it in [`Reactor::timeout`]: the kernel's own takes minutes.
    pub async fn connect(&self, address: SocketAddr) -> io::Result<Stream> {
        match self.submit(Operation::Connect { address }).await {
            Completion::Connected(handle) => Ok(Stream::new(self.clone(), handle?)),
            other => unexpected(&other),
        }
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Reactor({})", self.driver().name())
    }
}

/// A driver answered with the completion of another kind of operation.
pub(crate) fn unexpected(completion: &Completion) -> ! {
    panic!("the driver answered with {completion:?}")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
