//! What an open file or socket is to the drivers.

use std::fmt;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;

/// A reference-counted open file or socket. Every operation in flight holds one, so that a descriptor is closed
/// (and its number reused) only after the last operation on it has completed.
#[derive(Clone)]
pub struct Handle(Arc<Descriptor>);

/// The thing behind a [`Handle`].
pub enum Descriptor {
    /// A descriptor of the kernel. Closed on drop.
    Kernel(OwnedFd),
    /// An object of the simulator.
    Simulated {
        /// The simulator's own number for it.
        id: u64,
        /// Dropped with the last handle: how the simulator learns of the close.
        guard: Box<dyn Send + Sync>,
    },
}

impl Handle {
    /// Wraps a kernel descriptor.
    pub fn from_kernel(descriptor: OwnedFd) -> Self {
        Self(Arc::new(Descriptor::Kernel(descriptor)))
    }

    /// Wraps an object of the simulator; `guard` is dropped when the last handle goes.
    pub fn simulated(id: u64, guard: Box<dyn Send + Sync>) -> Self {
        Self(Arc::new(Descriptor::Simulated { id, guard }))
    }

    /// The simulator's number.
    ///
    /// # Panics
    /// If this is a kernel descriptor: handles never change their driver.
    pub fn simulated_id(&self) -> u64 {
        match &*self.0 {
            Descriptor::Simulated { id, .. } => *id,
            Descriptor::Kernel(_) => panic!("a kernel descriptor reached the simulator"),
        }
    }

    /// Borrows the kernel descriptor.
    ///
    /// # Panics
    /// If this is an object of the simulator.
    pub(crate) fn kernel(&self) -> BorrowedFd<'_> {
        match &*self.0 {
            Descriptor::Kernel(descriptor) => std::os::fd::AsFd::as_fd(descriptor),
            Descriptor::Simulated { .. } => panic!("a simulated object reached a kernel driver"),
        }
    }

    pub(crate) fn raw(&self) -> RawFd {
        self.kernel().as_raw_fd()
    }

    /// How many handles there are: above one, operations (or other owners) are still on this descriptor.
    pub(crate) fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Descriptor::Kernel(descriptor) => write!(formatter, "Handle({})", descriptor.as_raw_fd()),
            Descriptor::Simulated { id, .. } => write!(formatter, "Handle(simulated {id})"),
        }
    }
}
