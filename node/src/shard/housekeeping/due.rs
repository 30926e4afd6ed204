//! Which logs are to be compacted, how far, and which of them first (Kafka's `cleanup.policy=compact`). Pure.

use core::cmp::Ordering;
use ringlog_image::config::TopicConfig;
use ringlog_model::{Offset, Timestamp};
use ringlog_storage::SegmentDescription;

/// What a topic says about its compaction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CompactionPolicy {
    /// `min.cleanable.dirty.ratio`
    dirty_ratio_min: f64,
    /// `min.compaction.lag.ms`
    lag_min_ms: i64,
    /// `max.compaction.lag.ms`
    lag_max_ms: i64,
}

/// How far a log has been compacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cleanness {
    /// One past the last offset that compaction has seen.
    pub(super) clean: Offset,
    /// One past the last offset that may be compacted at all: what is committed, belongs to no open transaction and does not lie behind
    /// damage.
    pub(super) limit: Offset,
    /// When the first of the tombstones that were kept may go.
    pub(super) next_horizon: Option<Timestamp>,
}

/// A log that can be compacted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Due {
    /// Where its last segment to be compacted ends.
    pub(super) upto: Offset,
    /// Whether something has waited for `max.compaction.lag.ms`.
    is_overdue: bool,
    /// The share of its bytes that are not compacted yet.
    dirty_ratio: f64,
    /// Whether that is worth it.
    is_due: bool,
}

impl Due {
    /// The share of its bytes that are not compacted yet, in percent.
    pub(super) fn dirty_percent(&self) -> u64 {
        (self.dirty_ratio * 100.0).round() as u64
    }

    /// Whether it is to be compacted now.
    pub(super) fn is_due(&self) -> bool {
        self.is_due
    }

    /// Whether something waits longer than it may.
    pub(super) fn is_overdue(&self) -> bool {
        self.is_overdue
    }

    /// Which of two comes first: what is overdue, then what gives more.
    pub(super) fn precedence(&self, other: &Due) -> Ordering {
        self.is_overdue.cmp(&other.is_overdue).then(self.dirty_ratio.total_cmp(&other.dirty_ratio))
    }
}

impl CompactionPolicy {
    /// `None` if the topic is not compacted.
    pub(super) fn of(config: &TopicConfig) -> Option<CompactionPolicy> {
        config.cleanup_policy.compact.then_some(CompactionPolicy {
            dirty_ratio_min: config.dirty_ratio_min,
            lag_min_ms: config.compaction_lag_min_ms,
            lag_max_ms: config.compaction_lag_max_ms,
        })
    }

