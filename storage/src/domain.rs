//! The commit domain: one shard's logs in one directory, made durable together.
//!
//! ```text
//! append, changes ──> queue ──> writer: groups to the journal, a few at a time, synced by the write itself
//!                                  │         (where nobody waits for it: syncer, one sync at a time)
//!                                  └──> large appends beside it: write and sync, segment by segment
//! a log's `written` and `flushed` follow what of its own batches is written and synced in both places
//! checkpointer: a full journal half is emptied: tails to segments, states to the checkpoint file
//! sealer: rolled segments get their index, idle logs give up their memory
//! keeper: retired files go back to the pool, what a full disk took away is restored
//! verifier: sealed segments are checked, once and then slowly again and again
//! early: segments do not wait for the groups that speak of them
//! ahead, behind: the journal's blocks are written once before groups need them; segments follow what is in the journal
//! ```
//! None holds a borrow across an await. On a full disk all but the keeper, the writer and the syncer may wait
//! for space: these go on, so that deletes do.

pub(crate) mod ahead;
pub(crate) mod behind;
pub(crate) mod checkpoint;
pub(crate) mod early;
pub(crate) mod group;
pub(crate) mod journal;
pub(crate) mod keeper;
pub(crate) mod lazy;
pub(crate) mod queue;
pub(crate) mod sealer;
pub(crate) mod syncer;
pub(crate) mod verifier;
pub(crate) mod writer;

use crate::config::StoreConfig;
use crate::directory::DirectoryHandle;
use crate::error::{Damage, StoreFault};
use crate::format::{BLOCK, names};
use crate::log::core::LogCore;
use crate::metrics::StoreMetrics;
use crate::segment::cover::Cover;
use crate::segment::files::{FilePool, Lease, SegmentFiles};
use crate::segment::live::{BEHIND_AT_ONCE, LiveSegment, SegmentContext, TailMemory};
use crate::space::Space;
use crate::state::{Change, FileId};
use crate::store::Progress;
use checkpoint::CheckpointState;
use journal::Journal;
use lazy::Lazy;
use queue::CommitQueue;
use ringlog_model::LogId;
use ringlog_reactor::Reactor;
use ringlog_reactor::local::{Notify, Semaphore};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use syncer::{Group, Waiting};
use verifier::ToVerify;

/// Writes beside the journal at the same time.
const BESIDE_AT_ONCE: usize = 2048;

/// What the domain lets happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Running {
    /// Everything.
    Yes,
    /// What was accepted is finished; nothing more is accepted.
    Draining,
    /// The tasks end.
    Stopped,
}

