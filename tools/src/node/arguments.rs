//! The flags of `ringlog node`, which go over its settings.

use super::measured::Measured;
use super::table::TABLE;
use crate::settings::{Flag, Settings};
use anyhow::Result;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Args, Clone)]
#[command(after_help = "\
Everything that can be set has a key in the configuration file and a variable in the environment
(--print-config lists both forms); flags go over the environment, the environment over the file.

Examples:
  ringlog node --data /var/lib/ringlog --controllers 10.0.0.1:9292 --kafka 10.0.0.2:9092
  ringlog node --data /disk1 --data /disk2 --kafka 0.0.0.0:9092 --kafka-advertised broker1.example:9092
  ringlog node --print-config > node.toml
  ringlog node --config node.toml --check-config")]
pub(crate) struct NodeArguments {
    /// The configuration file
    #[arg(long, value_name = "FILE", env = "RINGLOG_NODE_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Print the configuration that holds, with a comment for each key, and exit
    #[arg(long)]
    pub(super) print_config: bool,
    /// Check the configuration, say what is wrong with it, and exit
    #[arg(long, conflicts_with = "print_config")]
    pub(super) check_config: bool,
    /// A setting by its key in the file; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// A data directory; may be repeated, one for each disk
    #[arg(long, value_name = "DIR")]
    data: Vec<String>,
    /// The controllers [default: 127.0.0.1:9292]
    #[arg(long, value_name = "HOST:PORT", value_delimiter = ',')]
    controllers: Vec<String>,
    /// Where Kafka clients come in [default: 127.0.0.1:9092]
    #[arg(long, value_name = "HOST:PORT")]
    kafka: Option<String>,
    /// What Kafka clients are told to connect to [default: the address they come in at]
    #[arg(long, value_name = "HOST:PORT")]
    kafka_advertised: Option<String>,
    /// Another address for Kafka clients, passed over where it cannot be bound
    #[arg(long, value_name = "HOST:PORT", hide = true)]
    pub(super) kafka_also: Option<SocketAddr>,
    /// Where clients of the native protocol come in [default: 127.0.0.1:9192]
    #[arg(long, value_name = "HOST:PORT")]
    native: Option<String>,
    /// What native clients are told to connect to [default: the address they come in at]
    #[arg(long, value_name = "HOST:PORT")]
    native_advertised: Option<String>,
    /// Another address for native clients, passed over where it cannot be bound
    #[arg(long, value_name = "HOST:PORT", hide = true)]
    pub(super) native_also: Option<SocketAddr>,
    /// Where health and metrics are served over HTTP [default: 127.0.0.1:9644]
    #[arg(long, value_name = "HOST:PORT")]
    admin: Option<String>,
    /// This node's number in its cluster [default: 1]
    #[arg(long, value_name = "N")]
    node_id: Option<String>,
    /// How many shards, each with a thread of its own [default: one per processor it may use]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    shards: Option<u16>,
    /// Whether shards are pinned to processors: auto or off [default: auto]
    #[arg(long, value_name = "HOW")]
    pin: Option<String>,
    /// How shards reach disks and network: auto, uring or epoll [default: auto]
    #[arg(long, value_name = "DRIVER")]
    io_driver: Option<String>,
    /// How log lines are written: text or json [default: text]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// Free bytes of a data directory's disk below which produce is refused [default: 2 % of it, 8 to 256 MiB]
    #[arg(long, value_name = "BYTES")]
    disk_free_min: Option<String>,
    /// Bytes kept back per data directory for deletes and restarts on a full disk [default: 64 MiB]
    #[arg(long, value_name = "BYTES")]
    disk_reserve: Option<String>,
    /// Another default for a setting, below file and environment
    #[arg(long, value_name = "KEY=VALUE", hide = true)]
    preset: Vec<String>,
}

impl NodeArguments {
    /// What holds, all layers together, and what was measured of the disks, which stands in for defaults.
    pub(super) fn settings(&self) -> Result<(Settings, Measured)> {
        let mut flags = Vec::new();
        let mut add = |flag, key, values: Vec<String>| {
            if !values.is_empty() {
                flags.push((flag, key, values));
            }
        };
        let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
        add("--data", "data", self.data.clone());
        add("--controllers", "controllers", self.controllers.clone());
        add("--kafka", "listen.kafka", one(&self.kafka));
        add("--kafka-advertised", "listen.kafka-advertised", one(&self.kafka_advertised));
        add("--native", "listen.native", one(&self.native));
        add("--native-advertised", "listen.native-advertised", one(&self.native_advertised));
        add("--admin", "listen.admin", one(&self.admin));
        add("--node-id", "node-id", one(&self.node_id));
        add("--shards", "shards", one(&self.shards.map(|shards| shards.to_string())));
        add("--pin", "pin", one(&self.pin));
        add("--io-driver", "io-driver", one(&self.io_driver));
        add("--log-format", "log.format", one(&self.log_format));
        add("--disk-free-min", "storage.free-bytes-low", one(&self.disk_free_min));
        add("--disk-reserve", "storage.reserve-bytes", one(&self.disk_reserve));
        flags.extend(TABLE.given(&self.set)?);
        let preset = TABLE.given(&self.preset)?;
        let resolve = |defaults: &[Flag]| {
            TABLE.resolve_over(defaults, self.config.as_deref(), std::env::vars(), &flags)
        };
        // Only the other layers say where the data is.
        let measured = Measured::read(&resolve(&preset)?);
        let defaults: Vec<Flag> = measured.defaults().into_iter().chain(preset).collect();
        Ok((resolve(&defaults)?, measured))
    }
}
