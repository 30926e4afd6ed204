//! Finds lost, reordered and damaged records among those read from one partition.

use super::stamp::{Read, Stamp};
use std::collections::BTreeMap;
use std::ops::Range;

/// Gaps remembered per partition, so that a record that comes late is told from one that is lost. Beyond that many a
/// late record counts as lost and as reordered.
const GAPS_MAX: usize = 4096;

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// Records of this run seen once and in order.
    pub(crate) seen: u64,
    /// Sequence numbers passed over and never seen.
    pub(crate) missing: u64,
    /// Records that came after one that was sent later.
    pub(crate) reordered: u64,
    /// Records seen more than once.
    pub(crate) duplicated: u64,
    /// Records whose checksum does not hold.
    pub(crate) damaged: u64,
    /// Records without a stamp.
    pub(crate) foreign: u64,
}

impl Findings {
    pub(crate) fn add(&mut self, other: &Findings) {
        self.seen += other.seen;
        self.missing += other.missing;
        self.reordered += other.reordered;
        self.duplicated += other.duplicated;
        self.damaged += other.damaged;
        self.foreign += other.foreign;
    }
}

/// Where a reader begins, which says what may be missing in front of the first record it sees of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// Every stream is seen from its first record on.
    Whole,
    /// Streams may be joined half way.
    Middle,
}

/// The reader's state for one partition.
#[derive(Debug)]
pub(crate) struct Verifier {
    begin: Begin,
    own_run: u32,
    streams: BTreeMap<(u32, u32), Stream>,
    gaps: usize,
    /// Records missing in gaps that are not remembered.
    forgotten: u64,
    findings: Findings,
}

#[derive(Debug, Default)]
struct Stream {
    next: u64,
    /// Missing ranges: from, end.
    gaps: BTreeMap<u64, u64>,
}

impl Verifier {
    /// `own_run` is the run whose records are counted as seen; those of earlier runs are verified too.
    pub(crate) fn new(begin: Begin, own_run: u32) -> Verifier {
        Verifier {
            begin,
            own_run,
            streams: BTreeMap::new(),
            gaps: 0,
            forgotten: 0,
            findings: Findings::default(),
        }
    }

    pub(crate) fn findings(&self) -> Findings {
        self.findings
    }

    /// How many of these records of this run were passed over and never seen.
    pub(crate) fn missing_of(&self, stream: u32, sequences: &Range<u64>) -> u64 {
        let Some(stream) = self.streams.get(&(self.own_run, stream)) else { return 0 };
        let before = stream.gaps.range(..sequences.start).next_back();
        let inside = stream.gaps.range(sequences.clone());
        let common =
            |(&from, &end): (&u64, &u64)| end.min(sequences.end).saturating_sub(from.max(sequences.start));
        before.into_iter().chain(inside).map(common).sum()
    }

    /// Records that are missing, of which nobody knows any more which they are.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// How many of these records of this run come after the last that was seen.
    pub(crate) fn beyond(&self, stream: u32, sequences: &Range<u64>) -> u64 {
        let next = self.streams.get(&(self.own_run, stream)).map_or(0, |stream| stream.next);
        sequences.end.saturating_sub(next.max(sequences.start))
    }

    /// Takes the next value of the partition; gives its stamp if it belongs to this run.
    pub(crate) fn take(&mut self, value: &[u8]) -> Option<Stamp> {
        let stamp = match Stamp::read(value) {
            Read::Stamped(stamp) => stamp,
            Read::Foreign => {
                self.findings.foreign += 1;
                return None;
            }
            Read::Damaged => {
                self.findings.damaged += 1;
                return None;
            }
        };
        let is_own = stamp.run == self.own_run;
        // A run of our own is seen from its beginning wherever in the partition that is.
        let first = if self.begin == Begin::Whole || is_own { 0 } else { stamp.sequence };
        let fresh = || Stream { next: first, gaps: BTreeMap::new() };
        let stream = self.streams.entry((stamp.run, stamp.stream)).or_insert_with(fresh);
        if stamp.sequence >= stream.next {
            if stamp.sequence > stream.next {
                self.findings.missing += stamp.sequence - stream.next;
                if self.gaps < GAPS_MAX {
                    stream.gaps.insert(stream.next, stamp.sequence);
                    self.gaps += 1;
                } else {
                    self.forgotten += stamp.sequence - stream.next;
                }
            }
            stream.next = stamp.sequence + 1;
        } else if stream.fill(stamp.sequence) {
            self.findings.missing -= 1;
            self.findings.reordered += 1;
        } else {
            self.findings.duplicated += 1;
            return None;
        }
        self.findings.seen += u64::from(is_own);
        is_own.then_some(stamp)
    }
}

