//! The end of all processes of a host, with or without its power: what the operations in flight still do to the disk,
//! and what becomes of its connections.

use super::disk::{Disk, PAGE, SECTOR};
use super::random::Random;
use super::world::{HostId, Object, State, World};
use crate::{Allocation, Durability, Operation};

/// How a host stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// All its processes are killed: the operating system lives on, with page caches; locks and sockets are closed.
    /// Operations in flight take effect wholly, in part or not at all.
    Process,
    /// The power fails: of what was not synced any part may survive. Peers hear nothing. The host comes back with the
    /// next `Host::start`.
    Power,
}

impl World {
    /// The disk of a host as it would be after a crash now. Nothing happens to the host itself.
    pub(crate) fn disk_after(&self, host: HostId, crash: Crash, random: &mut Random) -> Disk {
        let mut disk = self.hosts[host].disk.clone();
        let mut interrupted: Vec<(&Operation, u64)> = Vec::new();
        for entry in self.in_flight.values().filter(|entry| entry.host == host) {
            if let State::Disk { operation, covered, .. } = &entry.state {
                interrupted.insert(random.index(interrupted.len() + 1), (operation, *covered));
            }
        }
        for (operation, covered) in interrupted {
            self.interrupt(&mut disk, operation, covered, crash, random);
        }
        match crash {
            Crash::Process => disk.lose_processes(),
            Crash::Power => disk.lose_power(self.faults.survival, self.faults.unreadable_torn_blocks, random),
        }
        disk
    }

    /// Ends everything that ran on a host. Its executors must be dropped by the caller.
    pub(crate) fn crash(&mut self, host: HostId, crash: Crash) {
        self.close_dropped();
        let mut random = self.random.fork();
        self.hosts[host].disk = self.disk_after(host, crash, &mut random);
        self.trace.record(self.now, "crash", &[host as u64, crash as u64]);
        self.in_flight.retain(|_, entry| entry.host != host);
        self.executors.retain(|_, other| *other != host);
        self.objects
            .retain(|_, object| !matches!(object, Object::File { host: other, .. } if *other == host));
        self.drop_sockets(host, crash);
        if crash == Crash::Power {
            self.hosts[host].powered = false;
        }
    }

    /// The host starts again, if it was without power.
    pub(crate) fn power_on(&mut self, host: HostId) {
        if self.hosts[host].powered {
            return;
        }
        let now = self.now;
        self.hosts[host].powered = true;
        self.hosts[host].clock.boot(&mut self.random, now);
        self.resume_paths();
    }

    /// An operation in flight at the crash does its work, a part of it or nothing.
    fn interrupt(
        &self,
        disk: &mut Disk,
        operation: &Operation,
        covered: u64,
        crash: Crash,
        random: &mut Random,
    ) {
        if random.chance(1, 3) {
            return;
        }
        let handle = |file: &crate::Handle| self.file(file.simulated_id());
        // Whatever the outcome, nobody is left to be told.
        let _ = match operation {
            Operation::Write { file, parts, offset, durability } => {
                let Some(handle) = handle(file) else { return };
                let bytes = parts.concat();
                if crash == Crash::Process && random.chance(1, 2) {
                    write_in_part(disk, handle, *offset, &bytes, random);
                    return;
                }
                disk.write(
                    handle,
                    *offset,
                    &bytes,
                    *durability == Durability::OnCompletion && random.chance(1, 2),
                )
            }
            Operation::Sync { file, .. } => {
                let Some(handle) = handle(file) else { return };
                disk.sync(handle, covered)
            }
            Operation::Allocate { file, offset, length, allocation } => match (handle(file), allocation) {
                (Some(handle), Allocation::Reserve) => disk.allocate(handle, *offset, *length),
                (Some(handle), Allocation::Zero) => disk.zero_range(handle, *offset, *length),
                (None, _) => return,
            },
            Operation::Truncate { file, length } => {
                let Some(handle) = handle(file) else { return };
                disk.truncate(handle, *length)
            }
            Operation::Open { path, options } if options.create || options.create_new => {
                let mode = super::disk::OpenMode {
                    read: options.read,
                    write: options.write,
                    create: options.create,
                    create_new: options.create_new,
                    truncate: options.truncate && !options.lock,
                    direct: false,
                };
                disk.open(path, mode).map(|handle| disk.close(handle))
            }
            Operation::Rename { from, to } => disk.rename(from, to),
            Operation::RemoveFile { path } => disk.remove_file(path),
            Operation::CreateDirectory { path } => disk.create_directory(path),
            Operation::RemoveDirectory { path } => disk.remove_directory(path),
            Operation::SyncDirectory { path } => disk.sync_directory(path, covered),
            _ => return,
        };
    }
}

/// Writes a part: a prefix of sectors, or some of the blocks.
pub(crate) fn write_in_part(disk: &mut Disk, handle: usize, offset: u64, bytes: &[u8], random: &mut Random) {
    if random.chance(1, 2) {
        let sectors = bytes.len() as u64 / SECTOR;
        let length = (random.between(0, sectors) * SECTOR) as usize;
        // A full disk or a closed file leaves the write undone, which is one of the outcomes anyway.
        let _ = disk.write(handle, offset, &bytes[..length], false);
        return;
    }
    for (index, block) in bytes.chunks(PAGE as usize).enumerate() {
        if random.chance(1, 2) {
            let _ = disk.write(handle, offset + index as u64 * PAGE, block, false);
        }
    }
}
