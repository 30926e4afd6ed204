//! Error codes and API keys: no JSON carries them, so the Java client is asked.

use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Compares the tables of `error_code.rs` and `api_key.rs` with what the classes in the archive say.
pub(super) fn compare(root: &Path, classpath: &str, differences: &mut Vec<String>) -> Result<()> {
    let theirs = facts(root, classpath)?;
    let ours = tables(root)?;
    differences.extend(theirs.difference(&ours).map(|line| format!("missing here: {line}")));
    differences.extend(ours.difference(&theirs).map(|line| format!("unknown there: {line}")));
    Ok(())
}

fn facts(root: &Path, classpath: &str) -> Result<BTreeSet<String>> {
    let output = Command::new("java")
        .args(["-cp", classpath])
        .arg(root.join("tools/xtask/src/messages/Facts.java"))
        .output()
        .context("java does not start")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_string).collect())
}

/// The rows of our tables, in the words of `Facts.java`.
fn tables(root: &Path) -> Result<BTreeSet<String>> {
    let source = root.join("protocol/kafka/src");
    let errors = std::fs::read_to_string(source.join("error_code.rs"))?;
    let apis = std::fs::read_to_string(source.join("api_key.rs"))?;
    let mut rows = BTreeSet::new();
    for words in table(&errors, "error_codes! {") {
        let [code, name, outcome, ..] = words[..] else { continue };
        rows.insert(format!("error {code} {name} {outcome}"));
    }
    for words in table(&apis, "api_keys! {") {
        let [name, code] = words[..] else { continue };
        rows.insert(format!("api {name} {}", code.trim_end_matches(',')));
    }
    Ok(rows)
}

/// The lines of a table in their words.
fn table<'t>(text: &'t str, opening: &str) -> impl Iterator<Item = Vec<&'t str>> {
    let rows = text.split_once(opening).map_or("", |(_, rest)| rest);
    rows.lines().skip(1).take_while(|line| *line != "}").map(|line| line.split_whitespace().collect())
}
