//! Multishot accept: one entry delivers connections until it is cancelled.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

use crate::{Completion, Handle, Token};

/// Connections held for accepts that have not come yet; beyond that the rest wait in the kernel's backlog.
const READY_MAX: usize = 128;

/// The listeners of one ring.
#[derive(Default)]
pub(super) struct Accepts {
    listeners: BTreeMap<RawFd, Listener>,
    /// The kernel is too old for multishot (before 5.19).
    pub(super) single: bool,
}

struct Listener {
    /// Keeps the number from being reused while an entry is armed.
    handle: Handle,
    armed: bool,
    /// Its last user is gone: it goes when it is no longer armed.
    released: bool,
    waiting: VecDeque<Token>,
    ready: VecDeque<io::Result<OwnedFd>>,
}

/// What the ring has to do next for a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Nothing,
    Arm(RawFd),
    Cancel(RawFd),
}

impl Accepts {
    /// Takes a connection that is there, or waits.
    pub(super) fn submit(
        &mut self,
        token: Token,
        handle: Handle,
        completed: &mut Vec<(Token, Completion)>,
    ) -> Next {
        let descriptor = handle.raw();
        let listener = self.listeners.entry(descriptor).or_insert_with(|| Listener {
            handle,
            armed: false,
            released: false,
            waiting: VecDeque::new(),
            ready: VecDeque::new(),
        });
        if let Some(accepted) = listener.ready.pop_front() {
            completed.push((token, answer(accepted)));
            return Next::Nothing;
        }
        listener.waiting.push_back(token);
        listener.rearm(descriptor)
    }

    /// Takes back an accept that waits.
    pub(super) fn take_back(&mut self, token: Token) -> bool {
        self.listeners.values_mut().any(|listener| {
            let position = listener.waiting.iter().position(|waiting| *waiting == token);
            position.is_some_and(|position| listener.waiting.remove(position).is_some())
        })
    }

    /// Gives up a listener; what waits for it, and what it holds ready, ends.
    pub(super) fn release(&mut self, descriptor: RawFd, completed: &mut Vec<(Token, Completion)>) -> Next {
        let Some(listener) = self.listeners.get_mut(&descriptor) else { return Next::Nothing };
        for token in listener.waiting.drain(..) {
            completed.push((token, Completion::Accepted(Err(io::Error::from_raw_os_error(libc::ECANCELED)))));
        }
        listener.ready.clear();
        listener.released = true;
        if listener.armed {
            return Next::Cancel(descriptor);
        }
        self.listeners.remove(&descriptor);
        Next::Nothing
    }

    /// A completion of an armed entry; `more` says whether it stays armed.
    pub(super) fn arrived(
        &mut self,
        descriptor: RawFd,
        result: i32,
        more: bool,
        completed: &mut Vec<(Token, Completion)>,
    ) -> Next {
        let accepted = if result >= 0 {
            // SAFETY: the kernel has just given us this descriptor, and nobody else knows of it.
            Ok(unsafe { OwnedFd::from_raw_fd(result) })
        } else {
            Err(io::Error::from_raw_os_error(-result))
        };
        let Some(listener) = self.listeners.get_mut(&descriptor) else { return Next::Nothing };
        listener.armed = more;
        if listener.released {
            if !more {
                self.listeners.remove(&descriptor);
            }
            return Next::Nothing;
        }
        match accepted {
            Err(error) if error.raw_os_error() == Some(libc::ECANCELED) => {}
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) && !self.single => self.single = true,
            accepted => match listener.waiting.pop_front() {
                Some(token) => completed.push((token, answer(accepted))),
                None => listener.ready.push_back(accepted),
            },
        }
        if more && listener.ready.len() >= READY_MAX {
            return Next::Cancel(descriptor);
        }
        listener.rearm(descriptor)
    }

    /// Descriptors with an armed entry.
    pub(super) fn armed(&self) -> impl Iterator<Item = RawFd> {
        self.listeners.iter().filter(|(_, listener)| listener.armed).map(|(descriptor, _)| *descriptor)
    }
}

impl Listener {
    fn rearm(&mut self, descriptor: RawFd) -> Next {
        if self.armed || self.waiting.is_empty() {
            return Next::Nothing;
        }
        debug_assert_eq!(self.handle.raw(), descriptor);
        self.armed = true;
        Next::Arm(descriptor)
    }
}

fn answer(accepted: io::Result<OwnedFd>) -> Completion {
    Completion::Accepted(accepted.and_then(|descriptor| {
        // A peer that is gone before it was looked at is one that was never accepted.
        let peer = rustix::net::getpeername(&descriptor)?.ok_or(io::ErrorKind::ConnectionAborted)?;
        Ok((Handle::from_kernel(descriptor), peer.try_into()?))
    }))
}
