//! What a record batch costs: checksum candidates, validation, codecs, building.
//!
//! `cargo bench -p ringlog-benches --bench batch`

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ringlog_batch::{
    BatchBuilder, BatchView, Compression, Limits, Scratch, checksum, patched_header, stamp_log_append_time,
};
use ringlog_model::{LeaderEpoch, Offset, Timestamp};
use std::hint::black_box;
use std::time::Duration;

/// Bytes that neither compress to nothing nor stay as they are: half of each value is text, half is noise.
fn value(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut noise = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    let text = b"2026-01-01T00:00:00 INFO request served in ms ";
    (0..length).map(|at| if at % 64 < 32 { text[at % text.len()] } else { noise() }).collect()
}

/// A batch of about `size` bytes in records of `record` bytes.
fn batch(size: usize, record: usize, compression: Compression) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    let mut number = 0;
    while builder.size() + record <= size {
        let value = value(record, number);
        builder
            .append(Timestamp(1_700_000_000_000 + number as i64), None, Some(&value), &[])
            .expect("the batch is small");
        number += 1;
    }
    builder.build(compression).expect("the batch is small")
}

fn checksums(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("checksum");
    for size in [128, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 1 << 20] {
        let bytes = value(size, 7);
        assert_eq!(crc32c::crc32c(&bytes), crc_fast::crc32_iscsi(&bytes));
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_with_input(BenchmarkId::new("crc32c", size), &bytes, |bencher, bytes| {
            bencher.iter(|| crc32c::crc32c(black_box(bytes)));
        });
        group.bench_with_input(BenchmarkId::new("crc-fast", size), &bytes, |bencher, bytes| {
            bencher.iter(|| crc_fast::crc32_iscsi(black_box(bytes)));
        });
        group.bench_with_input(BenchmarkId::new("ours", size), &bytes, |bencher, bytes| {
            bencher.iter(|| checksum(black_box(bytes)));
        });
    }
    group.finish();
}

fn validation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("validate");
    for (size, record) in [(1 << 10, 100), (64 << 10, 100), (64 << 10, 1000), (1 << 20, 1000)] {
        let plain = batch(size, record, Compression::None);
        for codec in Compression::ALL {
            let bytes = batch(size, record, codec);
            let mut scratch = Scratch::new();
            let limits = Limits { batch_bytes_max: usize::MAX, ..Limits::default() };
            group.throughput(Throughput::Bytes(plain.len() as u64));
            group.bench_function(format!("{codec}/{size}/{record}"), |bencher| {
                bencher.iter(|| {
                    let view = BatchView::parse_only(black_box(&bytes)).expect("the batch is sound");
                    view.validate(&limits, &mut scratch).expect("the batch is sound")
                });
            });
        }
    }
    group.finish();
}

fn changes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("change");
    let mut bytes = batch(64 << 10, 1000, Compression::None);
    group.bench_function("patched_header", |bencher| {
        bencher.iter(|| patched_header(black_box(&bytes), Offset(7), LeaderEpoch(3), None));
    });
    group.bench_function("stamp_log_append_time", |bencher| {
        bencher.iter(|| stamp_log_append_time(black_box(&mut bytes), Timestamp(7)));
    });
    group.finish();
}

fn building(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("build");
    let values: Vec<Vec<u8>> = (0..640).map(|number| value(100, number)).collect();
    group.throughput(Throughput::Bytes(64_000));
    for codec in Compression::ALL {
        group.bench_function(codec.name(), |bencher| {
            let mut builder = BatchBuilder::new();
            bencher.iter(|| {
                builder.clear();
                for value in &values {
                    builder.append(Timestamp(1), None, Some(value), &[]).expect("the batch is small");
                }
                builder.build(codec).expect("the batch is small")
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(30);
    targets = checksums, validation, changes, building
}
criterion_main!(benches);
