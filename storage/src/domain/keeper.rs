//! Keeps an eye on the disk: retired files go back to the pool, and what a full disk took away is restored once there is
//! space again. It never waits for space itself.

use super::{Domain, journal};
use std::rc::Rc;
use std::time::Duration;

/// How often it looks while the disk is full or readers hold retired files.
const SHORT_TICK: Duration = Duration::from_secs(1);
/// How often while only the reserve or a part of the journal is missing.
const TICK: Duration = Duration::from_secs(5);

pub(crate) async fn run(domain: Rc<Domain>) {
    while domain.is_alive() {
        let more = domain.keeping.notified();
        let space = &domain.context.space;
        domain.pool.sweep(&domain.context.files, space.is_full()).await;
        // One domain alone makes the reserve.
        let lacks_reserve = domain.number == 0 && domain.directory.shared.reserve.is_missing();
        let lacks_journal = domain.journal.borrow().is_short();
        let wait = if space.is_full() || domain.pool.has_retired() {
            SHORT_TICK
        } else if lacks_reserve || lacks_journal {
            TICK
        } else {
            more.await;
            continue;
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
