//! The ringlog executable: every subcommand.
//!
//! Place in the flow: the outermost layer. It turns flags into the options of the rooms below, starts reactors, turns
//! signals into shutdown requests, and turns errors into sentences and exit codes.
//!
//! Main types: [`arguments`] has the flags, one file per command beside it, [`dev`] the supervisor of `ringlog dev`.
//!
//! Architecture invariant: nothing depends on this crate.
#![forbid(unsafe_code)]

mod arguments;
mod bench;
mod config;
mod consume;
mod controller;
mod dev;
mod doctor;
mod failure;
mod format;
mod group;
mod listening;
mod log;
mod logging;
mod moment;
mod native;
mod node;
mod notify;
mod parent;
mod partition;
mod produce;
mod reload;
mod settings;
mod signals;
mod table;
mod top;
mod topic;

use arguments::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

/// Runs the command line of this process. Exit codes: 0 done, 1 failed, 2 wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(parent) = arguments.parent
        && !parent::die_with(parent)
    {
        // Whoever started this is gone already; nobody waits for an answer.
        return ExitCode::FAILURE;
    }
    let outcome = match arguments.command {
        Command::Dev(options) => dev::run(&options),
        Command::Node(options) => node::run(&options),
        Command::Controller(options) => controller::run(&options),
        Command::Topic(command) => topic::run(command),
        Command::Group(command) => group::run(command),
        Command::Partition(command) => partition::run(command),
        Command::Top(options) => top::run(&options),
        Command::Config(command) => config::run(command),
        Command::Produce(options) => produce::run(options),
        Command::Consume(options) => consume::run(options),
        Command::Bench(command) => bench::run(*command),
        Command::Doctor(options) => return doctor::main(&options),
        Command::Log(command) => log::run(&command),
    };
    failure::exit_code(outcome)
}
