//! `ringlog doctor`: what of this host matters for speed and safety, and how fast its disks are.
//!
//! Facts are read in [`host`] and [`directory`]; what they mean is decided by functions of the facts alone. What is
//! measured ([`measure`]) is written down ([`profile`]) for the node to take its commit sizes from.

mod check;
mod device;
mod directory;
mod host;
mod limits;
mod measure;
mod memory;
mod mount;
mod print;
mod processors;
pub(crate) mod profile;
mod sync;
mod system;

use anyhow::{Context, Result};
use clap::Args;
use directory::Measuring;
use host::Host;
use print::Report;
use ringlog_reactor::{DriverChoice, Options};
use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Args)]
#[command(after_help = "\
Without --data only the host is looked at. A disk is measured for some seconds, unless a node is at work on it; the
figures go to DIR/disk.toml, from which `ringlog node` takes its commit sizes when it starts.

Examples:
  ringlog doctor --data /var/lib/ringlog/node
  runuser -u ringlog -- ringlog doctor --data /disk1 --data /disk2
  ringlog doctor --no-measure --json

Exit codes: 0 nothing has to be mended, 1 something has to, 2 wrong usage.")]
pub(crate) struct DoctorArguments {
    /// A data directory to look at; may be repeated
    #[arg(long, value_name = "DIR")]
    data: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Explain what is as it should be as well
    #[arg(long, conflicts_with = "json")]
    explain: bool,
    /// Measure even if a node is at work: both get slower, and the figures worse
    #[arg(long, requires = "data")]
    measure: bool,
    /// Do not measure
    #[arg(long, conflicts_with = "measure")]
    no_measure: bool,
    /// How long to measure each directory, about
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    seconds: Duration,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.1..=600.0).contains(number));
    number.map(Duration::from_secs_f64).ok_or_else(|| "a number of seconds from 0.1 to 600".to_owned())
}

/// Looks, prints, and says by the exit code whether something has to be mended.
pub(crate) fn main(arguments: &DoctorArguments) -> ExitCode {
    match run(arguments) {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::FAILURE,
        Err(error) => crate::failure::exit_code(Err(error)),
    }
}

fn run(arguments: &DoctorArguments) -> Result<bool> {
    let host = Host::here();
    // The reactor's own probe: flags, opcodes and all.
    let ring = ringlog_reactor::run(
        Options { driver: DriverChoice::Uring, registered_bytes: 0, ..Options::default() },
        |_| async {},
    );
    let refused = ring.err().map(|error| error.to_string());
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut report = Report {
        version: 1,
        checks: host::checks(&host, refused.as_deref().map_or(Ok(()), Err), processors),
        measured: Vec::new(),
    };
    examine(arguments, &host, &mut report)?;
    let mut out = stdout().lock();
    if arguments.json {
        report.json(&mut out)?;
    } else {
        report.text(&mut out, arguments.explain)?;
    }
    Ok(report.fails())
}

fn examine(arguments: &DoctorArguments, host: &Host, report: &mut Report) -> Result<()> {
    let measuring = match (arguments.measure, arguments.no_measure) {
        (true, _) => Measuring::Always,
        (_, true) => Measuring::Never,
        _ => Measuring::WhenIdle,
    };
    let is_shown = stderr().is_terminal();
    for path in &arguments.data {
        let path = std::path::absolute(path)?;
        let (host, duration) = (host.clone(), arguments.seconds);
        let findings = ringlog_reactor::run(Options::default(), move |reactor| async move {
            let shown = path.clone();
            let progress = move |what: &str| {
                if is_shown {
                    // Progress that cannot be shown is not missed.
                    let _ = write!(stderr(), "\r\x1b[Kmeasuring {}: {what} ...", shown.display());
                }
            };
            directory::examine(reactor, host, path, measuring, duration, progress).await
        })
        .context("cannot start a reactor")?;
        if is_shown && findings.measured.is_some() {
            let _ = write!(stderr(), "\r\x1b[K");
        }
        report.checks.extend(findings.checks);
        report.measured.extend(findings.measured);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_measure_is_bounded() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for text in ["0", "-1", "601", "nan", "soon", ""] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
