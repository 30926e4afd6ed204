//! Which neighbouring segments are rewritten into one. Pure.

use std::ops::Range;

/// Groups of segments by their places, in order: as many neighbours as fit into `bytes_max` before they are compacted,
/// one at least.
pub(super) fn group(sizes: &[u64], bytes_max: u64) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut bytes = 0;
    for (index, &size) in sizes.iter().enumerate() {
        match groups.last_mut().filter(|_| bytes + size <= bytes_max) {
            Some(last) => last.end = index + 1,
            None => {
                groups.push(index..index + 1);
                bytes = 0;
            }
        }
        bytes += size;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_neighbours_are_merged_up_to_the_bound() {
        let groups = |sizes: &[u64]| {
            group(sizes, 100).into_iter().map(|group| (group.start, group.end)).collect::<Vec<_>>()
        };
        assert_eq!(groups(&[]), []);
        assert_eq!(groups(&[500]), [(0, 1)]);
        assert_eq!(groups(&[40, 60, 1]), [(0, 2), (2, 3)]);
        assert_eq!(groups(&[0, 0, 100, 0, 30, 80]), [(0, 4), (4, 5), (5, 6)]);
        assert_eq!(groups(&[120, 10, 10]), [(0, 1), (1, 3)]);
    }
}
