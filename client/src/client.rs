//! A cluster as a client sees it: its nodes, its topics, connections to the shards that own partitions.

use crate::ClientError;
use crate::link::{Link, LinkOptions};
use core::time::Duration;
use ringlog_model::{LeaderEpoch, NodeId, PartitionId, PartitionIndex, ShardId};
use ringlog_native::body::{
    HelloReply, Isolation, ListOffsets, ListOffsetsReply, OffsetQuery, PartitionPlace, ShardMap,
    ShardMapReply, TopicPlace,
};
use ringlog_native::{BODY_LIMIT_DEFAULT, Body, ErrorCode};
use ringlog_reactor::Reactor;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// Turns a host that the cluster advertises into an address.
pub type Resolve = Rc<dyn Fn(&str, u16) -> Option<SocketAddr>>;

/// How a client behaves.
#[derive(Clone)]
pub struct ClientOptions {
    /// Told to nodes, for their logs.
    pub name: String,
    /// How long connecting and greeting may take.
    pub connect_timeout: Duration,
    /// How long an answer may take.
    pub request_timeout: Duration,
    /// The largest body taken from a node.
    pub body_limit: usize,
    /// How advertised hosts are resolved.
    pub resolve: Resolve,
}

impl Default for ClientOptions {
    fn default() -> ClientOptions {
        ClientOptions {
            name: "ringlog-client".to_owned(),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(30),
            body_limit: BODY_LIMIT_DEFAULT,
            resolve: Rc::new(|host, port| Some(SocketAddr::new(host.parse::<IpAddr>().ok()?, port))),
        }
    }
}

/// A client of one cluster. Clones share connections and what is known of the cluster.
#[derive(Clone)]
pub struct Client {
    shared: Rc<Shared>,
}

struct Shared {
    reactor: Reactor,
    options: ClientOptions,
    /// Where to begin, the one that answered last first.
    bootstrap: RefCell<Vec<SocketAddr>>,
    home: RefCell<Option<Link>>,
    links: RefCell<BTreeMap<(NodeId, ShardId), Link>>,
    nodes: RefCell<BTreeMap<NodeId, (String, u16)>>,
}

impl Client {
    /// Connects to the first of `addresses` that answers; one node is enough to learn of the others.
    ///
    /// # Errors
    /// [`ClientError`] of the last address if none answers.
    pub async fn connect(
        reactor: &Reactor,
        addresses: &[SocketAddr],
        options: ClientOptions,
    ) -> Result<Client, ClientError> {
        let client = Client {
            shared: Rc::new(Shared {
                reactor: reactor.clone(),
                options,
                bootstrap: RefCell::new(addresses.to_vec()),
                home: RefCell::default(),
                links: RefCell::default(),
                nodes: RefCell::default(),
            }),
        };
        client.home().await?;
        Ok(client)
    }

    /// What the node that was connected to said of itself.
    ///
    /// # Errors
    /// [`ClientError`] if it had to be connected to anew and could not.
    pub async fn greeting(&self) -> Result<HelloReply, ClientError> {
        Ok(self.home().await?.greeting())
    }

    /// Asks any node.
    ///
    /// # Errors
    /// [`ClientError`]: refused, lost, late, or not to be reached.
    pub async fn ask<Q: Body, A: Body>(&self, question: &Q) -> Result<A, ClientError> {
        let timeout = self.shared.options.request_timeout;
        self.home().await?.ask(question, LeaderEpoch::UNKNOWN, timeout).await
    }

    /// Where a topic's partitions are.
    ///
    /// # Errors
    /// [`ClientError::UnknownTopic`], and those of [`Client::ask`].
    pub async fn topic(&self, name: &str) -> Result<TopicPlace, ClientError> {
        let map: ShardMapReply = self.ask(&ShardMap { topics: vec![name.to_owned()] }).await?;
        let nodes = map.nodes.into_iter().map(|node| (node.node, (node.host, node.port)));
        self.shared.nodes.borrow_mut().extend(nodes);
        let place = map.topics.into_iter().find(|topic| topic.name == name);
        match place {
            Some(place) if place.error.is_none() => Ok(place),
            Some(TopicPlace { error: Some(code), .. }) if code != ErrorCode::UnknownTopicOrPartition => {
                let message = format!("topic {name:?} cannot be looked up");
                Err(ClientError::Refused(ringlog_native::ErrorBody { code, message }))
            }
            _ => Err(ClientError::UnknownTopic(name.to_owned())),
        }
    }

