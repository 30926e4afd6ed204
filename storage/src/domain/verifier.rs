//! Looks at segments behind the work: once when they were sealed, then again and again, slowly (the scrub). What it finds is
//! reported; it is not served either, since what is not verified is checked whenever it is read.

use super::Domain;
use crate::error::{Damage, ReadError};
use crate::format::segment_header::DATA_START;
use crate::log::core::LogCore;
use crate::log::{Scope, verify_segment};
use crate::segment::live::LiveSegment;
use ringlog_model::{LogId, Offset};
use std::rc::{Rc, Weak};
use std::time::Duration;

/// Bytes checked at a time.
pub(crate) const PIECE: u64 = 1 << 20;
/// The pause between pieces of a segment that was just sealed: its appends' successors have the disk first.
const PAUSE: Duration = Duration::from_millis(5);
/// The same while something is on its way to the disk. Reading again at the rate of the appends would cost them a part of it;
/// what is read before its turn has come is checked then.
const PAUSE_WHEN_BUSY: Duration = Duration::from_millis(50);
/// The scrub begins anew so long after it began.
const SCRUB_EVERY: Duration = Duration::from_secs(7 * 24 * 3600);

/// A sealed segment to look at.
pub(crate) type ToVerify = (Rc<LogCore>, Weak<LiveSegment>);

impl Domain {
    /// Lets a segment that takes no more appends be checked.
    pub(crate) fn verify_soon(&self, log: &Rc<LogCore>, segment: &Rc<LiveSegment>) {
        self.to_verify.borrow_mut().push_back((log.clone(), Rc::downgrade(segment)));
        self.verifying.notify_all();
    }
}

pub(crate) async fn run(domain: Rc<Domain>) {
    let pause = scrub_pause(domain.config.scrub_bytes_per_second);
    let mut begun = domain.reactor.now_nanos();
    let mut at = Some((LogId(0), Offset(0)));
    while domain.is_alive() {
        let more = domain.verifying.notified();
        let sealed = domain.to_verify.borrow_mut().pop_front();
        if let Some((log, segment)) = sealed {
            if let Some(segment) = segment.upgrade() {
                let pause = || if domain.unflushed.get() > 0 { PAUSE_WHEN_BUSY } else { PAUSE };
                verify(&domain, &log, &segment, Scope::Unchecked, pause).await;
            }
            continue;
        }
        let Some(pause) = pause else {
            more.await;
            continue;
        };
        let Some((log, segment)) = at.and_then(|from| sealed_from(&domain, from)) else {
            at = None;
            let again = begun + SCRUB_EVERY.as_nanos() as u64;
            let rest = Duration::from_nanos(again.saturating_sub(domain.reactor.now_nanos()));
            if domain.reactor.timeout(rest, more).await.is_err() {
                (begun, at) = (again, Some((LogId(0), Offset(0))));
            }
            continue;
        };
        at = Some((log.id, segment.base.plus(1)));
        // What was looked at when it was sealed, in this life and this round, is passed over.
        if segment.verified.get().is_none_or(|when| when < begun) {
            verify(&domain, &log, &segment, Scope::All, || pause).await;
        }
    }
}

/// Pause after each piece; `None` if there is to be no scrub.
fn scrub_pause(bytes_per_second: u64) -> Option<Duration> {
    (bytes_per_second > 0).then(|| Duration::from_secs_f64(PIECE as f64 / bytes_per_second as f64))
}

/// The first sealed segment at or behind a place.
fn sealed_from(domain: &Domain, from: (LogId, Offset)) -> Option<(Rc<LogCore>, Rc<LiveSegment>)> {
    let logs = domain.logs.borrow();
    logs.range(from.0..).find_map(|(id, log)| {
        let segments = log.segments.borrow();
        let behind = |segment: &&Rc<LiveSegment>| *id > from.0 || segment.base >= from.1;
        let found = segments.iter().filter(behind).find(|segment| segment.sealed.get())?;
        Some((log.clone(), found.clone()))
    })
}

async fn verify(
    domain: &Domain,
    log: &Rc<LogCore>,
    segment: &Rc<LiveSegment>,
    scope: Scope,
    pause: impl Fn() -> Duration,
) {
    let (incarnation, now) = (segment.incarnation.get(), domain.reactor.now_nanos());
    let outcome = verify_segment(log, segment, scope, pause).await;
    // A segment that was truncated or given up meanwhile says nothing.
    if segment.incarnation.get() != incarnation || segment.released.get() || !domain.is_alive() {
        return;
    }
    match outcome {
        Ok(_) => segment.verified.set(segment.sealed.get().then_some(now)),
        Err(error) => {
            segment.verified.set(None);
            segment.lease.history.forget_checked();
            report(domain, log, segment, error);
        }
    }
}

fn report(domain: &Domain, log: &LogCore, segment: &LiveSegment, error: ReadError) {
    let damage = match error {
        ReadError::Damaged(damage) => damage,
        other => {
            Damage { log: log.id, segment: segment.base, position: DATA_START, reason: other.to_string() }
        }
    };
    tracing::error!(%damage, file = %segment.lease.file, "found damage in a sealed segment");
    domain.metrics.damage_found.add(1);
    domain.board.damaged(damage);
}
