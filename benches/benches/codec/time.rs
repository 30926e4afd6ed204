//! Nanoseconds per message: our Kafka codec and the crate `kafka-protocol`, side by side.
#![forbid(unsafe_code)]

mod samples;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for mut case in samples::cases() {
        let mut group = criterion.benchmark_group(case.name);
        group.bench_function("ringlog", |bencher| bencher.iter(&mut case.ours));
        group.bench_function("kafka-protocol", |bencher| bencher.iter(&mut case.theirs));
        group.finish();
    }
    criterion.final_summary();
}
