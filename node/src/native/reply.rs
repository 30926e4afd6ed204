//! Refusals in the native protocol: Kafka's numbers, so that both listeners of a node speak of the same things.

use crate::{api, cluster::ClusterError, refusal::Refusal};
use bytes::Bytes;
use ringlog_native::{Correlation, DecodeError, ErrorCode, Op, cluster::RefusalV1, error_frame};

/// Why a request gets an error instead of its reply.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: ErrorCode,
    pub(super) message: String,
}

impl Refused {
    /// An operation or schema that this version does not know.
    pub(super) fn unsupported(op: Op) -> Refused {
        Refused { code: ErrorCode::UnsupportedVersion, message: format!("{op} is not known here") }
    }

    /// The frame that says so.
    pub(super) fn frame(&self, op: Op, correlation: Correlation) -> Bytes {
        error_frame(op, correlation, self.code, &self.message)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        let code = ErrorCode::from_number(api::error::code(&refusal).0);
        Refused { code, message: refusal.to_string() }
    }
}

impl From<DecodeError> for Refused {
    fn from(error: DecodeError) -> Refused {
        let code = match error {
            DecodeError::OtherBody { .. } => ErrorCode::UnsupportedVersion,
            _ => ErrorCode::InvalidRequest,
        };
        Refused { code, message: error.to_string() }
    }
}

/// What the controller, or its absence, means to a client.
pub(super) fn error_of(error: &ClusterError) -> Refused {
    let (code, message) = api::error::of_cluster(error);
    Refused { code: ErrorCode::from_number(code.0), message }
}

/// What the controller refused.
pub(super) fn refusal_of(refusal: &RefusalV1) -> Refused {
    let (code, message) = api::error::of_controller(refusal);
    Refused { code: ErrorCode::from_number(code.0), message }
}
