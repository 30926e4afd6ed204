//! `ringlog controller`

mod table;

use crate::logging::Format;
use crate::native::resolve;
use crate::reload::{self, Reload};
use crate::settings::{self, Settings};
use crate::{listening, logging, notify, signals};
use anyhow::{Context, Result};
use clap::Args;
use ringlog_controller::{ControllerOptions, Timing};
use ringlog_model::ControllerId;
use ringlog_node::AdminEndpoint;
use ringlog_reactor::Options;
use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::net::SocketAddr;
use std::path::PathBuf;
use table::TABLE;

#[derive(Args, Clone)]
#[command(after_help = "\
Examples:
  ringlog controller --data /var/lib/ringlog-controller --listen 10.0.0.1:9292
  ringlog controller --config controller.toml --check-config
  ringlog controller --data DIR --listen 10.0.0.1:9292 --id 1 --peers 2@10.0.0.2:9292,3@10.0.0.3:9292")]
pub(crate) struct ControllerArguments {
    /// The configuration file
    #[arg(long, value_name = "FILE", env = "RINGLOG_CONTROLLER_CONFIG")]
    config: Option<PathBuf>,
    /// Print the configuration that holds, with a comment for each key, and exit
    #[arg(long)]
    print_config: bool,
    /// Check the configuration, say what is wrong with it, and exit
    #[arg(long, conflicts_with = "print_config")]
    check_config: bool,
    /// A setting by its key in the file; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// The data directory
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// Where nodes and other controllers connect to [default: 127.0.0.1:9292]
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// This controller's number in its quorum [default: 1]
    #[arg(long, value_name = "N")]
    id: Option<String>,
    /// The quorum's other voters
    #[arg(long, value_name = "ID@HOST:PORT", value_delimiter = ',')]
    peers: Vec<String>,
    /// Where log levels are shown and changed over HTTP [default: nowhere]
    #[arg(long, value_name = "HOST:PORT")]
    admin: Option<String>,
    /// How log lines are written: text or json [default: text]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

impl ControllerArguments {
    /// What holds, all layers together.
    fn settings(&self) -> Result<Settings> {
        let mut flags = Vec::new();
        let mut add = |flag, key, values: Vec<String>| {
            if !values.is_empty() {
                flags.push((flag, key, values));
            }
        };
        let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
        add("--data", "data", one(&self.data));
        add("--listen", "listen", one(&self.listen));
        add("--id", "id", one(&self.id));
        add("--peers", "peers", self.peers.clone());
        add("--admin", "admin", one(&self.admin));
        add("--log-format", "log.format", one(&self.log_format));
        flags.extend(TABLE.given(&self.set)?);
        TABLE.resolve(self.config.as_deref(), std::env::vars(), &flags)
    }
}

pub(crate) fn run(arguments: &ControllerArguments) -> Result<()> {
    let settings = arguments.settings()?;
    if arguments.print_config {
        return Ok(stdout().write_all(settings::print(&TABLE, &settings).as_bytes())?);
    }
    let options = options(&settings)?;
    if arguments.check_config {
        return Ok(writeln!(stdout(), "the configuration is right: controller {}", options.id)?);
    }
    let levels = logging::start(settings.text("log.levels"), Format::named(settings.text("log.format")))?;
    let again = arguments.clone();
    reload::on_hangup(
        settings.clone(),
        levels.clone(),
        Reload {
            read: move || again.settings(),
            check: |_: &Settings| Ok(()),
            is_obeyed: |_: &str| false,
            obey: |_: &Settings| Ok(()),
        },
    )
    .context("cannot watch for SIGHUP")?;
    let endpoint = match settings.optional("admin") {
        Some(admin) => {
            let address = *resolve(admin).context("admin")?.first().context("admin has no address")?;
            let endpoint = AdminEndpoint::start(address, levels);
            Some(endpoint.with_context(|| format!("cannot listen for HTTP at {address} (--admin)"))?)
        }
        None => None,
    };
    let admin = endpoint.as_ref().map(AdminEndpoint::address);
    listening::wait_until_free([options.listen]);
    let reactor = Options { name: "controller".to_owned(), registered_bytes: 0, ..Options::default() };
    let ended = ringlog_reactor::run(reactor, move |reactor| async move {
        signals::request_shutdown(reactor.shutdown_trigger()).context("cannot watch signals")?;
        if let Some(reason) = reactor.fallback_reason() {
            tracing::warn!(
                "io_uring is not used ({reason}); epoll and file threads do its work, more slowly"
            );
        }
        let announce = move |address| announce(address, admin);
        Ok(ringlog_controller::run(reactor, options, announce).await?)
    });
    ended.context("cannot start a reactor")?
}

fn options(settings: &Settings) -> Result<ControllerOptions> {
    let data = settings.optional("data");
    let data =
        data.context("a controller needs a data directory: --data DIR, or `data` in the configuration file")?;
    let listen =
        *resolve(settings.text("listen")).context("listen")?.first().context("listen has no address")?;
    let mut peers = BTreeMap::new();
    for peer in settings.list("peers") {
        let (id, address) = self::peer(peer).with_context(|| format!("peers: {peer:?}"))?;
        peers.insert(id, address);
    }
    Ok(ControllerOptions {
        id: ControllerId(settings.number("id")),
        peers,
        timing: timing(settings),
        ..ControllerOptions::alone(std::path::absolute(data)?, listen)
    })
}

fn timing(settings: &Settings) -> Timing {
    Timing {
        node_heartbeat: settings.duration("timing.node-heartbeat-ms"),
        node_lease: settings.duration("timing.node-lease-ms"),
        quorum_heartbeat: settings.duration("timing.quorum-heartbeat-ms"),
        quorum_election: settings.duration("timing.quorum-election-ms"),
    }
}

fn peer(text: &str) -> Result<(ControllerId, SocketAddr)> {
    let (id, address) = text.split_once('@').context("a peer is ID@HOST:PORT")?;
    let id = id.parse().context("a peer's ID is a number")?;
    let address = resolve(address)?.first().copied().context("it has no address")?;
    Ok((ControllerId(id), address))
}

/// Tells the service manager, and a supervisor that reads the line.
fn announce(address: SocketAddr, admin: Option<SocketAddr>) {
    notify::ready();
    let admin = admin.map_or_else(String::new, |admin| format!(" admin={admin}"));
    let line = format!("ringlog controller ready: cluster={address}{admin}\n");
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

    #[test]
    fn the_defaults_of_the_table_are_those_of_the_controller() {
        let settings = TABLE.resolve(None, Vec::new(), &[]).unwrap();
        assert_eq!(timing(&settings), Timing::default());
        assert!(options(&settings).unwrap_err().to_string().contains("--data DIR"));
    }
}
