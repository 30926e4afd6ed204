//! One shard's logs in one directory: a commit domain.

use crate::config::{LogSpec, StoreConfig};
use crate::directory::{DirectoryHandle, RecoveredLog};
use crate::domain::{Domain, Running, checkpoint, sealer};
use crate::error::{Damage, LogError, StoreFault};
use crate::log::core::LogCore;
use crate::log::{self, Log};
use crate::metrics::StoreMetrics;
use crate::state::{Change, LogState};
use ringlog_model::{LogId, Offset, ShardId};
use ringlog_reactor::Reactor;
use std::rc::Rc;
use std::sync::Arc;

/// Longest name that is written down with a log, Kafka's bound.
const TOPIC_BYTES_MAX: usize = 249;
/// From how many bytes on the index of an active segment is worth a file at shutdown.
const INDEX_WORTH: u64 = 1 << 20;

/// A commit domain: the logs of one shard in one directory, made durable together. Cheap to clone; not `Send`.
#[derive(Clone, Debug)]
pub struct Store {
    domain: Rc<Domain>,
}

/// How far a log has come, as exclusive ends: `flushed <= written <= end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Handed to the device or the operating system.
    pub written: Offset,
    /// Synced: a crash does not take it away.
    pub flushed: Offset,
}

/// What happened since the last call of [`Store::progress`].
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Logs whose marks moved, each once, with their newest marks.
    pub marks: Vec<(LogId, Marks)>,
    /// Logs for which a fresh [`Log::attach`] would shorten the next recovery.
    pub attachments_wanted: Vec<LogId>,
    /// What the check of sealed segments found: reported, and not served.
    pub damage: Vec<Damage>,
    /// The store has failed and takes no more appends. Reported once.
    pub fault: Option<StoreFault>,
}

impl Store {
    /// Starts the domain of `shard` over a directory with the logs it shall own. At most one store per shard and
    /// directory, and `shard` below [`DirectoryConfig::domains`](crate::DirectoryConfig).
    pub async fn start(
        reactor: &Reactor,
        directory: DirectoryHandle,
        shard: ShardId,
        logs: Vec<RecoveredLog>,
        config: StoreConfig,
    ) -> Result<Store, StoreFault> {
        assert!(shard.0 < directory.shared.domains, "the directory was opened for fewer shards");
        let domain = Domain::open(reactor, directory, shard.0, config).await?;
        for log in logs {
            if !log.carried.is_empty() {
                domain.checkpoints.borrow_mut().dirty.insert(log.log());
            }
            let core = LogCore::recovered(&domain.context, log);
            domain.logs.borrow_mut().insert(core.id, core);
        }
        domain.start();
        Ok(Store { domain })
    }

    /// Creates a log; durable when this returns.
    pub async fn create_log(&self, spec: LogSpec) -> Result<Log, LogError> {
        if let Some(fault) = self.domain.fault() {
            return Err(fault.into());
        }
        if self.domain.running.get() != Running::Yes {
            return Err(LogError::Closed);
        }
        if self.domain.logs.borrow().contains_key(&spec.log) {
            return Err(LogError::Exists(spec.log));
        }
        let topic: String = cut(spec.topic);
        let state = LogState::created(spec.log, spec.partition, topic.clone(), spec.config);
        let core = LogCore::created(state);
        self.domain.logs.borrow_mut().insert(spec.log, core.clone());
        let change = Change::Created { partition: spec.partition, topic, config: spec.config };
        let number = self.domain.queue.borrow_mut().push_change(&core, 1, change);
        self.domain.checkpoints.borrow_mut().dirty.insert(spec.log);
        self.domain.work.notify_all();
        self.domain.until_recorded(number).await?;
        Ok(Log::new(self.domain.clone(), core))
    }

    /// Deletes a log; durable when this returns. Read plans made earlier stay readable.
    pub async fn delete_log(&self, log: LogId) -> Result<(), LogError> {
        if let Some(fault) = self.domain.fault() {
            return Err(fault.into());
        }
        let core = self.domain.logs.borrow_mut().remove(&log).ok_or(LogError::Closed)?;
        log::delete(&self.domain, &core).await
    }

