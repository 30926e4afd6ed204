//! Which processors the server runs on, and which the driver.
//!
//! Without this, the scheduler often puts a server's thread and the client that it serves on the same processor, where
//! passing memory from one to the other costs half; a server whose threads keep to a processor cannot have that, and a
//! client on another machine gives it to nobody.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::io;

/// The first processor for the server, the others for the driver.
#[derive(Clone)]
pub(crate) struct Cores {
    server: CpuSet,
    driver: CpuSet,
}

impl Cores {
    /// Of those that this process may use; with only one, both share it.
    pub(crate) fn divide() -> io::Result<Cores> {
        let all = sched_getaffinity(None)?;
        let mut usable = (0..CpuSet::MAX_CPU).filter(|&processor| all.is_set(processor));
        let mut server = CpuSet::new();
        server.set(usable.next().ok_or_else(|| io::Error::other("no processor may be used"))?);
        let mut driver = CpuSet::new();
        usable.for_each(|processor| driver.set(processor));
        if driver.count() == 0 {
            driver = server;
        }
        Ok(Cores { server, driver })
    }

    /// Starts a server: it inherits the processors that this thread has meanwhile.
    pub(crate) fn start<T>(&self, start: impl FnOnce() -> T) -> io::Result<T> {
        sched_setaffinity(None, &self.server)?;
        let started = start();
        sched_setaffinity(None, &self.driver)?;
        Ok(started)
    }
}
