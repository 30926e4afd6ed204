//! Nodes come, are heard of, and go.

use crate::elections::{NodeChange, elect_after};
use crate::{Decision, Refusal};
use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::net::IpAddr;
use ringlog_image::{Image, ListenerAddress, MetadataRecord, NodeImage};
use ringlog_model::{ClusterId, NodeId, Uuid};

/// A node that asks to take part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The cluster its disks belong to; `None` for new ones.
    pub cluster: Option<ClusterId>,
    /// Its id.
    pub node: NodeId,
    /// Its life.
    pub incarnation: Uuid,
    /// Its disks.
    pub storage: Uuid,
    /// The format levels it understands, both included.
    pub formats: (u16, u16),
    /// Where it is reached.
    pub listeners: Vec<ListenerAddress>,
}

/// Registers a node, or another life of it; registering the same life again changes nothing.
///
/// `lease_holds` says whether the life registered before was heard of lately: while it was, the same id from other disks
/// is refused, because two nodes with one id would both believe to lead.
///
/// # Errors
/// [`Refusal::WrongCluster`], [`Refusal::UnsupportedFormat`], [`Refusal::DuplicateNode`], [`Refusal::InvalidRequest`].
pub fn register_node(
    image: &Image,
    request: &Registration,
    lease_holds: bool,
) -> Result<Decision<()>, Refusal> {
    check_registration(image, request)?;
    let before = image.node(request.node);
    if let Some(before) = before {
        if is_unchanged(before, request) {
            return Ok(Decision { records: vec![], reply: () });
        }
        if before.storage != request.storage && before.is_alive() && lease_holds {
            return Err(Refusal::DuplicateNode(request.node));
        }
    }
    let mut records = vec![MetadataRecord::NodeRegistered {
        node: request.node,
        incarnation: request.incarnation,
        storage: request.storage,
        listeners: request.listeners.clone(),
    }];
    let change = match before {
        Some(before) if before.storage != request.storage => NodeChange::Replaced,
        Some(before) if before.incarnation == request.incarnation => NodeChange::Back,
        _ => NodeChange::Restarted,
    };
    records.extend(elect_after(image, request.node, change));
    Ok(Decision { records, reply: () })
}

/// A heartbeat: a fenced node is let in again, for any other nothing changes.
///
/// # Errors
/// [`Refusal::StaleNode`] if the node must register first.
pub fn hear_from_node(image: &Image, node: NodeId, incarnation: Uuid) -> Result<Decision<()>, Refusal> {
    let registered = registered(image, node, incarnation)?;
    let mut records = vec![];
    if !registered.is_alive() {
        records.push(MetadataRecord::NodeUnfenced { node, incarnation });
        records.extend(elect_after(image, node, NodeChange::Back));
    }
    Ok(Decision { records, reply: () })
}

/// The node's lease ran out, or it said that it stops: others lead what it led, as far as they can.
///
/// # Errors
/// [`Refusal::StaleNode`] if this life of the node is not the registered one.
pub fn fence_node(image: &Image, node: NodeId, incarnation: Uuid) -> Result<Decision<()>, Refusal> {
    let registered = registered(image, node, incarnation)?;
    let mut records = vec![];
    if registered.is_alive() {
        records.push(MetadataRecord::NodeFenced { node, incarnation });
        records.extend(elect_after(image, node, NodeChange::Lost));
    }
    Ok(Decision { records, reply: () })
}

/// Forgets a node that will not come back. While it is alive it is refused: it would only register again.
///
/// # Errors
/// [`Refusal::UnknownNode`], [`Refusal::InvalidRequest`].
pub fn forget_node(image: &Image, node: NodeId) -> Result<Decision<()>, Refusal> {
    let registered = image.node(node).ok_or(Refusal::UnknownNode(node))?;
    if registered.is_alive() {
        return Err(Refusal::InvalidRequest(format!(
            "Broker {node} is alive: stop it before it is unregistered."
        )));
    }
    let alone =
        image.topics().flat_map(|topic| topic.partitions().map(move |(id, state)| (topic, id, state)));
    let mut alone = alone.filter(|(_, _, state)| state.isr == [node]);
    if let Some((topic, id, _)) = alone.next() {
        // Should the same id register again with other disks, nobody would remember that these records were elsewhere.
        return Err(Refusal::InvalidRequest(format!(
            "Broker {node} holds the only in-sync replica of {}-{} and of {} more partition(s): delete these topics \
             before it is unregistered.",
            topic.name,
            id.index,
            alone.count()
        )));
    }
    Ok(Decision { records: vec![MetadataRecord::NodeUnregistered { node }], reply: () })
}

/// The node, if this life of it is the registered one.
pub(crate) fn registered(image: &Image, node: NodeId, incarnation: Uuid) -> Result<&NodeImage, Refusal> {
    match image.node(node) {
        Some(registered) if registered.incarnation == incarnation => Ok(registered),
        _ => Err(Refusal::StaleNode(node)),
    }
}

fn is_unchanged(before: &NodeImage, request: &Registration) -> bool {
    let mut listeners = request.listeners.clone();
    listeners.sort();
    before.is_alive()
        && before.incarnation == request.incarnation
        && before.storage == request.storage
        && before.listeners[..] == listeners[..]
}

fn check_registration(image: &Image, request: &Registration) -> Result<(), Refusal> {
    if let (Some(here), Some(theirs)) = (image.cluster(), request.cluster)
        && here != theirs
    {
        return Err(Refusal::WrongCluster { here, theirs });
    }
    let (level, (min, max)) = (image.format(), request.formats);
    if !(min..=max).contains(&level) {
        return Err(Refusal::UnsupportedFormat { level, min, max });
    }
    let invalid = |reason: String| Err(Refusal::InvalidRequest(reason));
    if request.node.0 < 0 {
        return invalid(format!("a node id is not negative, this is {}", request.node));
    }
    if request.incarnation.is_zero() || request.storage.is_zero() {
        return invalid("the incarnation and the storage id must be drawn".to_string());
    }
    if request.listeners.is_empty() {
        return invalid("a node has at least one listener".to_string());
    }
    for (at, listener) in request.listeners.iter().enumerate() {
        if let Some(reason) = listener_fault(listener) {
            return invalid(format!("listener {}: {reason}", listener.name));
        }
        if request.listeners[..at].iter().any(|other| other.name == listener.name) {
            return invalid(format!("listener {} is there twice", listener.name));
        }
    }
    Ok(())
}

/// Others are told this address, so it must be one that leads to the node from elsewhere.
fn listener_fault(listener: &ListenerAddress) -> Option<&'static str> {
    if listener.name.is_empty() {
        return Some("it has no name");
    }
    if listener.host.is_empty() {
        return Some("it has no advertised host");
    }
    if listener.port == 0 {
        return Some("it has no advertised port");
    }
    let host = listener.host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(address) if address.is_unspecified() => Some("a wildcard cannot be advertised"),
        _ => None,
    }
}
