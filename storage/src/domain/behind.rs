//! Writes to segments what travelled in the journal, behind the appends: a checkpoint then finds little left to write, and
//! never more at once than the disk does beside the groups that somebody waits for. Nothing is synced here.

use super::Domain;
use crate::segment::live::LiveSegment;
use std::rc::Rc;

/// A segment is written behind when so many of its bytes are in the journal only: in smaller writes it would cost more than
/// it saves, and many logs with a little each are written at the checkpoint.
const WORTH_IT: u64 = 256 << 10;
/// Segments written at the same time.
const AT_ONCE: usize = 2;

impl Domain {
    /// Starts the tasks.
    pub(crate) fn start_writing_behind(self: &Rc<Self>) {
        for _ in 0..AT_ONCE {
            self.reactor.spawn(run(self.clone())).detach();
        }
    }

    /// A group with bytes of that segment is in the journal.
    pub(crate) fn write_behind(&self, segment: &Rc<LiveSegment>) {
        let unwritten = segment.length.get() - segment.written.get();
        if unwritten >= WORTH_IT && !segment.is_behind.replace(true) {
            self.to_write.borrow_mut().push_back(segment.clone());
            self.writing_behind.notify_all();
        }
    }
}

async fn run(domain: Rc<Domain>) {
    while domain.is_alive() {
        let more = domain.writing_behind.notified();
        let next = domain.to_write.borrow_mut().pop_front();
        let Some(segment) = next else {
            more.await;
            continue;
        };
        let written = segment.write_behind().await;
        segment.is_behind.set(false);
        if let Err(error) = written {
            domain.fail("writing segment", &segment.lease.file.to_string(), &error);
            return;
        }
        domain.context.memory.evict();
    }
}