/// All that the tasks of a domain share.
#[derive(Debug)]
pub(crate) struct Domain {
    pub(crate) reactor: Reactor,
    pub(crate) directory: DirectoryHandle,
    pub(crate) number: u16,
    pub(crate) config: StoreConfig,
    pub(crate) metrics: Arc<StoreMetrics>,
    pub(crate) context: Rc<SegmentContext>,
    pub(crate) pool: Rc<FilePool>,
    pub(crate) logs: RefCell<BTreeMap<LogId, Rc<LogCore>>>,
    pub(crate) running: Cell<Running>,
    pub(crate) queue: RefCell<CommitQueue>,
    pub(crate) journal: RefCell<Journal>,
    /// Groups of which not everything is durable, in their order.
    pub(crate) groups: RefCell<VecDeque<Rc<Group>>>,
    pub(crate) waiting: RefCell<Waiting>,
    /// Syncs that are put off.
    pub(crate) lazy: Lazy,
    /// Bounds the groups on their way to the journal.
    pub(crate) groups_at_once: Semaphore,
    /// Bounds the writes beside the journal.
    pub(crate) beside: Semaphore,
    /// Groups that are not synced in the journal, in their order: sequence and items.
    pub(crate) unrecorded: RefCell<VecDeque<(u64, u64)>>,
    /// Number of the first item that is not synced in the journal: a change counts from there on.
    pub(crate) recorded_items: Cell<u64>,
    /// Number of the first item that is not durable, what is written beside the journal included.
    pub(crate) durable_items: Cell<u64>,
    /// Bytes accepted and not yet durable.
    pub(crate) unflushed: Cell<u64>,
    /// Logs of which something is not durable.
    pub(crate) moving_logs: Cell<u64>,
    /// Until when large appends go to their segments directly, nanoseconds.
    pub(crate) busy_until: Cell<u64>,
    /// Files let go of by items that are not recorded yet.
    pub(crate) releases: RefCell<VecDeque<Release>>,
    pub(crate) checkpoints: RefCell<CheckpointState>,
    pub(crate) to_seal: RefCell<VecDeque<(Rc<LogCore>, ringlog_model::Offset)>>,
    pub(crate) to_verify: RefCell<VecDeque<ToVerify>>,
    pub(crate) board: Board,
    pub(crate) fault: RefCell<Option<StoreFault>>,
    /// Something for the writer.
    pub(crate) work: Notify,
    /// Something for the syncer.
    pub(crate) to_sync: Notify,
    /// Something is durable, or the domain failed or stops.
    pub(crate) durable: Notify,
    /// Something for the checkpointer, or done by it.
    pub(crate) checkpointing: Notify,
    /// Something for the sealer.
    pub(crate) sealing: Notify,
    /// Something for the keeper.
    pub(crate) keeping: Rc<Notify>,
    /// Something for the verifier.
    pub(crate) verifying: Notify,
    /// Groups or a checkpoint went on: there may be something to write ahead of the groups.
    pub(crate) preparing: Notify,
    /// Segments to write behind the appends.
    pub(crate) to_write: RefCell<VecDeque<Rc<LiveSegment>>>,
    /// Something for those who write behind the appends.
    pub(crate) writing_behind: Notify,
    /// A group arrived in the journal.
    pub(crate) landed: Notify,
    /// Something was written ahead of the groups.
    pub(crate) prepared: Notify,
}

/// What the owner is to be told.
#[derive(Debug, Default)]
pub(crate) struct Board {
    moved: RefCell<BTreeSet<LogId>>,
    attachments: RefCell<BTreeSet<LogId>>,
    damage: RefCell<Vec<Damage>>,
    fault: RefCell<Option<StoreFault>>,
    changed: Notify,
}

/// Files that a change lets go of.
#[derive(Debug)]
pub(crate) struct Release {
    /// The change's item: they go when that is durable.
    pub(crate) number: u64,
    pub(crate) leases: Vec<Arc<Lease>>,
    /// How long they stay after that, nanoseconds.
    pub(crate) delay: u64,
}

