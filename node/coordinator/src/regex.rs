//! Subscriptions by regular expression (KIP-848), in RE2's syntax.
//!
//! The crate `regex` is of RE2's family: linear time, no back references, nearly the same syntax. What differs is translated or refused
//! here: quoting by `\Q..\E` exists in RE2 alone; set operations in brackets, `(?x)`, `(?u)` and `(?R)` exist in the crate alone; `\w` and its
//! kind are ASCII in RE2 and Unicode in the crate.

use std::fmt::Write as _;

/// Longest accepted expression in bytes.
pub(crate) const REGEX_LENGTH_MAX: usize = 4096;

/// Largest compiled program in bytes: an expression comes from a stranger and is compiled on the coordinator's shard.
const PROGRAM_BYTES_MAX: usize = 256 << 10;

/// Deepest nesting of groups.
const NESTING_MAX: u32 = 100;

/// Why an expression is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RegexError {
    /// It is longer than [`REGEX_LENGTH_MAX`].
    #[error("it has {0} bytes, more than {REGEX_LENGTH_MAX}")]
    TooLong(usize),
    /// It does not parse, or compiles to more than is allowed.
    #[error("{0}")]
    Syntax(String),
}

/// A compiled subscription, which matches whole topic names.
#[derive(Clone, Debug)]
pub(crate) struct TopicPattern(regex::Regex);

impl TopicPattern {
    /// Compiles an expression.
    ///
    /// # Errors
    /// The expression is too long, malformed, or too costly.
    pub(crate) fn new(expression: &str) -> Result<TopicPattern, RegexError> {
        if expression.len() > REGEX_LENGTH_MAX {
            return Err(RegexError::TooLong(expression.len()));
        }
        let translated = translate(expression)?;
        // Alone first: `a)(b` must not become valid by the brackets around it.
        compile(&translated)?;
        compile(&format!(r"\A(?:{translated})\z")).map(TopicPattern)
    }

    /// Whether it matches all of `topic`.
    #[must_use]
    pub(crate) fn matches(&self, topic: &str) -> bool {
        self.0.is_match(topic)
    }
}

fn compile(expression: &str) -> Result<regex::Regex, RegexError> {
    regex::RegexBuilder::new(expression)
        .size_limit(PROGRAM_BYTES_MAX)
        .dfa_size_limit(PROGRAM_BYTES_MAX)
        .nest_limit(NESTING_MAX)
        .build()
        .map_err(|error| RegexError::Syntax(error.to_string()))
}

/// From RE2's syntax to the crate's.
fn translate(expression: &str) -> Result<String, RegexError> {
    let mut out = String::with_capacity(expression.len() + 8);
    let mut rest = expression;
    while let Some(next) = rest.chars().next() {
        rest = if let Some(quoted) = rest.strip_prefix(r"\Q") {
            let (literal, after) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
            out.push_str(&regex::escape(literal));
            after
        } else if next == '\\' {
            escape(rest, &mut out)?
        } else if next == '[' {
            class(rest, &mut out)?
        } else if let Some(flags) = rest.strip_prefix("(?") {
            check_flags(flags)?;
            out.push_str("(?");
            flags
        } else {
            out.push(next);
            &rest[next.len_utf8()..]
        };
    }
    Ok(out)
}

/// Copies a backslash and the character behind it; what only the crate knows is refused. Classes are ASCII's, as in RE2 (and small, as
/// Unicode's are not); in brackets the crate takes them as nested sets.
fn escape<'a>(rest: &'a str, out: &mut String) -> Result<&'a str, RegexError> {
    let Some(escaped) = rest[1..].chars().next() else {
        return Err(RegexError::Syntax("trailing backslash".to_owned()));
    };
    if matches!(escaped, '<' | '>' | 'u' | 'U') || rest[1..].starts_with("b{") || rest[1..].starts_with("B{")
    {
        return Err(RegexError::Syntax(format!("invalid escape sequence: \\{escaped}")));
    }
    match escaped {
        'd' => out.push_str("[0-9]"),
        'D' => out.push_str("[^0-9]"),
        'w' => out.push_str("[0-9A-Za-z_]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        's' => out.push_str(r"[\t\n\f\r ]"),
        'S' => out.push_str(r"[^\t\n\f\r ]"),
        _ => out.extend(['\\', escaped]),
    }
    Ok(&rest[1 + escaped.len_utf8()..])
}

