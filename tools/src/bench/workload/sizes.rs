//! Sizes of record values: one size, a range, or a weighted list.

use super::Random;
use crate::bench::stamp::STAMP_BYTES;
use crate::bench::units::{Size, as_text};
use std::fmt;
use std::str::FromStr;

/// `1024`, `100-2000` (evenly), or `100*90,1KiB*9,64KiB*1` (size times weight).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sizes {
    Fixed(usize),
    Uniform(usize, usize),
    Weighted(Vec<(usize, f64)>),
}

as_text!(Sizes);

impl Sizes {
    pub(crate) fn draw(&self, random: &mut Random) -> usize {
        match self {
            Sizes::Fixed(size) => *size,
            Sizes::Uniform(least, most) => least + random.below((most - least) as u64 + 1) as usize,
            Sizes::Weighted(list) => {
                let total: f64 = list.iter().map(|(_, weight)| weight).sum();
                let mut at = random.unit() * total;
                for (size, weight) in list {
                    if at < *weight {
                        return *size;
                    }
                    at -= weight;
                }
                list.last().map_or(STAMP_BYTES, |(size, _)| *size)
            }
        }
    }

    pub(crate) fn is_fixed(&self) -> bool {
        matches!(self, Sizes::Fixed(_))
    }

    pub(crate) fn largest(&self) -> usize {
        match self {
            Sizes::Fixed(size) | Sizes::Uniform(_, size) => *size,
            Sizes::Weighted(list) => list.iter().map(|(size, _)| *size).max().unwrap_or(0),
        }
    }
}

impl FromStr for Sizes {
    type Err = String;

    fn from_str(text: &str) -> Result<Sizes, String> {
        if text.contains('*') {
            return text.split(',').map(weighted).collect::<Result<_, _>>().map(Sizes::Weighted);
        }
        if let Some((least, most)) = text.split_once('-') {
            let (least, most) = (size(least)?, size(most)?);
            if least > most {
                return Err(format!("{least} is above {most}"));
            }
            return Ok(Sizes::Uniform(least, most));
        }
        size(text).map(Sizes::Fixed)
    }
}

fn weighted(text: &str) -> Result<(usize, f64), String> {
    let (bytes, weight) = text.split_once('*').ok_or("each entry of a list is SIZE*WEIGHT")?;
    let weight: f64 = weight.trim().parse().map_err(|_| format!("{weight:?} is no weight"))?;
    if !(weight.is_finite() && weight > 0.0) {
        return Err("a weight is above zero".to_owned());
    }
    Ok((size(bytes)?, weight))
}

fn size(text: &str) -> Result<usize, String> {
    let size = text.parse::<Size>()?.bytes();
    if size < STAMP_BYTES {
        return Err(format!(
            "a record has at least {STAMP_BYTES} bytes: the stamp by which loss and damage are found"
        ));
    }
    Ok(size)
}

impl fmt::Display for Sizes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sizes::Fixed(size) => write!(formatter, "{size}"),
            Sizes::Uniform(least, most) => write!(formatter, "{least}-{most}"),
            Sizes::Weighted(list) => {
                let entries: Vec<_> = list.iter().map(|(size, weight)| format!("{size}*{weight}")).collect();
                formatter.write_str(&entries.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written_back() {
        for text in ["1024", "100-2000", "100*90,1024*9,65536*1"] {
            assert_eq!(text.parse::<Sizes>().unwrap().to_string(), text);
        }
        for text in ["", "10", "200-100", "100*0", "100*90,x", "1000*-1"] {
            assert!(text.parse::<Sizes>().is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_follow_their_distribution() {
        let mut random = Random::new(7);
        let uniform = Sizes::Uniform(100, 200);
        let drawn: Vec<_> = (0..10_000).map(|_| uniform.draw(&mut random)).collect();
        assert!(drawn.contains(&100) && drawn.contains(&200));
        let mean = drawn.iter().sum::<usize>() as f64 / 10_000.0;
        assert!((mean - 150.0).abs() < 2.0, "{mean}");
        let weighted: Sizes = "100*90,1000*10".parse().unwrap();
        let large = (0..10_000).filter(|_| weighted.draw(&mut random) == 1000).count();
        assert!((900..1100).contains(&large), "{large}");
    }
}
