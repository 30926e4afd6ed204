//! The name that somebody probably meant.

/// The known name that is nearest, if any is near enough to be meant: a third of the letters may be wrong.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let measured = known.map(|candidate| (distance(name, candidate), candidate));
    let (distance, nearest) = measured.min_by_key(|(distance, _)| *distance)?;
    (distance <= name.len().max(nearest.len()) / 3).then_some(nearest)
}

/// How many letters must be added, removed or replaced (Levenshtein's distance); names are compared without regard to
/// case and to which of `-`, `_` and `.` divides their words.
fn distance(left: &str, right: &str) -> usize {
    let letters = |text: &str| -> Vec<char> {
        let same = |letter: char| if matches!(letter, '_' | '.') { '-' } else { letter.to_ascii_lowercase() };
        text.chars().map(same).collect()
    };
    let (left, right) = (letters(left), letters(right));
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (done, letter) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = done + 1;
        for (index, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[index + 1];
            row[index + 1] = replaced.min(row[index] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_strange_ones_are_not() {
        let known = ["kafka", "kafka-advertised", "limits.connections-max", "shards"];
        let nearest = |name| nearest(name, known.into_iter());
        assert_eq!(nearest("kafka_advertized"), Some("kafka-advertised"));
        assert_eq!(nearest("limits.max-connections"), None);
        assert_eq!(nearest("limits.connection-max"), Some("limits.connections-max"));
        assert_eq!(nearest("Shard"), Some("shards"));
        assert_eq!(nearest("durability"), None);
    }
}
