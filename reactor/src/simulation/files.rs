//! File operations: submitted, harmed perhaps, performed on the host's disk.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::describe;
use super::disk::{OpenMode, PAGE, error};
use super::faults::{FileOperation, Harm};
use super::world::{Event, HostId, InFlight, Object, OperationKey, Outcome, State, World};
use crate::{
    Allocation, Buffer, Completion, DirectoryEntry, Durability, Metadata, OpenOptions, Opened, Operation,
    Space,
};

/// Names and metadata are mostly in memory.
const NAME_DELAY: (Duration, Duration) = (Duration::from_micros(5), Duration::from_micros(100));
/// What a job off the shard's thread takes.
const BLOCKING_DELAY: (Duration, Duration) = (Duration::from_micros(20), Duration::from_millis(2));
/// What a write of a megabyte takes beyond its latency.
const NANOS_PER_BYTE: u64 = 1;
/// Alignment that direct I/O demands here of pointer, offset and length.
const ALIGNMENT: usize = PAGE as usize;

impl World {
    pub(crate) fn submit_to_disk(&mut self, key: OperationKey, host: HostId, operation: Operation) {
        let (name, numbers) = describe::operation(&operation);
        let (bytes, sample) = match &operation {
            Operation::Write { parts, .. } => (numbers[2], describe::sample(parts)),
            Operation::Read { length, .. } => (*length as u64, 0),
            _ => (0, 0),
        };
        self.trace.record(self.now, name, &[key.0, key.1 as u64, numbers[0], numbers[1], numbers[2], sample]);
        let mut delay = self.ordinary_delay(&operation) + Duration::from_nanos(bytes * NANOS_PER_BYTE);
        if !self.hosts[host].injections.is_empty() {
            let (kind, path) = (describe::file_operation(&operation), self.path_of(&operation));
            for injection in &mut self.hosts[host].injections {
                if let Harm::Delay(longer) = injection.harm
                    && injection.strikes(kind, &path)
                {
                    delay += longer;
                }
            }
        }
        let covered = self.hosts[host].disk.newest();
        let id = self.register(key, host, State::Disk { operation, covered, sample });
        self.schedule(delay, Event::Perform(key, id));
    }

    /// A file operation takes effect.
    pub(crate) fn perform(&mut self, key: OperationKey, id: u64) -> Outcome {
        let Some(InFlight { id: current, host, .. }) = self.in_flight.get(&key) else {
            return Outcome::Nothing;
        };
        if *current != id {
            return Outcome::Nothing;
        }
        let host = *host;
        let entry = self.in_flight.remove(&key).expect("looked up above");
        let State::Disk { operation, covered, sample } = entry.state else {
            unreachable!("only file operations are performed")
        };
        if let Operation::Blocking(job) = operation {
            return Outcome::RunJob(key, job);
        }
        if let Operation::Write { parts, .. } = &operation {
            assert!(
                describe::sample(parts) == sample,
                "a buffer changed while it was being written: {operation:?} on {}",
                self.hosts[host].name
            );
        }
        self.hosts[host].operations += 1;
        let completion = match self.harm(host, &operation) {
            Some(number) => self.perform_harmed(host, operation, covered, number),
            None => self.perform_on_disk(host, operation, covered),
        };
        let (kind, numbers) = describe::completion(&completion);
        self.trace.record(self.now, kind, &[key.0, key.1 as u64, numbers[0], numbers[1]]);
        Outcome::Complete(key, completion)
    }

    /// The error that strikes this operation, aimed or random.
    fn harm(&mut self, host: HostId, operation: &Operation) -> Option<i32> {
        let kind = describe::file_operation(operation);
        if !self.hosts[host].injections.is_empty() {
            let path = self.path_of(operation);
            for injection in &mut self.hosts[host].injections {
                if let Harm::Error(number) = injection.harm
                    && injection.strikes(kind, &path)
                {
                    return Some(number);
                }
            }
        }
        let rate = match kind {
            FileOperation::Read => self.faults.read_errors,
            FileOperation::Write | FileOperation::SyncedWrite => self.faults.write_errors,
            FileOperation::Sync | FileOperation::SyncDirectory => self.faults.sync_errors,
            _ => 0,
        };
        self.faults.strikes(rate, &mut self.random).then_some(libc::EIO)
    }

