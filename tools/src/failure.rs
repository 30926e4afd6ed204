//! Errors as sentences and exit codes.

use std::io::{ErrorKind, Write, stderr};
use std::process::ExitCode;

/// Prints what went wrong. A reader of our output that has gone (`ringlog consume t | head -1`) is not a failure.
pub(crate) fn exit_code(outcome: anyhow::Result<()>) -> ExitCode {
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    if is_broken_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    // Nobody to tell if standard error is gone too.
    let _ = writeln!(stderr(), "ringlog: {error:#}");
    ExitCode::FAILURE
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
