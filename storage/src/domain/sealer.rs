//! The quiet work of a domain: indexes of rolled segments, memory of idle logs.

use super::Domain;
use super::checkpoint::{Rest, flush_segments};
use crate::error::StoreFault;
use crate::format::index_file::{self, IndexOwner};
use crate::log::core::{LogCore, Phase};
use crate::log::locate;
use crate::segment::live::LiveSegment;
use ringlog_model::{LogId, Offset};
use ringlog_reactor::OpenOptions;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::time::Duration;

/// How often it looks while there is something to wait for.
const TICK: Duration = Duration::from_secs(5);

pub(crate) async fn run(domain: Rc<Domain>) {
    let mut seen = BTreeMap::new();
    while domain.is_alive() {
        let more = domain.sealing.notified();
        let next = domain.to_seal.borrow_mut().pop_front();
        if let Some((log, base)) = next {
            if seal(&domain, &log, base).await.is_err() {
                return;
            }
            continue;
        }
        if domain.context.memory.is_empty() {
            more.await;
            continue;
        }
        if domain.reactor.timeout(TICK, more).await.is_err() && quieten(&domain, &mut seen).await.is_err() {
            return;
        }
    }
}

/// Finishes a segment that takes no more appends: all of it in the file, its index beside it.
async fn seal(domain: &Rc<Domain>, log: &Rc<LogCore>, base: Offset) -> Result<(), StoreFault> {
    let segment = {
        let segments = log.segments.borrow();
        let last = segments.len().saturating_sub(1);
        let found = segments.iter().position(|segment| segment.base == base);
        found.filter(|index| *index < last).map(|index| segments[index].clone())
    };
    // Deleted or truncated meanwhile: then it is not to be sealed.
    let Some(segment) = segment.filter(|_| log.phase.get() == Phase::Open) else { return Ok(()) };
    let failed = |error: io::Error| domain.fail("sealing segment", &segment.lease.file.to_string(), &error);
    segment.write_behind_upto(segment.length.get()).await.map_err(failed)?;
    if segment.released.get() {
        return Ok(());
    }
    segment.sync().await.map_err(failed)?;
    segment.trim().await.map_err(failed)?;
    if let Err(error) = locate::complete_index(log, &segment).await {
        tracing::error!(log = %log.id, %error, "a segment was sealed without an index");
    }
    write_index(domain, &segment).await;
    let still_last = log.active().is_some_and(|active| Rc::ptr_eq(&active, &segment));
    segment.sealed.set(!still_last);
    domain.metrics.segments_sealed.add(1);
    domain.verify_soon(log, &segment);
    Ok(())
}

/// Writes the index file. It is not synced: a damaged one is made again.
pub(crate) async fn write_index(domain: &Domain, segment: &LiveSegment) {
    let path = domain.context.files.index_path(segment.lease.file);
    let owner = owner(segment);
    let bytes = index_file::encode(owner, &segment.index.borrow());
    let written = async {
        let options = OpenOptions::new().write(true).create(true).truncate(true);
        let file = domain.reactor.open(&path, options).await?;
        file.write_at(bytes.into(), 0).await
    };
    if let Err(error) = written.await {
        tracing::warn!(path = %path.display(), %error, "a segment's index was not written");
    }
}

pub(crate) fn owner(segment: &LiveSegment) -> IndexOwner {
    let header = &segment.header;
    IndexOwner { log: header.log, incarnation: segment.incarnation.get(), base_offset: segment.base }
}

/// Logs that took nothing since the last look give up their memory.
async fn quieten(domain: &Rc<Domain>, seen: &mut BTreeMap<LogId, u64>) -> Result<(), StoreFault> {
    let logs: Vec<_> = domain.logs.borrow().values().cloned().collect();
    seen.retain(|id, _| domain.logs.borrow().contains_key(id));
    let mut is_idle = |log: &Rc<LogCore>| {
        let version = log.state.borrow().version;
        seen.insert(log.id, version) == Some(version) && log.phase.get() == Phase::Open
    };
    let all = logs.len();
    let idle: Vec<_> = logs.into_iter().filter(|log| is_idle(log)).collect();
    if idle.len() == all {
        domain.context.memory.drop_spare();
    }
    domain.cover_ends(&idle, Rest::Written).await?;
    for log in idle {
        flush_segments(&log)
            .await
            .map_err(|(file, error)| domain.fail("flushing segment", &file.to_string(), &error))?;
        domain.end_was_written(log.id);
        for segment in log.segments.borrow().iter() {
            segment.drop_written_tail();
        }
    }
    Ok(())
}