impl Domain {
    pub(crate) async fn open(
        reactor: &Reactor,
        directory: DirectoryHandle,
        number: u16,
        config: StoreConfig,
    ) -> Result<Rc<Domain>, StoreFault> {
        let path = directory.shared.path.clone();
        let journal = Journal::open(reactor, &directory.shared, number, config.journal_half_bytes).await?;
        let domains = usize::from(directory.shared.domains);
        let unused =
            directory.shared.unused.iter().skip(usize::from(number)).step_by(domains).copied().collect();
        let pool = FilePool::new(directory.shared.boot, number, unused, config.recycled_files_max);
        let (pool, keeping) = (Rc::new(pool), Rc::new(Notify::new()));
        let context = SegmentContext {
            reactor: reactor.clone(),
            files: SegmentFiles::new(reactor.clone(), path.clone(), config.open_files_max),
            space: Space::new(
                reactor.clone(),
                directory.shared.clone(),
                pool.clone(),
                config.free_bytes_low,
                keeping.clone(),
            ),
            directory_dirty: Cell::new(0),
            directory_synced: Cell::new(0),
            directory_turn: Semaphore::new(1),
            behind: Semaphore::new((BEHIND_AT_ONCE / BLOCK) as usize),
            growing: Semaphore::new(1),
            read_pace: directory.shared.read_pace.clone(),
            cover: Cover::new(reactor.clone(), directory.shared.clone(), number),
            memory: TailMemory::new(config.tail_bytes_max),
        };
        context.space.look().await;
        if context.space.is_full() {
            // The first start on a small disk: the journals have what they need by now.
            context.space.restore_reserve().await;
            context.space.look().await;
        }
        Ok(Rc::new(Domain {
            reactor: reactor.clone(),
            directory,
            number,
            groups_at_once: Semaphore::new(config.groups_at_once),
            config,
            metrics: Arc::default(),
            context: Rc::new(context),
            pool,
            logs: RefCell::default(),
            running: Cell::new(Running::Yes),
            queue: RefCell::default(),
            journal: RefCell::new(journal),
            groups: RefCell::default(),
            waiting: RefCell::default(),
            lazy: Lazy::default(),
            beside: Semaphore::new(BESIDE_AT_ONCE),
            unrecorded: RefCell::default(),
            recorded_items: Cell::new(0),
            durable_items: Cell::new(0),
            unflushed: Cell::new(0),
            moving_logs: Cell::new(0),
            busy_until: Cell::new(0),
            releases: RefCell::default(),
            checkpoints: RefCell::default(),
            to_seal: RefCell::default(),
            to_verify: RefCell::default(),
            board: Board::default(),
            fault: RefCell::default(),
            work: Notify::new(),
            to_sync: Notify::new(),
            durable: Notify::new(),
            checkpointing: Notify::new(),
            sealing: Notify::new(),
            keeping,
            verifying: Notify::new(),
            preparing: Notify::new(),
            prepared: Notify::new(),
            landed: Notify::new(),
            to_write: RefCell::default(),
            writing_behind: Notify::new(),
        }))
    }

    /// Starts the tasks.
    pub(crate) fn start(self: &Rc<Self>) {
        self.reactor.spawn(writer::run(self.clone())).detach();
        self.reactor.spawn(syncer::run(self.clone())).detach();
        self.reactor.spawn(ahead::run(self.clone())).detach();
        self.start_writing_behind();
        self.reactor.spawn(checkpoint::run(self.clone())).detach();
        self.reactor.spawn(sealer::run(self.clone())).detach();
        self.reactor.spawn(keeper::run(self.clone())).detach();
        self.reactor.spawn(verifier::run(self.clone())).detach();
    }

    pub(crate) fn path(&self) -> &Path {
        &self.directory.shared.path
    }

    /// Applies a change to a log and queues it for the journal; returns the item's number.
    pub(crate) fn apply(&self, log: &Rc<LogCore>, change: Change) -> u64 {
        let (released, version) = {
            let mut state = log.state.borrow_mut();
            let released =
                state.apply(&change, 1).expect("changes of a live log are checked before they are made");
            (released, state.version)
        };
        let number = self.queue.borrow_mut().push_change(log, version, change);
        self.checkpoints.borrow_mut().dirty.insert(log.id);
        self.release(log, number, &released);
        self.work.notify_all();
        number
    }

    fn release(&self, log: &LogCore, number: u64, released: &[FileId]) {
        if released.is_empty() {
            return;
        }
        let segments = log.segments.borrow();
        let leases = segments.iter().filter(|segment| released.contains(&segment.lease.file));
        let released = leases.inspect(|segment| segment.release(number));
        let leases = released.map(|segment| segment.lease.clone()).collect();
        self.releases.borrow_mut().push_back(Release { number, leases, delay: log.file_delete_delay.get() });
    }

    /// Waits until the change of that number is in the journal for good. What others write beside the journal may still
    /// be on its way, or wait for space.
    pub(crate) async fn until_recorded(&self, number: u64) -> Result<(), StoreFault> {
        self.until_counted(&self.recorded_items, number).await
    }

