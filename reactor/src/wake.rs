//! Ends a driver's wait from another thread.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{EventfdFlags, eventfd};

use crate::Unpark;

/// An eventfd: one write of 8 bytes wakes, one read takes all wakes back.
pub(crate) struct EventWake {
    descriptor: OwnedFd,
}

impl EventWake {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { descriptor: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)? })
    }

    /// Takes back all wakes so far.
    pub(crate) fn reset(&self) {
        let mut count = [0_u8; 8];
        // Nothing to read means that nobody has woken us: just as good.
        let _ = rustix::io::read(&self.descriptor, &mut count);
    }
}

impl AsFd for EventWake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

impl Unpark for EventWake {
    fn unpark(&self) {
        // The only failure is a counter that is full, which wakes as well.
        let _ = rustix::io::write(&self.descriptor, &1_u64.to_ne_bytes());
    }
}
