//! Words for positions and promises of a log.

use core::fmt;

/// A record's position in its partition, counted from zero without holes between batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub i64);

impl Offset {
    /// The first offset of every partition.
    pub const ZERO: Offset = Offset(0);

    /// The offset `count` records further on.
    #[must_use]
    pub fn plus(self, count: i64) -> Offset {
        Offset(self.0 + count)
    }

    /// How many offsets lie in `[earlier, self)`; negative if `earlier` is the later one.
    #[must_use]
    pub fn since(self, earlier: Offset) -> i64 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The number of a leadership of a partition; each new leader gets a higher one (KIP-101).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaderEpoch(pub i32);

impl LeaderEpoch {
    /// Kafka's `-1`: the sender does not know an epoch.
    pub const UNKNOWN: LeaderEpoch = LeaderEpoch(-1);

    /// The epoch of the next leadership.
    #[must_use]
    pub fn next(self) -> LeaderEpoch {
        LeaderEpoch(self.0 + 1)
    }
}

impl fmt::Display for LeaderEpoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A producer's per-partition record number (KIP-98). It wraps from `i32::MAX` to 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sequence(pub i32);

impl Sequence {
    /// Kafka's `-1`: the batch is not from an idempotent producer.
    pub const NONE: Sequence = Sequence(-1);

    /// The sequence `count` records further on, wrapping after `i32::MAX` to 0.
    #[must_use]
    pub fn plus(self, count: i32) -> Sequence {
        let wide = (i64::from(self.0) + i64::from(count)) % (i64::from(i32::MAX) + 1);
        Sequence(i32::try_from(wide).expect("a remainder of 2^31 of non-negative terms fits i32"))
    }
}

/// What an acknowledged record has reached before its producer hears of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Durability {
    /// On disk: the bytes are written and a sync submitted after the write has completed.
    #[default]
    Fsync,
    /// Written to the operating system or device, not yet synced (Kafka's page-cache promise).
    Written,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_wraps_to_zero_after_the_largest() {
        assert_eq!(Sequence(i32::MAX).plus(1), Sequence(0));
        assert_eq!(Sequence(i32::MAX - 1).plus(3), Sequence(1));
        assert_eq!(Sequence(7).plus(0), Sequence(7));
    }

    #[test]
    fn offset_distance_is_signed() {
        assert_eq!(Offset(7).since(Offset(3)), 4);
        assert_eq!(Offset(3).since(Offset(7)), -4);
    }
}
