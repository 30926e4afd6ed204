//! Runs many seeds of the whole-cluster simulation and stops at the first that fails.
#![forbid(unsafe_code)]

use ringlog_simulation::scenario::{Scenario, run};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut from, mut count) = (0u64, 100u64);
    while let (Some(name), Some(value)) = (arguments.next(), arguments.next()) {
        let value = value.parse().expect("seeds and counts are numbers");
        match name.as_str() {
            "--from" => from = value,
            "--count" => count = value,
            other => panic!("{other} is none of --from, --count"),
        }
    }
    for seed in from..from + count {
        match run(seed, &Scenario::of_seed(seed)) {
            Ok(outcome) => println!("seed {seed}: {outcome:?}"),
            Err(failure) => {
                eprintln!("seed {seed} fails: {failure}");
                std::process::exit(1);
            }
        }
    }
}
