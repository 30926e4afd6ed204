//! The controller process: a Raft quorum that owns the cluster's metadata.
//!
//! Place in the flow: request of a node -> `server` -> `desk` (decides with the functions of `ringlog-decide`) -> `quorum`
//! (openraft over `runtime`, its log in `store`) -> committed records -> `quorum::Metadata` (the image) -> reply, and the
//! same records pushed to every node that follows. `office` is what the leader does by itself: leases and elections.
//!
//! Main types: [`ControllerOptions`], [`run`].
//!
//! Architecture invariant: nothing changes the metadata but committed records. No reply leaves before its records are
//! committed. Only `quorum` and `runtime` know openraft, only `store` knows redb.
#![forbid(unsafe_code)]

mod desk;
mod error;
mod frames;
mod office;
mod options;
mod quorum;
mod runtime;
mod server;
mod store;

pub use error::ControllerError;
pub use options::{ControllerOptions, Timing};
pub use ringlog_decide::TopicDefaults;

use desk::Desk;
use futures_lite::future::or;
use office::Office;
use quorum::{Quorum, QuorumOptions};
use ringlog_reactor::{Listener, LocalBoxFuture, Reactor};
use server::Context;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use store::{Database, LogStore};

/// Runs a controller until the process is asked to stop. `ready` is told the bound address as soon as nodes may connect;
/// until somebody leads they are told to come again.
///
/// # Errors
/// [`ControllerError`] if it cannot start, or if its disk fails.
pub fn run(
    reactor: Reactor,
    options: ControllerOptions,
    ready: impl FnOnce(SocketAddr) + 'static,
) -> LocalBoxFuture<Result<(), ControllerError>> {
    // Boxed here, so that all below is compiled with this crate and not with the executable.
    Box::pin(serve(reactor, options, Box::new(ready)))
}

async fn serve(
    reactor: Reactor,
    options: ControllerOptions,
    ready: Box<dyn FnOnce(SocketAddr)>,
) -> Result<(), ControllerError> {
    let listener = reactor
        .listen(options.listen)
        .map_err(|source| ControllerError::Listen { address: options.listen, source })?;
    let address = listener.local_address();
    let database = Database::open(&reactor, &options.data).await?;
    let store = LogStore::open(&reactor, database.clone(), options.id.0).await?;
    let quorum = Quorum::start(&reactor, store, quorum_options(&options, &listener)).await?;
    let desk = Desk::open(&reactor, Rc::new(quorum.clone()));
    let office = Office::new(&reactor, quorum.clone(), desk.clone(), options.timing.node_lease);
    let context = Rc::new(Context {
        reactor: reactor.clone(),
        id: options.id.0,
        quorum: quorum.clone(),
        desk: desk.clone(),
        office: office.clone(),
        database: database.clone(),
        topics: options.topics,
        timing: options.timing,
    });
    let serving = reactor.spawn(server::accept(listener, context));
    let leading = reactor.spawn(office.run());
    tracing::info!(id = options.id.0, %address, "controller ready");
    ready(address);

    let stopping = async {
        reactor.shutdown_requested().await;
        Ok(())
    };
    let failing = async { Err(ControllerError::from(database.failed().await)) };
    let result = or(stopping, failing).await;

    desk.close();
    drop(serving);
    drop(leading);
    quorum.stop().await;
    let closed = database.close().await;
    result.and(closed.map_err(ControllerError::from))
}

fn quorum_options(options: &ControllerOptions, listener: &Listener) -> QuorumOptions {
    let mut voters: BTreeMap<u64, SocketAddr> =
        options.peers.iter().map(|(id, address)| (id.0, *address)).collect();
    voters.entry(options.id.0).or_insert_with(|| listener.local_address());
    QuorumOptions {
        id: options.id.0,
        voters,
        heartbeat: options.timing.quorum_heartbeat,
        election: options.timing.quorum_election,
    }
}

#[cfg(test)]
mod tests;
