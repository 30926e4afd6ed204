//! The configuration file.

use super::{Kind, Setting, Settings, Table, advice};
use anyhow::{Result, anyhow, bail};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A file that is being read, for messages.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn wrong(&self, span: &Range<usize>, what: &str) -> anyhow::Error {
        let line = self.text[..span.start.min(self.text.len())].matches('\n').count() + 1;
        anyhow!("{}:{line}: {what}", self.name)
    }
}

impl Table {
    pub(super) fn read_file(&self, settings: &mut Settings, name: &str, text: &str) -> Result<()> {
        let source = Source { name, text };
        let table = DeTable::parse(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            source.wrong(&span, error.message())
        })?;
        self.read_table(settings, &source, "", table.get_ref())
    }

    /// Tables in tables are names with dots: `[kafka] num.partitions = 3` is `kafka.num.partitions`.
    fn read_table(
        &self,
        settings: &mut Settings,
        source: &Source<'_>,
        above: &str,
        table: &DeTable<'_>,
    ) -> Result<()> {
        for (name, value) in table {
            let key = if above.is_empty() {
                name.get_ref().to_string()
            } else {
                format!("{above}.{}", name.get_ref())
            };
            let Some(setting) = self.setting(&key) else {
                match value.get_ref() {
                    DeValue::Table(inner) if self.has_below(&key) => {
                        self.read_table(settings, source, &key, inner)?;
                        continue;
                    }
                    _ => return Err(source.wrong(&name.span(), &self.unknown(&key))),
                }
            };
            let values = values(setting, value.get_ref());
            let values = values.map_err(|wrong| source.wrong(&value.span(), &format!("{key}: {wrong}")))?;
            settings.say(setting.key, values);
        }
        Ok(())
    }

    fn has_below(&self, key: &str) -> bool {
        self.settings
            .iter()
            .any(|setting| setting.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
    }

    fn unknown(&self, key: &str) -> String {
        let names: Vec<_> = self.settings.iter().map(|setting| setting.key.to_owned()).collect();
        let mut advice = advice(key, &names);
        if advice.is_empty() {
            advice = format!("; `ringlog {} --print-config` lists all", self.command);
        }
        format!("{key} is no setting{advice}")
    }
}

fn values(setting: &Setting, value: &DeValue<'_>) -> Result<Vec<String>> {
    let kind = setting.kind;
    let elements: Vec<&DeValue<'_>> = match value {
        DeValue::Array(elements) if kind.is_list() => {
            elements.iter().map(|element| element.get_ref()).collect()
        }
        other => vec![other],
    };
    elements.into_iter().map(|element| one(kind, element)).collect()
}

fn one(kind: Kind, value: &DeValue<'_>) -> Result<String> {
    let text = match value {
        DeValue::String(text) if kind.is_quoted() => text.to_string(),
        DeValue::Integer(number) if kind.is_whole() || kind.is_fraction() => {
            let parsed = u64::from_str_radix(&number.as_str().replace('_', ""), number.radix());
            parsed.map_or_else(|_| number.as_str().to_owned(), |number| number.to_string())
        }
        DeValue::Float(number) if kind.is_fraction() => number.as_str().replace('_', ""),
        DeValue::Boolean(truth) if kind.is_truth() => truth.to_string(),
        other => bail!("expected {}, found {}", kind.allowed(), with_article(other.type_str())),
    };
    kind.check(&text).map_err(|wrong| anyhow!(wrong))
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}
