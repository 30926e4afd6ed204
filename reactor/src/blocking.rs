//! File operations as plain system calls, for the file threads.

use std::fs;
use std::io::{self, IoSlice};
use std::num::NonZeroU64;
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{Advice, AtFlags, FallocateFlags, FlockOperation, Mode, OFlags, StatxFlags};
use rustix::io::{Errno, ReadWriteFlags};

use crate::buffer::PAGE;
use crate::{
    Allocation, Completion, DirectoryEntry, Durability, Handle, Metadata, OpenOptions, Opened, Operation,
    Space, SyncScope,
};

/// Most parts one system call takes (`IOV_MAX`).
pub(crate) const PARTS_MAX: usize = 1024;

/// Carries out an operation here and now, blocking as long as it takes.
///
/// # Panics
/// For operations on sockets that wait for a peer: those never reach a file thread.
pub(crate) fn execute(operation: Operation) -> Completion {
    match operation {
        Operation::Open { path, options } => Completion::Opened(open(&path, options)),
        Operation::Read { file, mut buffer, offset, length } => {
            let result = read(&file, &mut buffer.spare()[..length], offset);
            if let Ok(count) = result {
                // SAFETY: the system call initialised the first `count` bytes of the unfilled part.
                unsafe { buffer.assume_filled(count) };
            }
            Completion::Read { result, buffer }
        }
        Operation::Write { file, parts, offset, durability } => {
            let slices: Vec<_> = parts.iter().take(PARTS_MAX).map(|part| IoSlice::new(part)).collect();
            let flags = match durability {
                Durability::Later => ReadWriteFlags::empty(),
                Durability::OnCompletion => ReadWriteFlags::DSYNC,
            };
            let result = rustix::io::pwritev2(file.kernel(), &slices, offset, flags).map_err(io::Error::from);
            Completion::Written { result, parts }
        }
        Operation::Stat { path } => Completion::Metadata(fs::metadata(&path).map(from_std)),
        Operation::Length { file } => Completion::Metadata(length(&file)),
        Operation::Space { path } => Completion::Space(space(&path)),
        Operation::ReadDirectory { path } => Completion::Directory(read_directory(&path)),
        Operation::SendFile { socket, file, offset, length } => {
            let mut position = offset;
            let count = usize::try_from(length).unwrap_or(usize::MAX);
            let sent = rustix::fs::sendfile(socket.kernel(), file.kernel(), Some(&mut position), count);
            Completion::Count(sent.map(|sent| sent as u64).map_err(io::Error::from))
        }
        Operation::Blocking(job) => job.run(),
        other => Completion::Unit(execute_unit(other)),
    }
}

fn execute_unit(operation: Operation) -> io::Result<()> {
    match operation {
        Operation::Sync { file, scope: SyncScope::Data } => Ok(rustix::fs::fdatasync(file.kernel())?),
        Operation::Sync { file, scope: SyncScope::All } => Ok(rustix::fs::fsync(file.kernel())?),
        Operation::Allocate { file, offset, length, allocation } => {
            allocate(&file, offset, length, allocation)
        }
        Operation::Truncate { file, length } => Ok(rustix::fs::ftruncate(file.kernel(), length)?),
        Operation::DontNeed { file, offset, length } => {
            Ok(rustix::fs::fadvise(file.kernel(), offset, NonZeroU64::new(length), Advice::DontNeed)?)
        }
        Operation::Rename { from, to } => fs::rename(from, to),
        Operation::RemoveFile { path } => fs::remove_file(path),
        Operation::CreateDirectory { path } => fs::create_dir(path),
        Operation::RemoveDirectory { path } => fs::remove_dir(path),
        Operation::SyncDirectory { path } => sync_directory(&path),
        other => panic!("{other:?} is no work for a file thread"),
    }
}

fn read(file: &Handle, room: &mut [std::mem::MaybeUninit<u8>], offset: u64) -> io::Result<usize> {
    let (read, _) = rustix::io::pread(file.kernel(), room, offset)?;
    Ok(read.len())
}

fn open(path: &Path, options: OpenOptions) -> io::Result<Opened> {
    let flags = open_flags(options)?;
    let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
    let (descriptor, direct) = match rustix::fs::open(path, flags, mode) {
        // tmpfs before 6.6 and some overlays know no direct I/O.
        Err(Errno::INVAL) if options.direct => {
            (rustix::fs::open(path, flags.difference(OFlags::DIRECT | OFlags::EXCL), mode)?, false)
        }
        opened => (opened?, options.direct),
    };
    if options.lock {
        rustix::fs::flock(&descriptor, FlockOperation::NonBlockingLockExclusive)?;
    }
    let alignment = if direct { direct_alignment(&descriptor) } else { PAGE };
    Ok(Opened { handle: Handle::from_kernel(descriptor), direct, alignment })
}

