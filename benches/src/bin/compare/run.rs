//! One case on one server, by the generator.

use crate::cases::{Case, Kind, PRELOAD};
use crate::cold;
use crate::servers::Running;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::process::{Child, Command, Stdio};

/// How long and how much.
pub(crate) struct Extent {
    pub(crate) seconds: u64,
    /// Megabytes (2^20) that lie on disk before a case that reads.
    pub(crate) preload: u64,
    /// Before the measurement; a virtual machine that compiles as it runs gets more of it.
    pub(crate) warm_up: u64,
}

/// Whether something is written before the case is measured, for it or for a reader beside it to read.
pub(crate) fn is_preloaded(case: &Case) -> bool {
    is_reading(case) || case.kind == Kind::BesideCold
}

fn is_reading(case: &Case) -> bool {
    case.arguments.starts_with("consume")
}

/// Runs the generator on a case; `rate` where the case leaves it open.
pub(crate) fn run(case: &Case, server: &Running, extent: &Extent, rate: Option<f64>) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let json = folder.path().join("run.json");
    let reads = is_reading(case);
    let mut beside = None;
    if is_preloaded(case) {
        let topic = if reads { case.name } else { "old" };
        preload(server, topic, extent)?;
        if case.kind != Kind::Plain {
            cold::forget(server.folder())?;
        }
        if case.kind == Kind::BesideCold {
            beside = Some(Beside::start(server, topic)?);
        }
    }
    let mut command = generator(server, case.arguments, case.name);
    command.args(["--name", &format!("{}, {}", case.name, server.server().name())]);
    command.args(["--duration", &format!("{}s", extent.seconds)]);
    if !reads {
        command.args(["--fresh", "--warm-up", &format!("{}s", extent.warm_up)]);
    }
    if let Some(rate) = rate {
        command.args(["--rate", &format!("{rate:.0}")]);
    }
    let output = command.arg("--json").arg(&json).output().context("cannot start the generator")?;
    drop(beside);
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if !output.status.success() {
        eprintln!("    {said}");
    }
    let text = std::fs::read(&json).with_context(|| said)?;
    Ok(serde_json::from_slice(&text)?)
}

fn generator(server: &Running, arguments: &str, topic: &str) -> Command {
    let mut command = Command::new(ringlog_harness::executable());
    command.arg("bench").args(arguments.split_whitespace()).args(["--topic", topic, "--quiet"]);
    command.args(["--brokers", &server.address().to_string()]).args(server.server().arguments());
    command
}

/// Writes what is to be read.
fn preload(server: &Running, topic: &str, extent: &Extent) -> Result<()> {
    let records = extent.preload << 10;
    let mut command = generator(server, PRELOAD, topic);
    command.args(["--fresh", "--duration", "600s", "--records", &records.to_string()]);
    let output = command.output().context("cannot start the generator")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

/// A reader of the topic from its beginning, beside what is measured; ends with it.
struct Beside(Child);

impl Beside {
    fn start(server: &Running, topic: &str) -> Result<Beside> {
        let mut command =
            generator(server, "consume --consumers 2 --fetch-bytes 4MiB --duration 600s", topic);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(Beside(child.context("cannot start the generator")?))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It may have read all and ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
