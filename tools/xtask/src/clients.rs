//! `cargo xtask clients`: the suite of real Kafka clients in `tests/clients/`, against a broker built here.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// What to run against.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A broker that is already there; without it, one is built and started
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap: Option<String>,
    /// Run only this client (may be given several times)
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    let mut suite = Command::new("python3");
    suite.current_dir(root).arg("tests/clients/suite.py");
    match &arguments.bootstrap {
        Some(address) => suite.args(["--bootstrap", address]),
        None => suite.arg("--ringlog").arg(crate::build::release(root, "ringlog", "ringlog")?),
    };
    for name in &arguments.only {
        suite.args(["--only", name]);
    }
    let status = suite.status().context("the suite is a Python program: install python3")?;
    if !status.success() {
        bail!("the client suite ended with {status}");
    }
    Ok(())
}
