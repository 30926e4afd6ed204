//! Building one executable in release and finding where it went.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Builds the program `name` of `package` with the release profile and returns its path.
pub(crate) fn release(root: &Path, package: &str, name: &str) -> Result<PathBuf> {
    with_profile(root, "release", package, name)
}

/// Builds the program `name` of `package` with a profile and returns its path.
pub(crate) fn with_profile(root: &Path, profile: &str, package: &str, name: &str) -> Result<PathBuf> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root)
        .args(["build", "--profile", profile, "--locked", "--package", package, "--bin", name])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .context("could not start cargo")?;
    if !output.status.success() {
        bail!("building {name} ended with {}", output.status);
    }
    for line in output.stdout.split(|&byte| byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
        if message["target"]["name"] == name
            && let Some(path) = message["executable"].as_str()
        {
            return Ok(path.into());
        }
    }
    bail!("cargo built {name} but did not say where")
}
