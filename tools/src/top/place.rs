//! Where a node's admin listener is, if only its native one is known.

use crate::native::{NativeArguments, explained};
use anyhow::{Context, Result};
use ringlog_native::body::{ConfigDescribe, ConfigDescribeReply, ConfigHolder, ShardMap, ShardMapReply};
use std::net::SocketAddr;

/// The node's config that says it.
const CONFIG: &str = "ringlog.admin";

/// Asks the node at `native`.
pub(super) fn admin_of(native: &str) -> Result<String> {
    let asked = native.to_owned();
    NativeArguments::at(native).run(move |client| async move {
        // Only the nodes are wanted; no topic has no name.
        let no_topics = ShardMap { topics: vec![String::new()] };
        let nodes: ShardMapReply = client.ask(&no_topics).await.map_err(explained)?;
        let node = nodes.nodes.first().context("the node does not say which it is")?;
        let question = ConfigDescribe { holder: ConfigHolder::Node, name: node.node.to_string() };
        let told: ConfigDescribeReply = client.ask(&question).await.map_err(explained)?;
        let admin = told.configs.into_iter().find(|config| config.name == CONFIG);
        let admin = admin.with_context(|| format!("the node at {asked} has no admin listener"))?.value;
        let bound: SocketAddr = admin.parse().with_context(|| format!("{admin:?} is not an address"))?;
        // Bound to all addresses: the one that was just reached is among them.
        Ok(match (bound.ip().is_unspecified(), asked.rsplit_once(':')) {
            (true, Some((host, _))) => format!("{host}:{}", bound.port()),
            _ => admin,
        })
    })
}