    /// How far a log can be compacted, and whether it is to be now. Kafka's rules, with one more: a log is also compacted when
    /// tombstones of it may go.
    pub(super) fn survey(
        &self,
        segments: &[SegmentDescription],
        known: &Cleanness,
        now: Timestamp,
    ) -> Option<Due> {
        let is_clean = |segment: &SegmentDescription| segment.end_offset <= known.clean;
        let is_young = |segment: &SegmentDescription| {
            self.lag_min_ms > 0 && segment.max_timestamp.0 > now.0.saturating_sub(self.lag_min_ms)
        };
        let may_be_compacted = |segment: &&SegmentDescription| {
            segment.sealed && segment.end_offset <= known.limit && (is_clean(segment) || !is_young(segment))
        };
        let (mut clean_bytes, mut dirty_bytes) = (0, 0);
        let mut oldest_dirty = None;
        let mut upto = None;
        for segment in segments.iter().take_while(may_be_compacted) {
            upto = Some(segment.end_offset);
            if is_clean(segment) {
                clean_bytes += segment.bytes;
            } else {
                dirty_bytes += segment.bytes;
                oldest_dirty.get_or_insert(segment.began);
            }
        }
        let upto = upto?;
        let is_overdue = oldest_dirty.is_some_and(|began| began.0 < now.0.saturating_sub(self.lag_max_ms));
        let dirty_ratio = match clean_bytes + dirty_bytes {
            0 => 0.0,
            all => dirty_bytes as f64 / all as f64,
        };
        let has_expired_tombstones = known.next_horizon.is_some_and(|horizon| horizon <= now);
        let is_due =
            is_overdue || has_expired_tombstones || (dirty_bytes > 0 && dirty_ratio > self.dirty_ratio_min);
        Some(Due { upto, is_overdue, dirty_ratio, is_due })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: CompactionPolicy =
        CompactionPolicy { dirty_ratio_min: 0.5, lag_min_ms: 0, lag_max_ms: i64::MAX };

    /// Segments of ten offsets each, by bytes and largest timestamp; the last takes the appends.
    fn segments(sizes: &[(u64, i64)]) -> Vec<SegmentDescription> {
        let describe = |(index, &(bytes, newest)): (usize, &(u64, i64))| SegmentDescription {
            base_offset: Offset(10 * index as i64),
            end_offset: Offset(10 * index as i64 + 10),
            bytes,
            max_timestamp: Timestamp(newest),
            created: Timestamp(100 * index as i64),
            began: Timestamp(100 * index as i64),
            file: String::new(),
            sealed: index + 1 < sizes.len(),
        };
        sizes.iter().enumerate().map(describe).collect()
    }

    impl CompactionPolicy {
        fn due(&self, segments: &[SegmentDescription], known: &Cleanness, now: Timestamp) -> Option<Due> {
            self.survey(segments, known, now).filter(Due::is_due)
        }
    }

    fn clean(offset: i64) -> Cleanness {
        Cleanness { clean: Offset(offset), limit: Offset(i64::MAX), next_horizon: None }
    }

    const FOUR: [(u64, i64); 4] = [(100, 10), (100, 20), (100, 30), (100, 40)];

    #[test]
    fn a_log_is_due_when_more_than_the_ratio_is_dirty_without_the_active_segment() {
        let upto = |ratio, offset| {
            let policy = CompactionPolicy { dirty_ratio_min: ratio, ..POLICY };
            policy.due(&segments(&FOUR), &clean(offset), Timestamp(50)).map(|due| due.upto.0)
        };
        assert_eq!(upto(0.5, 0), Some(30));
        assert_eq!(upto(0.5, 10), Some(30));
        assert_eq!(upto(0.5, 20), None);
        assert_eq!(upto(0.3, 20), Some(30));
        // In the middle of a segment: that segment is dirty.
        assert_eq!(upto(0.5, 15), Some(30));
        assert_eq!(upto(0.0, 30), None, "nothing is dirty");
        assert_eq!(POLICY.due(&segments(&FOUR[..1]), &clean(0), Timestamp(50)), None);
        assert_eq!(POLICY.due(&[], &clean(0), Timestamp(50)), None);
    }

    #[test]
    fn nothing_beyond_the_limit_or_too_young_is_compacted() {
        let known = Cleanness { limit: Offset(29), ..clean(0) };
        assert_eq!(POLICY.due(&segments(&FOUR), &known, Timestamp(50)).unwrap().upto, Offset(20));
        let patient = CompactionPolicy { lag_min_ms: 25, ..POLICY };
        assert_eq!(patient.due(&segments(&FOUR), &clean(0), Timestamp(50)).unwrap().upto, Offset(20));
        assert_eq!(patient.due(&segments(&FOUR), &clean(0), Timestamp(30)), None);
    }

    #[test]
    fn what_waits_too_long_is_due_whatever_the_ratio_and_comes_first() {
        let strict = CompactionPolicy { dirty_ratio_min: 1.0, lag_max_ms: 1_000, ..POLICY };
        assert_eq!(strict.due(&segments(&FOUR), &clean(20), Timestamp(1_200)), None);
        let overdue = strict.due(&segments(&FOUR), &clean(20), Timestamp(1_201)).unwrap();
        let filthy = POLICY.due(&segments(&FOUR), &clean(0), Timestamp(50)).unwrap();
        assert_eq!(overdue.precedence(&filthy), Ordering::Greater);
        let cleaner = POLICY.due(&segments(&FOUR), &clean(10), Timestamp(50)).unwrap();
        assert_eq!(filthy.precedence(&cleaner), Ordering::Greater);
    }

    #[test]
    fn a_clean_log_is_due_once_its_tombstones_may_go() {
        let known = Cleanness { next_horizon: Some(Timestamp(500)), ..clean(30) };
        assert_eq!(POLICY.due(&segments(&FOUR), &known, Timestamp(499)), None);
        assert_eq!(POLICY.due(&segments(&FOUR), &known, Timestamp(500)).unwrap().upto, Offset(30));
    }

    #[test]
    fn a_topic_without_the_policy_is_never_compacted() {
        assert_eq!(CompactionPolicy::of(&TopicConfig::default()), None);
        let overrides = [("cleanup.policy".to_owned(), "compact,delete".to_owned())].into();
        assert!(CompactionPolicy::of(&TopicConfig::from_overrides(&overrides)).is_some());
    }
}
