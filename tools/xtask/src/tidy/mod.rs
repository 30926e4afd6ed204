//! The rules that neither compiler nor clippy checks.
//!
//! - [`edges`]: the crates use only what README's table of rooms lets them;
//! - [`manifests`]: versions are pinned in one place, each with a reason;
//! - [`mod@sources`]: sizes, leftovers, unsafe code, machine paths, white space;
//! - [`determinism`]: what runs in the simulator reaches the world through the reactor only.

mod determinism;
mod edges;
mod manifests;
mod sources;
#[cfg(test)]
mod tests;

use anyhow::{Context, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand};
use std::path::Path;
use std::process::Command;

/// A text file of the repository.
struct Source {
    /// From the workspace's folder, with `/`.
    path: String,
    text: String,
}

/// One broken rule.
#[derive(Debug, PartialEq, Eq)]
struct Complaint {
    path: String,
    /// From 1; 0 where the rule is about the whole file.
    line: usize,
    rule: String,
}

impl Complaint {
    fn new(path: &str, line: usize, rule: impl Into<String>) -> Complaint {
        Complaint { path: path.to_owned(), line, rule: rule.into() }
    }
}

pub(crate) fn run(root: &Path) -> Result<()> {
    let complaints = check(root)?;
    for complaint in &complaints {
        eprintln!("{}:{}: {}", complaint.path, complaint.line, complaint.rule);
    }
    if !complaints.is_empty() {
        bail!("{} of this repository's own rules are broken", complaints.len());
    }
    Ok(())
}

fn check(root: &Path) -> Result<Vec<Complaint>> {
    let metadata = metadata(root)?;
    let sources = sources(root)?;
    let readme =
        std::fs::read_to_string(root.join("README.md")).context("README.md has the table of rooms")?;
    let mut complaints = edges::check(&edges::rooms(&readme)?, &edges::crates(&metadata));
    complaints.extend(sources::check_roots(&metadata, root)?);
    for source in &sources {
        if source.path.ends_with("Cargo.toml") {
            complaints.extend(manifests::check(source));
        }
        complaints.extend(sources::check(source));
        complaints.extend(determinism::check(source));
    }
    Ok(complaints)
}

fn metadata(root: &Path) -> Result<Metadata> {
    MetadataCommand::new().current_dir(root).no_deps().exec().context("cargo metadata")
}

/// Every text file that is in the repository or would be added to it.
fn sources(root: &Path) -> Result<Vec<Source>> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root)
        .output()
        .context("tidy asks git which files there are")?;
    if !listed.status.success() {
        bail!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
    }
    let mut sources = Vec::new();
    for path in String::from_utf8(listed.stdout)?.split_terminator('\0') {
        // A file that git knows may be gone from the folder; binary files have no lines.
        if let Ok(text) = std::fs::read_to_string(root.join(path)) {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    Ok(sources)
}
