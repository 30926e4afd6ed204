//! Which segments a topic's retention lets go (`retention.ms`, `retention.bytes`). Pure.

use ringlog_image::config::TopicConfig;
use ringlog_model::{Offset, Timestamp};
use ringlog_storage::SegmentDescription;

/// How long and how much of a log is kept. A topic without `delete` among its cleanup policies keeps everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Retention {
    /// Milliseconds after a segment's largest timestamp.
    age_ms_max: Option<i64>,
    /// Bytes of batches.
    bytes_max: Option<u64>,
}

impl Retention {
    pub(super) fn of(config: &TopicConfig) -> Retention {
        if !config.cleanup_policy.delete {
            return Retention::default();
        }
        Retention {
            age_ms_max: config.retention_ms,
            bytes_max: config.retention_bytes.and_then(|bytes| u64::try_from(bytes).ok()),
        }
    }

    /// Where the log shall begin, if not where it does: behind the last of the segments in front that are too old or
    /// too many. Kafka's rules: a segment's age is that of its newest record; a segment goes for its size only if what
    /// remains without it is not less than the bound; nothing beyond the high watermark goes.
    pub(super) fn start(
        &self,
        segments: &[SegmentDescription],
        high_watermark: Offset,
        now: Timestamp,
    ) -> Option<Offset> {
        let bytes: u64 = segments.iter().map(|segment| segment.bytes).sum();
        let mut surplus = self.bytes_max.map(|bytes_max| bytes.saturating_sub(bytes_max));
        let mut start = None;
        for (index, segment) in segments.iter().enumerate() {
            let next = segments.get(index + 1);
            let is_idle = next.is_none() && segment.bytes == 0;
            if is_idle || segment.end_offset > high_watermark {
                break;
            }
            let is_surplus = surplus.is_some_and(|surplus| surplus > 0 && surplus >= segment.bytes);
            if !is_surplus && !self.is_expired(segment, next, now) {
                break;
            }
            surplus = surplus.map(|surplus| surplus.saturating_sub(segment.bytes));
            start = Some(segment.end_offset);
        }
        start
    }

    fn is_expired(
        &self,
        segment: &SegmentDescription,
        next: Option<&SegmentDescription>,
        now: Timestamp,
    ) -> bool {
        let Some(age_ms_max) = self.age_ms_max else { return false };
        // Records without timestamps are as old as the time at which the next segment was begun.
        let newest = match (segment.max_timestamp, next) {
            (Timestamp::NONE, Some(next)) => next.created,
            (Timestamp::NONE, None) => return false,
            (newest, _) => newest,
        };
        now.0.saturating_sub(newest.0) > age_ms_max
    }
}

/// Whether the segment that takes the appends should be sealed although nothing comes: it is older than it may become, or
/// wholly below the log's start.
pub(super) fn is_old(
    segments: &[SegmentDescription],
    log_start: Offset,
    age_ms_max: i64,
    now: Timestamp,
) -> bool {
    let Some(active) = segments.last().filter(|active| active.bytes > 0) else { return false };
    active.end_offset <= log_start || now.0.saturating_sub(active.began.0) > age_ms_max
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Segments of ten offsets each, by bytes and largest timestamp; the last takes the appends.
    fn segments(sizes: &[(u64, i64)]) -> Vec<SegmentDescription> {
        let describe = |(index, &(bytes, newest)): (usize, &(u64, i64))| SegmentDescription {
            base_offset: Offset(10 * index as i64),
            end_offset: Offset(10 * index as i64 + if bytes == 0 { 0 } else { 10 }),
            bytes,
            max_timestamp: Timestamp(newest),
            created: Timestamp(100 * index as i64),
            began: Timestamp(100 * index as i64),
            file: String::new(),
            sealed: index + 1 < sizes.len(),
        };
        sizes.iter().enumerate().map(describe).collect()
    }

    fn start(retention: Retention, sizes: &[(u64, i64)], high_watermark: i64, now: i64) -> Option<i64> {
        let start = retention.start(&segments(sizes), Offset(high_watermark), Timestamp(now));
        start.map(|offset| offset.0)
    }

    fn age(ms: i64) -> Retention {
        Retention { age_ms_max: Some(ms), bytes_max: None }
    }

    fn bytes(bytes: u64) -> Retention {
        Retention { age_ms_max: None, bytes_max: Some(bytes) }
    }

    #[test]
    fn segments_go_from_the_front_as_long_as_they_are_too_old() {
        let sizes = [(5, 100), (5, 200), (5, 50), (5, 400)];
        let cases = [
            // now, start
            (1_100, None),
            (1_101, Some(10)),
            // The third is older than the second, but waits for it.
            (1_200, Some(10)),
            (1_201, Some(30)),
            // All of it, the one that takes appends too.
            (1_401, Some(40)),
        ];
        for (now, expected) in cases {
            assert_eq!(start(age(1_000), &sizes, 40, now), expected, "at {now}");
        }
    }

    #[test]
    fn nothing_beyond_the_high_watermark_goes() {
        let sizes = [(5, 0), (5, 0), (5, 0)];
        for (high_watermark, expected) in
            [(0, None), (9, None), (10, Some(10)), (29, Some(20)), (30, Some(30))]
        {
            assert_eq!(start(age(1), &sizes, high_watermark, 100), expected, "up to {high_watermark}");
        }
    }

    #[test]
    fn segments_go_for_size_only_if_enough_remains() {
        let sizes = [(10, 0), (10, 0), (10, 0), (4, 0)];
        let cases = [
            (34, None),
            (25, None),
            (24, Some(10)),
            (15, Some(10)),
            (14, Some(20)),
            (4, Some(30)),
            (0, Some(40)),
        ];
        for (bound, expected) in cases {
            assert_eq!(start(bytes(bound), &sizes, 40, 0), expected, "bound {bound}");
        }
    }

    #[test]
    fn an_empty_active_segment_is_left_alone() {
        assert_eq!(start(age(1), &[(0, -1)], 0, 1_000), None);
        assert_eq!(start(bytes(0), &[(5, 1), (0, -1)], 10, 1_000), Some(10));
    }

    #[test]
    fn records_without_time_are_as_old_as_the_segment_that_follows() {
        let sizes = [(5, -1), (5, -1)];
        assert_eq!(start(age(1_000), &sizes, 20, 1_100), None);
        assert_eq!(start(age(1_000), &sizes, 20, 1_101), Some(10));
        assert_eq!(start(age(1_000), &sizes, 20, i64::MAX), Some(10));
    }

    #[test]
    fn a_topic_that_is_only_compacted_keeps_everything() {
        let overrides = [("cleanup.policy", "compact"), ("retention.ms", "1"), ("retention.bytes", "1")];
        let overrides = overrides.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let retention = Retention::of(&TopicConfig::from_overrides(&overrides));
        assert_eq!(start(retention, &[(5, 1), (5, 1)], 20, 1 << 40), None);
    }

    #[test]
    fn an_idle_segment_is_sealed_when_it_is_old_or_below_the_start() {
        let old = |sizes: &[(u64, i64)], log_start, now| {
            is_old(&segments(sizes), Offset(log_start), 1_000, Timestamp(now))
        };
        assert!(!old(&[(5, 0), (5, 0)], 0, 1_100));
        assert!(old(&[(5, 0), (5, 0)], 0, 1_101));
        assert!(!old(&[(5, 0), (0, -1)], 0, 5_000));
        assert!(!old(&[(5, 0), (5, 0)], 19, 0));
        assert!(old(&[(5, 0), (5, 0)], 20, 0));
        assert!(!old(&[], 0, 5_000));
    }
}
