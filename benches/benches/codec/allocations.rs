//! Allocations per message: our Kafka codec and the crate `kafka-protocol`, side by side.
#![forbid(unsafe_code)]

mod samples;

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
    let taken = allocation_counter::measure(work);
    format!("{} ({})", taken.count_total, taken.bytes_total)
}
