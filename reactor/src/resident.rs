//! Sending file pages that are in memory already, without leaving the shard's thread and without blocking it.

use std::cell::RefCell;
use std::io;
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::pipe::{PipeFlags, SpliceFlags};

use crate::Handle;

/// Bytes handed over at once: enough to make the calls cheap, little enough not to hold up the shard.
const PIPE: usize = 512 << 10;

/// The number of the call, the same on every architecture.
const CACHESTAT: libc::c_long = 451;

#[repr(C)]
struct Range {
    offset: u64,
    length: u64,
}

#[repr(C)]
#[derive(Default)]
struct CacheStat {
    cached: u64,
    dirty: u64,
    writeback: u64,
    evicted: u64,
    recently_evicted: u64,
}

/// Whether a whole range of a file is in the page cache; false where the kernel (before 6.5) does not tell.
pub(crate) fn is_resident(file: &Handle, offset: u64, length: u64) -> bool {
    let (range, mut found) = (Range { offset, length }, CacheStat::default());
    // SAFETY: both structures have the kernel's layout and outlive the call.
    let answer = unsafe { libc::syscall(CACHESTAT, file.raw(), &raw const range, &raw mut found, 0) };
    let page = rustix::param::page_size() as u64;
    let pages = (offset + length).div_ceil(page) - offset / page;
    answer == 0 && found.cached >= pages
}

/// A pipe through which pages go from a file to a socket by reference. Unlike `sendfile` this can be told not to wait
/// for the socket even if that is in blocking mode.
#[derive(Default)]
pub(crate) struct Relay {
    pipe: RefCell<Option<(OwnedFd, OwnedFd)>>,
}

impl Relay {
    /// Sends what the socket takes now of a resident range: 0 at the end of the file, `WouldBlock` if it takes nothing.
    pub(crate) fn send(&self, socket: &Handle, file: &Handle, offset: u64, length: u64) -> io::Result<u64> {
        // Taken out, so that after an error it is not used again with pages of this file in it.
        let (output, input) = match self.pipe.take() {
            Some(pipe) => pipe,
            None => new_pipe()?,
        };
        let flags = SpliceFlags::MOVE | SpliceFlags::NONBLOCK;
        let (mut position, wanted) = (offset, usize::try_from(length).unwrap_or(PIPE).min(PIPE));
        let filled = rustix::pipe::splice(file.kernel(), Some(&mut position), &input, None, wanted, flags)?;
        // The last packet of this is filled up with what comes next.
        let more = if (filled as u64) < length { SpliceFlags::MORE } else { SpliceFlags::empty() };
        let mut sent = 0;
        while sent < filled {
            match rustix::pipe::splice(&output, None, socket.kernel(), None, filled - sent, flags | more) {
                Ok(count) => sent += count,
                Err(Errno::INTR) => {}
                Err(_) if sent > 0 => break,
                Err(error) => return Err(error.into()),
            }
        }
        if sent == filled {
            self.pipe.replace(Some((output, input)));
        }
        Ok(sent as u64)
    }
}

fn new_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (output, input) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    // A smaller one (the system bounds the pipes of a user) does the same in more steps.
    let _ = rustix::pipe::fcntl_setpipe_size(&input, PIPE);
    Ok((output, input))
}
