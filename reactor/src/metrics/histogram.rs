//! How values are spread, in logarithmic buckets.

use super::Counter;

/// Buckets of a [`Histogram`]: four per power of two, up to 2^32.
pub const BUCKETS: usize = 124;

/// How values from 0 to 2^32 are spread, each known to within a quarter; larger ones count as the largest. One writer.
///
/// ```text
/// bucket      0  1  2  3  4  5  6  7  8        9        10       11       12 ..
/// values upto 1  2  3  4  5  6  7  8  10       12       14       16       20 ..
/// ```
#[derive(Debug)]
pub struct Histogram {
    buckets: [Counter; BUCKETS],
    sum: Counter,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { buckets: std::array::from_fn(|_| Counter::default()), sum: Counter::default() }
    }
}

impl Histogram {
    /// Counts a value. Only the owning thread calls this.
    #[inline]
    pub fn record(&self, value: u64) {
        self.buckets[bucket(value)].add(1);
        self.sum.add(value);
    }

    /// Counts a duration given in nanoseconds, for histograms of [`Unit::Seconds`](super::Unit::Seconds).
    #[inline]
    pub fn record_nanos(&self, nanos: u64) {
        self.record(nanos / 1_000);
    }

    /// How many values there were. Any thread.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(Counter::get).sum()
    }

    /// All values together. Any thread.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum.get()
    }

    /// Adds the values to `buckets`, to be merged with those of other histograms. Any thread.
    pub fn add_to(&self, buckets: &mut [u64; BUCKETS]) {
        for (all, own) in buckets.iter_mut().zip(&self.buckets) {
            *all += own.get();
        }
    }

    /// The largest value that counts into bucket `index`.
    #[must_use]
    pub const fn upper_bound(index: usize) -> u64 {
        // The inverse of `bucket`: the first value of the next bucket, which is one less there.
        let next = index + 1;
        if next < 4 {
            return next as u64;
        }
        let (octave, quarter) = (next / 4 + 1, next % 4);
        (4 + quarter as u64) << (octave - 2)
    }

    /// The value that a part of all values, from 0 to 1, does not exceed; 0 if there are none.
    #[must_use]
    pub fn quantile(buckets: &[u64; BUCKETS], part: f64) -> u64 {
        let count: u64 = buckets.iter().sum();
        // Rounding up: the quantile is one of the values.
        let wanted = (count as f64 * part).ceil() as u64;
        let mut seen = 0;
        for (index, values) in buckets.iter().enumerate() {
            seen += values;
            if *values > 0 && seen >= wanted {
                return Histogram::upper_bound(index);
            }
        }
        0
    }
}

/// The bucket of a value. Upper bounds are inclusive, so that 4,096 counts as "up to 4,096".
#[inline]
fn bucket(value: u64) -> usize {
    let value = value.saturating_sub(1).min(u64::from(u32::MAX));
    if value < 4 {
        return value as usize;
    }
    let octave = 63 - value.leading_zeros() as usize;
    let quarter = (value >> (octave - 2)) as usize & 3;
    (octave - 1) * 4 + quarter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_into_the_first_bucket_that_holds_it() {
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
        assert_eq!(Histogram::upper_bound(BUCKETS - 1), 1 << 32);
        for value in (0..5_000).chain([4_096, 4_097, 1 << 20, (1 << 20) + 1, 1 << 32]) {
            let at = bucket(value);
            assert!(value <= Histogram::upper_bound(at), "{value} in {at}");
            assert!(at == 0 || value > Histogram::upper_bound(at - 1), "{value} in {at}");
        }
    }

    #[test]
    fn a_bucket_is_at_most_a_quarter_wide() {
        for index in 4..BUCKETS {
            let (below, upto) = (Histogram::upper_bound(index - 1), Histogram::upper_bound(index));
            assert!((upto - below) * 4 <= below, "{below} to {upto}");
        }
    }

    #[test]
    fn quantiles_come_from_merged_buckets() {
        let (first, second) = (Histogram::default(), Histogram::default());
        (0..90).for_each(|_| first.record(100));
        (0..10).for_each(|_| second.record(10_000));
        let mut buckets = [0; BUCKETS];
        first.add_to(&mut buckets);
        second.add_to(&mut buckets);
        assert_eq!(Histogram::quantile(&buckets, 0.5), 112);
        assert_eq!(Histogram::quantile(&buckets, 0.99), 10_240);
        assert_eq!(Histogram::quantile(&[0; BUCKETS], 0.99), 0);
        assert_eq!((first.count(), first.sum()), (90, 9_000));
    }
}
