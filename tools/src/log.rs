//! `ringlog log inspect|verify FILE`

use anyhow::{Result, bail};
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum LogCommand {
    /// Print what a file holds
    Inspect { file: PathBuf },
    /// Check every checksum of a file
    Verify { file: PathBuf },
}

pub(crate) fn run(command: &LogCommand) -> Result<()> {
    match command {
        LogCommand::Inspect { file } | LogCommand::Verify { file } => bail!("cannot read {}", file.display()),
    }
}
