//! Waking a ring from other threads.

use std::cell::RefCell;
use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Weak};

use crate::Unpark;
use crate::wake::EventWake;

const CLOSED: RawFd = -1;

/// Wakes one ring: by a message from the ring of the calling thread (no system call of its own), or by an eventfd
/// from threads without one.
pub(super) struct RingWake {
    pub(super) event: EventWake,
    ring: AtomicI32,
    itself: Weak<Self>,
}

thread_local! {
    /// Rings to send a message to at the next turn of this thread's ring; none if it has no ring that can.
    static OUTGOING: RefCell<Option<Vec<Arc<RingWake>>>> = const { RefCell::new(None) };
}

impl RingWake {
    pub(super) fn new() -> io::Result<Arc<Self>> {
        let event = EventWake::new()?;
        Ok(Arc::new_cyclic(|itself| Self { event, ring: AtomicI32::new(CLOSED), itself: itself.clone() }))
    }

    /// From now on messages may be sent to this ring.
    pub(super) fn open(&self, ring: RawFd) {
        self.ring.store(ring, Ordering::Release);
    }

    /// The ring is about to go. A message that is on its way to its number finds nothing, or a ring to which one more
    /// wake does no harm.
    pub(super) fn close(&self) {
        self.ring.store(CLOSED, Ordering::Release);
    }

    /// Where to send a message, unless the ring is gone.
    pub(super) fn ring(&self) -> Option<RawFd> {
        Some(self.ring.load(Ordering::Acquire)).filter(|ring| *ring != CLOSED)
    }
}

impl Unpark for RingWake {
    fn unpark(&self) {
        // A thread that is being torn down has no ring any more.
        let queued =
            OUTGOING.try_with(|outgoing| match (&mut *outgoing.borrow_mut(), self.itself.upgrade()) {
                (Some(outgoing), Some(itself)) => {
                    outgoing.push(itself);
                    true
                }
                _ => false,
            });
        if !queued.unwrap_or(false) {
            self.event.unpark();
        }
    }
}

/// This thread's ring can send messages from now on.
pub(super) fn start_messages() {
    OUTGOING.with(|outgoing| *outgoing.borrow_mut() = Some(Vec::new()));
}

/// This thread's ring is going; what was not sent yet goes the other way.
pub(super) fn stop_messages() {
    let left = OUTGOING.try_with(|outgoing| outgoing.borrow_mut().take());
    for wake in left.ok().flatten().into_iter().flatten() {
        wake.event.unpark();
    }
}

/// The messages to send now.
pub(super) fn take_messages() -> Vec<Arc<RingWake>> {
    OUTGOING.with(|outgoing| outgoing.borrow_mut().as_mut().map(std::mem::take).unwrap_or_default())
}
