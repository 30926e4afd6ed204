//! `GET /metrics`: Prometheus' text, a series per shard; `/metrics?shards=sum` adds the shards up.

use super::{Visible, overview, process};
use crate::metrics::{Exposition, ShardLabels, report_shards};
use axum::{
    extract::{RawQuery, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};

pub(super) async fn metrics(State(visible): State<Visible>, RawQuery(query): RawQuery) -> Response {
    let labels = match query.as_deref() {
        None | Some("" | "shards=each") => ShardLabels::Each,
        Some("shards=sum") => ShardLabels::Sum,
        Some(_) => {
            let advice = "the only parameter is shards=each or shards=sum\n";
            return (StatusCode::BAD_REQUEST, advice).into_response();
        }
    };
    let mut exposition = collect(&visible, labels);
    overview::report(&mut exposition, &overview::survey(&visible).await);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], exposition.render()).into_response()
}

/// Everything that is known without asking a shard.
pub(super) fn collect(visible: &Visible, labels: ShardLabels) -> Exposition {
    let mut exposition = Exposition::new(labels);
    report_shards(&mut exposition, &visible.shards, visible.parts(), &visible.directories);
    process::report(&mut exposition);
    exposition
}
