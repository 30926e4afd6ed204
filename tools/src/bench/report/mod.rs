//! One self-contained HTML page that puts runs side by side.

mod page;
mod plot;

use super::outcome::Outcome;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

/// What a file of `--json` holds.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Several { runs: Vec<Outcome> },
    One(Box<Outcome>),
}

/// `ringlog bench report FILE...`
pub(crate) fn write(files: &[PathBuf], output: &Path) -> Result<()> {
    let mut outcomes = Vec::new();
    for file in files {
        let shown = file.display();
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
        let written = serde_json::from_str(&text).with_context(|| format!("{shown} holds no run"))?;
        match written {
            Written::Several { runs } => outcomes.extend(runs),
            Written::One(outcome) => outcomes.push(*outcome),
        }
    }
    write_outcomes(&outcomes, output)?;
    Ok(writeln!(stdout(), "{} run(s) in {}", outcomes.len(), output.display())?)
}

pub(crate) fn write_outcomes(outcomes: &[Outcome], output: &Path) -> Result<()> {
    let page = page::of(outcomes)?;
    std::fs::write(output, page).with_context(|| format!("cannot write {}", output.display()))
}

#[cfg(test)]
mod tests;
