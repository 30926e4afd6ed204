//! How far a segment file is allocated ahead of its bytes.

/// Least that is allocated ahead.
const AHEAD_MIN: u64 = 8 << 10;
/// Most of it.
const AHEAD_MAX: u64 = 64 << 20;

/// The length a file of `allocated` bytes gets when `needed` bytes must fit: as much again ahead, within 8 KiB and 64 MiB,
/// never beyond what a segment may hold (`limit`) and never more than a sixteenth of the free space. Extending a file with
/// every write is the worst pattern there is, but a hundred thousand partitions with one record each shall not claim
/// gigabytes.
#[must_use]
pub(crate) fn grown_length(allocated: u64, needed: u64, limit: u64, free: u64) -> u64 {
    let ahead = allocated.max(needed).clamp(AHEAD_MIN, AHEAD_MAX).min(free / 16);
    let generous = (needed + ahead).min(limit);
    crate::format::block_ceiling(generous.max(needed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_double_up_to_the_largest_step_and_stop_at_the_limit() {
        let free = 1 << 40;
        assert_eq!(grown_length(0, 8192, 1 << 30, free), 16 << 10);
        assert_eq!(grown_length(256 << 10, 300 << 10, 1 << 30, free), 600 << 10);
        assert_eq!(grown_length(512 << 20, 513 << 20, 1 << 30, free), 577 << 20);
        assert_eq!(grown_length(1 << 20, (1 << 20) + 1, (1 << 20) + 4096, free), (1 << 20) + 4096);
    }

    #[test]
    fn what_is_needed_is_given_even_beyond_limit_and_with_no_space_to_spare() {
        assert_eq!(grown_length(0, 10_000, 4096, 1 << 40), 12_288);
        assert_eq!(grown_length(0, 4097, 1 << 30, 0), 8192);
    }
}
