//! A set of numbers kept as ranges: which blocks of a file are allocated.

use std::collections::BTreeMap;
use std::ops::Range;

/// Disjoint, sorted, never touching ranges: start -> end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranges {
    ranges: BTreeMap<u64, u64>,
    total: u64,
}

impl Ranges {
    /// How many numbers are in the set.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// How many numbers of `range` are not in the set.
    pub(crate) fn missing(&self, range: &Range<u64>) -> u64 {
        let covered: u64 =
            self.overlapping(range).map(|(start, end)| end.min(range.end) - start.max(range.start)).sum();
        range.end.saturating_sub(range.start) - covered
    }

    /// Adds all numbers of `range`.
    pub(crate) fn insert(&mut self, range: Range<u64>) {
        if range.is_empty() || self.missing(&range) == 0 {
            return;
        }
        let touching = range.start.saturating_sub(1)..range.end.saturating_add(1);
        let merged: Vec<(u64, u64)> = self.overlapping(&touching).collect();
        let start = merged.first().map_or(range.start, |(start, _)| range.start.min(*start));
        let end = merged.last().map_or(range.end, |(_, end)| range.end.max(*end));
        for (start, end) in merged {
            self.ranges.remove(&start);
            self.total -= end - start;
        }
        self.ranges.insert(start, end);
        self.total += end - start;
    }

    /// Removes all numbers of `range`.
    pub(crate) fn remove(&mut self, range: Range<u64>) {
        let cut: Vec<(u64, u64)> = self.overlapping(&range).collect();
        for (start, end) in cut {
            self.ranges.remove(&start);
            self.total -= end - start;
            if start < range.start {
                self.insert(start..range.start);
            }
            if end > range.end {
                self.insert(range.end..end);
            }
        }
    }

    fn overlapping(&self, range: &Range<u64>) -> impl Iterator<Item = (u64, u64)> {
        let (start, end) = (range.start, range.end);
        let before = self.ranges.range(..start).next_back().filter(move |(_, last)| **last > start);
        let within = if start < end { Some(self.ranges.range(start..end)) } else { None };
        before.into_iter().chain(within.into_iter().flatten()).map(|(start, end)| (*start, *end))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::simulation::random::Random;

    #[test]
    fn agrees_with_a_plain_set() {
        let mut random = Random::new(3);
        let (mut ranges, mut model) = (Ranges::default(), BTreeSet::new());
        for _ in 0..2000 {
            let start = random.below(100);
            let range = start..start + random.below(20);
            assert_eq!(
                ranges.missing(&range),
                range.clone().filter(|number| !model.contains(number)).count() as u64
            );
            if random.chance(3, 5) {
                ranges.insert(range.clone());
                model.extend(range);
            } else {
                ranges.remove(range.clone());
                model.retain(|number| !range.contains(number));
            }
            assert_eq!(ranges.total(), model.len() as u64);
        }
    }
}
