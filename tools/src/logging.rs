//! Log lines on standard error. `RINGLOG_LOG` chooses them, for example `RINGLOG_LOG=debug` or `ringlog_node=trace`.

use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;

/// The environment variable that chooses what is logged.
pub(crate) const VARIABLE: &str = "RINGLOG_LOG";

pub(crate) fn start() {
    let filter =
        EnvFilter::builder().with_default_directive(tracing::Level::INFO.into()).with_env_var(VARIABLE);
    // A second call in one process (tests) keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter.from_env_lossy())
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .try_init();
}
