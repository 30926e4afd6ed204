//! One simulated machine, as a test sees it.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::disk::Disk;
use super::random::Random;
use super::run::Machinery;
use super::world::{HostId, HostState};
use super::{Crash, Injection, Pattern};
use crate::{Reactor, Shutdown};

/// A machine: it keeps its disk and its address while processes on it start, crash and start again.
#[derive(Clone)]
pub struct Host {
    pub(crate) machinery: Rc<Machinery>,
    pub(crate) id: HostId,
}

/// Processes.
impl Host {
    /// Starts a shard whose main task is `body`, switching the power on if it was off. When the main task ends, all
    /// other tasks of the shard are cancelled.
    pub fn start<F, T>(&self, name: &str, body: impl FnOnce(Reactor) -> F) -> Running<T>
    where
        F: Future<Output = T> + 'static,
        T: 'static,
    {
        let output = Rc::new(RefCell::new(None));
        let slot = output.clone();
        self.machinery.start(self.id, name, Arc::new(Shutdown::default()), None, |reactor| {
            let body = body(reactor);
            async move {
                let value = body.await;
                *slot.borrow_mut() = Some(value);
            }
        });
        Running { output }
    }

    /// Kills everything that runs on this host, now.
    pub fn crash(&self, crash: Crash) {
        self.machinery.crash(self.id, crash);
    }

    /// Requests an orderly stop of everything that runs on this host, as SIGTERM does.
    pub fn request_shutdown(&self) {
        self.machinery.request_shutdown(self.id);
    }

    /// Somebody sets the wall clock.
    pub fn step_wall_clock(&self, by: Duration, forward: bool) {
        self.with(|host| host.clock.step_wall(by, forward));
    }

    /// The address under which other hosts reach this one.
    pub fn address(&self) -> IpAddr {
        self.with(|host| IpAddr::V4(host.address))
    }

    /// The same with a port.
    pub fn socket_address(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.address(), port)
    }

    /// The name the host was made with.
    pub fn name(&self) -> String {
        self.with(|host| host.name.clone())
    }
}

/// The disk.
impl Host {
    /// How many file operations have taken effect so far: a clock for crash points.
    pub fn operations(&self) -> u64 {
        self.with(|host| host.operations)
    }

    /// The disk as it is now, caches included. Cheap, whatever its size.
    pub fn disk(&self) -> DiskImage {
        self.machinery.world.borrow_mut().close_dropped();
        DiskImage { disk: self.with(|host| host.disk.clone()) }
    }

    /// The disk as it would be found after a crash now, with what is in flight done, done in part or lost as `seed`
    /// has it. The host runs on undisturbed: one run of a workload serves a crash at each of its operations.
    pub fn disk_after(&self, crash: Crash, seed: u64) -> DiskImage {
        let mut world = self.machinery.world.borrow_mut();
        world.close_dropped();
        DiskImage { disk: world.disk_after(self.id, crash, &mut Random::new(seed)) }
    }

    /// Gives a host that runs nothing another disk.
    pub fn set_disk(&self, image: DiskImage) {
        self.with(|host| {
            host.disk = image.disk;
            host.disk.lose_processes();
        });
    }

    /// Aims a fault at file operations of this host.
    pub fn inject(&self, injection: Injection) {
        self.with(|host| host.injections.push(injection));
    }

    /// Forgets all aimed faults; gives how many had not struck yet.
    pub fn clear_injections(&self) -> u64 {
        self.with(|host| host.injections.drain(..).map(|injection| injection.times).sum())
    }

    /// Size of the disk in bytes, from now on.
    pub fn set_capacity(&self, bytes: u64) {
        self.with(|host| host.disk.set_capacity(bytes));
    }

    /// Free and total bytes of the disk.
    pub fn space(&self) -> (u64, u64) {
        self.with(|host| host.disk.space())
    }

    /// Whether files may be opened for direct I/O (they may at the start).
    pub fn allow_direct_io(&self, allowed: bool) {
        self.with(|host| host.direct_io = allowed);
    }

    /// Flips one bit of a file, silently.
    pub fn flip_bit(&self, path: &Path, offset: u64, bit: u8) -> io::Result<()> {
        self.with(|host| host.disk.flip_bit(path, offset, bit))
    }

    /// Makes the block under `offset` unreadable until it is wholly rewritten.
    pub fn make_unreadable(&self, path: &Path, offset: u64) -> io::Result<()> {
        self.with(|host| host.disk.make_unreadable(path, offset))
    }

    fn with<T>(&self, act: impl FnOnce(&mut HostState) -> T) -> T {
        act(&mut self.machinery.world.borrow_mut().hosts[self.id])
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Host({})", self.name())
    }
}

/// A disk apart from its host: to look into, to damage, and to start another host from.
#[derive(Debug, Clone)]
pub struct DiskImage {
    disk: Disk,
}

impl DiskImage {
    /// Cuts the power of a host with this disk and nothing in flight.
    pub fn lose_power(&mut self, pattern: Pattern, seed: u64) {
        self.disk.lose_power(pattern, false, &mut Random::new(seed));
    }

    /// Kills the processes of a host with this disk and nothing in flight.
    pub fn lose_processes(&mut self) {
        self.disk.lose_processes();
    }

    /// A whole file as readers see it.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.disk.peek(path)
    }

    /// Names in a directory, sorted.
    pub fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries = self.disk.read_directory(path)?;
        Ok(entries.into_iter().map(|entry| entry.name.to_string_lossy().into_owned()).collect())
    }

    /// Flips one bit of a file, silently.
    pub fn flip_bit(&mut self, path: &Path, offset: u64, bit: u8) -> io::Result<()> {
        self.disk.flip_bit(path, offset, bit)
    }

    /// Makes the block under `offset` unreadable until it is wholly rewritten.
    pub fn make_unreadable(&mut self, path: &Path, offset: u64) -> io::Result<()> {
        self.disk.make_unreadable(path, offset)
    }

    /// Size of the disk in bytes, from now on.
    pub fn set_capacity(&mut self, bytes: u64) {
        self.disk.set_capacity(bytes);
    }
}

/// A main task that was started on a host.
pub struct Running<T> {
    output: Rc<RefCell<Option<T>>>,
}

impl<T> Running<T> {
    /// Whether it has ended by itself. One that was killed in a crash never has.
    pub fn is_finished(&self) -> bool {
        self.output.borrow().is_some()
    }

    /// What it returned, once.
    pub fn take_output(&self) -> Option<T> {
        self.output.borrow_mut().take()
    }
}

impl<T> fmt::Debug for Running<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Running(finished: {})", self.is_finished())
    }
}
