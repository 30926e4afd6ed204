//! The cluster listener: nodes and the other controllers come in here.

mod alter;
mod connection;
mod follow;
mod quorum;
mod raft;
mod requests;
mod translate;

use crate::desk::Desk;
use crate::office::Office;
use crate::options::Timing;
use crate::quorum::Quorum;
use crate::store::Database;
use ringlog_decide::TopicDefaults;
use ringlog_reactor::local::Semaphore;
use ringlog_reactor::{Listener, Reactor};
use std::rc::Rc;
use std::time::Duration;

/// How many connections there may be: a few per node and voter.
const CONNECTIONS_MAX: usize = 1_024;
/// How long to wait after an accept that failed: mostly for want of descriptors.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// What every connection has at hand; shared by all.
pub(crate) struct Context {
    pub(crate) reactor: Reactor,
    pub(crate) id: u64,
    pub(crate) quorum: Quorum,
    pub(crate) desk: Desk,
    pub(crate) office: Office,
    pub(crate) database: Database,
    pub(crate) topics: TopicDefaults,
    pub(crate) timing: Timing,
}

/// Accepts for as long as the controller runs.
pub(crate) async fn accept(listener: Listener, context: Rc<Context>) {
    let places = Semaphore::new(CONNECTIONS_MAX);
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let Some(place) = places.try_acquire(1) else {
                    tracing::warn!(%peer, "turned away: there are {CONNECTIONS_MAX} connections already");
                    continue;
                };
                let context = context.clone();
                let reactor = context.reactor.clone();
                let serve = async move {
                    if let Err(error) = connection::serve(&context, stream).await {
                        tracing::debug!(%peer, %error, "a connection to the cluster listener has ended");
                    }
                    drop(place);
                };
                reactor.spawn(serve).detach();
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                context.reactor.sleep(ACCEPT_RETRY).await;
            }
        }
    }
}
