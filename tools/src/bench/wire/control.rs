//! Before and after a run: topics, leaders, offsets.

use super::control_kafka::KafkaControl;
use super::control_native::NativeControl;
use super::{Layout, Place};
use crate::bench::lane::Identity;
use crate::bench::settings::{Protocol, Settings};
use anyhow::{Context, Result, bail};
use ringlog_reactor::Reactor;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

/// How long a topic may take to get its leaders, and a deleted one to be gone.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// A topic to be.
pub(super) struct NewTopic<'a> {
    pub(super) name: &'a str,
    pub(super) partitions: i32,
    pub(super) replication_factor: i16,
    pub(super) configs: &'a [(String, String)],
}

/// Which end of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    Beginning,
    End,
}

pub(crate) enum Control {
    Kafka(KafkaControl),
    Native(NativeControl),
}

impl Control {
    pub(crate) async fn connect(reactor: &Reactor, settings: &Settings) -> Result<Control> {
        let addresses = resolve(settings.broker())?;
        Ok(match settings.protocol {
            Protocol::Kafka => Control::Kafka(KafkaControl::connect(reactor, &addresses).await?),
            Protocol::Native => Control::Native(NativeControl::connect(reactor, &addresses).await?),
        })
    }

    /// Sees to it that the topics are there as the settings want them, and finds out who leads their partitions.
    pub(crate) async fn prepare(
        &mut self,
        reactor: &Reactor,
        settings: &Settings,
        create: bool,
    ) -> Result<Layout> {
        let configs = settings.configs()?;
        let names = settings.topic_names();
        for name in &names {
            if settings.fresh && create {
                self.delete(name).await?;
                let deadline = reactor.now_nanos() + PATIENCE.as_nanos() as u64;
                while self.partitions(name).await?.is_some() {
                    if reactor.now_nanos() > deadline {
                        bail!("topic {name:?} is still there {} s after it was deleted", PATIENCE.as_secs());
                    }
                    reactor.sleep(PAUSE).await;
                }
            }
            match (self.partitions(name).await?, settings.partitions) {
                (Some(has), Some(wanted)) if has != wanted as usize => bail!(
                    "topic {name:?} has {has} partition(s), not {wanted}: leave --partitions out, name another --topic, or give --fresh to begin with an empty one"
                ),
                (Some(_), _) => {}
                (None, _) if !create => bail!("there is no topic {name:?}"),
                (None, partitions) => {
                    let partitions = partitions.unwrap_or(1);
                    let replication_factor = settings.replication_factor;
                    let topic = NewTopic { name, partitions, replication_factor, configs: &configs };
                    self.create(&topic).await.with_context(|| format!("cannot create topic {name:?}"))?;
                }
            }
        }
        let deadline = reactor.now_nanos() + PATIENCE.as_nanos() as u64;
        loop {
            let found = match self {
                Control::Kafka(control) => control.layout(&names).await,
                Control::Native(control) => control.layout(&names).await,
            };
            match found {
                Err(error) if reactor.now_nanos() > deadline => return Err(error),
                Err(_) => reactor.sleep(PAUSE).await,
                Ok(layout) => return Ok(layout),
            }
        }
    }

    /// How many partitions a topic has, if it is there.
    async fn partitions(&mut self, name: &str) -> Result<Option<usize>> {
        match self {
            Control::Kafka(control) => control.partitions(name).await,
            Control::Native(control) => control.partitions(name).await,
        }
    }

    /// A producer id of its own for one idempotent producer.
    pub(crate) async fn identity(&mut self) -> Result<Identity> {
        match self {
            Control::Kafka(control) => control.identity().await,
            Control::Native(_) => bail!("idempotent producers need --protocol kafka"),
        }
    }

    async fn create(&mut self, topic: &NewTopic<'_>) -> Result<()> {
        match self {
            Control::Kafka(control) => control.create(topic).await,
            Control::Native(control) => control.create(topic).await,
        }
    }

    /// Deletes a topic; that it is not there is no error.
    pub(crate) async fn delete(&mut self, name: &str) -> Result<()> {
        match self {
            Control::Kafka(control) => control.delete(name).await,
            Control::Native(control) => control.delete(name).await,
        }
    }

    /// An end of every partition, in the order of the layout's places.
    pub(crate) async fn offsets(&mut self, layout: &Layout, edge: Edge) -> Result<Vec<i64>> {
        match self {
            Control::Kafka(control) => control.offsets(layout, edge).await,
            Control::Native(control) => control.offsets(layout, edge).await,
        }
    }
}

/// A place of the layout in the making.
pub(super) fn add_target<T: PartialEq>(targets: &mut Vec<T>, target: T) -> usize {
    match targets.iter().position(|known| *known == target) {
        Some(at) => at,
        None => {
            targets.push(target);
            targets.len() - 1
        }
    }
}

pub(super) fn sorted(mut places: Vec<Place>) -> Vec<Place> {
    places.sort_by_key(|place| (place.topic, place.partition));
    places
}

/// The addresses of `HOST:PORT,HOST:PORT,...`.
pub(crate) fn resolve(brokers: &str) -> Result<Vec<SocketAddr>> {
    let mut addresses = Vec::new();
    for broker in brokers.split(',').map(str::trim).filter(|broker| !broker.is_empty()) {
        let found =
            broker.to_socket_addrs().with_context(|| format!("{broker:?} is not an address (HOST:PORT)"))?;
        addresses.extend(found);
    }
    if addresses.is_empty() {
        bail!("{brokers:?} names no broker");
    }
    Ok(addresses)
}
