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
    let _ = writeln!(stderr(), "ringlog: {}{}", sentence(&error), advice(&error));
    ExitCode::FAILURE
}

/// The error and its causes; some errors tell their cause in their own words already.
fn sentence(error: &anyhow::Error) -> String {
    let mut sentence = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !sentence.contains(&cause) {
            sentence = format!("{sentence}: {cause}");
        }
    }
    sentence
}

/// What to do about the refusals of the operating system that a user meets most.
fn advice(error: &anyhow::Error) -> &'static str {
    let kinds =
        error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    for kind in kinds {
        match kind {
            ErrorKind::StorageFull => {
                return ". The disk is full: free some space, or take a directory on another disk";
            }
            ErrorKind::AddrInUse => {
                return ". Another process listens there: end it, or choose another address (port 0 picks one)";
            }
            ErrorKind::PermissionDenied => return ". Who runs this may not do that",
            _ => {}
        }
    }
    ""
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
