//! The control thread: HTTP for health, readiness, metrics and log levels.
//!
//! Architecture invariant: this is the only place in the node that uses a thread, tokio and std's network. It reads
//! atomics and asks shards for nothing that it cannot do without, so it answers while a shard hangs; the simulator
//! leaves it out.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "an adapter outside the shards: the simulator runs nodes without it"
)]

mod groups;
mod health;
mod levels;
mod metrics;
mod overview;
mod process;
#[cfg(test)]
mod tests;

pub(crate) use health::Readiness;
pub(crate) use overview::now;

use crate::{
    metrics::{ShardMetrics, ShardParts},
    options::LogLevels,
    shard::NodeShared,
};
use axum::{Router, routing::get};
use core::net::SocketAddr;
use std::{
    io,
    path::PathBuf,
    sync::{Arc, OnceLock},
    thread::JoinHandle,
    time::Instant,
};

/// What the control thread may see of the node.
#[derive(Clone, Default)]
pub(crate) struct Visible {
    /// How far the node has come.
    pub(crate) readiness: Arc<Readiness>,
    /// What each shard knows of itself.
    pub(crate) shards: Arc<[Arc<ShardMetrics>]>,
    /// The data directories.
    pub(crate) directories: Arc<[PathBuf]>,
    /// What is there once the shards are open.
    pub(crate) opened: Arc<OnceLock<Opened>>,
    /// When the node began.
    pub(crate) begun: Option<Instant>,
    /// What is logged, where it can be changed.
    pub(crate) log_levels: Option<Arc<dyn LogLevels>>,
}

/// The shards of a node, when they are open.
pub(crate) struct Opened {
    /// Their mailboxes.
    pub(crate) node: Arc<NodeShared>,
    /// What their executors and stores know of themselves, by shard.
    pub(crate) parts: Vec<ShardParts>,
}

impl Visible {
    /// What the shards' executors and stores know of themselves; nothing before the shards are open.
    fn parts(&self) -> &[ShardParts] {
        self.opened.get().map_or(&[], |opened| &opened.parts)
    }
}

/// The running control thread. Stops when dropped.
pub(crate) struct ControlThread {
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ControlThread {
    /// Binds `address` and serves on a thread of its own.
    pub(crate) fn start(address: SocketAddr, visible: Visible) -> io::Result<ControlThread> {
        ControlThread::serve(address, router(visible))
    }

    fn serve(address: SocketAddr, router: Router) -> io::Result<ControlThread> {
        // Bound here, so that a port in use is the caller's error and the actual port is known.
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::Builder::new().name("control".into()).spawn(move || {
            if let Err(error) = serve(listener, router, stopped) {
                tracing::error!(%error, "the admin listener stopped");
            }
        })?;
        Ok(ControlThread { address, stop: Some(stop), thread: Some(thread) })
    }

    /// The address as bound.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for ControlThread {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was already reported by the panic hook.
            let _ = thread.join();
        }
    }
}

/// HTTP of a process that is no node: health and log levels. Stops when dropped.
pub struct AdminEndpoint(ControlThread);

impl AdminEndpoint {
    /// Binds `address` and serves on a thread of its own.
    ///
    /// # Errors
    /// Those of binding.
    pub fn start(address: SocketAddr, levels: Arc<dyn LogLevels>) -> io::Result<AdminEndpoint> {
        let visible = Visible { log_levels: Some(levels), ..Visible::default() };
        let router = Router::new()
            .route("/health", get(health::health))
            .route("/log-levels", get(levels::get).put(levels::put))
            .with_state(visible);
        ControlThread::serve(address, router).map(AdminEndpoint)
    }

    /// The address as bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }
}

fn serve(
    listener: std::net::TcpListener,
    router: Router,
    stopped: tokio::sync::oneshot::Receiver<()>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        // Not axum's graceful shutdown: that waits for idle keep-alive connections of scrapers.
        let serve = async { axum::serve(listener, router).await };
        let stopped = async {
            // The sender never sends: it is dropped.
            let _ = stopped.await;
            Ok(())
        };
        futures_lite::future::or(serve, stopped).await
    })
}

fn router(visible: Visible) -> Router {
    Router::new()
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .route("/overview", get(overview::overview))
        .route("/log-levels", get(levels::get).put(levels::put))
        .with_state(visible)
}
