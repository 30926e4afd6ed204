//! Nanoseconds per message: our Kafka codec and the crate `kafka-protocol`, side by side.
//!
//! The nanoseconds are those of the thread's processor time, so that a busy machine does not add its waiting to them.
#![forbid(unsafe_code)]

mod samples;

use criterion::Criterion;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

fn main() {
    let mut criterion = Criterion::default().with_measurement(ProcessorTime).configure_from_args();
    for mut case in samples::cases() {
        let mut group = criterion.benchmark_group(case.name);
        group.bench_function("ringlog", |bencher| bencher.iter(&mut case.ours));
        group.bench_function("kafka-protocol", |bencher| bencher.iter(&mut case.theirs));
        group.finish();
    }
    criterion.final_summary();
}

/// The time that this thread has had a processor.
struct ProcessorTime;

impl ProcessorTime {
    fn now() -> Duration {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).expect("below a second"))
    }
}

impl Measurement for ProcessorTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        ProcessorTime::now()
    }

    fn end(&self, start: Duration) -> Duration {
        ProcessorTime::now() - start
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        const WALL: &WallTime = &WallTime;
        WALL.formatter()
    }
}
