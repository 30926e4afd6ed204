//! Points in time as people write them.

/// Milliseconds since 1970 of a date (`2026-01-31`) or a time (`2026-01-31T12:00:00.5Z`, `...+01:00`); without a zone
/// it is UTC.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let days = days(date)?;
    let milliseconds = time.map_or(Some(0), milliseconds_of_day)?;
    Some(days * 86_400_000 + milliseconds)
}

/// A time as people read it, in UTC: `2026-01-31T12:00:00.500Z`; `-` where there is none.
pub(crate) fn show(milliseconds: i64) -> String {
    if milliseconds < 0 {
        return "-".to_owned();
    }
    let (days, rest) = (milliseconds / 86_400_000, milliseconds % 86_400_000);
    // Howard Hinnant's civil_from_days: years begin in March, so that leap days come last.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hours, minutes) = (rest / 3_600_000, rest / 60_000 % 60);
    let (seconds, millis) = (rest / 1_000 % 60, rest % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z")
}

fn days(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    let leap = i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let lengths = [31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(usize::try_from(month - 1).ok()?)?;
    if day < 1 || day > length || year < 1 {
        return None;
    }
    let before: i64 = lengths[..month as usize - 1].iter().sum();
    // Days before this year, counted from year 1, whose first day is 719,162 days before 1970.
    let years = year - 1;
    Some(years * 365 + years / 4 - years / 100 + years / 400 + before + day - 1 - 719_162)
}

fn milliseconds_of_day(time: &str) -> Option<i64> {
    let (clock, zone_minutes) = split_zone(time)?;
    let mut parts = clock.splitn(3, ':');
    let (hours, minutes) = (number(parts.next()?)?, number(parts.next()?)?);
    let seconds = parts.next().unwrap_or("0");
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let seconds = number(seconds)?;
    number(fraction)?;
    let milliseconds = number(&format!("{fraction:0<3}")[..3])?;
    let in_range = hours < 24 && minutes < 60 && seconds < 60;
    in_range.then_some(((hours * 60 + minutes - zone_minutes) * 60 + seconds) * 1000 + milliseconds)
}

fn split_zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, 0)) };
    let (clock, zone) = time.split_at(at);
    let (hours, minutes) = zone[1..].split_once(':')?;
    let offset = number(hours)? * 60 + number(minutes)?;
    Some((clock, if zone.starts_with('-') { -offset } else { offset }))
}

fn number(digits: &str) -> Option<i64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::{parse, show};

    #[test]
    fn what_is_shown_is_read_as_the_same_time() {
        assert_eq!(show(1_709_210_096_789), "2024-02-29T12:34:56.789Z");
        assert_eq!((show(0).as_str(), show(-1).as_str()), ("1970-01-01T00:00:00.000Z", "-"));
        for milliseconds in (0..4_000_000_000_000).step_by(86_400_000 * 97 + 12_345) {
            assert_eq!(parse(&show(milliseconds)), Some(milliseconds));
        }
    }

    #[test]
    fn dates_and_times_are_milliseconds_since_1970() {
        for (text, milliseconds) in [
            ("1970-01-01", 0),
            ("1970-01-01T00:00:01Z", 1_000),
            ("1970-01-02 00:00", 86_400_000),
            ("1969-12-31T23:59:59.999Z", -1),
            ("2000-02-29", 951_782_400_000),
            ("2001-09-09T01:46:40Z", 1_000_000_000_000),
            ("2001-09-09T03:46:40.25+02:00", 1_000_000_000_250),
            ("2001-09-08T20:46:40-05:00", 1_000_000_000_000),
        ] {
            assert_eq!(parse(text), Some(milliseconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "yesterday",
            "2001-02-29",
            "2001-13-01",
            "2001-1-1",
            "2001-01-01T25:00",
            "2001-01-01T1",
            "1-1-1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
