//! How far a segment file is allocated ahead of its bytes.

/// First step.
const STEP_MIN: u64 = 256 << 10;
/// Largest step.
const STEP_MAX: u64 = 64 << 20;

/// The length a file of `allocated` bytes gets when `needed` bytes must fit. Files double from 256 KiB in steps of at
/// most 64 MiB, never far beyond what a segment may hold (`limit`), and take no more than a sixteenth of the free
/// space ahead of need: extending a file with every write is the worst pattern there is, but a thousand partitions
/// with one record each shall not claim gigabytes.
#[must_use]
pub(crate) fn grown_length(allocated: u64, needed: u64, limit: u64, free: u64) -> u64 {
    let step = allocated.clamp(STEP_MIN, STEP_MAX).min(free / 16);
    let generous = (allocated + step).min(limit);
    crate::format::block_ceiling(generous.max(needed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_double_up_to_the_largest_step_and_stop_at_the_limit() {
        let free = 1 << 40;
        assert_eq!(grown_length(0, 5000, 1 << 30, free), 256 << 10);
        assert_eq!(grown_length(256 << 10, 300 << 10, 1 << 30, free), 512 << 10);
        assert_eq!(grown_length(512 << 20, 513 << 20, 1 << 30, free), 576 << 20);
        assert_eq!(grown_length(1 << 20, (1 << 20) + 1, (1 << 20) + 4096, free), (1 << 20) + 4096);
    }

    #[test]
    fn what_is_needed_is_given_even_beyond_limit_and_with_no_space_to_spare() {
        assert_eq!(grown_length(0, 10_000, 4096, 1 << 40), 12_288);
        assert_eq!(grown_length(0, 4097, 1 << 30, 0), 8192);
    }
}
