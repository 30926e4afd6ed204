//! Questions in the native protocol, through the client.

use super::control::{Edge, NewTopic, add_target, sorted};
use super::{CLIENT, Layout, Place, Target, Versions};
use crate::bench::settings::Protocol;
use anyhow::{Context, Result, anyhow, bail};
use ringlog_client::{Client, ClientError, ClientOptions};
use ringlog_native::ErrorCode;
use ringlog_native::body::{
    Isolation, OffsetQuery, ShardMap, ShardMapReply, TopicCreate, TopicCreateReply, TopicDelete,
    TopicDeleteReply, TopicPlace,
};
use ringlog_reactor::Reactor;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::{SocketAddr, ToSocketAddrs};
use std::rc::Rc;

pub(crate) struct NativeControl {
    client: Client,
    home: SocketAddr,
}

impl NativeControl {
    pub(super) async fn connect(reactor: &Reactor, addresses: &[SocketAddr]) -> Result<NativeControl> {
        let options = ClientOptions {
            name: CLIENT.to_owned(),
            resolve: Rc::new(|host, port| (host, port).to_socket_addrs().ok()?.next()),
            ..ClientOptions::default()
        };
        let mut last = anyhow!("no address");
        for &home in addresses {
            match Client::connect(reactor, &[home], options.clone()).await {
                Ok(client) => return Ok(NativeControl { client, home }),
                Err(error @ ClientError::Connect { .. }) => {
                    last = anyhow!("{error}. Is a broker running there?");
                }
                Err(error) => {
                    last = anyhow!(
                        "{home} does not answer as a native listener of Ringlog ({error}). The Kafka port is another"
                    );
                }
            }
        }
        Err(last)
    }

    pub(super) async fn partitions(&mut self, name: &str) -> Result<Option<usize>> {
        match self.client.topic(name).await {
            Ok(topic) => Ok(Some(topic.partitions.len())),
            Err(ClientError::UnknownTopic(_)) => Ok(None),
            Err(error) => Err(error).with_context(|| format!("topic {name:?} cannot be looked up")),
        }
    }

    pub(super) async fn create(&mut self, topic: &NewTopic<'_>) -> Result<()> {
        let question = TopicCreate {
            name: topic.name.to_owned(),
            partitions: topic.partitions,
            replication_factor: topic.replication_factor,
            configs: topic.configs.to_vec(),
        };
        match self.client.ask::<_, TopicCreateReply>(&question).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some(ErrorCode::TopicAlreadyExists) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn delete(&mut self, name: &str) -> Result<()> {
        match self.client.ask::<_, TopicDeleteReply>(&TopicDelete { name: name.to_owned() }).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some(ErrorCode::UnknownTopicOrPartition) => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot delete topic {name:?}")),
        }
    }

    pub(super) async fn layout(&mut self, names: &[String]) -> Result<Layout> {
        let map: ShardMapReply = self.client.ask(&ShardMap { topics: names.to_vec() }).await?;
        let home = self.client.greeting().await?.node;
        let mut nodes = BTreeMap::new();
        for node in &map.nodes {
            // The way we came works, whatever the node advertises.
            let address = if node.node == home {
                Some(self.home)
            } else {
                (node.host.as_str(), node.port).to_socket_addrs().ok().and_then(|mut found| found.next())
            };
            nodes.insert(node.node, address);
        }
        nodes.entry(home).or_insert(Some(self.home));
        let (mut targets, mut places) = (Vec::new(), Vec::new());
        for topic in &map.topics {
            let at = names.iter().position(|name| *name == topic.name).context("a topic not asked for")?;
            if let Some(code) = topic.error {
                bail!("topic {:?} cannot be used: {code:?}", topic.name);
            }
            for place in &topic.partitions {
                let address = nodes.get(&place.leader).copied().flatten();
                let address = address.with_context(|| {
                    format!("partition {} of {:?} has no leader that can be reached", place.index, topic.name)
                })?;
                places.push(Place {
                    topic: at,
                    partition: place.index,
                    target: add_target(&mut targets, Target { address, shard: Some(place.shard) }),
                    topic_id: topic.topic,
                    epoch: place.epoch,
                });
            }
        }
        if places.is_empty() {
            bail!("the topic has no partitions yet");
        }
        Ok(Layout {
            protocol: Protocol::Native,
            versions: Versions::default(),
            topics: names.to_vec(),
            targets,
            places: sorted(places),
        })
    }

    pub(super) async fn offsets(&mut self, layout: &Layout, edge: Edge) -> Result<Vec<i64>> {
        let query = match edge {
            Edge::Beginning => OffsetQuery::Beginning,
            Edge::End => OffsetQuery::End,
        };
        let mut topics: BTreeMap<usize, TopicPlace> = BTreeMap::new();
        let mut offsets = Vec::with_capacity(layout.places.len());
        for place in &layout.places {
            let topic = match topics.entry(place.topic) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.client.topic(&layout.topics[place.topic]).await?),
            };
            let reply =
                self.client.list_offset(topic, place.partition, query, Isolation::ReadUncommitted).await?;
            offsets.push(reply.offset.0);
        }
        Ok(offsets)
    }
}
