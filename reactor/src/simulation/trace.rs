//! What a run did, as one number: every submission and completion of every operation is folded into a hash, and
//! the newest of them are kept as text for the message of a failed run.

use std::collections::VecDeque;

/// How many of the newest events a failed run prints.
const RECENT_EVENTS_MAX: usize = 64;

/// Hash and recent history of all I/O of one simulation.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    events: u64,
    keep_text: bool,
    recent: VecDeque<String>,
}

impl Trace {
    pub(crate) fn new(seed: u64) -> Trace {
        Trace {
            hash: fold(0x52_49_4e_47_4c_4f_47, seed),
            events: 0,
            keep_text: false,
            recent: VecDeque::new(),
        }
    }

    /// Text costs an allocation per event, so it is kept only when somebody wants to read it.
    pub(crate) fn keep_text(&mut self, keep: bool) {
        self.keep_text = keep;
    }

    /// Folds one event: when it happened, what it was, and the numbers that describe it.
    pub(crate) fn record(&mut self, nanos: u64, what: &'static str, numbers: &[u64]) {
        self.events += 1;
        let mut hash = fold(self.hash, nanos);
        hash = fold(hash, hash_bytes(what.as_bytes()));
        for number in numbers {
            hash = fold(hash, *number);
        }
        self.hash = hash;
        if self.keep_text {
            if self.recent.len() == RECENT_EVENTS_MAX {
                self.recent.pop_front();
            }
            self.recent.push_back(format!("{nanos:>14} ns  {what} {numbers:x?}"));
        }
    }

    /// The hash of everything recorded so far.
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    /// How many events were recorded.
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// The newest events, oldest first, one a line; empty unless text is kept.
    pub(crate) fn recent(&self) -> String {
        self.recent.iter().map(|line| format!("  {line}\n")).collect()
    }
}

/// Mixes one number into a hash.
pub(crate) fn fold(hash: u64, number: u64) -> u64 {
    let mixed = (hash ^ number).wrapping_mul(0x9fb2_1c65_1e98_df25);
    mixed ^ (mixed >> 32)
}

/// A hash of bytes that never changes between runs, builds or machines. Eight bytes a step: it sees every byte
/// that a simulated program reads or writes.
pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hash = 0x2545_f491_4f6c_dd1d ^ bytes.len() as u64;
    let mut lanes = bytes.chunks_exact(8);
    for lane in &mut lanes {
        hash = fold(hash, u64::from_le_bytes(lane.try_into().expect("chunks_exact yields eight bytes")));
    }
    let mut last = [0u8; 8];
    last[..lanes.remainder().len()].copy_from_slice(lanes.remainder());
    fold(hash, u64::from_le_bytes(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_and_the_length_count() {
        let bytes = [0u8; 40];
        let base = hash_bytes(&bytes);
        for index in 0..bytes.len() {
            let mut changed = bytes;
            changed[index] ^= 1;
            assert_ne!(hash_bytes(&changed), base);
        }
        assert_ne!(hash_bytes(&bytes[..39]), base);
    }

    #[test]
    fn order_of_events_changes_the_hash() {
        let run = |order: [u64; 2]| {
            let mut trace = Trace::new(1);
            order.iter().for_each(|number| trace.record(0, "read", &[*number]));
            trace.hash()
        };
        assert_ne!(run([1, 2]), run([2, 1]));
    }
}
