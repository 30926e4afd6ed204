//! Scenarios: settings with a name, in TOML; a set of them is part of the executable.

use super::Kind;
use super::settings::Settings;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::Path;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// What it is like, in a sentence.
    pub(crate) about: String,
    pub(crate) command: Kind,
    #[serde(default)]
    pub(crate) settings: Settings,
}

/// Name and text.
const SHIPPED: &[(&str, &str)] = &[
    ("many-small-producers", include_str!("scenarios/many-small-producers.toml")),
    ("small-at-a-rate", include_str!("scenarios/small-at-a-rate.toml")),
    ("big-batches", include_str!("scenarios/big-batches.toml")),
    ("hot-partition", include_str!("scenarios/hot-partition.toml")),
    ("thousand-partitions", include_str!("scenarios/thousand-partitions.toml")),
    ("tailing-fan-out", include_str!("scenarios/tailing-fan-out.toml")),
    ("catch-up", include_str!("scenarios/catch-up.toml")),
];

impl Scenario {
    /// A shipped one by its name, or a file.
    pub(crate) fn load(name_or_file: &str) -> Result<Scenario> {
        if let Some((name, text)) = SHIPPED.iter().find(|(name, _)| *name == name_or_file) {
            return Scenario::parse(text).with_context(|| format!("scenario {name}"));
        }
        let path = Path::new(name_or_file);
        if !path.exists() {
            bail!(
                "{name_or_file:?} is neither a file nor a scenario (`ringlog bench run --list` lists them)"
            );
        }
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name_or_file}"))?;
        Scenario::parse(&text).with_context(|| format!("{name_or_file} is no scenario"))
    }

    fn parse(text: &str) -> Result<Scenario> {
        let scenario: Scenario = toml::from_str(text)?;
        scenario.settings.check()?;
        Ok(scenario)
    }

    /// All that are part of the executable.
    pub(crate) fn shipped() -> Result<Vec<Scenario>> {
        SHIPPED.iter().map(|(name, _)| Scenario::load(name)).collect()
    }

    /// The text of a shipped one, to begin one's own from.
    pub(crate) fn text(name: &str) -> Option<&'static str> {
        SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_scenario_can_be_run_and_is_called_by_its_name() {
        let scenarios = Scenario::shipped().unwrap();
        assert_eq!(scenarios.len(), SHIPPED.len());
        for (scenario, (name, _)) in scenarios.iter().zip(SHIPPED) {
            assert_eq!(scenario.name, *name);
            assert!(scenario.about.len() > 20);
        }
    }

    #[test]
    fn what_is_no_scenario_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("s.toml");
        std::fs::write(&file, "name = 'x'\nabout = 'y'\ncommand = 'produce'\n[settings]\nproduceers = 3\n")
            .unwrap();
        let error = format!("{:#}", Scenario::load(file.to_str().unwrap()).unwrap_err());
        assert!(error.contains("produceers"), "{error}");
        assert!(Scenario::load("no-such-thing").is_err());
    }
}
