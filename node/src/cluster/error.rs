//! Why the controller did not do what was asked.

use ringlog_native::FrameError;
use ringlog_native::cluster::{BodyError, RefusalV1};
use ringlog_reactor::Elapsed;
use std::io;

/// Why the controller did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClusterError {
    /// No controller that leads answered in time. Retriable; it is not known whether a request that was sent takes
    /// effect.
    #[error("no controller answered in time")]
    Unavailable,
    /// The controller refused.
    #[error("{}", .0.message)]
    Refused(RefusalV1),
    /// The agent stops.
    #[error("the node stops")]
    Stopping,
}

/// Why a connection to a controller has ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    #[error(transparent)]
    Network(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("no answer in time")]
    TimedOut,
    #[error("the controller closed the connection")]
    Closed,
    #[error("the controller refused: {}", .0.message)]
    Refused(RefusalV1),
    #[error("what it pushed does not follow on what is known: {0}")]
    OutOfStep(String),
}

impl From<Elapsed> for SessionError {
    fn from(Elapsed: Elapsed) -> SessionError {
        SessionError::TimedOut
    }
}
