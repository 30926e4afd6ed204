//! The command line.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Parser, Subcommand};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// A log broker for Linux that Kafka clients use as they are.
#[derive(Parser)]
#[command(name = "ringlog", version, styles = STYLES, max_term_width = 100, after_help = "\
Examples:
  ringlog dev                                   a broker on this machine, data in ./ringlog-data
  ringlog topic create orders --partitions 4
  echo 'alice:one' | ringlog produce orders --key-separator :
  ringlog consume orders --from beginning --count 1

Exit codes: 0 done, 1 failed, 2 wrong usage.")]
pub(crate) struct Arguments {
    /// The process that this one ends with (`ringlog dev` gives itself).
    #[arg(long, global = true, hide = true)]
    pub(crate) parent: Option<i32>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Start a broker on this machine: one controller process and one node process
    Dev(crate::dev::DevArguments),
    /// Run a node: stores partitions, answers clients
    Node(Box<crate::node::NodeArguments>),
    /// Run a controller: one voter of the quorum that owns the cluster's metadata
    Controller(crate::controller::ControllerArguments),
    /// Create, list, describe, alter and delete topics
    #[command(subcommand)]
    Topic(crate::topic::TopicCommand),
    /// List, describe, reset and delete consumer groups
    #[command(subcommand)]
    Group(crate::group::GroupCommand),
    /// Show where a partition's records are
    #[command(subcommand)]
    Partition(crate::partition::PartitionCommand),
    /// Watch topics, groups and shards of a node
    Top(crate::top::TopArguments),
    /// Show and change the configurations of topics, nodes and groups
    #[command(subcommand)]
    Config(crate::config::ConfigCommand),
    /// Write lines from standard input to a topic
    Produce(crate::produce::ProduceArguments),
    /// Print the records of a topic
    Consume(crate::consume::ConsumeArguments),
    /// Load a broker and measure it
    #[command(subcommand)]
    Bench(Box<crate::bench::BenchCommand>),
    /// Check this host and measure its disks
    Doctor(crate::doctor::DoctorArguments),
    /// Look into log files on disk, without a running node
    #[command(subcommand)]
    Log(crate::log::LogCommand),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
