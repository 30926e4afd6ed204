//! Keys of records: none, evenly among N, or by Zipf's law.

use super::Random;
use crate::bench::units::as_text;
use std::fmt;
use std::str::FromStr;

/// `none`, `uniform:N`, or `zipf:N` and `zipf:N,EXPONENT`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Keys {
    None,
    Uniform(u64),
    Zipf(u64, f64),
}

as_text!(Keys);

impl FromStr for Keys {
    type Err = String;

    fn from_str(text: &str) -> Result<Keys, String> {
        let count = |text: &str| match text.trim().parse::<u64>() {
            Ok(count) if count > 0 => Ok(count),
            _ => Err(format!("{text:?} is no number of keys")),
        };
        if text == "none" {
            return Ok(Keys::None);
        }
        match text.split_once(':') {
            Some(("uniform", keys)) => Ok(Keys::Uniform(count(keys)?)),
            Some(("zipf", rest)) => {
                let (keys, exponent) = rest.split_once(',').unwrap_or((rest, "1"));
                let exponent: f64 =
                    exponent.trim().parse().map_err(|_| format!("{exponent:?} is no exponent"))?;
                if !(exponent > 0.0 && exponent.is_finite()) {
                    return Err("an exponent is above zero".to_owned());
                }
                Ok(Keys::Zipf(count(keys)?, exponent))
            }
            _ => Err("keys are none, uniform:N, zipf:N or zipf:N,EXPONENT".to_owned()),
        }
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Keys::None => formatter.write_str("none"),
            Keys::Uniform(count) => write!(formatter, "uniform:{count}"),
            Keys::Zipf(count, exponent) => write!(formatter, "zipf:{count},{exponent}"),
        }
    }
}

/// Draws keys.
#[derive(Clone, Debug)]
pub(crate) enum KeySource {
    None,
    Uniform(u64),
    Zipf(Zipf),
}

/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 16;

impl KeySource {
    pub(crate) fn new(keys: &Keys) -> KeySource {
        match keys {
            Keys::None => KeySource::None,
            Keys::Uniform(count) => KeySource::Uniform(*count),
            Keys::Zipf(count, exponent) => KeySource::Zipf(Zipf::new(*count, *exponent)),
        }
    }

    pub(crate) fn draw(&self, random: &mut Random) -> Option<[u8; KEY_BYTES]> {
        match self {
            KeySource::None => None,
            KeySource::Uniform(count) => Some(key(random.below(*count))),
            KeySource::Zipf(zipf) => Some(key(zipf.draw(random) - 1)),
        }
    }
}

/// `key-000000000042`: 16 bytes that a person can read in a topic.
fn key(mut number: u64) -> [u8; KEY_BYTES] {
    let mut key = *b"key-000000000000";
    for place in key[4..].iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
    key
}

/// Ranks from 1 to `count` with probability proportional to `rank^-exponent`, in constant time and memory:
/// rejection-inversion (Hörmann and Derflinger, 1996).
#[derive(Clone, Debug)]
pub(crate) struct Zipf {
    count: f64,
    exponent: f64,
    integral_first: f64,
    integral_last: f64,
    shortcut: f64,
}

impl Zipf {
    pub(crate) fn new(count: u64, exponent: f64) -> Zipf {
        let mut zipf =
            Zipf { count: count as f64, exponent, integral_first: 0.0, integral_last: 0.0, shortcut: 0.0 };
        zipf.integral_first = zipf.integral(1.5) - 1.0;
        zipf.integral_last = zipf.integral(zipf.count + 0.5);
        zipf.shortcut = 2.0 - zipf.inverse(zipf.integral(2.5) - zipf.weight(2.0));
        zipf
    }

    pub(crate) fn draw(&self, random: &mut Random) -> u64 {
        loop {
            let area = self.integral_last + random.unit() * (self.integral_first - self.integral_last);
            let position = self.inverse(area);
            let rank = (position + 0.5).floor().clamp(1.0, self.count);
            if rank - position <= self.shortcut || area >= self.integral(rank + 0.5) - self.weight(rank) {
                return rank as u64;
            }
        }
    }

    fn weight(&self, rank: f64) -> f64 {
        (-self.exponent * rank.ln()).exp()
    }

    /// The integral of the weight, shifted so that it is defined at exponent 1 too.
    fn integral(&self, at: f64) -> f64 {
        let log = at.ln();
        exp_less_one_over((1.0 - self.exponent) * log) * log
    }

    fn inverse(&self, area: f64) -> f64 {
        let scaled = (area * (1.0 - self.exponent)).max(-1.0);
        (log_one_more_over(scaled) * area).exp()
    }
}

/// `ln(1 + x) / x`, also near zero.
fn log_one_more_over(x: f64) -> f64 {
    if x.abs() > 1e-8 { x.ln_1p() / x } else { 1.0 - x * (0.5 - x * (1.0 / 3.0 - 0.25 * x)) }
}

/// `(exp(x) - 1) / x`, also near zero.
fn exp_less_one_over(x: f64) -> f64 {
    if x.abs() > 1e-8 { x.exp_m1() / x } else { 1.0 + x * 0.5 * (1.0 + x * (1.0 / 3.0) * (1.0 + 0.25 * x)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_is_read_and_written_back() {
        for text in ["none", "uniform:10", "zipf:1000,1.2"] {
            assert_eq!(text.parse::<Keys>().unwrap().to_string(), text);
        }
        assert_eq!("zipf:10".parse(), Ok(Keys::Zipf(10, 1.0)));
        for text in ["", "uniform", "uniform:0", "zipf:10,0", "zipf:10,x", "other:1"] {
            assert!(text.parse::<Keys>().is_err(), "{text}");
        }
    }

    #[test]
    fn keys_are_readable_and_of_one_length() {
        assert_eq!(&key(42), b"key-000000000042");
    }

    #[test]
    fn zipf_ranks_occur_as_often_as_the_law_says() {
        for exponent in [0.8, 1.0, 1.5] {
            let zipf = Zipf::new(1000, exponent);
            let mut random = Random::new(3);
            let mut seen = [0u32; 1001];
            let draws = 200_000;
            for _ in 0..draws {
                seen[zipf.draw(&mut random) as usize] += 1;
            }
            let total: f64 = (1..=1000).map(|rank| f64::from(rank).powf(-exponent)).sum();
            for rank in [1usize, 2, 3, 10, 100] {
                let wanted = (rank as f64).powf(-exponent) / total * f64::from(draws);
                let error = (f64::from(seen[rank]) - wanted).abs() / wanted.sqrt();
                assert!(error < 5.0, "exponent {exponent}, rank {rank}: {} instead of {wanted}", seen[rank]);
            }
        }
    }

    proptest! {
        #[test]
        fn zipf_stays_within_its_ranks(count in 1u64..1_000_000, exponent in 0.1f64..4.0, seed: u64) {
            let zipf = Zipf::new(count, exponent);
            let mut random = Random::new(seed);
            for _ in 0..100 {
                prop_assert!((1..=count).contains(&zipf.draw(&mut random)));
            }
        }
    }
}