fn open_flags(options: OpenOptions) -> io::Result<OFlags> {
    let mut flags = match (options.read, options.write) {
        (true, false) => OFlags::RDONLY,
        (false, true) => OFlags::WRONLY,
        (true, true) => OFlags::RDWR,
        (false, false) => return Err(io::Error::new(io::ErrorKind::InvalidInput, "neither read nor write")),
    };
    flags |= OFlags::CLOEXEC;
    for (on, flag) in [
        (options.create, OFlags::CREATE),
        (options.create_new, OFlags::CREATE | OFlags::EXCL),
        (options.truncate, OFlags::TRUNC),
        (options.direct, OFlags::DIRECT),
    ] {
        if on {
            flags |= flag;
        }
    }
    Ok(flags)
}

/// What the file system and the device ask for, at least a page.
fn direct_alignment(descriptor: impl AsFd) -> usize {
    let mask = StatxFlags::BASIC_STATS | StatxFlags::DIOALIGN;
    let Ok(status) = rustix::fs::statx(descriptor, "", AtFlags::EMPTY_PATH, mask) else { return PAGE };
    let asked = status.stx_dio_mem_align.max(status.stx_dio_offset_align) as usize;
    let physical = physical_block(status.stx_dev_major, status.stx_dev_minor);
    asked.max(physical).max(PAGE).next_power_of_two()
}

/// Physical block size of a device in bytes; 0 where the system does not tell.
fn physical_block(major: u32, minor: u32) -> usize {
    let device = format!("/sys/dev/block/{major}:{minor}");
    // A partition has no queue of its own: its disk is the parent directory.
    [format!("{device}/queue"), format!("{device}/../queue")]
        .iter()
        .find_map(|queue| {
            fs::read_to_string(format!("{queue}/physical_block_size")).ok()?.trim().parse().ok()
        })
        .unwrap_or(0)
}

fn allocate(file: &Handle, offset: u64, length: u64, allocation: Allocation) -> io::Result<()> {
    let mode = match allocation {
        Allocation::Reserve => FallocateFlags::empty(),
        Allocation::Zero => FallocateFlags::ZERO_RANGE,
    };
    match rustix::fs::fallocate(file.kernel(), mode, offset, length) {
        Err(Errno::OPNOTSUPP) => allocate_without_support(file, offset, length, allocation),
        result => Ok(result?),
    }
}

/// File systems without the call (or this mode of it): extend sparsely, write zeroes over what is there.
fn allocate_without_support(
    file: &Handle,
    offset: u64,
    length: u64,
    allocation: Allocation,
) -> io::Result<()> {
    let end = offset.checked_add(length).ok_or(io::ErrorKind::InvalidInput)?;
    let old = self::length(file)?.length;
    if old < end {
        rustix::fs::ftruncate(file.kernel(), end)?;
    }
    if allocation == Allocation::Reserve {
        return Ok(());
    }
    let zeroes = crate::TailBuffer::with_capacity(1 << 20);
    let zeroes = {
        let mut zeroes = zeroes;
        let all = zeroes.append_zeroes(zeroes.capacity());
        zeroes.slice(all)
    };
    let mut position = offset;
    while position < end.min(old) {
        let count = usize::try_from(end.min(old) - position).unwrap_or(usize::MAX).min(zeroes.len());
        position += rustix::io::pwrite(file.kernel(), &zeroes[..count], position)? as u64;
    }
    Ok(())
}

fn length(file: &Handle) -> io::Result<Metadata> {
    let status = rustix::fs::fstat(file.kernel())?;
    Ok(Metadata { length: status.st_size.cast_unsigned(), is_directory: false })
}

fn from_std(metadata: fs::Metadata) -> Metadata {
    Metadata { length: metadata.len(), is_directory: metadata.is_dir() }
}

fn space(path: &Path) -> io::Result<Space> {
    let status = rustix::fs::statvfs(path)?;
    Ok(Space { free: status.f_bavail * status.f_frsize, total: status.f_blocks * status.f_frsize })
}

fn read_directory(path: &Path) -> io::Result<Vec<DirectoryEntry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // An entry that was removed since it was listed is no entry.
        let Ok(metadata) = entry.metadata() else { continue };
        let is_directory = metadata.is_dir();
        let length = if is_directory { 0 } else { metadata.len() };
        entries.push(DirectoryEntry { name: entry.file_name(), is_directory, length });
    }
    entries.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(entries)
}

fn sync_directory(path: &Path) -> io::Result<()> {
    let directory =
        rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    Ok(rustix::fs::fsync(&directory)?)
}
