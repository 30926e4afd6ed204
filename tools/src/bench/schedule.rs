//! When records are meant to be sent.
//!
//! In an open loop the times are fixed by the rate alone, whatever the broker does: a producer that is held up sends late,
//! and the latency of what it then sends counts from the time it was meant to be sent. Nothing is left out because the
//! broker was slow (no coordinated omission). In a closed loop a record is meant to be sent when there is room for it.

use super::units::as_text;
use super::workload::Random;
use std::fmt;
use std::str::FromStr;

/// How arrivals of an open loop are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spacing {
    /// All intervals equal.
    Even,
    /// As from many independent sources: intervals are exponentially distributed.
    Poisson,
}

as_text!(Spacing);

impl FromStr for Spacing {
    type Err = String;

    fn from_str(text: &str) -> Result<Spacing, String> {
        match text {
            "even" => Ok(Spacing::Even),
            "poisson" => Ok(Spacing::Poisson),
            _ => Err("arrivals are even or poisson".to_owned()),
        }
    }
}

impl fmt::Display for Spacing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Spacing::Even => "even",
            Spacing::Poisson => "poisson",
        })
    }
}

/// The sending times of one producer.
#[derive(Clone, Debug)]
pub(crate) enum Arrivals {
    /// Whenever there is room.
    Closed,
    /// At these times.
    Open(Open),
}

#[derive(Clone, Debug)]
pub(crate) struct Open {
    start: u64,
    interval: f64,
    spacing: Spacing,
    random: Random,
    /// Intervals since the start, of the next arrival.
    elapsed: f64,
}

impl Arrivals {
    /// The share of producer `index` of `producers` that together send `rate` records a second, or as many as they can.
    /// Evenly spaced producers take turns.
    pub(crate) fn new(
        rate: Option<f64>,
        spacing: Spacing,
        (index, producers): (usize, usize),
        start: u64,
        seed: u64,
    ) -> Arrivals {
        let Some(rate) = rate else { return Arrivals::Closed };
        let mut random = Random::new(seed ^ (index as u64).wrapping_mul(0x9e37_79b9));
        let elapsed = match spacing {
            Spacing::Even => index as f64 / producers as f64,
            Spacing::Poisson => exponential(&mut random),
        };
        Arrivals::Open(Open { start, interval: producers as f64 * 1e9 / rate, spacing, random, elapsed })
    }

    /// The time that the next record is meant to be sent at, if that has come; `now` in a closed loop.
    pub(crate) fn due(&self, now: u64) -> Option<u64> {
        match self {
            Arrivals::Closed => Some(now),
            Arrivals::Open(open) => Some(open.next()).filter(|&next| next <= now),
        }
    }

    /// When the next record is due, in an open loop.
    pub(crate) fn next(&self) -> Option<u64> {
        match self {
            Arrivals::Closed => None,
            Arrivals::Open(open) => Some(open.next()),
        }
    }

    /// The record that was due is being sent.
    pub(crate) fn advance(&mut self) {
        if let Arrivals::Open(open) = self {
            open.elapsed += match open.spacing {
                Spacing::Even => 1.0,
                Spacing::Poisson => exponential(&mut open.random),
            };
        }
    }
}

impl Open {
    fn next(&self) -> u64 {
        self.start + (self.elapsed * self.interval) as u64
    }
}

fn exponential(random: &mut Random) -> f64 {
    -(1.0 - random.unit()).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(arrivals: &mut Arrivals, until: u64) -> Vec<u64> {
        let mut times = Vec::new();
        while let Some(time) = arrivals.due(until) {
            times.push(time);
            arrivals.advance();
        }
        times
    }

    #[test]
    fn evenly_spaced_producers_take_turns() {
        let mut all = Vec::new();
        for index in 0..4 {
            let mut arrivals = Arrivals::new(Some(1000.0), Spacing::Even, (index, 4), 5_000, 1);
            all.extend(times(&mut arrivals, 5_000 + 10_000_000));
        }
        all.sort_unstable();
        let wanted: Vec<u64> = (0..=10).map(|number| 5_000 + number * 1_000_000).collect();
        assert_eq!(all, wanted);
    }

    #[test]
    fn a_late_sender_still_gets_the_times_that_were_meant() {
        let mut arrivals = Arrivals::new(Some(1000.0), Spacing::Even, (0, 1), 0, 1);
        assert_eq!(arrivals.due(0), Some(0));
        arrivals.advance();
        // Held up for ten milliseconds: the records in between are not skipped, and keep their times.
        assert_eq!(times(&mut arrivals, 10_000_000), (1..=10).map(|n| n * 1_000_000).collect::<Vec<_>>());
        assert_eq!(arrivals.due(10_500_000), None);
        assert_eq!(arrivals.next(), Some(11_000_000));
    }

    #[test]
    fn poisson_arrivals_keep_their_rate() {
        let mut arrivals = Arrivals::new(Some(10_000.0), Spacing::Poisson, (0, 1), 0, 3);
        let times = times(&mut arrivals, 10_000_000_000);
        assert!((98_500..101_500).contains(&times.len()), "{}", times.len());
        let short = times.windows(2).filter(|pair| pair[1] - pair[0] < 100_000).count() as f64;
        let share = short / times.len() as f64;
        assert!((share - (1.0 - (-1.0f64).exp())).abs() < 0.02, "{share}");
    }

    #[test]
    fn a_closed_loop_is_always_due() {
        let arrivals = Arrivals::new(None, Spacing::Even, (0, 1), 0, 1);
        assert_eq!(arrivals.due(77), Some(77));
        assert_eq!(arrivals.next(), None);
    }

    proptest! {
        #[test]
        fn any_rate_is_kept(rate in 1.0f64..1e6, producers in 1usize..20) {
            let seconds = 2.0;
            let mut count = 0;
            for index in 0..producers {
                let mut arrivals = Arrivals::new(Some(rate), Spacing::Even, (index, producers), 0, 1);
                // Bounded, so that the fastest rates stay quick to test.
                while arrivals.due((seconds * 1e9) as u64).is_some() && count < 50_000 {
                    arrivals.advance();
                    count += 1;
                }
            }
            let wanted = (rate * seconds).min(50_000.0);
            prop_assert!((f64::from(count) - wanted).abs() <= producers as f64 + 1.0, "{count} of {wanted}");
        }
    }
}
