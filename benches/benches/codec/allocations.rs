//! Allocations per message: our Kafka codec and the crate `kafka-protocol`, side by side.
#![forbid(unsafe_code)]

mod samples;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    println!("{:<50} {:>24} {:>24}", "allocations (bytes) per message", "ringlog", "kafka-protocol");
    for mut case in samples::cases() {
        let (ours, theirs) = (count(&mut case.ours), count(&mut case.theirs));
        println!("{:<50} {ours:>24} {theirs:>24}", case.name);
    }
}

/// Allocations and bytes of the second run; the first may set things up.
fn count(work: &mut dyn FnMut()) -> String {
    work();
    let region = Region::new(ALLOCATOR);
    work();
    let change = region.change();
    let bytes = change.bytes_allocated + usize::try_from(change.bytes_reallocated).unwrap_or(0);
    format!("{} ({bytes})", change.allocations + change.reallocations)
}
