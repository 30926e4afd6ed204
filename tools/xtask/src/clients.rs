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

/// The name by which `--only` asks for the comparison of message definitions alone.
const DEFINITIONS: &str = "messages";

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    // Not a client of the suite: our message definitions against those that the Java client was made from.
    let (definitions, only): (Vec<_>, Vec<_>) = arguments.only.iter().partition(|name| *name == DEFINITIONS);
    if arguments.only.is_empty() || !definitions.is_empty() {
        crate::messages::run(root, &crate::messages::Arguments::newest())?;
        if only.is_empty() && !arguments.only.is_empty() {
            return Ok(());
        }
    }
    let mut suite = Command::new("python3");
    suite.current_dir(root).arg("tests/clients/suite.py");
    match &arguments.bootstrap {
        Some(address) => suite.args(["--bootstrap", address]),
        None => suite.arg("--ringlog").arg(crate::build::release(root, "ringlog", "ringlog")?),
    };
    for name in only {
        suite.args(["--only", name]);
    }
    let status = suite.status().context("the suite is a Python program: install python3")?;
    if !status.success() {
        bail!("the client suite ended with {status}");
    }
    Ok(())
}
