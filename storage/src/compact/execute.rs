//! Carries a compaction out, step by step, and swaps the segments.

use super::filter::{Collected, Filter, Filtered};
use super::groups::group;
use super::keys::KeyOffsets;
use super::pace::Pace;
use super::{Compaction, CompactionError, CompactionReport};
use crate::domain::{Domain, Running, sealer};
use crate::format::names;
use crate::format::segment_header::SegmentHeader;
use crate::log::core::{LogCore, Phase};
use crate::log::locate;
use crate::segment::live::{LiveSegment, SegmentStart};
use crate::segment::{Expected, IndexEntry, check_batches};
use crate::space::is_full;
use crate::state::{Change, Compacted};
use bytes::Bytes;
use ringlog_batch::Scratch;
use ringlog_model::{LeaderEpoch, Offset, Timestamp};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bytes of batches read and filtered at a time: some hundred microseconds of work.
const STEP_BYTES: u64 = 256 << 10;
/// Bytes of the new segment that are written together: a group on its way to the journal may have to wait behind them.
const WRITE_BYTES: u64 = 256 << 10;

/// A segment to be compacted, as it was found.
#[derive(Clone)]
struct Source {
    live: Rc<LiveSegment>,
    incarnation: u64,
    end_offset: Offset,
    created: Timestamp,
    length: u64,
}

/// See [`Log::compact`](crate::Log::compact).
pub(crate) async fn compact(
    domain: &Rc<Domain>,
    log: &Rc<LogCore>,
    wanted: Compaction,
) -> Result<CompactionReport, CompactionError> {
    let _running = InProgress::begin(domain);
    let report = compact_segments(domain, log, wanted).await;
    if report.is_err() {
        domain.metrics.compaction_failures.add(1);
    }
    report
}

/// Counts a compaction from its begin to its end, which may be that its task is dropped.
struct InProgress<'a> {
    domain: &'a Domain,
    begun: u64,
}

impl<'a> InProgress<'a> {
    fn begin(domain: &'a Domain) -> InProgress<'a> {
        domain.metrics.compaction_running.add(1);
        InProgress { domain, begun: domain.reactor.now_nanos() }
    }
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        let metrics = &self.domain.metrics;
        metrics.compaction_running.subtract(1);
        metrics.compaction.record_nanos(self.domain.reactor.now_nanos().saturating_sub(self.begun));
    }
}

async fn compact_segments(
    domain: &Rc<Domain>,
    log: &Rc<LogCore>,
    wanted: Compaction,
) -> Result<CompactionReport, CompactionError> {
    let sources = sources(log, wanted.upto);
    let (start, clean) = {
        let state = log.state.borrow();
        (state.start.max(state.clean), state.clean)
    };
    let Some(upto) = sources.last().map(|last| last.end_offset) else {
        return Ok(CompactionReport { clean, ..CompactionReport::default() });
    };
    let mut run = Run::begin(domain, log, wanted, start, upto).await;
    run.collect(&sources, start, upto).await?;
    let mapped_upto = run.filter().mapped_upto;
    let mut chosen: Vec<_> =
        sources.into_iter().take_while(|source| source.live.base < mapped_upto.max(start)).collect();
    let sizes: Vec<_> = chosen.iter().map(|source| source.length).collect();
    let groups = group(&sizes, log.config().segment_bytes);
    let mut report = CompactionReport {
        keys: run.filter().keys.len(),
        segments_before: chosen.len(),
        segments_after: groups.len(),
        bytes_before: sizes.iter().sum(),
        ..CompactionReport::default()
    };
    for places in groups {
        // Who is rewritten is let go of at once: the files are given back before the next copies are made.
        let group: Vec<_> = chosen.drain(..places.len()).collect();
        report.bytes_after += run.rewrite(&group).await?;
    }
    run.check_alive()?;
    if mapped_upto > clean {
        domain.apply(log, Change::Cleaned { upto: mapped_upto });
    }
    report.clean = mapped_upto.max(clean);
    report.records_removed = run.filter().removed;
    report.next_horizon = run.filter().next_horizon;
    run.end().await;
    Ok(report)
}

