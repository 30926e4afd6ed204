//! What is produced: how large records are, which keys they have, what is in them.

pub(crate) mod keys;
pub(crate) mod payload;
pub(crate) mod random;
pub(crate) mod sizes;

pub(crate) use keys::{KeySource, Keys};
pub(crate) use payload::{Payload, Payloads};
pub(crate) use random::Random;
pub(crate) use sizes::Sizes;