    /// A failing operation may have done a part of its work.
    fn perform_harmed(
        &mut self,
        host: HostId,
        operation: Operation,
        covered: u64,
        number: i32,
    ) -> Completion {
        match &operation {
            Operation::Write { file, parts, offset, .. } if number == libc::EIO => {
                if let Some(handle) = self.file(file.simulated_id()) {
                    let bytes = parts.concat();
                    super::crash::write_in_part(
                        &mut self.hosts[host].disk,
                        handle,
                        *offset,
                        &bytes,
                        &mut self.random,
                    );
                }
            }
            Operation::Sync { file, .. } => {
                if let Some(handle) = self.file(file.simulated_id()) {
                    self.hosts[host].disk.fail_sync(handle, covered);
                }
            }
            _ => {}
        }
        operation.fail(error(number))
    }

    fn perform_on_disk(&mut self, host: HostId, operation: Operation, covered: u64) -> Completion {
        match operation {
            Operation::Open { path, options } => Completion::Opened(self.open(host, path, options)),
            Operation::Read { file, buffer, offset, length } => {
                self.read(host, file.simulated_id(), buffer, offset, length)
            }
            Operation::Write { file, parts, offset, durability } => {
                let result = self.write(host, file.simulated_id(), &parts, offset, durability);
                Completion::Written { result, parts }
            }
            Operation::Length { file } => {
                let length =
                    self.opened(file.simulated_id()).and_then(|handle| self.hosts[host].disk.length(handle));
                Completion::Metadata(length.map(|length| Metadata { length, is_directory: false }))
            }
            Operation::Stat { path } => {
                let found = self.hosts[host].disk.metadata(&path);
                Completion::Metadata(found.map(|(length, is_directory)| Metadata { length, is_directory }))
            }
            Operation::Space { path } => {
                let disk = &self.hosts[host].disk;
                let (free, total) = disk.space();
                Completion::Space(disk.metadata(&path).map(|_| Space { free, total }))
            }
            Operation::ReadDirectory { path } => {
                let entries = self.hosts[host].disk.read_directory(&path);
                let entry = |entry: super::disk::Entry| DirectoryEntry {
                    name: entry.name,
                    is_directory: entry.is_directory,
                    length: entry.length,
                };
                Completion::Directory(entries.map(|entries| entries.into_iter().map(entry).collect()))
            }
            other => Completion::Unit(self.perform_unit(host, &other, covered)),
        }
    }

    fn perform_unit(&mut self, host: HostId, operation: &Operation, covered: u64) -> io::Result<()> {
        let handle = match operation {
            Operation::Sync { file, .. }
            | Operation::Allocate { file, .. }
            | Operation::Truncate { file, .. }
            | Operation::DontNeed { file, .. } => self.opened(file.simulated_id())?,
            _ => 0,
        };
        let disk = &mut self.hosts[host].disk;
        match operation {
            Operation::Sync { .. } => disk.sync(handle, covered),
            Operation::Allocate { offset, length, allocation, .. } => match allocation {
                Allocation::Reserve => disk.allocate(handle, *offset, *length),
                Allocation::Zero => disk.zero_range(handle, *offset, *length),
            },
            Operation::Truncate { length, .. } => disk.truncate(handle, *length),
            Operation::DontNeed { .. } => Ok(()),
            Operation::Rename { from, to } => disk.rename(from, to),
            Operation::RemoveFile { path } => disk.remove_file(path),
            Operation::CreateDirectory { path } => disk.create_directory(path),
            Operation::RemoveDirectory { path } => disk.remove_directory(path),
            Operation::SyncDirectory { path } => disk.sync_directory(path, covered),
            other => unreachable!("{other:?} has an answer of its own"),
        }
    }

    fn open(&mut self, host: HostId, path: PathBuf, options: OpenOptions) -> io::Result<Opened> {
        if !options.read && !options.write {
            return Err(error(libc::EINVAL));
        }
        let state = &mut self.hosts[host];
        let direct = options.direct && state.direct_io;
        let mode = OpenMode {
            read: options.read,
            write: options.write,
            create: options.create,
            create_new: options.create_new,
            // The file is cut only by whoever gets its lock.
            truncate: options.truncate && !options.lock,
            direct,
        };
        let handle = state.disk.open(&path, mode)?;
        if options.lock {
            let locked = state.disk.lock(handle);
            let cut =
                if options.truncate { locked.and_then(|()| state.disk.truncate(handle, 0)) } else { locked };
            if let Err(refusal) = cut {
                state.disk.close(handle);
                return Err(refusal);
            }
        }
        let id = self.next_id();
        let handle = self.handle(id, Object::File { host, handle, path });
        Ok(Opened { handle, direct, alignment: ALIGNMENT })
    }

