//! Records that were refused or never answered, and with them what counts as lost: nobody promised that they are in a
//! log, so that they are no loss when they are not, and none when they are.

use super::context::Summary;
use super::verify::Verifier;
use std::collections::BTreeMap;
use std::ops::Range;

/// Ranges remembered by a thread; records of more than that are only counted.
const RANGES_MAX: usize = 1 << 16;

/// By place and stream.
#[derive(Debug, Default)]
pub(crate) struct Unanswered {
    ranges: BTreeMap<(usize, u32), Vec<Range<u64>>>,
    remembered: usize,
    /// Records of ranges that are not remembered.
    forgotten: u64,
}

impl Unanswered {
    pub(crate) fn add(&mut self, place: usize, stream: u32, sequences: Range<u64>) {
        let ranges = self.ranges.entry((place, stream)).or_default();
        if let Some(last) = ranges.last_mut().filter(|last| last.end == sequences.start) {
            last.end = sequences.end;
        } else if self.remembered < RANGES_MAX {
            ranges.push(sequences);
            self.remembered += 1;
        } else {
            self.forgotten += sequences.end - sequences.start;
        }
    }

    /// What another thread knows; no two have a stream in common.
    pub(crate) fn merge(&mut self, other: Unanswered) {
        self.ranges.extend(other.ranges);
        self.forgotten += other.forgotten;
    }

    fn of_place(&self, place: usize) -> impl Iterator<Item = (u32, &Range<u64>)> {
        let streams = self.ranges.range((place, 0)..=(place, u32::MAX));
        streams.flat_map(|((_, stream), ranges)| ranges.iter().map(|range| (*stream, range)))
    }
}

/// How much of a partition its readers had to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything that was acknowledged.
    All,
    /// As far as they came.
    Part,
}

/// Acknowledged records that readers have not seen, of all groups together.
pub(crate) fn lost(readers: &BTreeMap<(usize, usize), Verifier>, produced: &Summary, extent: Extent) -> u64 {
    let forgotten = produced.unanswered.forgotten;
    let of_reader = |((_, place), verifier): (&(usize, usize), &Verifier)| {
        let found = verifier.findings();
        let (mut unanswered, mut excused) = (0, 0);
        for (stream, range) in produced.unanswered.of_place(*place) {
            unanswered += range.end - range.start;
            excused += verifier.missing_of(stream, range);
            if extent == Extent::All {
                excused += verifier.beyond(stream, range);
            }
        }
        excused += verifier.forgotten().min(unanswered - excused);
        let sent = produced.acknowledged.get(place).copied().unwrap_or(0) + unanswered;
        let behind = match extent {
            Extent::All => sent.saturating_sub(found.seen + found.missing),
            Extent::Part => 0,
        };
        (found.missing + behind).saturating_sub(excused + forgotten)
    };
    readers.iter().map(of_reader).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::stamp::Stamp;
    use crate::bench::verify::Begin;
    use crate::bench::workload::Payload;

    const RUN: u32 = 5;

    fn reader(sequences: &[u64]) -> BTreeMap<(usize, usize), Verifier> {
        let mut verifier = Verifier::new(Begin::Middle, RUN);
        for &sequence in sequences {
            let payload = Payload { bytes: b"payload", checksum: ringlog_batch::checksum(b"payload") };
            let stamp = Stamp { run: RUN, stream: 1, sequence, intended: 0 };
            verifier.take(&[&stamp.bytes(&payload)[..], payload.bytes].concat());
        }
        BTreeMap::from([((0, 0), verifier)])
    }

    fn produced(acknowledged: u64, unanswered: &[(u64, u64)]) -> Summary {
        let mut summary = Summary::default();
        summary.acknowledged.insert(0, acknowledged);
        unanswered.iter().for_each(|&(from, end)| summary.unanswered.add(0, 1, from..end));
        summary
    }

    #[test]
    fn only_what_was_acknowledged_can_be_lost() {
        let lost = |seen: &[u64], produced: &Summary| lost(&reader(seen), produced, Extent::All);
        // 0 to 9 were sent, and 3 to 5 had no answer.
        let one = produced(7, &[(3, 6)]);
        assert_eq!(lost(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], &one), 0, "they were written all the same");
        assert_eq!(lost(&[0, 1, 2, 6, 7, 8, 9], &one), 0, "they were not");
        assert_eq!(lost(&[0, 1, 2, 4, 6, 7, 8, 9], &one), 0);
        assert_eq!(lost(&[0, 1, 3, 4, 5, 6, 7, 8, 9], &one), 1, "unanswered ones hide no loss");
        assert_eq!(lost(&[0, 1, 2, 3, 4, 5, 6, 7], &one), 2, "the end is missing");
        assert_eq!(lost(&[], &one), 7);
        let end = produced(7, &[(7, 9), (9, 10)]);
        assert_eq!(lost(&[0, 1, 2, 3, 4, 5, 6], &end), 0);
        assert_eq!(lost(&[0, 1, 2, 3, 4, 5, 6, 7], &end), 0);
        assert_eq!(lost(&[0, 1, 2, 3, 4, 5], &end), 1);
    }

    #[test]
    fn readers_that_stop_half_way_have_lost_only_what_they_passed_over() {
        let summary = produced(9, &[(3, 4)]);
        assert_eq!(lost(&reader(&[0, 1, 2, 4, 5]), &summary, Extent::Part), 0);
        assert_eq!(lost(&reader(&[0, 2, 4, 5]), &summary, Extent::Part), 1);
    }

    #[test]
    fn each_group_loses_by_itself() {
        let mut readers = reader(&[0, 2]);
        readers.extend(reader(&[0, 2]).into_iter().map(|((_, place), verifier)| ((1, place), verifier)));
        assert_eq!(lost(&readers, &produced(3, &[]), Extent::All), 2);
        assert_eq!(lost(&readers, &produced(2, &[(1, 2)]), Extent::All), 0);
    }
}
