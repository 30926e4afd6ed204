//! Finds Java archives through Maven, in its local repository or from where it is configured to download.

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The archive of `group:name` in a version; Maven's word `RELEASE` is the newest.
pub(super) fn artifact(root: &Path, coordinates: &str, version: &str) -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let name = coordinates.rsplit(':').next().unwrap_or(coordinates);
    let directory = target.join("maven").join(name).join(version);
    if directory.exists() {
        // The newest version of an earlier run may be the newest no more.
        std::fs::remove_dir_all(&directory)?;
    }
    let output = Command::new("mvn")
        .args(["--quiet", "--batch-mode", "-Dstyle.color=never", "dependency:copy"])
        .arg(format!("-Dartifact={coordinates}:{version}"))
        .arg(format!("-DoutputDirectory={}", directory.display()))
        .current_dir(std::env::temp_dir())
        .output()
        .context("Maven (mvn) does not start; give the archive by --jar")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "Maven finds no {coordinates}:{version}: {said}");
    let entries = std::fs::read_dir(&directory).with_context(|| directory.display().to_string())?;
    let files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.into_iter().next().with_context(|| format!("Maven left no archive in {}", directory.display()))
}
