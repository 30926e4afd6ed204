//! Hostile batches under a counting allocator: what is allocated follows the input's size and the output cap.
//!
//! Zstandard's C library allocates past it; it gets no window to allocate (see `compression/zstandard.rs`), only its
//! tables of fixed size.
#![allow(clippy::unwrap_used, reason = "a test that fails should panic")]

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use ringlog_batch::{BatchBuilder, BatchView, Compression, HEADER_SIZE, Limits, Scratch, checksum};
use ringlog_model::Timestamp;
use std::cell::RefCell;

/// What decoding may give.
const OUTPUT_CAP: usize = 1 << 20;
/// What a decoder may hold besides: LZ4's largest block in and out (8 MiB each in its legacy format).
const DECODER_MAX: usize = 17 << 20;

/// The batch with its length and checksum made to fit, so that the change reaches what lies behind them.
fn sealed(mut batch: Vec<u8>) -> Vec<u8> {
    if batch.len() >= HEADER_SIZE {
        let length = (batch.len() - 12) as i32;
        batch[8..12].copy_from_slice(&length.to_be_bytes());
        batch[16] = 2;
        let sum = checksum(&batch[21..]);
        batch[17..21].copy_from_slice(&sum.to_be_bytes());
    }
    batch
}

fn bomb(codec: Compression) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    for _ in 0..8 {
        builder.append(Timestamp(1), None, Some(&vec![0; 1 << 18]), &[]).unwrap();
    }
    builder.build(codec).unwrap()
}

/// Judges the batch and holds what was allocated in all, kept or given back, to the bound.
fn judge(bytes: &[u8], scratch: &mut Scratch) {
    let limits = Limits { decompressed_bytes_max: OUTPUT_CAP, ..Limits::default() };
    let taken = allocation_counter::measure(|| {
        if let Ok(view) = BatchView::parse(bytes) {
            let _ = view.validate(&limits, scratch);
        }
    });
    let allocated = usize::try_from(taken.bytes_total).unwrap_or(usize::MAX);
    // An output that doubles until it meets the cap has been allocated twice in sum.
    let bound = 2 * OUTPUT_CAP + DECODER_MAX + bytes.len();
    assert!(allocated <= bound, "{allocated} bytes were allocated, {bound} are allowed");
    assert!(scratch.capacity() <= OUTPUT_CAP);
}

#[test]
fn hostile_batches_allocate_no_more_than_the_cap() {
    let bombs: Vec<Vec<u8>> = Compression::ALL[1..].iter().map(|codec| bomb(*codec)).collect();
    let seeds: Vec<Vec<u8>> = bombs.iter().map(|bomb| bomb[..bomb.len().min(4096)].to_vec()).collect();
    let scratch = RefCell::new(Scratch::new());
    for bomb in &bombs {
        judge(bomb, &mut scratch.borrow_mut());
    }
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 4000, failure_persistence: None, ..Config::default() },
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    let change = (any::<u16>(), any::<u8>());
    let strategy = (0..seeds.len(), proptest::collection::vec(change, 0..8), any::<bool>(), any::<u16>());
    runner
        .run(&strategy, |(seed, changes, in_front, cut)| {
            let mut bytes = seeds[seed].clone();
            for (at, byte) in changes {
                // The first bytes of the compressed section are where sizes are claimed.
                let range = if in_front { HEADER_SIZE + 32 } else { bytes.len() };
                let at = usize::from(at) % range.min(bytes.len());
                bytes[at] = byte;
            }
            if cut % 3 == 0 {
                bytes.truncate(usize::from(cut) % bytes.len());
            }
            judge(&sealed(bytes), &mut scratch.borrow_mut());
            Ok(())
        })
        .unwrap();
}