    fn read(
        &mut self,
        host: HostId,
        file: u64,
        mut buffer: Buffer,
        offset: u64,
        length: usize,
    ) -> Completion {
        let disk = &self.hosts[host].disk;
        let result = self.opened(file).and_then(|handle| {
            let direct = disk.is_direct(handle);
            if direct {
                check_alignment(buffer.spare_pointer() as usize, offset, length)?;
            }
            let mut bytes = vec![0; length.min(buffer.remaining())];
            let read = disk.read(handle, offset, &mut bytes)?;
            bytes.truncate(read);
            Ok((bytes, if direct { ALIGNMENT } else { 1 }))
        });
        let result = result.map(|(bytes, unit)| {
            let length = self.faults.shorten(bytes.len(), unit, &mut self.random);
            buffer.extend_from_slice(&bytes[..length]);
            length
        });
        Completion::Read { result, buffer }
    }

    fn write(
        &mut self,
        host: HostId,
        file: u64,
        parts: &[bytes::Bytes],
        offset: u64,
        durability: Durability,
    ) -> io::Result<usize> {
        let handle = self.opened(file)?;
        let direct = self.hosts[host].disk.is_direct(handle);
        if direct {
            for part in parts {
                check_alignment(part.as_ptr() as usize, offset, part.len())?;
            }
        }
        let joined;
        let bytes = match parts {
            [one] => one,
            many => {
                joined = many.concat().into();
                &joined
            }
        };
        let range = offset..offset + bytes.len() as u64;
        let unit = match direct {
            true => ALIGNMENT,
            // The page cache takes in whole pages as such.
            false if self.hosts[host].disk.is_unreadable(handle, &range) => PAGE as usize,
            false => 1,
        };
        let length = self.faults.shorten(bytes.len(), unit, &mut self.random);
        let synchronous = durability == Durability::OnCompletion;
        self.hosts[host].disk.write(handle, offset, &bytes[..length], synchronous)?;
        Ok(length)
    }

    fn ordinary_delay(&mut self, operation: &Operation) -> Duration {
        let (low, high) = match operation {
            Operation::Read { .. } | Operation::Write { .. } => {
                self.faults.transfer_delay.clone().into_inner()
            }
            Operation::Sync { .. } | Operation::SyncDirectory { .. } => {
                let rate = self.faults.slow_syncs;
                if self.faults.strikes(rate, &mut self.random) {
                    self.faults.slow_sync.clone().into_inner()
                } else {
                    self.faults.sync_delay.clone().into_inner()
                }
            }
            Operation::Blocking(_) => BLOCKING_DELAY,
            _ => NAME_DELAY,
        };
        self.random.duration(low, high)
    }

    fn path_of(&self, operation: &Operation) -> PathBuf {
        let file = match operation {
            Operation::Read { file, .. }
            | Operation::Write { file, .. }
            | Operation::Sync { file, .. }
            | Operation::Allocate { file, .. }
            | Operation::Truncate { file, .. }
            | Operation::Length { file }
            | Operation::DontNeed { file, .. } => file,
            Operation::Open { path, .. }
            | Operation::Rename { from: path, .. }
            | Operation::RemoveFile { path }
            | Operation::CreateDirectory { path }
            | Operation::RemoveDirectory { path }
            | Operation::ReadDirectory { path }
            | Operation::SyncDirectory { path }
            | Operation::Stat { path }
            | Operation::Space { path } => return path.clone(),
            _ => return PathBuf::new(),
        };
        match self.objects.get(&file.simulated_id()) {
            Some(Object::File { path, .. }) => path.clone(),
            _ => PathBuf::new(),
        }
    }

    pub(crate) fn file(&self, id: u64) -> Option<usize> {
        match self.objects.get(&id) {
            Some(Object::File { handle, .. }) => Some(*handle),
            _ => None,
        }
    }

    pub(crate) fn opened(&self, id: u64) -> io::Result<usize> {
        self.file(id).ok_or_else(|| error(libc::EBADF))
    }
}

fn check_alignment(pointer: usize, offset: u64, length: usize) -> io::Result<()> {
    let aligned = (pointer as u64 | offset | length as u64).is_multiple_of(PAGE);
    if aligned { Ok(()) } else { Err(error(libc::EINVAL)) }
}
