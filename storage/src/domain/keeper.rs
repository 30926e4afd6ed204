//! Keeps an eye on the disk: retired files go back to the pool when their delay is over or space is scarce, and what a
//! full disk took away is restored once there is space again. It never waits for space itself.

use super::{Domain, journal};
use crate::segment::files::Sweep;
use std::rc::Rc;
use std::time::Duration;

/// How often it looks while the disk is full or readers hold retired files.
const SHORT_TICK: Duration = Duration::from_secs(1);
/// How often while only the reserve or a part of the journal is missing, or retired files wait for their time.
const TICK: Duration = Duration::from_secs(5);

pub(crate) async fn run(domain: Rc<Domain>) {
    while domain.is_alive() {
        let more = domain.keeping.notified();
        let space = &domain.context.space;
        let which = if space.is_scarce() { Sweep::All } else { Sweep::Due(domain.reactor.now_nanos()) };
        domain.pool.sweep(&domain.context.files, which, space.is_full()).await;
        let lacks_reserve = domain.directory.shared.reserve.is_missing();
        let lacks_journal = domain.journal.borrow().is_short();
        let due_in = domain.pool.next_due().map(|due| due.saturating_sub(domain.reactor.now_nanos()));
        let wait = match due_in.map(Duration::from_nanos) {
            _ if space.is_full() => SHORT_TICK,
            // Held by a reader, or about to be due.
            Some(due_in) if due_in < SHORT_TICK || space.is_scarce() => SHORT_TICK,
            Some(due_in) => due_in.min(TICK),
            None if lacks_reserve || lacks_journal => TICK,
            None => {
                more.await;
                continue;
            }
        };
        if domain.reactor.timeout(wait, more).await.is_ok() {
            continue;
        }
        space.look().await;
        if lacks_reserve {
            space.restore_reserve().await;
            space.look().await;
        }
        if lacks_journal && !space.is_full() {
            journal::lengthen(&domain).await;
        }
        if !space.is_full() {
            // Those who wait for room may look again.
            domain.durable.notify_all();
        }
    }
}
