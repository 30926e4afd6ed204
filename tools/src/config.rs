//! `ringlog config get|set`

use crate::native::{NativeArguments, explained};
use crate::table::Table;
use crate::topic::key_value;
use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use ringlog_client::Client;
use ringlog_native::body::{
    ConfigAlter, ConfigAlterReply, ConfigDescribe, ConfigDescribeReply, ConfigHolder,
};
use std::io::{Write, stdout};

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show configurations: those that somebody has set, or all of them
    #[command(after_help = "\
Examples:
  ringlog config get topic orders
  ringlog config get topic orders --all
  ringlog config get topic orders retention.ms
  ringlog config get nodes
  ringlog config get node 1 --all")]
    Get(GetArguments),
    /// Change configurations; they hold at once
    #[command(after_help = "\
Examples:
  ringlog config set topic orders retention.ms=3600000
  ringlog config set topic orders --delete retention.ms
  ringlog config set nodes log.retention.ms=86400000
  ringlog config set group billing consumer.session.timeout.ms=50000")]
    Set(SetArguments),
}

/// What has configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Holder {
    /// A topic, by name
    Topic,
    /// A node, by id
    Node,
    /// The defaults of all nodes; takes no name
    Nodes,
    /// A consumer group, by name
    Group,
}

#[derive(Args)]
pub(crate) struct GetArguments {
    /// Whose configurations
    #[arg(value_enum)]
    of: Holder,
    /// Its name, then the configurations to show
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Also those that have their default
    #[arg(long, short)]
    all: bool,
    #[command(flatten)]
    native: NativeArguments,
}

#[derive(Args)]
pub(crate) struct SetArguments {
    /// Whose configurations
    #[arg(value_enum)]
    of: Holder,
    /// Its name, then the configurations as KEY=VALUE
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Put a configuration back to its default; may be repeated
    #[arg(long, value_name = "KEY")]
    delete: Vec<String>,
    #[command(flatten)]
    native: NativeArguments,
}

pub(crate) fn run(command: ConfigCommand) -> Result<()> {
    match command {
        ConfigCommand::Get(arguments) => {
            let native = arguments.native.clone();
            native.run(move |client| get(client, arguments))
        }
        ConfigCommand::Set(arguments) => {
            let native = arguments.native.clone();
            native.run(move |client| set(client, arguments))
        }
    }
}

/// Who is meant, and what is left of the names.
fn holder(of: Holder, mut names: Vec<String>) -> Result<(ConfigHolder, String, Vec<String>)> {
    let holder = match of {
        Holder::Nodes => return Ok((ConfigHolder::AllNodes, String::new(), names)),
        Holder::Topic => ConfigHolder::Topic,
        Holder::Node => ConfigHolder::Node,
        Holder::Group => ConfigHolder::Group,
    };
    if names.is_empty() {
        bail!("which {}? give its name", if of == Holder::Node { "node" } else { "topic or group" });
    }
    let name = names.remove(0);
    Ok((holder, name, names))
}

async fn get(client: Client, arguments: GetArguments) -> Result<()> {
    let (holder, name, wanted) = holder(arguments.of, arguments.names)?;
    let found: ConfigDescribeReply = client.ask(&ConfigDescribe { holder, name }).await.map_err(explained)?;
    if let Some(unknown) = wanted.iter().find(|key| !found.configs.iter().any(|config| config.name == **key))
    {
        bail!("there is no configuration {unknown} to show");
    }
    let mut table = Table::default();
    table.row(["CONFIG", "VALUE", "FROM"].map(str::to_owned));
    for config in found.configs {
        let shown = if wanted.is_empty() {
            // What the node was started with and defaults are shown only on demand.
            arguments.all || !matches!(config.source, 4 | 5)
        } else {
            wanted.contains(&config.name)
        };
        if shown {
            table.row([config.name, config.value, source(config.source).to_owned()]);
        }
    }
    table.print()
}

async fn set(client: Client, arguments: SetArguments) -> Result<()> {
    let (holder, name, pairs) = holder(arguments.of, arguments.names)?;
    let set = pairs.iter().map(|pair| key_value(pair).map_err(anyhow::Error::msg));
    let set = set.collect::<Result<Vec<_>>>()?;
    let count = set.len() + arguments.delete.len();
    if count == 0 {
        bail!("nothing to change: give KEY=VALUE or --delete KEY");
    }
    let question = ConfigAlter { holder, name, set, delete: arguments.delete };
    let _: ConfigAlterReply = client.ask(&question).await.map_err(explained)?;
    writeln!(stdout(), "changed {count} configuration{}", if count == 1 { "" } else { "s" })?;
    Ok(())
}

fn source(number: u16) -> &'static str {
    match number {
        1 => "topic",
        2 => "node",
        3 => "all nodes",
        4 => "node's start",
        5 => "default",
        8 => "group",
        _ => "elsewhere",
    }
}
