//! Whole clusters under crashes, by seed.

use ringlog_simulation::scenario::{Disaster, RunFailure, Scenario, Weather, run};

/// Enough to notice a slip; nights are for thousands (`cargo run -p ringlog-simulation -- --count 10000`).
const SEEDS: u64 = 25;

/// The first seed may be chosen, as `cargo xtask verify` does, whose last step takes others than the tests have.
const FIRST_SEED: &str = "RINGLOG_SIMULATION_FROM";

#[test]
fn nothing_acknowledged_is_lost_whatever_crashes() {
    let first = std::env::var(FIRST_SEED).map_or(0, |seed| seed.parse().expect("a seed is a number"));
    for seed in first..first + SEEDS {
        let outcome = run(seed, &Scenario::of_seed(seed)).unwrap_or_else(|failure| panic!("{failure}"));
        assert!(outcome.acknowledged > 0);
    }
}

#[test]
fn a_seed_gives_one_run() {
    let scenario = Scenario { records: 100, disasters: 3, ..Scenario::default() };
    let outcome = |seed| run(seed, &scenario).unwrap_or_else(|failure| panic!("{failure}"));
    let first = outcome(1);
    assert_eq!(outcome(1), first);
    assert_ne!(outcome(2).trace_hash, first.trace_hash);
}

/// A topic that promises only the page cache loses records with the power. If no seed shows it, this test watches
/// nothing.
#[test]
fn a_weaker_promise_is_caught_breaking_the_stronger_one() {
    let scenario = Scenario {
        configs: vec![("durability", "written")],
        kinds: vec![Disaster::NodePower],
        // Slow syncs leave more unsynced when the power goes.
        weather: Weather::Foul,
        disasters: 12,
        ..Scenario::default()
    };
    let caught = (0..60).any(|seed| matches!(run(seed, &scenario), Err(RunFailure::Unsafe { .. })));
    assert!(caught);
}
