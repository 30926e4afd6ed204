//! Operations as submission entries, and results as completions.

use std::io;
use std::os::fd::RawFd;

use io_uring::{opcode, squeue, types};

use crate::arena::Arena;
use crate::blocking::PARTS_MAX;
use crate::{Buffer, Completion, Durability, Handle, Operation, SyncScope};

/// Most bytes one entry can name; the caller carries on with the rest.
const LENGTH_MAX: usize = 1 << 30;

/// An operation the kernel works on, with the memory it was told the addresses of.
pub(super) struct InFlight {
    pub(super) operation: Operation,
    /// The socket of a connect.
    pub(super) connecting: Option<Handle>,
    _pinned: Pinned,
}

/// Descriptions that must stay where they are until the completion. Boxed or in vectors: moving this struct does not
/// move them.
#[derive(Default)]
struct Pinned {
    _slices: Vec<libc::iovec>,
    _header: Option<Box<libc::msghdr>>,
    _address: Option<Box<libc::sockaddr_storage>>,
}

/// Describes an operation to the kernel. The entry's addresses are good as long as the returned value lives.
///
/// # Panics
/// For operations that the ring does not carry.
pub(super) fn prepare(
    mut operation: Operation,
    connecting: Option<Handle>,
    arena: Option<&Arena>,
) -> (squeue::Entry, InFlight) {
    let mut pinned = Pinned::default();
    let entry = match &mut operation {
        Operation::Read { file, buffer, offset, length } => {
            let (pointer, length) = room(buffer, *length);
            if arena.is_some_and(|arena| arena.contains(pointer, length as usize)) {
                opcode::ReadFixed::new(fd(file), pointer, length, 0).offset(*offset).build()
            } else {
                opcode::Read::new(fd(file), pointer, length).offset(*offset).build()
            }
        }
        Operation::Write { file, parts, offset, durability } => {
            let flags = match durability {
                Durability::Later => 0,
                Durability::OnCompletion => libc::RWF_DSYNC,
            };
            match &parts[..] {
                [part] => {
                    let (pointer, length) = (part.as_ptr(), part.len().min(LENGTH_MAX));
                    if arena.is_some_and(|arena| arena.contains(pointer, length)) {
                        let entry = opcode::WriteFixed::new(fd(file), pointer, length as u32, 0);
                        entry.offset(*offset).rw_flags(flags).build()
                    } else {
                        let entry = opcode::Write::new(fd(file), pointer, length as u32);
                        entry.offset(*offset).rw_flags(flags).build()
                    }
                }
                parts => {
                    pinned._slices = slices(parts);
                    let (pointer, count) = (pinned._slices.as_ptr(), pinned._slices.len() as u32);
                    opcode::Writev::new(fd(file), pointer, count).offset(*offset).rw_flags(flags).build()
                }
            }
        }
        Operation::Sync { file, scope } => {
            let flags = match scope {
                SyncScope::Data => types::FsyncFlags::DATASYNC,
                SyncScope::All => types::FsyncFlags::empty(),
            };
            opcode::Fsync::new(fd(file)).flags(flags).build()
        }
        Operation::Receive { socket, buffer, length, wait_all } => {
            let flags = if *wait_all { libc::MSG_WAITALL } else { 0 };
            let (pointer, length) = room(buffer, *length);
            opcode::Recv::new(fd(socket), pointer, length).flags(flags).build()
        }
        Operation::Send { socket, parts, more } => {
            let more = if *more { libc::MSG_MORE } else { 0 };
            let flags = libc::MSG_NOSIGNAL | libc::MSG_WAITALL | more;
            match &parts[..] {
                [part] => {
                    let length = part.len().min(LENGTH_MAX) as u32;
                    opcode::Send::new(fd(socket), part.as_ptr(), length).flags(flags).build()
                }
                parts => {
                    pinned._slices = slices(parts);
                    let header = pinned._header.insert(Box::new(header(&mut pinned._slices)));
                    opcode::SendMsg::new(fd(socket), &raw const **header).flags(flags.cast_unsigned()).build()
                }
            }
        }
        Operation::Writable { socket } => opcode::PollAdd::new(fd(socket), libc::POLLOUT as u32).build(),
        Operation::Connect { address } => {
            let socket = connecting.as_ref().expect("a connect comes with its socket");
            let encoded = rustix::net::SocketAddrAny::from(*address);
            let mut storage = Box::new(zeroed_address());
            let length = encoded.addr_len();
            // SAFETY: both point to at least `length` bytes, since a storage holds every kind of address.
            unsafe {
                std::ptr::copy_nonoverlapping(
                    encoded.as_ptr().cast::<u8>(),
                    (&raw mut *storage).cast::<u8>(),
                    length as usize,
                );
            }
            let storage = pinned._address.insert(storage);
            opcode::Connect::new(fd(socket), (&raw const **storage).cast(), length).build()
        }
        other => panic!("{other:?} does not go through the ring"),
    };
    (entry, InFlight { operation, connecting, _pinned: pinned })
}

/// Whether the ring carries this operation.
pub(super) fn is_for_the_ring(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::Read { .. }
            | Operation::Write { .. }
            | Operation::Sync { .. }
            | Operation::Receive { .. }
            | Operation::Send { .. }
            | Operation::Writable { .. }
            | Operation::Connect { .. }
    )
}

impl InFlight {
    /// The answer, from the kernel's result: a count, or a negative error number.
    pub(super) fn complete(self, result: i32) -> Completion {
        if result < 0 {
            return self.operation.fail(io::Error::from_raw_os_error(-result));
        }
        let count = result.cast_unsigned() as usize;
        match self.operation {
            Operation::Read { mut buffer, .. } | Operation::Receive { mut buffer, .. } => {
                // SAFETY: the kernel says that it has written this many bytes from the start of the unfilled part.
                unsafe { buffer.assume_filled(count) };
                Completion::Read { result: Ok(count), buffer }
            }
            Operation::Write { parts, .. } | Operation::Send { parts, .. } => {
                Completion::Written { result: Ok(count), parts }
            }
            Operation::Connect { .. } => {
                Completion::Connected(Ok(self.connecting.expect("a connect comes with its socket")))
            }
            _ => Completion::Unit(Ok(())),
        }
    }
}

fn fd(handle: &Handle) -> types::Fd {
    types::Fd(raw(handle))
}

fn raw(handle: &Handle) -> RawFd {
    handle.raw()
}

/// Where to put up to `length` bytes of a buffer.
fn room(buffer: &mut Buffer, length: usize) -> (*mut u8, u32) {
    let length = length.min(buffer.remaining()).min(LENGTH_MAX);
    (buffer.spare_pointer(), length as u32)
}

fn slices(parts: &[bytes::Bytes]) -> Vec<libc::iovec> {
    let slice =
        |part: &bytes::Bytes| libc::iovec { iov_base: part.as_ptr().cast_mut().cast(), iov_len: part.len() };
    parts.iter().take(PARTS_MAX).map(slice).collect()
}

fn header(slices: &mut [libc::iovec]) -> libc::msghdr {
    // SAFETY: a message header of zeroes is valid: no address, no slices, no control data.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = slices.as_mut_ptr();
    header.msg_iovlen = slices.len();
    header
}

fn zeroed_address() -> libc::sockaddr_storage {
    // SAFETY: an address of zeroes is valid: of no family.
    unsafe { std::mem::zeroed() }
}