impl Stream {
    /// Takes a sequence number out of the gaps; `false` if it is in none.
    fn fill(&mut self, sequence: u64) -> bool {
        let Some((&from, &end)) = self.gaps.range(..=sequence).next_back() else { return false };
        if sequence >= end {
            return false;
        }
        self.gaps.remove(&from);
        if from < sequence {
            self.gaps.insert(from, sequence);
        }
        if sequence + 1 < end {
            self.gaps.insert(sequence + 1, end);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::workload::Payload;
    use proptest::prelude::*;

    const RUN: u32 = 9;

    fn value(stream: u32, sequence: u64) -> Vec<u8> {
        let payload = Payload { bytes: b"payload", checksum: ringlog_batch::checksum(b"payload") };
        let stamp = Stamp { run: RUN, stream, sequence, intended: 0 };
        [&stamp.bytes(&payload)[..], payload.bytes].concat()
    }

    fn findings(begin: Begin, own: u32, sequences: &[u64]) -> Findings {
        let mut verifier = Verifier::new(begin, own);
        for &sequence in sequences {
            verifier.take(&value(1, sequence));
        }
        verifier.findings()
    }

    #[test]
    fn each_kind_of_trouble_is_told_apart() {
        let clean = Findings { seen: 4, ..Findings::default() };
        assert_eq!(findings(Begin::Middle, RUN, &[0, 1, 2, 3]), clean);
        assert_eq!(
            findings(Begin::Middle, RUN, &[0, 1, 4]),
            Findings { seen: 3, missing: 2, ..Findings::default() }
        );
        assert_eq!(
            findings(Begin::Middle, RUN, &[0, 2, 1, 3]),
            Findings { seen: 4, reordered: 1, ..Findings::default() }
        );
        assert_eq!(
            findings(Begin::Middle, RUN, &[0, 1, 1, 2]),
            Findings { seen: 3, duplicated: 1, ..Findings::default() }
        );
        assert_eq!(
            findings(Begin::Middle, RUN, &[2, 3]),
            Findings { seen: 2, missing: 2, ..Findings::default() },
            "the beginning of our own run is missing"
        );
        assert_eq!(findings(Begin::Middle, 0, &[2, 3]).missing, 0, "an earlier run joined half way");
        assert_eq!(findings(Begin::Whole, 0, &[2, 3]).missing, 2, "an earlier run read from its beginning");
    }

    #[test]
    fn streams_do_not_disturb_each_other() {
        let mut verifier = Verifier::new(Begin::Whole, RUN);
        for sequence in 0..5 {
            for stream in 0..3 {
                verifier.take(&value(stream, sequence));
            }
        }
        assert_eq!(verifier.findings(), Findings { seen: 15, ..Findings::default() });
    }

    #[test]
    fn damage_and_foreign_records_are_counted() {
        let mut verifier = Verifier::new(Begin::Whole, RUN);
        let mut damaged = value(1, 0);
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(verifier.take(&damaged), None);
        assert_eq!(verifier.take(b"hello"), None);
        assert_eq!(verifier.findings(), Findings { damaged: 1, foreign: 1, ..Findings::default() });
    }

    proptest! {
        /// Whatever is left out, repeated or exchanged, the counts are those of the model.
        #[test]
        fn counts_are_those_of_a_model(sequences in prop::collection::vec(0u64..60, 1..120)) {
            let found = findings(Begin::Whole, RUN, &sequences);
            let distinct: std::collections::BTreeSet<_> = sequences.iter().collect();
            let highest = **distinct.last().unwrap();
            prop_assert_eq!(found.seen, distinct.len() as u64);
            prop_assert_eq!(found.missing, highest + 1 - distinct.len() as u64);
            prop_assert_eq!(found.duplicated, (sequences.len() - distinct.len()) as u64);
            let mut before = std::collections::BTreeSet::new();
            let mut late = 0;
            for sequence in &sequences {
                let is_late = before.last().is_some_and(|highest| *highest > sequence);
                late += u64::from(before.insert(sequence) && is_late);
            }
            prop_assert_eq!(found.reordered, late);
        }
    }
}
