//! Whether the process lives, and whether it is of use to clients.

use super::Visible;
use axum::{
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use std::sync::atomic::{AtomicBool, Ordering};

/// How far a node has come, set by shard 0.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    /// All logs are open.
    pub(crate) recovered: AtomicBool,
    /// A controller has registered the node, and the shards work by its metadata.
    pub(crate) registered: AtomicBool,
    /// The listeners take connections.
    pub(crate) serving: AtomicBool,
    /// The node was told to stop.
    pub(crate) stopping: AtomicBool,
}

impl Readiness {
    /// Why the node is not ready; `None` if it is.
    fn reason(&self) -> Option<&'static str> {
        let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        if is(&self.stopping) {
            Some("the node stops")
        } else if !is(&self.recovered) {
            Some("the logs are being recovered")
        } else if !is(&self.serving) {
            Some("the node waits for metadata")
        } else if !is(&self.registered) {
            Some("no controller has registered the node yet; it serves by the metadata on its disk")
        } else {
            None
        }
    }
}

/// 200 as long as the process can answer.
pub(super) async fn health(State(visible): State<Visible>) -> Response {
    let shards = visible.shards.len();
    let version = env!("CARGO_PKG_VERSION");
    json(StatusCode::OK, format!("{{\"status\":\"ok\",\"version\":\"{version}\",\"shards\":{shards}}}\n"))
}

/// 200 from when the node serves by a controller's metadata until it stops. Losing the controller later does not make
/// it unready: it goes on serving.
pub(super) async fn ready(State(visible): State<Visible>) -> Response {
    let readiness = &visible.readiness;
    let reason = readiness.reason();
    let status = if reason.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
    let reason_field = reason.map_or_else(String::new, |reason| format!(",\"reason\":\"{reason}\""));
    let body = format!(
        "{{\"ready\":{},\"recovered\":{},\"serving\":{},\"registered\":{},\"stopping\":{}{reason_field}}}\n",
        reason.is_none(),
        is(&readiness.recovered),
        is(&readiness.serving),
        is(&readiness.registered),
        is(&readiness.stopping),
    );
    json(status, body)
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_ready_when_everything_is_there_until_it_stops() {
        let readiness = Readiness::default();
        let mut reasons = vec![readiness.reason()];
        for flag in [&readiness.recovered, &readiness.serving, &readiness.registered, &readiness.stopping] {
            flag.store(true, Ordering::Relaxed);
            reasons.push(readiness.reason());
        }
        let ready_at: Vec<_> = reasons.iter().map(Option::is_none).collect();
        assert_eq!(ready_at, [false, false, false, true, false]);
        assert_eq!(reasons[4], Some("the node stops"));
    }
}
