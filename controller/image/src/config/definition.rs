//! What a config is.

use core::fmt;

/// What values a config takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigKind {
    /// `true` or `false`.
    Boolean,
    /// A 32-bit integer within these bounds, both included.
    Int(i32, i32),
    /// A 32-bit integer: the first of these numbers, or one within the two bounds that follow, both included.
    IntOr(i32, i32, i32),
    /// A 64-bit integer within these bounds, both included.
    Long(i64, i64),
    /// A number between 0 and 1, both included.
    Ratio,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any of these words, separated by commas; none at all is a value too.
    Words(&'static [&'static str]),
    /// Replicas, each as `partition:node`, separated by commas; or `*` for all.
    Replicas,
    /// Any text.
    Text,
    /// Any texts, separated by commas.
    Texts,
}

impl ConfigKind {
    /// Whether values are lists, to which something can be added and from which something can be taken away.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, ConfigKind::Words(_) | ConfigKind::Replicas | ConfigKind::Texts)
    }
}

impl fmt::Display for ConfigKind {
    /// The values that it takes, in words.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bounds = |formatter: &mut fmt::Formatter<'_>, least: i64, most: i64, type_most: i64| {
            if most == type_most {
                write!(formatter, " from {least}")
            } else {
                write!(formatter, " {least} to {most}")
            }
        };
        match *self {
            ConfigKind::Boolean => formatter.write_str("true, false"),
            ConfigKind::Int(i32::MIN, _) => formatter.write_str("int"),
            ConfigKind::Int(least, most) => {
                formatter.write_str("int")?;
                bounds(formatter, least.into(), most.into(), i32::MAX.into())
            }
            ConfigKind::IntOr(other, least, most) => write!(formatter, "int {least} to {most}, or {other}"),
            ConfigKind::Long(i64::MIN, _) => formatter.write_str("long"),
            ConfigKind::Long(least, most) => {
                formatter.write_str("long")?;
                bounds(formatter, least, most, i64::MAX)
            }
            ConfigKind::Ratio => formatter.write_str("0 to 1"),
            ConfigKind::Word(words) => formatter.write_str(&words.join(", ")),
            ConfigKind::Words(words) => write!(formatter, "list of {}", words.join(", ")),
            ConfigKind::Replicas => formatter.write_str("list of partition:node, or *"),
            ConfigKind::Text => formatter.write_str("text"),
            ConfigKind::Texts => formatter.write_str("list"),
        }
    }
}

/// How much attention a config deserves, as Kafka grades them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importance {
    /// Look at it before going into production.
    High,
    /// Look at it when there is a reason.
    Medium,
    /// Rarely touched.
    Low,
}

/// When a config may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// At any time; it takes effect at once.
    Running,
    /// Only by starting the node anew with other options.
    Restart,
}

/// One config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigDefinition {
    /// Its name, as Kafka spells it where Kafka has it.
    pub name: &'static str,
    /// Its values.
    pub kind: ConfigKind,
    /// What holds when nobody set it. `None` where another config speaks for it, or where the node has to say.
    pub default: Option<&'static str>,
    /// The nodes' configs that give the default for a topic's or a group's config, the strongest first.
    pub synonyms: &'static [&'static str],
    /// How much attention it deserves.
    pub importance: Importance,
    /// When it may be changed.
    pub change: Change,
    /// What it does, in a sentence, for those who ask.
    pub documentation: &'static str,
}

impl ConfigDefinition {
    /// A config that may be changed at any time.
    pub(super) const fn new(
        name: &'static str,
        kind: ConfigKind,
        default: &'static str,
        documentation: &'static str,
    ) -> ConfigDefinition {
        ConfigDefinition {
            name,
            kind,
            default: Some(default),
            synonyms: &[],
            importance: Importance::Medium,
            change: Change::Running,
            documentation,
        }
    }

    /// With the nodes' configs that give the default.
    pub(super) const fn or(self, synonyms: &'static [&'static str]) -> ConfigDefinition {
        ConfigDefinition { synonyms, ..self }
    }

    /// One that only a restart changes.
    pub(super) const fn at_start(self) -> ConfigDefinition {
        ConfigDefinition { change: Change::Restart, ..self }
    }

    /// One whose default another config, or the node, says.
    pub(super) const fn without_default(self) -> ConfigDefinition {
        ConfigDefinition { default: None, ..self }
    }

    /// One of this importance.
    pub(super) const fn of(self, importance: Importance) -> ConfigDefinition {
        ConfigDefinition { importance, ..self }
    }
}
