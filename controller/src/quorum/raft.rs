//! The committed log by openraft.

use super::machine::Machine;
use super::metadata::Metadata;
use super::network::Network;
use super::rpc;
use super::types::{LogId, Outcome, Proposal, TypeConfig, Vote};
use super::{CommittedLog, ProposeError, Role};
use crate::runtime::on;
use crate::store::{LogStore, StoreError};
use openraft::async_runtime::WatchReceiver;
use openraft::errors::{ClientWriteError, Fatal, RaftError};
use openraft::{BasicNode, Config, Raft, SnapshotPolicy};
use ringlog_image::{MetadataRecord, encode_records};
use ringlog_native::cluster::RaftRpcV1;
use ringlog_reactor::{LocalBoxFuture, Reactor};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How long a proposal may take. A leader that was cut off from the others learns of its fate only when it is back.
const PROPOSAL_PATIENCE: Duration = Duration::from_secs(5);
/// How many entries lie between two snapshots, and how many are kept behind one for voters that lag.
const ENTRIES_PER_SNAPSHOT: u64 = 2_000;
const ENTRIES_KEPT: u64 = 500;
/// How much slower the clock of a quorum of one ticks.
const ALONE_SLOWER: u32 = 10;

/// What the quorum needs to know.
#[derive(Clone, Debug)]
pub(crate) struct QuorumOptions {
    /// This voter.
    pub(crate) id: u64,
    /// Every voter, this one included, with the address of its cluster listener.
    pub(crate) voters: BTreeMap<u64, SocketAddr>,
    /// How often a leader says that it lives.
    pub(crate) heartbeat: Duration,
    /// After how long without that a voter stands for election; a random part of as much again is added.
    pub(crate) election: Duration,
}

/// What this voter knows of the quorum; whole only while it leads.
#[derive(Clone, Debug)]
pub(crate) struct QuorumStatus {
    /// This voter.
    pub(crate) id: u64,
    pub(crate) term: u64,
    /// One past the last committed entry.
    pub(crate) committed_end: u64,
    pub(crate) voters: Vec<VoterStatus>,
}

/// What is known of a voter.
#[derive(Clone, Debug)]
pub(crate) struct VoterStatus {
    pub(crate) id: u64,
    pub(crate) address: SocketAddr,
    /// One past the last entry it is known to have.
    pub(crate) end: Option<u64>,
    /// How long ago it was heard of.
    pub(crate) heard: Option<Duration>,
}

/// Why there is no quorum.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QuorumError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Raft(String),
}

/// This voter's part of the quorum; clones share it.
#[derive(Clone)]
pub(crate) struct Quorum {
    reactor: Reactor,
    id: u64,
    voters: Rc<BTreeMap<u64, SocketAddr>>,
    raft: Raft<TypeConfig, Machine>,
    metadata: Metadata,
    applied: Rc<Cell<Option<LogId>>>,
    election: Duration,
}

impl Quorum {
    /// Takes up the log where it ended; forms the quorum if there is no log yet.
    pub(crate) async fn start(
        reactor: &Reactor,
        store: LogStore,
        options: QuorumOptions,
    ) -> Result<Quorum, QuorumError> {
        let metadata = Metadata::default();
        let applied = Rc::new(Cell::new(None));
        let voters = Rc::new(options.voters.clone());
        let network = Network {
            reactor: reactor.clone(),
            id: options.id,
            peers: voters.clone(),
            metadata: metadata.clone(),
        };
        let machine = Machine::new(store.clone(), metadata.clone(), applied.clone());
        let config = config(&options).map_err(QuorumError::Raft)?;
        let raft = on(reactor, Raft::new(options.id, Arc::new(config), network, store, machine)).await;
        let raft = raft.map_err(|error| QuorumError::Raft(error.to_string()))?;
        let (reactor, election) = (reactor.clone(), options.election);
        let quorum = Quorum { reactor, id: options.id, voters, raft, metadata, applied, election };
        quorum.form().await?;
        Ok(quorum)
    }

    /// Serves a request of another voter.
    ///
    /// # Errors
    /// A text that says why it makes no sense, or that this voter has stopped.
    pub(crate) async fn serve(&self, rpc: RaftRpcV1, payload: &[u8]) -> Result<Vec<u8>, String> {
        on(&self.reactor, self.serve_entered(rpc, payload)).await
    }

