//! A member of a classic group.

use crate::{ClassicMemberValue, Client, Name, Protocol, Token};
use bytes::Bytes;
use core::time::Duration;

/// One member, with what it waits for.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) instance: Option<Name>,
    pub(crate) client: Client,
    pub(crate) session_timeout: Duration,
    pub(crate) rebalance_timeout: Duration,
    /// In its order of preference.
    pub(crate) protocols: Vec<Protocol>,
    /// Its part of the current generation's assignment.
    pub(crate) assignment: Bytes,
    /// Its join that waits for the others.
    pub(crate) joining: Option<Token>,
    /// Its sync that waits for the leader.
    pub(crate) syncing: Option<Token>,
    /// Whether it has never been told its member id: it cannot send heartbeats yet.
    pub(crate) is_new: bool,
}

impl Member {
    /// A member of a finished generation; of its protocols only the chosen one is known.
    pub(crate) fn restored(value: &ClassicMemberValue, protocol: Option<&Name>) -> Member {
        let protocols = protocol
            .map(|name| Protocol { name: name.clone(), metadata: value.subscription.clone() })
            .into_iter();
        Member {
            instance: value.instance.clone(),
            client: Client { id: value.client_id.clone(), host: value.client_host.clone() },
            session_timeout: milliseconds(value.session_timeout_ms),
            rebalance_timeout: milliseconds(value.rebalance_timeout_ms),
            protocols: protocols.collect(),
            assignment: value.assignment.clone(),
            joining: None,
            syncing: None,
            is_new: false,
        }
    }

    /// As it stands in the record of a finished generation.
    pub(crate) fn value(&self, name: &Name, protocol: Option<&Name>) -> ClassicMemberValue {
        ClassicMemberValue {
            member: name.clone(),
            instance: self.instance.clone(),
            client_id: self.client.id.clone(),
            client_host: self.client.host.clone(),
            rebalance_timeout_ms: in_milliseconds(self.rebalance_timeout),
            session_timeout_ms: in_milliseconds(self.session_timeout),
            subscription: protocol.and_then(|name| self.metadata(name)).cloned().unwrap_or_default(),
            assignment: self.assignment.clone(),
        }
    }

    /// What it said with a protocol.
    pub(crate) fn metadata(&self, protocol: &str) -> Option<&Bytes> {
        self.protocols.iter().find(|one| &*one.name == protocol).map(|one| &one.metadata)
    }

    /// Whether it may stay silent: it is told when to go on.
    pub(crate) fn is_parked(&self) -> bool {
        !self.is_new && (self.joining.is_some() || self.syncing.is_some())
    }
}

/// A timeout of the protocol; a negative one is none at all.
pub(crate) fn milliseconds(value: i32) -> Duration {
    Duration::from_millis(u64::try_from(value).unwrap_or(0))
}

fn in_milliseconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