    /// The log of that id.
    #[must_use]
    pub fn log(&self, log: LogId) -> Option<Log> {
        let core = self.domain.logs.borrow().get(&log).cloned()?;
        Some(Log::new(self.domain.clone(), core))
    }

    /// All logs, by id.
    #[must_use]
    pub fn logs(&self) -> Vec<Log> {
        let logs = self.domain.logs.borrow();
        logs.values().map(|core| Log::new(self.domain.clone(), core.clone())).collect()
    }

    /// Waits until marks move, a fault happens or attachments are wanted. One caller at a time. After
    /// [`Store::shutdown`] it returns an empty progress.
    pub async fn progress(&self) -> Progress {
        self.domain.progress().await
    }

    /// Waits until an append is not refused with [`AppendError::Backpressure`](crate::AppendError), or the disk is full,
    /// or the store has failed.
    pub async fn ready(&self) {
        loop {
            let changed = self.domain.durable.notified();
            let room = self.domain.unflushed.get() <= self.domain.config.unflushed_bytes_max / 2;
            if room || self.is_disk_full() || !self.domain.is_alive() {
                return;
            }
            changed.await;
        }
    }

    /// Waits until an append of so many bytes is not refused with [`AppendError::Backpressure`](crate::AppendError), or
    /// the disk is full, or the store has failed.
    pub async fn ready_for(&self, bytes: usize) {
        loop {
            let changed = self.domain.durable.notified();
            let unflushed = self.domain.unflushed.get();
            let room = unflushed == 0 || unflushed + bytes as u64 <= self.domain.config.unflushed_bytes_max;
            if room || self.is_disk_full() || !self.domain.is_alive() {
                return;
            }
            changed.await;
        }
    }

    /// Whether so many bytes more, in any number of appends, are within what may be accepted and not yet durable.
    #[must_use]
    pub fn has_room_for(&self, bytes: usize) -> bool {
        self.domain.unflushed.get() + bytes as u64 <= self.domain.config.unflushed_bytes_max
    }

    /// What the store knows of itself; may travel to whoever reports it.
    #[must_use]
    pub fn metrics(&self) -> Arc<StoreMetrics> {
        self.domain.metrics.clone()
    }

    /// Whether appends are refused for want of space.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        self.domain.context.space.is_full()
    }

    /// Why the store has failed, if it has.
    #[must_use]
    pub fn fault(&self) -> Option<StoreFault> {
        self.domain.fault()
    }

    /// Waits until everything accepted is durable, writes a checkpoint so that the next open has nothing to replay,
    /// and stops. Appends are refused from the first moment on.
    pub async fn shutdown(&self) -> Result<(), StoreFault> {
        let domain = &self.domain;
        if domain.running.get() == Running::Stopped {
            return Ok(());
        }
        domain.running.set(Running::Draining);
        domain.context.space.close();
        domain.wake_all();
        let outcome = drain(domain).await;
        domain.running.set(Running::Stopped);
        domain.wake_all();
        outcome
    }
}

async fn drain(domain: &Rc<Domain>) -> Result<(), StoreFault> {
    let accepted = domain.queue.borrow().next_number();
    if let Some(last) = accepted.checked_sub(1) {
        domain.until_durable(last).await?;
    }
    loop {
        let changed = domain.checkpointing.notified();
        if let Some(fault) = domain.fault() {
            return Err(fault);
        }
        if domain.journal.borrow().other_half_is_free() {
            break;
        }
        changed.await;
    }
    checkpoint::final_checkpoint(domain).await?;
    let logs: Vec<_> = domain.logs.borrow().values().cloned().collect();
    for log in logs {
        let Some(segment) = log.active() else { continue };
        let complete = segment.index.borrow().end().position == segment.length.get();
        if complete && segment.length.get() >= INDEX_WORTH {
            sealer::write_index(domain, &segment).await;
        }
    }
    Ok(())
}

/// Names are longer only by mistake; nothing depends on them.
fn cut(mut topic: String) -> String {
    let mut end = topic.len().min(TOPIC_BYTES_MAX);
    while !topic.is_char_boundary(end) {
        end -= 1;
    }
    topic.truncate(end);
    topic
}
