//! Making a ring: the best flags the kernel takes, the opcodes it has, the memory it lets us register.

use std::io;
use std::sync::Arc;

use io_uring::{IoUring, Probe, opcode};

use crate::arena::Arena;

/// Submissions gathered between two system calls (more are handed over in several), and completions the ring holds
/// (the kernel keeps any beyond that until there is room). Newer kernels count a ring's memory as locked, so where
/// little may be locked a smaller ring has to do: about 60, 16 and 12 KiB.
const SIZES: [(u32, u32); 3] = [(256, 2048), (64, 256), (16, 64)];
/// Below this, registered memory is not worth having.
const REGISTERED_MIN: usize = 256 << 10;

/// A ring and what the kernel was willing to give.
pub(super) struct Setup {
    pub(super) ring: IoUring,
    pub(super) arena: Option<Arc<Arena>>,
    pub(super) messages: bool,
}

/// What every operation needs; a kernel without one of them is too old (5.11 has all).
const NEEDED: [(u8, &str); 13] = [
    (opcode::Read::CODE, "read"),
    (opcode::Write::CODE, "write"),
    (opcode::ReadFixed::CODE, "read fixed"),
    (opcode::WriteFixed::CODE, "write fixed"),
    (opcode::Writev::CODE, "writev"),
    (opcode::Fsync::CODE, "fsync"),
    (opcode::PollAdd::CODE, "poll"),
    (opcode::Accept::CODE, "accept"),
    (opcode::Connect::CODE, "connect"),
    (opcode::Recv::CODE, "recv"),
    (opcode::Send::CODE, "send"),
    (opcode::SendMsg::CODE, "sendmsg"),
    (opcode::AsyncCancel::CODE, "cancel"),
];

pub(super) fn setup(registered_bytes: usize) -> io::Result<Setup> {
    let ring = make_ring()?;
    let parameters = ring.params();
    if !parameters.is_feature_ext_arg() || !parameters.is_feature_nodrop() {
        return Err(too_old("waiting with a timeout"));
    }
    let mut probe = Probe::new();
    ring.submitter().register_probe(&mut probe)?;
    for (code, name) in NEEDED {
        if !probe.is_supported(code) {
            return Err(too_old(name));
        }
    }
    let messages = probe.is_supported(opcode::MsgRingData::CODE);
    let arena = register_arena(&ring, registered_bytes);
    Ok(Setup { ring, arena, messages })
}

fn too_old(missing: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, format!("this kernel's io_uring has no {missing}"))
}

fn make_ring() -> io::Result<IoUring> {
    let mut refused = None;
    for (submissions, completions) in SIZES {
        match make_ring_of(submissions, completions) {
            Err(error) if error.raw_os_error() == Some(libc::ENOMEM) => refused = Some(error),
            made => return made,
        }
    }
    Err(refused.unwrap_or_else(|| io::ErrorKind::OutOfMemory.into()))
}

/// The chain of flags: completions only when asked for and by one thread (6.1), cooperative (5.19), plain.
fn make_ring_of(submissions: u32, completions: u32) -> io::Result<IoUring> {
    let mut refused = None;
    for attempt in 0..3 {
        let mut builder = IoUring::builder();
        builder.dontfork().setup_clamp().setup_cqsize(completions);
        match attempt {
            0 => builder.setup_submit_all().setup_single_issuer().setup_defer_taskrun().setup_taskrun_flag(),
            1 => builder.setup_submit_all().setup_coop_taskrun().setup_taskrun_flag(),
            _ => &mut builder,
        };
        match builder.build(submissions) {
            Ok(ring) => return Ok(ring),
            // An unknown flag; every other error would only come again.
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => refused = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(refused.unwrap_or_else(|| io::ErrorKind::Unsupported.into()))
}

/// Registers as much memory as we are let, down to nothing.
fn register_arena(ring: &IoUring, wanted: usize) -> Option<Arc<Arena>> {
    let share = lockable_share();
    let mut length = wanted.checked_next_power_of_two()?;
    while length > share {
        length /= 2;
    }
    while length >= REGISTERED_MIN {
        let arena = Arena::new(length)?;
        // SAFETY: the region stays mapped as long as the arena lives, which the driver holds longer than the ring.
        match unsafe { ring.submitter().register_buffers(&[arena.region()]) } {
            Ok(()) => return Some(Arc::new(arena)),
            Err(_) => length /= 2,
        }
    }
    None
}

/// What one shard may lock: the limit holds for all shards and all processes of a user, and their rings count as well.
/// So the registered memory of a shard on every processor takes half of it.
fn lockable_share() -> usize {
    let capabilities = rustix::thread::capabilities(None);
    if capabilities.is_ok_and(|held| held.effective.contains(rustix::thread::CapabilitySet::IPC_LOCK)) {
        return usize::MAX;
    }
    let Some(limit) = rustix::process::getrlimit(rustix::process::Resource::Memlock).current else {
        return usize::MAX;
    };
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    usize::try_from(limit).unwrap_or(usize::MAX) / 2 / processors
}
