//! `GET /log-levels` and `PUT /log-levels`: what is logged, changed while the node runs.

use super::Visible;
use axum::{
    body::Bytes,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use std::collections::BTreeMap;

pub(super) async fn get(State(visible): State<Visible>) -> Response {
    let Some(levels) = &visible.log_levels else { return fixed() };
    match serde_json::to_string(&levels.levels()) {
        Ok(body) => ([(CONTENT_TYPE, "application/json")], body + "\n").into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Takes `{"target": "level", ...}`; null takes a target's own level away. Answers with what holds then.
pub(super) async fn put(State(visible): State<Visible>, body: Bytes) -> Response {
    let Some(levels) = &visible.log_levels else { return fixed() };
    let wanted: BTreeMap<String, Option<String>> = match serde_json::from_slice(&body) {
        Ok(wanted) => wanted,
        Err(error) => {
            let advice = "expected {\"root\": \"info\", \"ringlog_storage\": \"debug\"}";
            return (StatusCode::BAD_REQUEST, format!("{error}; {advice}\n")).into_response();
        }
    };
    for (target, level) in &wanted {
        if let Err(reason) = levels.set(target, level.as_deref()) {
            return (StatusCode::BAD_REQUEST, reason + "\n").into_response();
        }
        tracing::info!(target, level = level.as_deref().unwrap_or("none"), "changed a log level");
    }
    get(State(visible)).await
}

fn fixed() -> Response {
    (StatusCode::NOT_FOUND, "this process does not let its log levels be changed\n").into_response()
}
