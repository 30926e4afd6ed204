//! `ringlog controller`

use crate::native::resolve;
use crate::{listening, logging, signals};
use anyhow::{Context, Result};
use clap::Args;
use ringlog_controller::ControllerOptions;
use ringlog_model::ControllerId;
use ringlog_reactor::Options;
use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "\
Examples:
  ringlog controller --data /var/lib/ringlog-controller --listen 10.0.0.1:9292
  ringlog controller --data DIR --listen 10.0.0.1:9292 --id 1 --peers 2@10.0.0.2:9292,3@10.0.0.3:9292")]
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
    /// The quorum's other voters
    #[arg(long, value_name = "ID@HOST:PORT", value_delimiter = ',')]
    peers: Vec<String>,
}

pub(crate) fn run(arguments: &ControllerArguments) -> Result<()> {
    logging::start();
    let options = options(arguments)?;
    listening::wait_until_free([options.listen]);
    let reactor = Options { name: "controller".to_owned(), registered_bytes: 0, ..Options::default() };
    let ended = ringlog_reactor::run(reactor, move |reactor| async move {
        signals::request_shutdown(reactor.shutdown_trigger()).context("cannot watch signals")?;
        if let Some(reason) = reactor.fallback_reason() {
            tracing::warn!(
                "io_uring is not used ({reason}); epoll and file threads do its work, more slowly"
            );
        }
        Ok(ringlog_controller::run(reactor, options, announce).await?)
    });
    ended.context("cannot start a reactor")?
}

fn options(arguments: &ControllerArguments) -> Result<ControllerOptions> {
    let listen = *resolve(&arguments.listen)?.first().context("--listen has no address")?;
    let mut peers = BTreeMap::new();
    for peer in &arguments.peers {
        let (id, address) = self::peer(peer).with_context(|| format!("--peers: {peer:?}"))?;
        peers.insert(id, address);
    }
    Ok(ControllerOptions {
        id: ControllerId(arguments.id),
        peers,
        ..ControllerOptions::alone(std::path::absolute(&arguments.data)?, listen)
    })
}

fn peer(text: &str) -> Result<(ControllerId, SocketAddr)> {
    let (id, address) = text.split_once('@').context("a peer is ID@HOST:PORT")?;
    let id = id.parse().context("a peer's ID is a number")?;
    let address = resolve(address)?.first().copied().context("it has no address")?;
    Ok((ControllerId(id), address))
}

/// The line that a supervisor reads.
fn announce(address: SocketAddr) {
    let line = format!("ringlog controller ready: cluster={address}\n");
    // Nobody reads it: the controller serves all the same.
    let _ = stdout().write_all(line.as_bytes()).and_then(|()| stdout().flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_has_a_number_and_an_address() {
        assert_eq!(peer("2@127.0.0.1:9292").unwrap(), (ControllerId(2), "127.0.0.1:9292".parse().unwrap()));
        for text in ["127.0.0.1:9292", "two@127.0.0.1:9292", "2@nowhere"] {
            assert!(peer(text).is_err(), "{text}");
        }
    }
}
