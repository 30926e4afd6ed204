//! What values settings take.

use ringlog_image::config::{ConfigKind, InvalidConfig, validate_start};

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any text; empty means none.
    Text,
    /// Texts; in the environment and in flags separated by commas.
    Texts,
    /// A host and a port; empty means none where that is allowed.
    Address,
    /// Addresses.
    Addresses,
    /// Within these bounds, both included, in this unit.
    Number(u64, u64, &'static str),
    /// One of these.
    Word(&'static [&'static str]),
    /// A config of Kafka's.
    Kafka(&'static str, ConfigKind),
}

impl Kind {
    /// The parts of a text that may be a list.
    pub(crate) fn split(self, text: &str) -> Vec<&str> {
        if self.is_list() {
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
        } else {
            vec![text]
        }
    }

    pub(crate) fn is_list(self) -> bool {
        match self {
            Kind::Texts | Kind::Addresses => true,
            Kind::Kafka(_, kind) => kind.is_list(),
            _ => false,
        }
    }

    /// Whether the file writes it in quotes.
    pub(crate) fn is_quoted(self) -> bool {
        match self {
            Kind::Number(..) => false,
            Kind::Kafka(_, kind) => kind.is_list() || matches!(kind, ConfigKind::Word(_) | ConfigKind::Text),
            _ => true,
        }
    }

    /// Whether the file writes it as a whole number.
    pub(crate) fn is_whole(self) -> bool {
        match self {
            Kind::Number(..) => true,
            Kind::Kafka(_, kind) => {
                matches!(kind, ConfigKind::Int(..) | ConfigKind::IntOr(..) | ConfigKind::Long(..))
            }
            _ => false,
        }
    }

    /// Whether the file writes it as `true` or `false`.
    pub(crate) fn is_truth(self) -> bool {
        matches!(self, Kind::Kafka(_, ConfigKind::Boolean))
    }

    /// Whether the file writes it as a number that may have a fraction.
    pub(crate) fn is_fraction(self) -> bool {
        matches!(self, Kind::Kafka(_, ConfigKind::Ratio))
    }

    /// The canonical form of one value, or what is wrong with it.
    pub(crate) fn check(self, value: &str) -> Result<String, String> {
        let value = value.trim();
        match self {
            Kind::Text | Kind::Texts => Ok(value.to_owned()),
            Kind::Address | Kind::Addresses => {
                let port = value.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
                match port {
                    Some(Ok(_)) => Ok(value.to_owned()),
                    None if value.is_empty() => Ok(String::new()),
                    _ => Err(self.wrong(value)),
                }
            }
            Kind::Number(least, most, _) => match value.replace('_', "").parse::<u64>() {
                Ok(number) if (least..=most).contains(&number) => Ok(number.to_string()),
                _ => Err(self.wrong(value)),
            },
            Kind::Kafka(name, kind) => {
                let value =
                    if kind == ConfigKind::Boolean { value.to_ascii_lowercase() } else { value.to_owned() };
                validate_start(name, &value).map_err(|wrong| match wrong {
                    InvalidConfig::BadValue { reason, .. } => {
                        format!("{value:?} is not allowed: {reason} ({kind})")
                    }
                    other => other.to_string(),
                })?;
                Ok(value)
            }
            Kind::Word(words) if words.contains(&value) => Ok(value.to_owned()),
            Kind::Word(_) => Err(self.wrong(value)),
        }
    }

    fn wrong(self, value: &str) -> String {
        format!("{value:?} is not allowed: {}", self.allowed())
    }

    /// What is allowed, in words.
    pub(crate) fn allowed(self) -> String {
        match self {
            Kind::Text => "a text".to_owned(),
            Kind::Texts => "a list of texts".to_owned(),
            Kind::Address => "HOST:PORT".to_owned(),
            Kind::Addresses => "a list of HOST:PORT".to_owned(),
            Kind::Number(least, most, unit) => {
                let of = if unit.is_empty() { "" } else { " of " };
                let to = if most == u64::MAX { String::new() } else { format!(" to {most}") };
                format!("a number{of}{unit} from {least}{to}")
            }
            Kind::Word(words) => format!("one of {}", words.join(", ")),
            Kind::Kafka(_, kind) => kind.to_string(),
        }
    }
}
