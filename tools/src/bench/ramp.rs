//! The search for the highest rate whose p99 stays under a bound: doubling until it does not, then halving the gap.

/// Rates closer than this are the same for our purpose.
const CLOSE_ENOUGH: f64 = 1.05;
/// Steps of one search; 2^12 times the first rate lies beyond any machine.
const STEPS_MAX: usize = 24;

#[derive(Clone, Debug)]
pub(crate) struct Ramp {
    first: f64,
    held: Option<f64>,
    missed: Option<f64>,
    steps: usize,
}

impl Ramp {
    pub(crate) fn new(first: f64) -> Ramp {
        Ramp { first, held: None, missed: None, steps: 0 }
    }

    /// The next rate to try; none once the search is over.
    pub(crate) fn next(&self) -> Option<f64> {
        if self.steps >= STEPS_MAX {
            return None;
        }
        match (self.held, self.missed) {
            (None, None) => Some(self.first),
            (Some(held), None) => Some(held * 2.0),
            (None, Some(missed)) if missed < 1.0 => None,
            (None, Some(missed)) => Some(missed / 2.0),
            (Some(held), Some(missed)) if missed / held <= CLOSE_ENOUGH => None,
            (Some(held), Some(missed)) => Some((held * missed).sqrt()),
        }
    }

    /// What came of trying a rate.
    pub(crate) fn tried(&mut self, rate: f64, held: bool) {
        self.steps += 1;
        if held {
            self.held = Some(self.held.map_or(rate, |best| best.max(rate)));
        } else {
            self.missed = Some(self.missed.map_or(rate, |worst| worst.min(rate)));
        }
    }

    /// The highest rate that held.
    pub(crate) fn best(&self) -> Option<f64> {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn search(first: f64, limit: f64) -> (Option<f64>, usize) {
        let mut ramp = Ramp::new(first);
        let mut steps = 0;
        while let Some(rate) = ramp.next() {
            ramp.tried(rate, rate <= limit);
            steps += 1;
        }
        (ramp.best(), steps)
    }

    #[test]
    fn a_broker_that_holds_nothing_has_no_rate() {
        assert_eq!(search(1000.0, 0.0).0, None);
    }

    proptest! {
        #[test]
        fn the_limit_is_found_within_a_few_percent(first in 100f64..10_000.0, limit in 100f64..1e6) {
            let (best, steps) = search(first, limit);
            let best = best.unwrap();
            prop_assert!(best <= limit && best * CLOSE_ENOUGH * 1.001 >= limit, "{best} of {limit}");
            prop_assert!(steps <= STEPS_MAX);
        }
    }
}
