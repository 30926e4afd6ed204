//! Counting and recording happen for every request: neither takes memory.

use ringlog_reactor::metrics::{Counter, Histogram};
use std::hint::black_box;

#[test]
fn counting_and_recording_allocate_nothing() {
    const TIMES: u32 = 100_000;
    let (counter, histogram) = (Counter::default(), Histogram::default());
    let taken = allocation_counter::measure(|| {
        for value in 0..TIMES {
            counter.add(1);
            histogram.record_nanos(black_box(u64::from(value) * 37));
        }
    });
    assert_eq!(taken.count_total, 0);
    assert_eq!((counter.get(), histogram.count()), (u64::from(TIMES), u64::from(TIMES)));
    let control = allocation_counter::measure(|| drop(black_box(vec![0u8; 100])));
    assert_eq!(control.bytes_total, 100, "the allocator counts");
}
