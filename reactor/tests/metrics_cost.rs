//! What it costs to count: nothing is allocated, and a duration is recorded in a few nanoseconds.

use ringlog_reactor::metrics::{Counter, Histogram};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[test]
fn counting_and_recording_allocate_nothing() {
    const TIMES: u32 = 1_000_000;
    let (counter, histogram) = (Counter::default(), Histogram::default());
    let region = Region::new(ALLOCATOR);
    let begun = Instant::now();
    for value in 0..TIMES {
        counter.add(1);
        histogram.record_nanos(black_box(u64::from(value) * 37));
    }
    let each = begun.elapsed() / TIMES;
    let change = region.change();
    assert_eq!((change.allocations, change.reallocations), (0, 0));
    assert_eq!((counter.get(), histogram.count()), (u64::from(TIMES), u64::from(TIMES)));
    println!("one count and one duration: {each:?}");
    // Far above what it takes (2 ns), so that a busy machine passes.
    assert!(each < Duration::from_micros(1), "{each:?}");
}
