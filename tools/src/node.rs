//! `ringlog node`

mod arguments;
mod bounds;
mod measured;
mod table;

pub(crate) use arguments::NodeArguments;

use crate::logging::Format;
use crate::native::resolve;
use crate::reload::{self, Reload};
use crate::settings::{self, Settings};
use crate::{listening, logging, notify, signals};
use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use ringlog_image::config::is_reloadable;
use ringlog_model::NodeId;
use ringlog_node::{HostPort, ListenerOptions, NewConfigs, NodeOptions, ReadyAddresses};
use ringlog_reactor::{DriverChoice, Options};
use std::io::{Write, stdout};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use table::TABLE;

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

    /// The driver of this name.
    fn named(name: &str) -> IoDriver {
        match name {
            "uring" => IoDriver::Uring,
            "epoll" => IoDriver::Epoll,
            _ => IoDriver::Auto,
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

pub(crate) fn run(arguments: &NodeArguments) -> Result<()> {
    let (settings, measured) = arguments.settings()?;
    if arguments.print_config {
        let printed = measured.comment() + &settings::print(&TABLE, &settings);
        return Ok(stdout().write_all(printed.as_bytes())?);
    }
    let options = options(arguments, &settings)?;
    if arguments.check_config {
        let shards = options.shards;
        writeln!(stdout(), "the configuration is right: node {}, {shards} shards", options.node_id)?;
        return Ok(());
    }
    let levels = logging::start(settings.text("log.levels"), Format::named(settings.text("log.format")))?;
    measured.log();
    let again = arguments.clone();
    let told: Arc<OnceLock<NewConfigs>> = Arc::default();
    let listens = told.clone();
    reload::on_hangup(
        settings.clone(),
        levels.clone(),
        Reload {
            read: move || again.settings().map(|(settings, _)| settings),
            check: |now: &Settings| bounds::check(now),
            is_obeyed: |key: &str| key.strip_prefix(table::KAFKA).is_some_and(is_reloadable),
            obey: move |now: &Settings| {
                let is_told = listens.get().is_some_and(|node| node.say(bounds::configs(now)));
                ensure!(is_told, "the node takes nothing new now");
                Ok(())
            },
        },
    )
    .context("cannot watch for SIGHUP")?;
    let options = NodeOptions { log_levels: Some(levels), ..options };
    let listeners = options.kafka.iter().chain(&options.native).map(|listener| listener.bind);
    listening::wait_until_free(listeners.chain(options.admin));
    let pin = options.processors.first().copied();
    let driver = IoDriver::named(settings.text("io-driver"));
    let reactor = Options { driver: driver.choice(), pin, name: "shard-0".to_owned(), ..Options::default() };
    let ended = ringlog_reactor::run(reactor, move |reactor| async move {
        signals::request_shutdown(reactor.shutdown_trigger()).context("cannot watch signals")?;
        if let Some(reason) = reactor.fallback_reason() {
            tracing::warn!(
                "io_uring is not used ({reason}); epoll and file threads do its work, more slowly"
            );
        }
        let announce = move |ready: &ReadyAddresses| {
            let _ = told.set(ready.new_configs.clone());
            announce(ready);
        };
        Ok(ringlog_node::run(reactor, options, Rc::new(announce)).await?)
    });
    ended.with_context(|| format!("cannot start a reactor (--io-driver {})", driver.name()))?
}

fn options(arguments: &NodeArguments, settings: &Settings) -> Result<NodeOptions> {
    let data = settings.list("data").iter().map(std::path::absolute).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = data.first().cloned() else {
        bail!("a node needs a data directory: --data DIR, or `data` in the configuration file")
    };
    let processors = processors()?;
    let shards = shards(settings, processors.len());
    let is_pinned = settings.text("pin") == "auto" && usize::from(shards) <= processors.len();
    let mut controllers = Vec::new();
    for controller in settings.list("controllers") {
        controllers.extend(resolve(controller).context("controllers")?.first());
    }
    let listeners = |name, key: &str, also| {
        let advertised = settings.optional(&format!("{key}-advertised")).map(str::to_owned);
        listeners(name, settings.text(key), advertised.as_deref(), also).context(key.to_owned())
    };
    let node_id = NodeId(settings.fit("node-id"));
    let mut options = NodeOptions {
        data,
        controllers,
        kafka: listeners("KAFKA", "listen.kafka", arguments.kafka_also)?,
        native: listeners("NATIVE", "listen.native", arguments.native_also)?,
        admin: resolve(settings.text("listen.admin")).context("listen.admin")?.first().copied(),
        shards,
        processors: if is_pinned { processors[..usize::from(shards)].to_vec() } else { Vec::new() },
        ..NodeOptions::new(node_id, first)
    };
    bounds::check(settings)?;
    bounds::apply(&mut options, settings);
    Ok(options)
}

/// How many shards there are with so many processors.
fn shards(settings: &Settings, processors: usize) -> u16 {
    match settings.fit("shards") {
        0 => u16::try_from(processors.clamp(1, 256)).expect("clamped"),
        shards => shards,
    }
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

/// Tells the service manager, and a supervisor that reads the line.
fn announce(ready: &ReadyAddresses) {
    notify::ready();
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

    fn settings(environment: &[(&str, &str)]) -> Settings {
        let owned = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        TABLE.resolve(None, owned.collect::<Vec<_>>(), &[]).unwrap()
    }

    #[test]
    fn the_defaults_of_the_table_are_those_of_the_node() {
        let mut options = NodeOptions::new(NodeId(1), "/data");
        let usual = options.clone();
        bounds::apply(&mut options, &settings(&[]));
        assert_eq!(options.limits, usual.limits);
        assert_eq!(options.defaults, usual.defaults);
        assert_eq!(options.reserve_bytes, usual.reserve_bytes);
        assert_eq!(format!("{:?}", options.store), format!("{:?}", usual.store));
        assert_eq!(format!("{:?}", options.housekeeping), format!("{:?}", usual.housekeeping));
        assert_eq!(format!("{:?}", options.groups), format!("{:?}", usual.groups));
    }

    #[test]
    fn settings_reach_the_options() {
        let mut options = NodeOptions::new(NodeId(1), "/data");
        let changed = [
            ("RINGLOG_NODE_LIMITS_CONNECTIONS_MAX", "7"),
            ("RINGLOG_NODE_KAFKA_NUM_PARTITIONS", "5"),
            ("RINGLOG_NODE_STORAGE_SEGMENT_BYTES_MAX", "4096"),
        ];
        bounds::apply(&mut options, &settings(&changed));
        assert_eq!((options.limits.connections_max, options.defaults.partitions), (7, 5));
        assert_eq!(options.defaults.segment_bytes_max, Some(4096));
    }

    #[test]
    fn kafkas_names_are_taken_with_kafkas_checks_and_the_layers_go_over_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("node.toml");
        let text = "[kafka]\nlog.retention.hours = 24\nmessage.max.bytes = 1000\nlog.cleaner.min.cleanable.ratio = 0.25\n\
                    log.cleanup.policy = [\"compact\", \"delete\"]\nnum.partitions = 3\n";
        std::fs::write(&file, text).unwrap();
        let environment =
            |value: &str| [("RINGLOG_NODE_KAFKA_MESSAGE_MAX_BYTES".to_owned(), value.to_owned())];
        let flags = [("--set", "kafka.message.max.bytes", vec!["3000".to_owned()])];
        let preset = [
            ("--preset", "kafka.num.partitions", vec!["9".to_owned()]),
            ("--preset", "kafka.group.initial.rebalance.delay.ms", vec!["0".to_owned()]),
        ];
        let settings = TABLE.resolve_over(&preset, Some(&file), environment("2000"), &flags).unwrap();
        let mut options = NodeOptions::new(NodeId(1), "/data");
        bounds::apply(&mut options, &settings);
        let said = |name: &str| options.configs.get(name).map(String::as_str);
        assert_eq!((said("log.retention.hours"), said("log.retention.ms")), (Some("24"), Some("86400000")));
        assert_eq!((said("message.max.bytes"), said("log.segment.bytes")), (Some("3000"), None));
        assert_eq!(said("log.cleanup.policy"), Some("compact,delete"));
        assert_eq!((said("num.partitions"), options.defaults.partitions), (Some("3"), 3));
        assert!(options.groups.coordinator.initial_rebalance_delay.is_zero());
        let without_flags = TABLE.resolve(Some(&file), environment("2000"), &[]).unwrap();
        assert_eq!(without_flags.text("kafka.message.max.bytes"), "2000");

        for (wrong, reason) in [
            (
                "log.segment.bytes = 17",
                "node.toml:2: kafka.log.segment.bytes: \"17\" is not allowed: Value must be at least 1048576",
            ),
            ("log.cleanup.policy = \"keep\"", "String must be one of: compact, delete"),
            ("log.retention.ms = \"1\"", "expected long from -1, found a string"),
            (
                "log.retention.mss = 1",
                "kafka.log.retention.mss is no setting; did you mean kafka.log.retention.ms?",
            ),
            ("node.id = 1", "kafka.node"),
        ] {
            std::fs::write(&file, format!("[kafka]\n{wrong}\n")).unwrap();
            let refusal = TABLE.resolve(Some(&file), Vec::new(), &[]).unwrap_err().to_string();
            assert!(refusal.contains(reason), "{wrong}: {refusal}");
        }
    }

    #[test]
    fn the_printed_configuration_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("node.toml");
        std::fs::write(&file, settings::print(&TABLE, &settings(&[]))).unwrap();
        let again = TABLE.resolve(Some(&file), Vec::new(), &[]).unwrap();
        assert_eq!(again.text("listen.kafka"), "127.0.0.1:9092");
        assert_eq!(again.changed_since(&settings(&[])), Vec::<&str>::new());
    }
}