/// The sealed segments in front that end at `upto` or before.
fn sources(log: &LogCore, upto: Offset) -> Vec<Source> {
    let (state, live) = (log.state.borrow(), log.segments.borrow());
    let both = state.segments.iter().zip(live.iter());
    let chosen = both.take_while(|(segment, live)| live.sealed.get() && segment.end_offset <= upto);
    let source = chosen.map(|(segment, live)| Source {
        live: live.clone(),
        incarnation: segment.incarnation,
        end_offset: segment.end_offset,
        created: segment.created,
        length: segment.length,
    });
    source.collect()
}

/// One compaction under way.
struct Run<'a> {
    domain: &'a Rc<Domain>,
    log: &'a Rc<LogCore>,
    epochs: Arc<[(LeaderEpoch, Offset)]>,
    pace: Pace,
    /// Away while a step is being done.
    filter: Option<Filter>,
}

impl<'a> Run<'a> {
    async fn begin(
        domain: &'a Rc<Domain>,
        log: &'a Rc<LogCore>,
        wanted: Compaction,
        start: Offset,
        upto: Offset,
    ) -> Run<'a> {
        let seeds = std::array::from_fn(|_| domain.reactor.random_u64());
        // Not more keys than records can be there.
        let keys = usize::try_from(upto.since(start)).unwrap_or(0);
        let patience = u64::try_from(wanted.patience.as_nanos()).unwrap_or(u64::MAX);
        let patient_upto = domain.reactor.now_nanos().saturating_add(patience);
        let pace = Pace::new(wanted.bytes_per_second, patient_upto);
        // Making and giving back the map takes the kernel milliseconds: tens of MiB of pages.
        let filter = domain.reactor.run_in_background(move || Filter {
            keys: KeyOffsets::new(seeds, keys, wanted.keys_bytes_max),
            mapped_upto: start,
            upto,
            now: wanted.now,
            horizon: Timestamp(wanted.now.0.saturating_add(wanted.delete_retention_ms)),
            producers: wanted.producers,
            removed: 0,
            next_horizon: None,
            scratch: Scratch::new(),
        });
        let filter = Some(filter.await);
        let epochs = log.state.borrow().epochs.clone().into();
        Run { domain, log, epochs, pace, filter }
    }

    /// Gives the memory back.
    async fn end(mut self) {
        let filter = self.filter.take();
        self.domain.reactor.run_in_background(move || drop(filter)).await;
    }

    fn filter(&mut self) -> &mut Filter {
        self.filter.as_mut().expect("it comes back from every step")
    }

    /// Pass 1: the keys of everything that was never compacted, as many as fit.
    async fn collect(
        &mut self,
        sources: &[Source],
        from: Offset,
        upto: Offset,
    ) -> Result<(), CompactionError> {
        for source in sources.iter().filter(|source| source.end_offset > from) {
            locate::complete_index(self.log, &source.live).await?;
            let mut at = source.live.index.borrow().floor_of_offset(from);
            while at.position < source.length {
                let (next, collected) =
                    self.step(source, at, move |filter, batches| filter.collect(batches, from)).await?;
                if collected == Collected::Full {
                    return Ok(());
                }
                at = next;
            }
            self.filter().mapped_upto = source.end_offset;
        }
        self.filter().mapped_upto = upto;
        Ok(())
    }

    /// Pass 2: writes what stays of some segments into a new one, which takes their place. Returns its bytes.
    async fn rewrite(&mut self, sources: &[Source]) -> Result<u64, CompactionError> {
        let bytes = sources.iter().map(|source| source.length).sum();
        let removed_before = self.filter().removed;
        let context = &self.domain.context;
        if !context.space.make_room(bytes, &context.files).await {
            return Err(CompactionError::DiskFull);
        }
        let target = self.target(sources);
        let written = self.write(sources, &target).await;
        let swapped = match written {
            Ok(()) => self.swap(sources, &target),
            Err(error) => Err(error),
        };
        match swapped {
            Ok(number) => {
                sealer::write_index(self.domain, &target).await;
                self.domain.until_recorded(number).await.map_err(|_| CompactionError::Interrupted)?;
                self.domain.verify_soon(self.log, &target);
                let metrics = &self.domain.metrics;
                metrics.compaction_written_bytes.add(target.length.get());
                metrics.compaction_records_removed.add(self.filter().removed - removed_before);
                Ok(target.length.get())
            }
            Err(error) => {
                self.abandon(&target).await;
                Err(error)
            }
        }
    }

    fn target(&self, sources: &[Source]) -> Rc<LiveSegment> {
        let (lease, allocated) = self.domain.pool.take();
        let state = self.log.state.borrow();
        let header = SegmentHeader {
            log: self.log.id,
            incarnation: state.incarnation + 1,
            base_offset: sources[0].live.base,
            created: sources[sources.len() - 1].created,
            partition: state.partition,
            topic: state.topic.clone(),
            sparse: true,
        };
        let start = SegmentStart {
            length: 0,
            allocated: Some(allocated.unwrap_or(0)),
            limit: sources.iter().map(|source| source.length).sum(),
            sealed: false,
        };
        LiveSegment::new(self.domain.context.clone(), lease, header, start)
    }

    async fn write(&mut self, sources: &[Source], target: &Rc<LiveSegment>) -> Result<(), CompactionError> {
        let failed = |source: io::Error| {
            if is_full(&source) {
                return CompactionError::DiskFull;
            }
            CompactionError::Write { file: names::segment_name(target.lease.file), source }
        };
        for source in sources {
            locate::complete_index(self.log, &source.live).await?;
            let mut at = source.live.index.borrow().floor_of_position(0);
            while at.position < source.length {
                let (next, filtered) =
                    self.step(source, at, |filter, batches| filter.filter(batches)).await?;
                add(target, &filtered);
                if target.length.get() - target.written.get() >= WRITE_BYTES {
                    let begun = self.domain.reactor.now_nanos();
                    let from = target.written.get();
                    target.try_write_upto(target.length.get()).await.map_err(failed)?;
                    target.drop_written_tail();
                    self.rest(target.written.get() - from, begun).await;
                }
                at = next;
            }
        }
        target.try_write_upto(target.length.get()).await.map_err(failed)?;
        target.drop_written_tail();
        if target.length.get() > 0 {
            target.sync().await.map_err(failed)?;
            target.trim().await.map_err(failed)?;
        }
        Ok(())
    }

    /// Reads some hundred KiB of batches from `at` on, checks them, and does something to them off the shard; rests.
    /// Returns the place behind them.
    async fn step<T: Send + 'static>(
        &mut self,
        source: &Source,
        at: IndexEntry,
        job: impl FnOnce(&mut Filter, &[u8]) -> Result<T, ringlog_batch::BatchError> + Send + 'static,
    ) -> Result<(IndexEntry, T), CompactionError> {
        self.check_alive()?;
        let reactor = &self.domain.reactor;
        let begun = reactor.now_nanos();
        let segment = &source.live;
        let next = segment.index.borrow().ceiling_of_position(at.position + STEP_BYTES);
        let bytes = locate::read_range(segment, at.position, next.position).await?;
        let mut filter = self.filter.take().expect("it comes back from every step");
        let (epochs, sparse) = (self.epochs.clone(), segment.header.sparse);
        let moved = bytes.len() as u64;
        self.domain.metrics.compaction_read_bytes.add(moved);
        let work = move || {
            let outcome = check(&bytes, at, next, sparse, &epochs)
                .and_then(|()| job(&mut filter, &bytes).map_err(|error| (0, error.to_string())));
            (filter, outcome)
        };
        let handed_over = reactor.now_nanos();
        let gives_way = self.pace.gives_way(handed_over, self.since_commit(handed_over));
        let (filter, outcome) = match gives_way {
            true => reactor.run_in_background(work).await,
            false => reactor.run_blocking(work).await,
        };
        self.pace.worked(gives_way, reactor.now_nanos().saturating_sub(handed_over));
        self.filter = Some(filter);
        let outcome =
            outcome.map_err(|(place, reason)| locate::damaged(segment, at.position + place, &reason));
        self.rest(moved, begun).await;
        Ok((next, outcome?))
    }

    /// Rests after a piece of work that began at `begun`.
    async fn rest(&self, bytes: u64, begun: u64) {
        let reactor = &self.domain.reactor;
        let now = reactor.now_nanos();
        let rest = self.pace.rest(bytes, now.saturating_sub(begun), now, self.since_commit(now));
        if !rest.is_zero() {
            reactor.sleep(rest).await;
        }
    }

    /// How long ago somebody began to wait for a commit to this directory.
    fn since_commit(&self, now: u64) -> u64 {
        now.saturating_sub(self.domain.directory.shared.last_awaited_group.load(Ordering::Relaxed))
    }

    /// Puts the new segment in the place of the others, if they are still what they were.
    fn swap(&self, sources: &[Source], target: &Rc<LiveSegment>) -> Result<u64, CompactionError> {
        self.check_alive()?;
        let first = {
            let live = self.log.segments.borrow();
            let first = live.iter().position(|live| Rc::ptr_eq(live, &sources[0].live));
            let first = first.ok_or(CompactionError::Interrupted)?;
            let unchanged = sources.iter().enumerate().all(|(index, source)| {
                let same = live.get(first + index).is_some_and(|live| Rc::ptr_eq(live, &source.live));
                same && source.live.incarnation.get() == source.incarnation
            });
            if !unchanged || first + sources.len() >= live.len() {
                return Err(CompactionError::Interrupted);
            }
            first
        };
        let compacted = Compacted {
            base_offset: sources[0].live.base,
            end_offset: sources[sources.len() - 1].end_offset,
            length: target.length.get(),
            max_timestamp: target.index.borrow().end().max_timestamp_before,
            created: target.header.created,
            file: target.lease.file,
        };
        let number = self.domain.apply(self.log, Change::Compacted(compacted));
        target.incarnation.set(self.log.state.borrow().incarnation);
        target.sealed.set(true);
        let mut live = self.log.segments.borrow_mut();
        live[first] = target.clone();
        live.drain(first + 1..first + sources.len());
        drop(live);
        self.log.hints.borrow_mut().clear();
        Ok(number)
    }

    /// Nobody has heard of the new file: it goes.
    async fn abandon(&self, target: &LiveSegment) {
        let files = &self.domain.context.files;
        files.forget(target.lease.file);
        match self.domain.reactor.remove_file(&files.path(target.lease.file)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(file = %target.lease.file, %error, "an abandoned segment was not removed");
            }
            _ => {}
        }
    }

    fn check_alive(&self) -> Result<(), CompactionError> {
        let alive = self.domain.is_alive()
            && self.domain.running.get() == Running::Yes
            && self.log.phase.get() == Phase::Open;
        if alive { Ok(()) } else { Err(CompactionError::Interrupted) }
    }
}

fn check(
    bytes: &Bytes,
    at: IndexEntry,
    next: IndexEntry,
    sparse: bool,
    epochs: &[(LeaderEpoch, Offset)],
) -> Result<(), (u64, String)> {
    // Epochs before the log's start are forgotten; only what lies behind can be compared.
    let known = epochs.first().is_some_and(|&(_, first)| first <= at.offset);
    let expected = Expected {
        base_offset: at.offset,
        end_offset: Some(next.offset),
        fields: Some((at.checksum_before, next.checksum_before)),
        sparse,
        epochs: if known { epochs } else { &[] },
    };
    check_batches(bytes, &expected).map_err(|failure| (failure.position as u64, failure.reason))
}

fn add(target: &Rc<LiveSegment>, filtered: &Filtered) {
    if filtered.bytes.is_empty() {
        return;
    }
    target.append(&filtered.bytes);
    let mut index = target.index.borrow_mut();
    for (header, place) in &filtered.batches {
        index.add(header, &filtered.bytes[*place..]);
    }
}
