//! The jobs by hand on a ring: no tasks, no timers, one operation at a time. What a runtime can at best come to.
#![allow(unsafe_code)]

use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::mpsc;

use io_uring::{IoUring, opcode, squeue, types};

use crate::jobs::{self, AppendFile, FRAME, Measured};

fn ring() -> IoUring {
    let mut builder = IoUring::builder();
    builder.setup_submit_all().setup_single_issuer().setup_defer_taskrun();
    builder.build(64).expect("the kernel has io_uring")
}

/// Does one operation and waits for it.
fn complete(ring: &mut IoUring, entry: &squeue::Entry) -> i32 {
    // SAFETY: callers keep the memory that the entry names until this returns, which is after its completion.
    unsafe { ring.submission().push(entry) }.expect("one at a time");
    ring.submit_and_wait(1).expect("the kernel takes it");
    ring.completion().next().expect("waited for").result()
}

pub(crate) fn ingest(bytes: u64) -> Measured {
    jobs::ingest(bytes, |address| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        address.send(listener.local_addr().expect("bound")).expect("the client waits");
        let (stream, _) = listener.accept().expect("the client connects");
        let (mut ring, mut buffer) = (ring(), vec![0_u8; FRAME]);
        for _ in 0..bytes / FRAME as u64 {
            let entry = opcode::Recv::new(types::Fd(stream.as_raw_fd()), buffer.as_mut_ptr(), FRAME as u32)
                .flags(libc::MSG_WAITALL);
            assert_eq!(complete(&mut ring, &entry.build()), FRAME as i32);
        }
    })
}

pub(crate) fn egress(bytes: u64) -> Measured {
    jobs::egress(bytes, |address| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        address.send(listener.local_addr().expect("bound")).expect("the client waits");
        let (stream, _) = listener.accept().expect("the client connects");
        let (mut ring, buffer) = (ring(), vec![7_u8; FRAME]);
        for _ in 0..bytes / FRAME as u64 {
            let entry = opcode::Send::new(types::Fd(stream.as_raw_fd()), buffer.as_ptr(), FRAME as u32)
                .flags(libc::MSG_WAITALL);
            assert_eq!(complete(&mut ring, &entry.build()), FRAME as i32);
        }
    })
}

#[repr(align(4096))]
struct Aligned([u8; FRAME]);

pub(crate) fn append(file: &AppendFile, count: u64) -> Measured {
    jobs::measure(|| {
        let mut options = std::fs::OpenOptions::new();
        let file =
            options.write(true).custom_flags(libc::O_DIRECT).open(file.path()).expect("the file is there");
        let (mut ring, buffer) = (ring(), Box::new(Aligned([7; FRAME])));
        let region = libc::iovec { iov_base: buffer.0.as_ptr().cast_mut().cast(), iov_len: FRAME };
        // SAFETY: the buffer outlives the ring's use of it: both go at the end of this closure.
        unsafe { ring.submitter().register_buffers(&[region]) }.expect("64 KiB may be locked");
        let descriptor = types::Fd(file.as_raw_fd());
        for number in 0..count {
            let write = opcode::WriteFixed::new(descriptor, buffer.0.as_ptr(), FRAME as u32, 0);
            let write = write.offset(number * FRAME as u64).build();
            assert_eq!(complete(&mut ring, &write), FRAME as i32);
            let sync = opcode::Fsync::new(descriptor).flags(types::FsyncFlags::DATASYNC).build();
            assert_eq!(complete(&mut ring, &sync), 0);
        }
    })
}

/// Marks a message of the other ring; our own submissions carry 0.
const MESSAGE: u64 = 1;

pub(crate) fn cross_core(trips: u64) -> Measured {
    jobs::measure(|| {
        let (to_first, from_second) = mpsc::channel();
        let (to_second, from_first) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                pin(0);
                let mut ring = ring();
                to_second.send(ring.as_raw_fd()).expect("the other thread starts");
                let other = from_second.recv().expect("the other thread starts");
                for _ in 0..trips {
                    send(&mut ring, other);
                    receive(&mut ring);
                }
                // The other thread leaves first: its last message was taken.
            });
            scope.spawn(move || {
                pin(1);
                let mut ring = ring();
                to_first.send(ring.as_raw_fd()).expect("the other thread starts");
                let other = from_first.recv().expect("the other thread starts");
                for _ in 0..trips {
                    receive(&mut ring);
                    send(&mut ring, other);
                }
                ring.submit_and_wait(1).expect("the last message goes out");
            });
        });
    })
}

fn send(ring: &mut IoUring, other: i32) {
    let entry = opcode::MsgRingData::new(types::Fd(other), 0, MESSAGE, None).build();
    // SAFETY: a message names no memory.
    unsafe { ring.submission().push(&entry) }.expect("one at a time");
}

fn receive(ring: &mut IoUring) {
    loop {
        ring.submit_and_wait(1).expect("the kernel waits");
        let mut messages = 0;
        for entry in ring.completion() {
            messages += u64::from(entry.user_data() == MESSAGE);
        }
        if messages > 0 {
            return;
        }
    }
}

fn pin(processor: usize) {
    let mut set = rustix::thread::CpuSet::new();
    set.set(processor);
    // On a machine with one processor both share it.
    let _ = rustix::thread::sched_setaffinity(None, &set);
}