    async fn serve_entered(&self, rpc: RaftRpcV1, payload: &[u8]) -> Result<Vec<u8>, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        match rpc {
            RaftRpcV1::Vote => {
                let request = rpc::decode_vote_request(payload).map_err(|error| text(&error))?;
                let reply = self.raft.vote(request).await.map_err(|error| text(&error))?;
                Ok(rpc::encode_vote_reply(&reply))
            }
            RaftRpcV1::PreVote => {
                let request = rpc::decode_vote_request(payload).map_err(|error| text(&error))?;
                let reply = self.raft.pre_vote(request).await.map_err(|error| text(&error))?;
                Ok(rpc::encode_vote_reply(&reply))
            }
            RaftRpcV1::Append => {
                let request = rpc::decode_append(payload).map_err(|error| text(&error))?;
                let reply = self.raft.append_entries(request).await.map_err(|error| text(&error))?;
                Ok(rpc::encode_append_reply(&reply))
            }
            RaftRpcV1::Snapshot => {
                let (vote, snapshot) = rpc::decode_snapshot(payload).map_err(|error| text(&error))?;
                let reply = self.raft.install_full_snapshot(vote, snapshot).await;
                Ok(rpc::encode_vote_only(&reply.map_err(|error| text(&error))?.vote))
            }
        }
    }

    /// Leaves the quorum in order.
    pub(crate) async fn stop(&self) {
        let stopped = on(&self.reactor, self.raft.shutdown()).await;
        if let Err(error) = stopped {
            match error {}
        }
    }

    async fn form(&self) -> Result<(), QuorumError> {
        let fatal = |error: Fatal<TypeConfig>| QuorumError::Raft(error.to_string());
        if !on(&self.reactor, self.raft.is_initialized()).await.map_err(fatal)? {
            let members: BTreeMap<u64, BasicNode> = self
                .voters
                .iter()
                .map(|(id, address)| (*id, BasicNode { addr: address.to_string() }))
                .collect();
            match on(&self.reactor, self.raft.initialize(members)).await {
                // Another voter was faster, and its entries are here already.
                Ok(()) | Err(RaftError::APIError(_)) => {}
                Err(RaftError::Fatal(error)) => return Err(fatal(error)),
            }
        } else if self.voters.len() == 1 {
            // Nobody else could lead, so there is nothing to wait for.
            on(&self.reactor, self.raft.trigger().elect(false)).await.map_err(fatal)?;
        }
        Ok(())
    }

    /// What is known of the voters at this moment.
    pub(crate) fn status(&self) -> QuorumStatus {
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow_watched();
        let end = |index: u64| index + 1;
        let voters = self.voters.iter().map(|(id, address)| {
            if *id == self.id {
                let (end, heard) = (metrics.last_log_index.map(end), Some(Duration::ZERO));
                return VoterStatus { id: *id, address: *address, end, heard };
            }
            let matching = metrics.replication.as_ref().and_then(|all| all.get(id)).cloned().flatten();
            let heard = metrics.heartbeat.as_ref().and_then(|all| all.get(id)).copied().flatten();
            VoterStatus {
                id: *id,
                address: *address,
                end: matching.map(|id| end(id.index)),
                heard: heard.map(|heard| heard.into_inner().elapsed_on(&self.reactor)),
            }
        });
        QuorumStatus {
            id: self.id,
            term: metrics.vote.leader_id.term,
            committed_end: metrics.cluster_committed.as_ref().map_or(0, |id| end(id.index)),
            voters: voters.collect(),
        }
    }

    fn vote_and_ack(&self) -> (Vote, bool) {
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow_watched();
        let fresh = self.voters.len() == 1
            || metrics.last_quorum_acked.is_some_and(|acked| {
                let acked = acked.into_inner();
                acked.elapsed_on(&self.reactor) < self.election
            });
        (metrics.vote, metrics.state.is_leader() && fresh)
    }
}

impl CommittedLog for Quorum {
    fn propose(&self, after: u64, records: Vec<MetadataRecord>) -> LocalBoxFuture<Result<u64, ProposeError>> {
        let (reactor, raft) = (self.reactor.clone(), self.raft.clone());
        Box::pin(async move {
            let proposal = Proposal { after, records: encode_records(&records) };
            let writing = on(&reactor, async move { raft.client_write(proposal).await });
            let written = reactor.timeout(PROPOSAL_PATIENCE, writing).await;
            match written {
                Ok(Ok(response)) => match response.data {
                    Outcome::Applied(position) => Ok(position),
                    Outcome::Superseded => Err(ProposeError::Superseded),
                    Outcome::Nothing => Err(ProposeError::Unknown("not an entry of ours".to_string())),
                },
                Ok(Err(RaftError::APIError(ClientWriteError::ForwardToLeader(_)))) => {
                    Err(ProposeError::NotLeader)
                }
                Ok(Err(error)) => Err(ProposeError::Unknown(error.to_string())),
                Err(elapsed) => Err(ProposeError::Unknown(elapsed.to_string())),
            }
        })
    }

    fn role(&self) -> Role {
        let (vote, leads) = self.vote_and_ack();
        let term = vote.leader_id.term;
        // The first entry of a term is the leader's own: once it is applied, so is everything from before.
        let caught_up = self.applied.get().is_some_and(|id| id.leader_id == vote.leader_id);
        if leads && caught_up {
            return Role::Leader { term };
        }
        let leader = (vote.committed && vote.leader_id.node_id != self.id)
            .then(|| self.voters.get(&vote.leader_id.node_id).map(ToString::to_string))
            .flatten();
        Role::Follower { leader }
    }

    fn role_changed(&self) -> LocalBoxFuture<()> {
        let (reactor, mut metrics) = (self.reactor.clone(), self.raft.metrics());
        metrics.borrow_and_update();
        Box::pin(async move {
            let changed = on(&reactor, async move { metrics.changed().await }).await;
            if changed.is_err() {
                // The quorum has stopped; whoever waits here is about to be stopped as well.
                std::future::pending::<()>().await;
            }
        })
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

fn config(options: &QuorumOptions) -> Result<Config, String> {
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    // Alone, nobody needs to hear that this voter leads and nobody else could: an idle process wakes rarely.
    let is_alone = options.voters.len() == 1;
    let slower = if is_alone { ALONE_SLOWER } else { 1 };
    let config = Config {
        cluster_name: "ringlog".to_string(),
        heartbeat_interval: millis(options.heartbeat * slower),
        election_timeout_min: millis(options.election * slower),
        election_timeout_max: millis(options.election * slower * 2),
        enable_heartbeat: !is_alone,
        snapshot_policy: SnapshotPolicy::LogsSinceLast(ENTRIES_PER_SNAPSHOT),
        max_in_snapshot_log_to_keep: ENTRIES_KEPT,
        enable_pre_vote: Some(true),
        // A leader that went on in its old term after a restart would have applied only what was known to be committed,
        // and look as though it had everything: `role` tells by the term.
        enable_leader_restore: Some(false),
        ..Config::default()
    };
    config.validate().map_err(|error| error.to_string())
}