/// Copies a bracket expression, in which RE2 has ranges and named classes but no nesting and no set operations.
fn class<'a>(rest: &'a str, out: &mut String) -> Result<&'a str, RegexError> {
    out.push('[');
    let mut rest = &rest[1..];
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    // A bracket in the first place stands for itself.
    if let Some(after) = rest.strip_prefix(']') {
        out.push_str(r"\]");
        rest = after;
    }
    let mut after_hyphen = false;
    loop {
        let Some(next) = rest.chars().next() else {
            return Err(RegexError::Syntax("missing closing ]".to_owned()));
        };
        let hyphen_before = std::mem::replace(&mut after_hyphen, next == '-');
        match next {
            ']' => {
                out.push(']');
                return Ok(&rest[1..]);
            }
            '\\' => rest = escape(rest, out)?,
            '[' if rest.starts_with("[:") && rest.contains(":]") => {
                let end = rest.find(":]").map_or(rest.len(), |at| at + 2);
                out.push_str(&rest[..end]);
                rest = &rest[end..];
            }
            '[' | '&' | '~' | '-' if next != '-' || hyphen_before => {
                let _ = write!(out, "\\{next}");
                rest = &rest[1..];
            }
            _ => {
                out.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
}

/// Flags that RE2 does not have are refused; groups and names go through.
fn check_flags(flags: &str) -> Result<(), RegexError> {
    let named = flags.starts_with("P<") || flags.starts_with('<');
    let end = flags.find([':', ')']).unwrap_or(flags.len());
    match flags[..end].chars().find(|flag| !matches!(flag, 'i' | 'm' | 's' | 'U' | '-')) {
        Some(flag) if !named => Err(RegexError::Syntax(format!("invalid or unsupported flag: {flag}"))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(expression: &str, topic: &str) -> bool {
        TopicPattern::new(expression).unwrap().matches(topic)
    }

    #[test]
    fn whole_names_match() {
        assert!(matches("orders.*", "orders-1"));
        assert!(!matches("orders", "orders-1"));
        assert!(!matches("rders.*", "orders-1"));
        assert!(matches("a|bc", "bc"));
        assert!(!matches("a|bc", "abc"));
    }

    #[test]
    fn quoted_parts_are_literal() {
        assert!(matches(r"\Qa.b\E.*", "a.b.c"));
        assert!(!matches(r"\Qa.b\E.*", "aXb.c"));
        assert!(matches(r"x\Q[(", "x[("));
    }

    #[test]
    fn brackets_mean_what_they_mean_in_re2() {
        assert!(matches("[[a]+", "a[a"));
        assert!(matches("[a&&b]+", "a&b"));
        assert!(matches("[]x]+", "]x"));
        assert!(matches("[[:alpha:]-]+", "a-b"));
        assert!(matches("[^0-9]+", "abc"));
        assert!(matches("[+--]+", "+,-"));
    }

    #[test]
    fn what_re2_refuses_is_refused() {
        for expression in
            ["a)(b", "(a", "[a", "*", r"\", "(?=a)", "(?!a)", r"(a)\1", "(?x)a", "(?R)a", r"\<a", r"\u{61}"]
        {
            assert!(TopicPattern::new(expression).is_err(), "{expression}");
        }
    }

    #[test]
    fn costly_expressions_are_refused_and_small_ones_of_re2_accepted() {
        assert!(TopicPattern::new("(((a{100}){100}){100}){100}").is_err());
        assert!(TopicPattern::new(&"(".repeat(1000)).is_err());
        assert!(matches!(TopicPattern::new(&"a".repeat(5000)), Err(RegexError::TooLong(5000))));
        assert!(matches("(?i)ORDERS", "orders"));
        assert!(matches("(?P<name>a)(?:b)", "ab"));
        assert!(matches(r"\pL+", "abc"));
        assert!(matches(r"[\w.-]{1,249}", &"a".repeat(249)));
    }
}
