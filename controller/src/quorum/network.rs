//! openraft's way to the other voters: the cluster listener.

use super::encoding::EncodingError;
use super::metadata::Metadata;
use super::rpc;
use super::types::{Snapshot, TypeConfig, Vote};
use crate::frames::{Caller, ConnectionError};
use bytes::Bytes;
use openraft::errors::{NetworkError, RPCError, ReplicationClosed, StreamingError, Unreachable};
use openraft::network::RPCOption;
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use openraft::{BasicNode, RaftNetworkFactory, RaftNetworkV2};
use ringlog_native::cluster::{PART_BYTES_MAX, RaftReplyV1, RaftRequestV1, RaftRpcV1, RaftSnapshotPartV1};
use ringlog_reactor::Reactor;
use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

/// How long one part of a snapshot may take.
const SNAPSHOT_PART_PATIENCE: Duration = Duration::from_secs(10);

/// Makes clients for the voters.
pub(super) struct Network {
    pub(super) reactor: Reactor,
    pub(super) id: u64,
    pub(super) peers: Rc<BTreeMap<u64, SocketAddr>>,
    pub(super) metadata: Metadata,
}

impl RaftNetworkFactory<TypeConfig> for Network {
    type Network = PeerClient;

    async fn new_client(&mut self, target: u64, node: &BasicNode) -> PeerClient {
        // What this process was started with counts more than what the log recorded when the quorum was formed.
        let address = self.peers.get(&target).copied().or_else(|| node.addr.parse().ok());
        PeerClient {
            reactor: self.reactor.clone(),
            from: self.id,
            to: target,
            address,
            metadata: self.metadata.clone(),
            connection: None,
        }
    }
}

/// One voter as another sees it.
pub(super) struct PeerClient {
    reactor: Reactor,
    from: u64,
    to: u64,
    address: Option<SocketAddr>,
    metadata: Metadata,
    connection: Option<Caller>,
}

#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("the address of voter {0} is not known")]
    NoAddress(u64),
    #[error(transparent)]
    Connect(ConnectionError),
    #[error(transparent)]
    Exchange(ConnectionError),
    #[error(transparent)]
    Encoding(#[from] EncodingError),
}

impl CallError {
    /// A voter that cannot even be connected to is left alone for a while.
    fn into_rpc_error(self) -> RPCError<TypeConfig> {
        match self {
            CallError::NoAddress(_) | CallError::Connect(_) => Unreachable::new(&self).into(),
            CallError::Exchange(_) | CallError::Encoding(_) => NetworkError::new(&self).into(),
        }
    }
}

impl PeerClient {
    async fn call(
        &mut self,
        rpc: RaftRpcV1,
        payload: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, CallError> {
        let cluster = self.metadata.cluster();
        let request = RaftRequestV1 { cluster, from: self.from, to: self.to, rpc: rpc as u8, payload };
        let mut connection = self.connected(patience).await?;
        let reply: RaftReplyV1 = connection.ask(&request, patience).await.map_err(CallError::Exchange)?;
        if reply.rpc != rpc as u8 {
            return Err(CallError::Exchange(ConnectionError::OutOfStep));
        }
        self.connection = Some(connection);
        Ok(reply.payload)
    }

    /// The connection, taken out: it comes back only after a whole exchange, because one that was broken off may still
    /// bring the answer to an older request.
    async fn connected(&mut self, patience: Duration) -> Result<Caller, CallError> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        let address = self.address.ok_or(CallError::NoAddress(self.to))?;
        Caller::connect(&self.reactor, address, patience).await.map_err(CallError::Connect)
    }

    async fn send_snapshot(&mut self, payload: Bytes) -> Result<Vec<u8>, CallError> {
        let mut connection = self.connected(SNAPSHOT_PART_PATIENCE).await?;
        let mut offset = 0;
        loop {
            let end = (offset + PART_BYTES_MAX).min(payload.len());
            let part = RaftSnapshotPartV1 {
                cluster: self.metadata.cluster(),
                from: self.from,
                to: self.to,
                offset: offset as u64,
                last: end == payload.len(),
                payload: payload[offset..end].to_vec(),
            };
            let asked = connection.ask(&part, SNAPSHOT_PART_PATIENCE).await;
            let reply: RaftReplyV1 = asked.map_err(CallError::Exchange)?;
            if part.last {
                self.connection = Some(connection);
                return Ok(reply.payload);
            }
            offset = end;
        }
    }
}

impl RaftNetworkV2<TypeConfig> for PeerClient {
    type SnapshotData = Bytes;

    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<TypeConfig>, RPCError<TypeConfig>> {
        let (payload, sent) = rpc::encode_append(&request, PART_BYTES_MAX);
        let reply = self.call(RaftRpcV1::Append, payload, option.soft_ttl()).await;
        let decoded = reply.and_then(|reply| Ok(rpc::decode_append_reply(&reply)?));
        let answer = decoded.map_err(CallError::into_rpc_error)?;
        if answer == AppendEntriesResponse::Success && sent < request.entries.len() {
            return Ok(AppendEntriesResponse::PartialSuccess(Some(request.entries[sent - 1].log_id)));
        }
        Ok(answer)
    }

    async fn vote(
        &mut self,
        request: VoteRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<VoteResponse<TypeConfig>, RPCError<TypeConfig>> {
        let payload = rpc::encode_vote_request(&request);
        let reply = self.call(RaftRpcV1::Vote, payload, option.soft_ttl()).await;
        reply.and_then(|reply| Ok(rpc::decode_vote_reply(&reply)?)).map_err(CallError::into_rpc_error)
    }

    async fn pre_vote(
        &mut self,
        request: VoteRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<VoteResponse<TypeConfig>, RPCError<TypeConfig>> {
        let payload = rpc::encode_vote_request(&request);
        let reply = self.call(RaftRpcV1::PreVote, payload, option.soft_ttl()).await;
        reply.and_then(|reply| Ok(rpc::decode_vote_reply(&reply)?)).map_err(CallError::into_rpc_error)
    }

    async fn full_snapshot(
        &mut self,
        vote: Vote,
        snapshot: Snapshot,
        cancel: impl Future<Output = ReplicationClosed> + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<TypeConfig>, StreamingError<TypeConfig>> {
        let payload = Bytes::from(rpc::encode_snapshot(&vote, &snapshot.meta, &snapshot.snapshot));
        let sending = async { Ok(self.send_snapshot(payload).await) };
        let cancelled = async { Err(StreamingError::Closed(cancel.await)) };
        let reply = futures_lite::future::or(sending, cancelled).await?;
        let vote = reply.and_then(|reply| Ok(rpc::decode_vote_only(&reply)?));
        match vote {
            Ok(vote) => Ok(SnapshotResponse::new(vote)),
            Err(error @ (CallError::NoAddress(_) | CallError::Connect(_))) => {
                Err(Unreachable::new(&error).into())
            }
            Err(error) => Err(NetworkError::new(&error).into()),
        }
    }
}
