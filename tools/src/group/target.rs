//! Where a reset moves offsets to.

use anyhow::{Context, Result, anyhow, bail};
use std::collections::BTreeMap;

/// Where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Earliest,
    Latest,
    /// What is committed now: with --export a backup.
    Current,
    Offset(i64),
    ShiftBy(i64),
    /// The first record at or after this time, in milliseconds since 1970.
    Time(i64),
    /// Topic, partition, offset.
    Listed(BTreeMap<(String, i32), i64>),
}

/// Kafka's file: `topic,partition,offset` a line.
pub(super) fn read_list(text: &str) -> Result<BTreeMap<(String, i32), i64>> {
    let mut listed = BTreeMap::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let mut parts = line.rsplitn(3, ',').map(str::trim);
        let offset = parts.next().and_then(|part| part.parse::<i64>().ok());
        let partition = parts.next().and_then(|part| part.parse::<i32>().ok());
        match (parts.next(), partition, offset) {
            (Some(topic), Some(partition), Some(offset)) if !topic.is_empty() => {
                listed.insert((topic.to_owned(), partition), offset);
            }
            _ => bail!("line {}: {line:?} is not topic,partition,offset", index + 1),
        }
    }
    Ok(listed)
}

/// A topic, or some of its partitions: `orders`, `orders:0,3`.
pub(super) fn read_topic(text: &str) -> Result<(String, Option<Vec<i32>>)> {
    let Some((topic, partitions)) = text.split_once(':') else { return Ok((text.to_owned(), None)) };
    let partitions = partitions.split(',').map(|part| part.trim().parse::<i32>());
    let partitions = partitions.collect::<Result<_, _>>();
    Ok((topic.to_owned(), Some(partitions.with_context(|| format!("{text:?} is not TOPIC or TOPIC:0,1"))?)))
}

/// The milliseconds of a duration in ISO 8601, as Kafka's tool takes it: `P7D`, `PT1H30M`, `P1DT12H`.
pub(super) fn read_duration(text: &str) -> Result<i64> {
    let wrong = || anyhow!("{text:?} is no duration: P7D, PT1H30M, P1DT12H");
    let rest = text.strip_prefix(['P', 'p']).ok_or_else(wrong)?;
    let (days, clock) = rest.split_once(['T', 't']).map_or((rest, ""), |(days, clock)| (days, clock));
    let mut total = 0_i64;
    let mut any = false;
    for (part, units) in
        [(days, [('W', 604_800), ('D', 86_400), ('-', 0)]), (clock, [('H', 3_600), ('M', 60), ('S', 1)])]
    {
        let mut digits = String::new();
        for letter in part.chars() {
            if letter.is_ascii_digit() {
                digits.push(letter);
                continue;
            }
            let unit = units.iter().find(|(unit, _)| *unit == letter.to_ascii_uppercase() && letter != '-');
            let (Some((_, seconds)), Ok(count)) = (unit, digits.parse::<i64>()) else { return Err(wrong()) };
            total = count
                .checked_mul(seconds * 1_000)
                .and_then(|more| total.checked_add(more))
                .ok_or_else(wrong)?;
            digits.clear();
            any = true;
        }
        if !digits.is_empty() {
            return Err(wrong());
        }
    }
    if any { Ok(total) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_iso_8601() {
        for (text, seconds) in
            [("P7D", 604_800), ("PT1H30M", 5_400), ("P1DT12H", 129_600), ("pt5s", 5), ("P1W", 604_800)]
        {
            assert_eq!(read_duration(text).unwrap(), seconds * 1_000, "{text}");
        }
        for text in ["", "P", "PT", "7D", "P7", "P7H", "PT1D", "P1-", "PTxS"] {
            assert!(read_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_file_lists_topic_partition_and_offset() {
        let listed = read_list("orders,0,5\n\nclicks, 3, 7\n").unwrap();
        assert_eq!(listed.len(), 2);
        assert_eq!(listed[&("clicks".to_owned(), 3)], 7);
        assert!(read_list("orders,0").unwrap_err().to_string().starts_with("line 1"));
    }

    #[test]
    fn partitions_may_be_named_behind_the_topic() {
        assert_eq!(read_topic("orders").unwrap(), ("orders".to_owned(), None));
        assert_eq!(read_topic("orders:0,3").unwrap(), ("orders".to_owned(), Some(vec![0, 3])));
        assert!(read_topic("orders:x").is_err());
    }
}
