//! Chores of this repository. One file or folder per command; `cargo xtask help` lists them.
#![forbid(unsafe_code)]

mod bench;
mod build;
mod clients;
mod codegen;
mod deb;
mod messages;
mod tidy;
mod verify;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of this repository", disable_help_subcommand = false)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Every check and test of this repository: the one gate
    Verify(verify::Arguments),
    /// The rules that compilers do not check: crate edges, bans, sizes, reasons
    Tidy,
    /// Real Kafka clients and tools against a broker
    Clients(clients::Arguments),
    /// Measure, side by side with floors and peers
    Bench(bench::Arguments),
    /// Build the Debian package
    Deb(deb::Arguments),
    /// Write the Kafka messages from their schema
    Codegen(codegen::Arguments),
    /// Compare the Kafka schema with the definitions inside the newest Java client
    Messages(messages::Arguments),
}

fn main() -> Result<()> {
    let root = root()?;
    match Arguments::parse().command {
        Command::Verify(arguments) => verify::run(&root, &arguments),
        Command::Tidy => tidy::run(&root),
        Command::Clients(arguments) => clients::run(&root, &arguments),
        Command::Bench(arguments) => bench::run(&root, &arguments),
        Command::Deb(arguments) => deb::run(&root, &arguments),
        Command::Codegen(arguments) => codegen::run(&root, arguments.mode()),
        Command::Messages(arguments) => messages::run(&root, &arguments),
    }
}

/// The workspace's folder.
fn root() -> Result<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).map(Path::to_path_buf).context("xtask stands two folders below the workspace")
}
