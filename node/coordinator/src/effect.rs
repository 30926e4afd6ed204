//! What the coordinator wants done.

use crate::{Record, Response};

/// Names a request until it is answered. Given by the caller; never reused while the request waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u64);

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Append these to the partition, together or not at all. Never empty.
    Append(Vec<Record>),
    /// Answer a request once everything appended so far is committed.
    Reply(Token, Response),
}

/// Effects in their order; reused by the caller.
#[derive(Debug, Default)]
pub struct Effects {
    list: Vec<Effect>,
}

impl Effects {
    /// None yet.
    #[must_use]
    pub fn new() -> Effects {
        Effects::default()
    }

    /// Takes them out in order.
    pub fn drain(&mut self) -> impl Iterator<Item = Effect> + '_ {
        self.list.drain(..)
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn append(&mut self, records: Vec<Record>) {
        if !records.is_empty() {
            self.list.push(Effect::Append(records));
        }
    }

    pub(crate) fn reply(&mut self, token: Token, response: Response) {
        self.list.push(Effect::Reply(token, response));
    }
}
