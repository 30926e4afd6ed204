//! Settings of a process: defaults, a TOML file over them, the environment over that, flags over all.
//!
//! What there is to set is a table ([`Setting`]), from which come the checks, the environment's names, the default file
//! of `--print-config` and the advice about misspelt names.

mod file;
mod kinds;
mod print;
mod suggest;
#[cfg(test)]
mod tests;

pub(crate) use kinds::Kind;
pub(crate) use print::print;
pub(crate) use suggest::nearest;

use anyhow::{Result, anyhow, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Something that can be set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Its name in the file, tables before a dot: `limits.connections-max`.
    pub(crate) key: &'static str,
    /// What values it takes.
    pub(crate) kind: Kind,
    /// What holds if nobody says otherwise, as one would write it in the environment. `None`: it must be said.
    pub(crate) default: Option<&'static str>,
    /// A sentence, without the unit, which the kind knows.
    pub(crate) help: &'static str,
}

/// What there is to set for one kind of process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    /// The subcommand.
    pub(crate) command: &'static str,
    /// What the names in the environment begin with.
    pub(crate) prefix: &'static str,
    pub(crate) settings: &'static [Setting],
}

/// A flag as it was written, the key that it sets, and the values.
pub(crate) type Flag = (&'static str, &'static str, Vec<String>);

/// Values in their canonical text, checked, by key.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    values: BTreeMap<&'static str, Vec<String>>,
    /// Those that somebody has said, other than the defaults.
    said: BTreeSet<&'static str>,
}

impl Table {
    /// All layers together: `file`, then `environment` (names and values), then `flags` (keys and values).
    pub(crate) fn resolve(
        &self,
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &[Flag],
    ) -> Result<Settings> {
        self.resolve_over(&[], file, environment, flags)
    }

    /// The same, over other defaults.
    pub(crate) fn resolve_over(
        &self,
        defaults: &[Flag],
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &[Flag],
    ) -> Result<Settings> {
        let mut settings = self.defaults();
        self.read_flags(&mut settings, defaults)?;
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| anyhow!("cannot read the configuration {}: {error}", path.display()))?;
            self.read_file(&mut settings, &path.display().to_string(), &text)?;
        }
        for (name, value) in environment {
            self.read_variable(&mut settings, &name, &value)?;
        }
        self.read_flags(&mut settings, flags)?;
        Ok(settings)
    }

    fn read_flags(&self, settings: &mut Settings, flags: &[Flag]) -> Result<()> {
        for (flag, key, values) in flags {
            let setting = self.setting(key).expect("flags name settings of the table");
            let values = values.iter().map(|value| setting.kind.check(value));
            let values = values.collect::<Result<_, _>>().map_err(|wrong| match *flag {
                "--set" => anyhow!("--set {key}: {wrong}"),
                flag => anyhow!("{flag}: {wrong}"),
            })?;
            settings.say(setting.key, values);
        }
        Ok(())
    }

    pub(crate) fn setting(&self, key: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }

    /// The name of a setting in the environment.
    pub(crate) fn variable(&self, key: &str) -> String {
        format!("{}{}", self.prefix, key.replace(['.', '-'], "_").to_ascii_uppercase())
    }

    /// What `--set KEY=VALUE` says.
    pub(crate) fn given(&self, set: &[String]) -> Result<Vec<Flag>> {
        let keys = || self.settings.iter().map(|setting| setting.key.to_owned()).collect::<Vec<_>>();
        let one = |text: &String| {
            let Some((key, value)) = text.split_once('=') else { bail!("--set: {text:?} is not KEY=VALUE") };
            let Some(setting) = self.setting(key.trim()) else {
                bail!("--set: {key} is no setting{}", advice(key, &keys()));
            };
            let values = setting.kind.split(value).into_iter().map(str::to_owned).collect();
            Ok(("--set", setting.key, values))
        };
        set.iter().map(one).collect()
    }

    fn defaults(&self) -> Settings {
        let values = self.settings.iter().filter_map(|setting| {
            let values = setting.kind.split(setting.default?);
            Some((setting.key, values.into_iter().map(str::to_owned).collect()))
        });
        Settings { values: values.collect(), said: BTreeSet::new() }
    }

    fn read_variable(&self, settings: &mut Settings, name: &str, value: &str) -> Result<()> {
        // The file itself is named by a variable of the same family.
        if !name.starts_with(self.prefix) || name == self.variable("config") {
            return Ok(());
        }
        let Some(setting) = self.settings.iter().find(|setting| self.variable(setting.key) == name) else {
            let names = self.settings.iter().map(|setting| self.variable(setting.key)).collect::<Vec<_>>();
            bail!("the environment variable {name} is no setting{}", advice(name, &names));
        };
        let values = setting.kind.split(value).into_iter().map(|value| setting.kind.check(value));
        let values = values.collect::<Result<_, _>>().map_err(|wrong| anyhow!("{name}: {wrong}"))?;
        settings.say(setting.key, values);
        Ok(())
    }
}

/// What to say behind a name that is not known.
fn advice(name: &str, known: &[String]) -> String {
    nearest(name, known.iter().map(String::as_str))
        .map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"))
}

impl Settings {
    fn say(&mut self, key: &'static str, values: Vec<String>) {
        self.values.insert(key, values);
        self.said.insert(key);
    }

    /// The keys that a file, the environment or a flag has said.
    pub(crate) fn said(&self) -> impl Iterator<Item = &'static str> {
        self.said.iter().copied()
    }

    /// The keys whose values are others than in `before`.
    pub(crate) fn changed_since(&self, before: &Settings) -> Vec<&'static str> {
        let keys = self.values.keys().chain(before.values.keys()).copied().collect::<BTreeSet<_>>();
        keys.into_iter().filter(|key| self.list(key) != before.list(key)).collect()
    }

    /// The values of a list, or the single one.
    pub(crate) fn list(&self, key: &str) -> &[String] {
        self.values.get(key).map_or(&[], Vec::as_slice)
    }

    /// The text; empty if there is none.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.list(key).first().map_or("", String::as_str)
    }

    /// The text, if there is one.
    pub(crate) fn optional(&self, key: &str) -> Option<&str> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    /// The number.
    pub(crate) fn number(&self, key: &str) -> u64 {
        self.text(key).parse().expect("numbers are checked and have defaults")
    }

    /// The number as a smaller type; settings are bounded so that it fits.
    pub(crate) fn fit<T: TryFrom<u64>>(&self, key: &str) -> T {
        T::try_from(self.number(key)).ok().expect("the setting's bounds fit the type")
    }

    /// The number of milliseconds.
    pub(crate) fn duration(&self, key: &str) -> std::time::Duration {
        std::time::Duration::from_millis(self.number(key))
    }

    /// Whether it is true.
    pub(crate) fn is(&self, key: &str) -> bool {
        self.text(key) == "true"
    }
}