    /// Waits until the item of that number and all before it are durable.
    pub(crate) async fn until_durable(&self, number: u64) -> Result<(), StoreFault> {
        let _hurry = self.hurry();
        self.until_counted(&self.durable_items, number).await
    }

    async fn until_counted(&self, items: &Cell<u64>, number: u64) -> Result<(), StoreFault> {
        loop {
            let changed = self.durable.notified();
            if items.get() > number {
                return Ok(());
            }
            if let Some(fault) = self.fault() {
                return Err(fault);
            }
            changed.await;
        }
    }

    pub(crate) fn fault(&self) -> Option<StoreFault> {
        self.fault.borrow().clone()
    }

    /// A write or sync failed: nothing more is accepted, nothing more is acknowledged.
    pub(crate) fn fail(&self, action: &'static str, file: &str, error: &io::Error) -> StoreFault {
        let fault = StoreFault { action, file: file.to_owned(), reason: error.to_string() };
        tracing::error!(%fault, "the store has failed; it takes nothing more until it is opened anew");
        self.fault.borrow_mut().get_or_insert_with(|| fault.clone());
        self.board.fault.borrow_mut().get_or_insert_with(|| fault.clone());
        self.context.space.close();
        self.board.changed.notify_all();
        self.wake_all();
        fault
    }

    /// Whether the tasks should go on.
    pub(crate) fn is_alive(&self) -> bool {
        self.running.get() != Running::Stopped && self.fault.borrow().is_none()
    }

    pub(crate) fn wake_all(&self) {
        let tasks = [&self.work, &self.to_sync, &self.checkpointing, &self.sealing, &*self.keeping];
        for notify in tasks.into_iter().chain([
            &self.durable,
            &self.verifying,
            &self.preparing,
            &self.prepared,
            &self.landed,
            &self.writing_behind,
        ]) {
            notify.notify_all();
        }
        self.board.changed.notify_all();
        self.end_syncs();
    }

    pub(crate) fn checkpoint_path(&self) -> std::path::PathBuf {
        names::checkpoint(self.path(), self.number)
    }
}

impl Board {
    pub(crate) fn moved(&self, log: LogId) {
        self.moved.borrow_mut().insert(log);
    }

    pub(crate) fn attachment_wanted(&self, log: LogId) {
        self.attachments.borrow_mut().insert(log);
    }

    pub(crate) fn damaged(&self, damage: Damage) {
        self.damage.borrow_mut().push(damage);
        self.changed.notify_all();
    }

    pub(crate) fn tell(&self) {
        let quiet = self.moved.borrow().is_empty()
            && self.attachments.borrow().is_empty()
            && self.fault.borrow().is_none();
        if !quiet {
            self.changed.notify_all();
        }
    }
}

impl Domain {
    /// See [`Store::progress`](crate::Store::progress).
    pub(crate) async fn progress(&self) -> Progress {
        loop {
            let changed = self.board.changed.notified();
            let moved = std::mem::take(&mut *self.board.moved.borrow_mut());
            let wanted = std::mem::take(&mut *self.board.attachments.borrow_mut());
            let fault = self.board.fault.borrow_mut().take();
            let damage = std::mem::take(&mut *self.board.damage.borrow_mut());
            let marks: Vec<_> = {
                let logs = self.logs.borrow();
                moved.iter().filter_map(|id| logs.get(id).map(|log| (*id, log.marks.get()))).collect()
            };
            let stopped = self.running.get() == Running::Stopped;
            let news = !marks.is_empty() || !wanted.is_empty() || !damage.is_empty() || fault.is_some();
            if news || stopped {
                let attachments_wanted = wanted.into_iter().collect();
                return Progress { marks, attachments_wanted, damage, fault };
            }
            changed.await;
        }
    }
}
