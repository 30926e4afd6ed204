//! Log lines on standard error. `RINGLOG_LOG` chooses them, for example `RINGLOG_LOG=debug` or `ringlog_node=trace`.

use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;

/// The environment variable that chooses what is logged.
pub(crate) const VARIABLE: &str = "RINGLOG_LOG";

/// What is logged unless the variable says otherwise. openraft reports as errors what happens in every orderly stop.
const USUAL: &str = "info,openraft=off";
/// The same for a broker on a developer's machine: only what goes wrong.
pub(crate) const QUIET: &str = "warn,openraft=off";

pub(crate) fn start() {
    let chosen = std::env::var(VARIABLE).unwrap_or_else(|_| USUAL.to_owned());
    // A second call in one process (tests) keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(chosen))
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .try_init();
}