    /// An offset of one partition, from its leader.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn list_offset(
        &self,
        topic: &TopicPlace,
        index: PartitionIndex,
        query: OffsetQuery,
        isolation: Isolation,
    ) -> Result<ListOffsetsReply, ClientError> {
        let place = place_of(topic, index)?;
        let link = self.link_to(&topic.name, place).await?;
        let partition = PartitionId { topic: topic.topic, index };
        let question = ListOffsets { partition, query, isolation };
        link.ask(&question, place.epoch, self.shared.options.request_timeout).await
    }

    /// Asks the leader of a partition, on the shard that owns it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn ask_leader<Q: Body, A: Body>(
        &self,
        topic: &TopicPlace,
        index: PartitionIndex,
        question: &Q,
    ) -> Result<A, ClientError> {
        let place = place_of(topic, index)?;
        let link = self.link_to(&topic.name, place).await?;
        link.ask(question, place.epoch, self.shared.options.request_timeout).await
    }

    /// What this client knows of the world.
    #[must_use]
    pub fn reactor(&self) -> &Reactor {
        &self.shared.reactor
    }

    pub(crate) fn options(&self) -> &ClientOptions {
        &self.shared.options
    }

    /// A connection to the shard that owns a partition.
    pub(crate) async fn link_to(&self, topic: &str, place: &PartitionPlace) -> Result<Link, ClientError> {
        let no_leader = || ClientError::NoLeader { topic: topic.to_owned(), partition: place.index };
        let key = (place.leader, place.shard);
        if let Some(link) = self.shared.links.borrow().get(&key).filter(|link| link.is_open()) {
            return Ok(link.clone());
        }
        let home = self.home().await?;
        let greeting = home.greeting();
        if greeting.node == place.leader && greeting.shard == place.shard {
            return Ok(home);
        }
        let address = if greeting.node == place.leader {
            // The way we came works, whatever the node advertises (a tunnel, a container's port).
            self.shared.bootstrap.borrow().first().copied().ok_or_else(no_leader)?
        } else {
            let (host, port) =
                self.shared.nodes.borrow().get(&place.leader).cloned().ok_or_else(no_leader)?;
            (self.shared.options.resolve)(&host, port).ok_or(ClientError::Unresolved { host })?
        };
        let link = Link::open(&self.shared.reactor, address, Some(place.shard), &self.link_options()).await?;
        self.shared.links.borrow_mut().insert(key, link.clone());
        Ok(link)
    }

    /// The connection for everything that any node can answer.
    async fn home(&self) -> Result<Link, ClientError> {
        if let Some(home) = self.shared.home.borrow().as_ref().filter(|home| home.is_open()) {
            return Ok(home.clone());
        }
        let addresses = self.shared.bootstrap.borrow().clone();
        let mut last = ClientError::Unresolved { host: "no address".to_owned() };
        for (at, &address) in addresses.iter().enumerate() {
            match Link::open(&self.shared.reactor, address, None, &self.link_options()).await {
                Ok(link) => {
                    self.shared.bootstrap.borrow_mut().swap(0, at);
                    *self.shared.home.borrow_mut() = Some(link.clone());
                    return Ok(link);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn link_options(&self) -> LinkOptions {
        let options = &self.shared.options;
        LinkOptions {
            client: options.name.clone(),
            body_limit: options.body_limit,
            connect_timeout: options.connect_timeout,
        }
    }
}

/// One partition's place, if the topic has it.
pub(crate) fn place_of(topic: &TopicPlace, index: PartitionIndex) -> Result<&PartitionPlace, ClientError> {
    topic
        .partitions
        .iter()
        .find(|place| place.index == index)
        .ok_or_else(|| ClientError::UnknownPartition { topic: topic.name.clone(), partition: index })
}
