//! `ringlog node`

use crate::native::resolve;
use crate::{listening, logging, signals};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use ringlog_model::NodeId;
use ringlog_node::{GroupOptions, HostPort, ListenerOptions, NodeOptions, ReadyAddresses, TopicDefaults};
use ringlog_reactor::{DriverChoice, Options};
use ringlog_storage::StoreConfig;
use std::io::{Write, stdout};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Which driver carries the shards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum IoDriver {
    /// io_uring, or epoll where the system refuses it
    #[default]
    Auto,
    /// io_uring or nothing
    Uring,
    /// epoll and file threads
    Epoll,
}

impl IoDriver {
    pub(crate) fn choice(self) -> DriverChoice {
        match self {
            IoDriver::Auto => DriverChoice::Auto,
            IoDriver::Uring => DriverChoice::Uring,
            IoDriver::Epoll => DriverChoice::Epoll,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            IoDriver::Auto => "auto",
            IoDriver::Uring => "uring",
            IoDriver::Epoll => "epoll",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Pin {
    /// Each shard to a processor, if there are as many
    Auto,
    /// Leave it to the kernel
    Off,
}

#[derive(Args)]
#[command(after_help = "\
Examples:
  ringlog node --data /var/lib/ringlog --controllers 10.0.0.1:9292 --kafka 10.0.0.2:9092
  ringlog node --data /disk1 --data /disk2 --kafka 0.0.0.0:9092 --kafka-advertised broker1.example:9092")]
pub(crate) struct NodeArguments {
    /// A data directory; may be repeated, one for each disk
    #[arg(long, value_name = "DIR", required = true)]
    data: Vec<PathBuf>,
    /// The controllers
    #[arg(long, value_name = "HOST:PORT", value_delimiter = ',', default_value = "127.0.0.1:9292")]
    controllers: Vec<String>,
    /// Where Kafka clients come in
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9092")]
    kafka: String,
    /// What Kafka clients are told to connect to [default: the address they come in at]
    #[arg(long, value_name = "HOST:PORT")]
    kafka_advertised: Option<String>,
    /// Another address for Kafka clients, passed over where it cannot be bound
    #[arg(long, value_name = "HOST:PORT", hide = true)]
    kafka_also: Option<SocketAddr>,
    /// Where clients of the native protocol come in
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9192")]
    native: String,
    /// What native clients are told to connect to [default: the address they come in at]
    #[arg(long, value_name = "HOST:PORT")]
    native_advertised: Option<String>,
    /// Another address for native clients, passed over where it cannot be bound
    #[arg(long, value_name = "HOST:PORT", hide = true)]
    native_also: Option<SocketAddr>,
    /// Where health and metrics are served over HTTP
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9644")]
    admin: String,
    /// This node's number in its cluster
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(i32).range(0..))]
    node_id: i32,
    /// How many shards, each with a thread of its own [default: one per processor it may use]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    shards: Option<u16>,
    /// Whether shards are pinned to processors
    #[arg(long, value_enum, default_value = "auto")]
    pin: Pin,
    /// How shards reach disks and network
    #[arg(long, value_enum, default_value = "auto")]
    io_driver: IoDriver,
    /// Free bytes of a data directory's disk below which produce is refused [default: 2 % of it, 8 to 256 MiB]
    #[arg(long, value_name = "BYTES")]
    disk_free_min: Option<u64>,
    /// Bytes kept back per data directory for deletes and restarts on a full disk [default: 64 MiB]
    #[arg(long, value_name = "BYTES")]
    disk_reserve: Option<u64>,
    /// Bytes of the largest internal segment file
    #[arg(long, value_name = "BYTES", hide = true)]
    segment_bytes_max: Option<u64>,
    /// How long the first member of an empty group waits for others
    #[arg(long, value_name = "MS", default_value = "3000", hide = true)]
    group_initial_rebalance_delay_ms: u64,
}

pub(crate) fn run(arguments: &NodeArguments) -> Result<()> {
    logging::start();
    let options = options(arguments)?;
    let listeners = options.kafka.iter().chain(&options.native).map(|listener| listener.bind);
    listening::wait_until_free(listeners.chain(options.admin));
    let pin = options.processors.first().copied();
    let reactor = Options {
        driver: arguments.io_driver.choice(),
        pin,
        name: "shard-0".to_owned(),
        ..Options::default()
    };
    let ended = ringlog_reactor::run(reactor, move |reactor| async move {
        signals::request_shutdown(reactor.shutdown_trigger()).context("cannot watch signals")?;
        if let Some(reason) = reactor.fallback_reason() {
            tracing::warn!(
                "io_uring is not used ({reason}); epoll and file threads do its work, more slowly"
            );
        }
        Ok(ringlog_node::run(reactor, options, Rc::new(announce)).await?)
    });
    ended.with_context(|| format!("cannot start a reactor (--io-driver {})", arguments.io_driver.name()))?
}

fn options(arguments: &NodeArguments) -> Result<NodeOptions> {
    let data = arguments.data.iter().map(std::path::absolute).collect::<Result<Vec<_>, _>>()?;
    let processors = processors()?;
    let shards = arguments.shards.unwrap_or(processors.len().clamp(1, 256) as u16);
    let is_pinned = arguments.pin == Pin::Auto && usize::from(shards) <= processors.len();
    let first = data.first().cloned().context("--data is required")?;
    let mut controllers = Vec::new();
    for controller in &arguments.controllers {
        controllers.extend(resolve(controller).context("--controllers")?.first());
    }
    let defaults = NodeOptions::new(NodeId(arguments.node_id), first);
    Ok(NodeOptions {
        data,
        controllers,
        kafka: listeners(
            "KAFKA",
            &arguments.kafka,
            arguments.kafka_advertised.as_deref(),
            arguments.kafka_also,
        )?,
        native: listeners(
            "NATIVE",
            &arguments.native,
            arguments.native_advertised.as_deref(),
            arguments.native_also,
        )?,
        admin: resolve(&arguments.admin).context("--admin")?.first().copied(),
        shards,
        processors: if is_pinned { processors[..usize::from(shards)].to_vec() } else { Vec::new() },
        defaults: TopicDefaults {
            segment_bytes_max: arguments.segment_bytes_max,
            ..TopicDefaults::default()
        },
        store: StoreConfig { free_bytes_low: arguments.disk_free_min, ..defaults.store },
        reserve_bytes: arguments.disk_reserve.unwrap_or(defaults.reserve_bytes),
        groups: groups(arguments),
        ..defaults
    })
}

fn groups(arguments: &NodeArguments) -> GroupOptions {
    let mut groups = GroupOptions::default();
    groups.coordinator.initial_rebalance_delay =
        Duration::from_millis(arguments.group_initial_rebalance_delay_ms);
    groups
}

fn listeners(
    name: &str,
    bind: &str,
    advertised: Option<&str>,
    also: Option<SocketAddr>,
) -> Result<Vec<ListenerOptions>> {
    let Some(&bind) = resolve(bind)?.first() else { bail!("{bind:?} has no address") };
    let advertised = advertised.map(host_port).transpose()?;
    let mut listeners =
        vec![ListenerOptions { advertised: advertised.clone(), ..ListenerOptions::new(name, bind) }];
    if let Some(also) = also {
        listeners.push(ListenerOptions { advertised, optional: true, ..ListenerOptions::new(name, also) });
    }
    Ok(listeners)
}

fn host_port(text: &str) -> Result<HostPort> {
    let (host, port) = text.rsplit_once(':').with_context(|| format!("{text:?} is not HOST:PORT"))?;
    let port = port.parse().with_context(|| format!("{port:?} is not a port"))?;
    Ok(HostPort { host: host.trim_matches(['[', ']']).to_owned(), port })
}

/// The processors this process may use: its affinity, cut to the quota of its control group.
fn processors() -> Result<Vec<usize>> {
    let affinity = rustix::thread::sched_getaffinity(None).context("cannot read the processor affinity")?;
    let allowed = (0..rustix::thread::CpuSet::MAX_CPU).filter(|&processor| affinity.is_set(processor));
    let quota = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(allowed.take(quota).collect())
}

/// The line that a supervisor reads.
fn announce(ready: &ReadyAddresses) {
    let first = |addresses: &[SocketAddr]| addresses.first().map_or("-".to_owned(), ToString::to_string);
    let admin = ready.admin.map_or("-".to_owned(), |address| address.to_string());
    let line = format!(
        "ringlog node ready: kafka={} native={} admin={admin}\n",
        first(&ready.kafka),
        first(&ready.native)
    );
    // Nobody reads it: the node serves all the same.
    let _ = stdout().write_all(line.as_bytes()).and_then(|()| stdout().flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advertised_address_is_a_host_and_a_port() {
        assert_eq!(host_port("broker:9092").unwrap(), HostPort { host: "broker".into(), port: 9092 });
        assert_eq!(host_port("[::1]:9092").unwrap(), HostPort { host: "::1".into(), port: 9092 });
        assert!(host_port("broker").is_err());
        assert!(host_port("broker:kafka").is_err());
    }

    #[test]
    fn an_optional_listener_shares_the_name_of_the_first() {
        let listeners = listeners("KAFKA", "127.0.0.1:0", None, Some("[::1]:9092".parse().unwrap())).unwrap();
        assert_eq!(listeners.iter().map(|listener| listener.optional).collect::<Vec<_>>(), [false, true]);
        assert!(listeners.iter().all(|listener| listener.name == "KAFKA"));
    }
}
