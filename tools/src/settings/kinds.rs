//! What values settings take.

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
    /// `true` or `false`.
    Boolean,
    /// One of these.
    Word(&'static [&'static str]),
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
        matches!(self, Kind::Texts | Kind::Addresses)
    }

    /// Whether the file writes it in quotes.
    pub(crate) fn is_quoted(self) -> bool {
        !matches!(self, Kind::Number(..) | Kind::Boolean)
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
            Kind::Boolean if matches!(value, "true" | "false") => Ok(value.to_owned()),
            Kind::Word(words) if words.contains(&value) => Ok(value.to_owned()),
            Kind::Boolean | Kind::Word(_) => Err(self.wrong(value)),
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
            Kind::Boolean => "true or false".to_owned(),
            Kind::Word(words) => format!("one of {}", words.join(", ")),
        }
    }
}
