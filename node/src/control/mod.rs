//! The control thread: HTTP for health and metrics.
//!
//! Architecture invariant: this is the only place in the node that uses a thread, tokio and std's network. It reads
//! atomics and nothing else, so it answers while a shard hangs, and the simulator leaves it out.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "an adapter outside the shards: the simulator runs nodes without it"
)]

use crate::metrics::Counters;
use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use core::net::SocketAddr;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

/// What the control thread may see of the node.
#[derive(Clone, Default)]
pub(crate) struct Visible {
    /// Set once the node serves; cleared when it stops.
    pub(crate) is_ready: Arc<AtomicBool>,
    /// The counters of each shard.
    pub(crate) shards: Arc<[Arc<Counters>]>,
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
        // Bound here, so that a port in use is the caller's error and the actual port is known.
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::Builder::new().name("control".into()).spawn(move || {
            if let Err(error) = serve(listener, visible, stopped) {
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

fn serve(
    listener: std::net::TcpListener,
    visible: Visible,
    stopped: tokio::sync::oneshot::Receiver<()>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        // Not axum's graceful shutdown: that waits for idle keep-alive connections of scrapers.
        let serve = async { axum::serve(listener, router(visible)).await };
        let stopped = async {
            // The sender never sends: it is dropped.
            let _ = stopped.await;
            Ok(())
        };
        futures_lite::future::or(serve, stopped).await
    })
}

fn router(visible: Visible) -> Router {
    let ready = visible.is_ready;
    let shards = visible.shards;
    Router::new()
        .route("/health", get(|| async { "ok\n" }))
        .route(
            "/ready",
            get(move || async move {
                if ready.load(Ordering::Relaxed) {
                    (StatusCode::OK, "ready\n").into_response()
                } else {
                    (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
                }
            }),
        )
        .route(
            "/metrics",
            get(move || async move {
                ([(CONTENT_TYPE, "text/plain; version=0.0.4")], Counters::render(&shards))
            }),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn health_readiness_and_metrics_are_served_until_the_thread_is_dropped() {
        let visible = Visible { shards: Arc::new([Arc::new(Counters::default())]), ..Visible::default() };
        let control = ControlThread::start("127.0.0.1:0".parse().unwrap(), visible.clone()).unwrap();
        let address = control.address();
        assert!(ask(address, "/health").starts_with("HTTP/1.1 200"));
        assert!(ask(address, "/ready").starts_with("HTTP/1.1 503"));
        visible.is_ready.store(true, Ordering::Relaxed);
        assert!(ask(address, "/ready").starts_with("HTTP/1.1 200"));
        assert!(ask(address, "/metrics").contains("ringlog_requests_total{shard=\"0\"} 0"));
        drop(control);
        assert!(std::net::TcpStream::connect(address).is_err());
    }
}
