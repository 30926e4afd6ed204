//! `ringlog bench COMMAND`

use super::commands;
use super::scenario::Scenario;
use super::settings::{Protocol, Settings};
use super::table::table;
use super::units::Span;
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde::Deserialize;
use std::io::{Write, stdout};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum BenchCommand {
    /// Producers only
    #[command(after_help = "\
Examples:
  ringlog bench produce --topic t --partitions 4 --producers 8 --duration 10s --json out.json
  ringlog bench produce --brokers 10.0.0.1:9092 --topic t --rate 5000 --batch-bytes 1
  ringlog bench produce --topic t --producers 16 --ramp-p99 5ms --duration 3s")]
    Produce(RunArguments),
    /// Consumers of what is there, from its beginning
    Consume(RunArguments),
    /// Producers and consumers, with the latency from intended send to receipt
    Mixed(RunArguments),
    /// Producers, and groups of consumers that each read everything as it comes
    Fanout(RunArguments),
    /// Consumers that begin at the beginning while producers go on
    Catchup(RunArguments),
    /// Many connections: how fast they open, how fast a question is answered while all are open
    Connections(RunArguments),
    /// The same producers on topics with more and more partitions
    Partitions(RunArguments),
    /// Run a scenario: one of those shipped, or a TOML file
    Run(ScenarioArguments),
    /// Put runs side by side in one HTML page
    Report(ReportArguments),
}

/// What kind of run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Produce,
    Consume,
    Mixed,
    Fanout,
    Catchup,
    Connections,
    Partitions,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Produce => "produce",
            Kind::Consume => "consume",
            Kind::Mixed => "mixed",
            Kind::Fanout => "fanout",
            Kind::Catchup => "catchup",
            Kind::Connections => "connections",
            Kind::Partitions => "partitions",
        }
    }
}

#[derive(Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

#[derive(Args, Clone)]
pub(crate) struct OutputArguments {
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) json: Option<PathBuf>,
    /// Write a report as HTML
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) html: Option<PathBuf>,
    /// What the run is called in tables and reports [default: its command or scenario]
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub(crate) name: Option<String>,
    /// No line while it runs
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,
}

#[derive(Args)]
pub(crate) struct ScenarioArguments {
    /// A shipped scenario's name, or a TOML file
    #[arg(required_unless_present = "list")]
    scenario: Option<String>,
    /// List the shipped scenarios
    #[arg(long)]
    list: bool,
    /// Print a shipped scenario's file, to begin one's own from
    #[arg(long)]
    print: bool,
    /// A broker, instead of the scenario's
    #[arg(long, value_name = "HOST:PORT")]
    brokers: Option<String>,
    /// Which protocol to speak, instead of the scenario's
    #[arg(long, value_enum)]
    protocol: Option<Protocol>,
    /// How long to measure, instead of the scenario's
    #[arg(long, value_name = "TIME")]
    duration: Option<Span>,
    /// How long to run before that, instead of the scenario's
    #[arg(long, value_name = "TIME")]
    warm_up: Option<Span>,
    /// Generator threads, instead of the scenario's
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Another setting, as in a scenario file; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Args)]
pub(crate) struct ReportArguments {
    /// Files that runs wrote with --json
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Where to write the page
    #[arg(long, short, default_value = "bench.html", value_name = "FILE")]
    output: PathBuf,
}

pub(crate) fn run(command: BenchCommand) -> Result<()> {
    let (kind, arguments) = match command {
        BenchCommand::Produce(arguments) => (Kind::Produce, arguments),
        BenchCommand::Consume(arguments) => (Kind::Consume, arguments),
        BenchCommand::Mixed(arguments) => (Kind::Mixed, arguments),
        BenchCommand::Fanout(arguments) => (Kind::Fanout, arguments),
        BenchCommand::Catchup(arguments) => (Kind::Catchup, arguments),
        BenchCommand::Connections(arguments) => (Kind::Connections, arguments),
        BenchCommand::Partitions(arguments) => (Kind::Partitions, arguments),
        BenchCommand::Run(arguments) => return run_scenario(arguments),
        BenchCommand::Report(arguments) => return super::report::write(&arguments.runs, &arguments.output),
    };
    commands::run(kind, kind.name(), arguments.settings, &arguments.output)
}

fn run_scenario(arguments: ScenarioArguments) -> Result<()> {
    let Some(name) = arguments.scenario else { return list() };
    if arguments.print {
        let Some(text) = Scenario::text(&name) else { bail!("no scenario {name:?} is shipped") };
        return Ok(stdout().write_all(text.as_bytes())?);
    }
    let scenario = Scenario::load(&name)?;
    let mut settings = changed(scenario.settings, &arguments.set)?;
    settings.brokers = arguments.brokers.or(settings.brokers);
    settings.protocol = arguments.protocol.unwrap_or(settings.protocol);
    settings.duration = arguments.duration.unwrap_or(settings.duration);
    settings.warm_up = arguments.warm_up.unwrap_or(settings.warm_up);
    settings.threads = arguments.threads.unwrap_or(settings.threads);
    commands::run(scenario.command, &scenario.name, settings, &arguments.output)
}

/// Settings with some of them replaced, each as a line of TOML or as bare text.
fn changed(settings: Settings, changes: &[String]) -> Result<Settings> {
    let mut table = toml::Table::try_from(&settings)?;
    for change in changes {
        let Some((key, value)) = change.split_once('=') else { bail!("{change:?} is not KEY=VALUE") };
        let key = key.trim();
        let parsed = toml::from_str::<toml::Table>(&format!("value = {value}")).ok();
        let value = parsed.and_then(|mut table| table.remove("value"));
        let value = value.unwrap_or_else(|| {
            toml::Value::String(change[change.find('=').map_or(0, |at| at + 1)..].trim().to_owned())
        });
        table.insert(key.to_owned(), value);
    }
    Ok(table.try_into()?)
}

fn list() -> Result<()> {
    let mut table = table(&["scenario", "what it does"]);
    for column in table.column_iter_mut() {
        column.set_cell_alignment(comfy_table::CellAlignment::Left);
    }
    for scenario in Scenario::shipped()? {
        table.add_row([scenario.name, scenario.about]);
    }
    Ok(writeln!(stdout(), "{table}")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_settings_of_a_scenario_can_be_changed() {
        let scenario = Scenario::load("big-batches").unwrap();
        let changes = ["producers=2", "batch-bytes=4KiB", "keys='uniform:7'"].map(str::to_owned);
        let settings = changed(scenario.settings, &changes).unwrap();
        assert_eq!((settings.producers, settings.batch_bytes.bytes()), (2, 4096));
        assert_eq!(settings.keys.to_string(), "uniform:7");
        assert_eq!(settings.partitions, Some(16));
        assert!(changed(settings.clone(), &["no-such=1".to_owned()]).is_err());
        assert!(changed(settings, &["producers".to_owned()]).is_err());
    }
}
