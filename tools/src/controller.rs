//! `ringlog controller`

use anyhow::{Result, bail};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct ControllerArguments {
    /// The data directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where nodes and other controllers connect to
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9292")]
    listen: String,
    /// This controller's number in its quorum
    #[arg(long, value_name = "N", default_value = "1")]
    id: u64,
    /// The quorum's other voters, each as ID@HOST:PORT
    #[arg(long, value_name = "ID@HOST:PORT", value_delimiter = ',')]
    peers: Vec<String>,
}

pub(crate) fn run(arguments: &ControllerArguments) -> Result<()> {
    bail!("no controller {} at {} {:?} {:?}", arguments.id, arguments.listen, arguments.data, arguments.peers)
}
