//! Kafka's error codes: a number on the wire, with a name, a meaning, and whether a retry may help.

use std::fmt;

/// An error code of a response. A number rather than an enum, so that a code of a newer broker passes through a
/// client unharmed; the known ones are constants named as in Apache Kafka.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub i16);

/// Whether the same request may succeed later.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Retriable,
    Final,
}

macro_rules! error_codes {
    ($($code:literal $name:ident $outcome:ident $message:literal;)*) => {
        impl ErrorCode {
            $(#[doc = $message] pub const $name: ErrorCode = ErrorCode($code);)*

            /// All known codes.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name),*];

            fn row(self) -> Option<(&'static str, Outcome, &'static str)> {
                match self.0 {
                    $($code => Some((stringify!($name), Outcome::$outcome, $message)),)*
                    _ => None,
                }
            }
        }
    };
}

error_codes! {
    -1 UNKNOWN_SERVER_ERROR Final "the server met an unexpected error";
    0 NONE Final "no error";
    1 OFFSET_OUT_OF_RANGE Final "the offset is outside the partition's log";
    2 CORRUPT_MESSAGE Retriable "the record batch is damaged, of invalid size, or lacks a key that a compacted topic needs";
    3 UNKNOWN_TOPIC_OR_PARTITION Retriable "the topic or partition does not exist here";
    4 INVALID_FETCH_SIZE Final "the fetch size is not valid";
    5 LEADER_NOT_AVAILABLE Retriable "the partition has no leader at the moment";
    6 NOT_LEADER_OR_FOLLOWER Retriable "this broker is not the leader, or no replica, of the partition";
    7 REQUEST_TIMED_OUT Retriable "the request was not completed in time";
    8 BROKER_NOT_AVAILABLE Final "the broker is not available";
    9 REPLICA_NOT_AVAILABLE Retriable "the replica is not available";
    10 MESSAGE_TOO_LARGE Final "the record batch is larger than the topic allows";
    11 STALE_CONTROLLER_EPOCH Final "the controller's epoch is out of date";
    12 OFFSET_METADATA_TOO_LARGE Final "the metadata of the committed offset is too large";
    13 NETWORK_EXCEPTION Retriable "the connection ended before the response came";
    14 COORDINATOR_LOAD_IN_PROGRESS Retriable "the coordinator is still loading its state";
    15 COORDINATOR_NOT_AVAILABLE Retriable "the coordinator is not available";
    16 NOT_COORDINATOR Retriable "this broker is not the coordinator";
    17 INVALID_TOPIC_EXCEPTION Final "the topic is not one that may be used this way";
    18 RECORD_LIST_TOO_LARGE Final "the record batch is larger than a segment";
    19 NOT_ENOUGH_REPLICAS Retriable "fewer replicas are in sync than the topic requires";
    20 NOT_ENOUGH_REPLICAS_AFTER_APPEND Retriable "the records were written, but to fewer replicas than the topic requires";
    21 INVALID_REQUIRED_ACKS Final "acks is neither -1, 0 nor 1";
    22 ILLEGAL_GENERATION Final "the generation of the group is out of date";
    23 INCONSISTENT_GROUP_PROTOCOL Final "the member's protocols do not agree with those of its group";
    24 INVALID_GROUP_ID Final "the group id is not valid";
    25 UNKNOWN_MEMBER_ID Final "the group does not know the member";
    26 INVALID_SESSION_TIMEOUT Final "the session timeout is outside the broker's limits";
    27 REBALANCE_IN_PROGRESS Final "the group is rebalancing";
    28 INVALID_COMMIT_OFFSET_SIZE Final "the committed data has an invalid size";
    29 TOPIC_AUTHORIZATION_FAILED Final "access to the topic is denied";
    30 GROUP_AUTHORIZATION_FAILED Final "access to the group is denied";
    31 CLUSTER_AUTHORIZATION_FAILED Final "access to the cluster is denied";
    32 INVALID_TIMESTAMP Final "the timestamp of a record is out of range";
    33 UNSUPPORTED_SASL_MECHANISM Final "the SASL mechanism is not supported";
    34 ILLEGAL_SASL_STATE Final "the request is not valid at this stage of authentication";
    35 UNSUPPORTED_VERSION Final "the version of the API is not supported";
    36 TOPIC_ALREADY_EXISTS Final "the topic exists already";
    37 INVALID_PARTITIONS Final "the number of partitions is not valid";
    38 INVALID_REPLICATION_FACTOR Final "the replication factor is below one or above the number of brokers";
    39 INVALID_REPLICA_ASSIGNMENT Final "the assignment of replicas is not valid";
    40 INVALID_CONFIG Final "the configuration is not valid";
    41 NOT_CONTROLLER Retriable "this broker is not the controller";
    42 INVALID_REQUEST Final "the request contradicts itself or the protocol";
    43 UNSUPPORTED_FOR_MESSAGE_FORMAT Final "the message format does not support the request";
    44 POLICY_VIOLATION Final "the request violates a policy";
    45 OUT_OF_ORDER_SEQUENCE_NUMBER Final "the sequence number does not follow the last one";
    46 DUPLICATE_SEQUENCE_NUMBER Final "the sequence number was seen before";
    47 INVALID_PRODUCER_EPOCH Final "the producer's epoch is out of date";
    48 INVALID_TXN_STATE Final "the transaction is not in a state that allows the operation";
    49 INVALID_PRODUCER_ID_MAPPING Final "the producer id does not belong to the transactional id";
    50 INVALID_TRANSACTION_TIMEOUT Final "the transaction timeout is above the broker's limit";
    51 CONCURRENT_TRANSACTIONS Retriable "another operation on the same transaction is in progress";
    52 TRANSACTION_COORDINATOR_FENCED Final "the transaction coordinator is no longer the current one";
    53 TRANSACTIONAL_ID_AUTHORIZATION_FAILED Final "access to the transactional id is denied";
    54 SECURITY_DISABLED Final "security is switched off";
    55 OPERATION_NOT_ATTEMPTED Final "the operation was not attempted, because an earlier one failed";
    56 KAFKA_STORAGE_ERROR Retriable "the log cannot be read or written";
    57 LOG_DIR_NOT_FOUND Final "the data directory does not exist";
    58 SASL_AUTHENTICATION_FAILED Final "authentication failed";
    59 UNKNOWN_PRODUCER_ID Final "the partition knows nothing of the producer id";
    60 REASSIGNMENT_IN_PROGRESS Final "a reassignment of the partition is in progress";
    61 DELEGATION_TOKEN_AUTH_DISABLED Final "delegation tokens are switched off";
    62 DELEGATION_TOKEN_NOT_FOUND Final "the delegation token does not exist";
    63 DELEGATION_TOKEN_OWNER_MISMATCH Final "the delegation token belongs to someone else";
    64 DELEGATION_TOKEN_REQUEST_NOT_ALLOWED Final "delegation tokens are not given out on this connection";
    65 DELEGATION_TOKEN_AUTHORIZATION_FAILED Final "access to the delegation token is denied";
    66 DELEGATION_TOKEN_EXPIRED Final "the delegation token has expired";
    67 INVALID_PRINCIPAL_TYPE Final "the type of the principal is not supported";
    68 NON_EMPTY_GROUP Final "the group is not empty";
    69 GROUP_ID_NOT_FOUND Final "the group does not exist";
    70 FETCH_SESSION_ID_NOT_FOUND Retriable "the fetch session does not exist";
    71 INVALID_FETCH_SESSION_EPOCH Retriable "the epoch of the fetch session is not the expected one";
    72 LISTENER_NOT_FOUND Retriable "the leader has no such listener";
    73 TOPIC_DELETION_DISABLED Final "topics may not be deleted";
    74 FENCED_LEADER_EPOCH Retriable "the leader epoch is older than the broker's";
    75 UNKNOWN_LEADER_EPOCH Retriable "the leader epoch is newer than the broker's";
    76 UNSUPPORTED_COMPRESSION_TYPE Final "the client cannot read the partition's compression";
    77 STALE_BROKER_EPOCH Final "the broker's epoch is out of date";
    78 OFFSET_NOT_AVAILABLE Retriable "the leader does not know its high watermark yet";
    79 MEMBER_ID_REQUIRED Final "the member must join again with the id it was given";
    80 PREFERRED_LEADER_NOT_AVAILABLE Retriable "the preferred leader is not available";
    81 GROUP_MAX_SIZE_REACHED Final "the group has as many members as it may";
    82 FENCED_INSTANCE_ID Final "another member uses the same instance id";
    83 ELIGIBLE_LEADERS_NOT_AVAILABLE Retriable "no eligible leader is available";
    84 ELECTION_NOT_NEEDED Retriable "the partition needs no election";
    85 NO_REASSIGNMENT_IN_PROGRESS Final "no reassignment of the partition is in progress";
    86 GROUP_SUBSCRIBED_TO_TOPIC Final "the group is subscribed to the topic";
    87 INVALID_RECORD Final "a record of the batch was refused";
    88 UNSTABLE_OFFSET_COMMIT Retriable "offsets of an open transaction are not settled yet";
    89 THROTTLING_QUOTA_EXCEEDED Retriable "a quota is used up";
    90 PRODUCER_FENCED Final "a newer producer uses the same transactional id";
    91 RESOURCE_NOT_FOUND Final "the resource does not exist";
    92 DUPLICATE_RESOURCE Final "the resource is named twice";
    93 UNACCEPTABLE_CREDENTIAL Final "the credential is not acceptable";
    94 INCONSISTENT_VOTER_SET Final "sender or receiver is not one of the voters";
    95 INVALID_UPDATE_VERSION Final "the version of the update is not valid";
    96 FEATURE_UPDATE_FAILED Final "the features could not be updated";
    97 PRINCIPAL_DESERIALIZATION_FAILURE Final "the principal of a forwarded request cannot be read";
    98 SNAPSHOT_NOT_FOUND Final "the snapshot does not exist";
    99 POSITION_OUT_OF_RANGE Final "the position lies outside the snapshot";
    100 UNKNOWN_TOPIC_ID Retriable "the topic id does not exist here";
    101 DUPLICATE_BROKER_REGISTRATION Final "the broker id is in use";
    102 BROKER_ID_NOT_REGISTERED Final "the broker id is not registered";
    103 INCONSISTENT_TOPIC_ID Retriable "the topic id is not that of the log";
    104 INCONSISTENT_CLUSTER_ID Final "the cluster id is not that of this cluster";
    105 TRANSACTIONAL_ID_NOT_FOUND Final "the transactional id does not exist";
    106 FETCH_SESSION_TOPIC_ID_ERROR Retriable "topic ids and names are mixed in the fetch session";
    107 INELIGIBLE_REPLICA Final "a replica that may not be in sync is named as such";
    108 NEW_LEADER_ELECTED Final "the change was made, and made another broker the leader";
    109 OFFSET_MOVED_TO_TIERED_STORAGE Final "the offset is in tiered storage";
    110 FENCED_MEMBER_EPOCH Final "the member's epoch is fenced";
    111 UNRELEASED_INSTANCE_ID Final "the instance id is still in use";
    112 UNSUPPORTED_ASSIGNOR Final "the assignor is not supported";
    113 STALE_MEMBER_EPOCH Final "the member's epoch is out of date";
    114 MISMATCHED_ENDPOINT_TYPE Final "the endpoint is of another type";
    115 UNSUPPORTED_ENDPOINT_TYPE Final "the type of endpoint is not supported";
    116 UNKNOWN_CONTROLLER_ID Final "the controller id is unknown";
    117 UNKNOWN_SUBSCRIPTION_ID Final "the telemetry subscription is unknown or out of date";
    118 TELEMETRY_TOO_LARGE Final "the telemetry is larger than the broker accepts";
    119 INVALID_REGISTRATION Final "the registration of the broker is not valid";
    120 TRANSACTION_ABORTABLE Final "the transaction failed and must be aborted";
    121 INVALID_RECORD_STATE Final "the record is not in a state that can be acknowledged";
    122 SHARE_SESSION_NOT_FOUND Retriable "the share session does not exist";
    123 INVALID_SHARE_SESSION_EPOCH Retriable "the epoch of the share session is not the expected one";
    124 FENCED_STATE_EPOCH Final "the epoch of the state is out of date";
    125 INVALID_VOTER_KEY Final "the key of the voter is not that of the receiver";
    126 DUPLICATE_VOTER Final "the voter is already one";
    127 VOTER_NOT_FOUND Final "the voter does not exist";
    128 INVALID_REGULAR_EXPRESSION Final "the regular expression is not valid";
    129 REBOOTSTRAP_REQUIRED Final "the client's metadata is out of date; it must bootstrap again";
    130 STREAMS_INVALID_TOPOLOGY Final "the topology is not valid";
    131 STREAMS_INVALID_TOPOLOGY_EPOCH Final "the epoch of the topology is not valid";
    132 STREAMS_TOPOLOGY_FENCED Final "the epoch of the topology is out of date";
    133 SHARE_SESSION_LIMIT_REACHED Retriable "no more share sessions are allowed";
    134 GROUP_DELETION_FAILED Final "the group could not be deleted";
    135 STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED Final "the description of the topology could not be updated";
    136 CONTROLLER_ID_NOT_REGISTERED Final "the controller id is not registered";
}

impl ErrorCode {
    /// Its name in Apache Kafka; none if the code is unknown.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|(name, _, _)| name)
    }

    /// What it means, in a few words.
    #[must_use]
    pub fn message(self) -> &'static str {
        self.row().map_or("an error code unknown here", |(_, _, message)| message)
    }

    /// Whether the same request may succeed later, perhaps at another broker.
    #[must_use]
    pub fn is_retriable(self) -> bool {
        self.row().is_some_and(|(_, outcome, _)| outcome == Outcome::Retriable)
    }

    /// Whether it is [`ErrorCode::NONE`].
    #[must_use]
    pub fn is_none(self) -> bool {
        self == ErrorCode::NONE
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "error {}", self.0),
        }
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_without_gaps_from_minus_one() {
        for (place, code) in ErrorCode::ALL.iter().enumerate() {
            assert_eq!(usize::try_from(code.0 + 1), Ok(place));
        }
    }

    #[test]
    fn names_and_outcomes_are_kafkas() {
        assert_eq!(ErrorCode::NOT_LEADER_OR_FOLLOWER.to_string(), "NOT_LEADER_OR_FOLLOWER");
        assert!(ErrorCode::NOT_LEADER_OR_FOLLOWER.is_retriable());
        assert!(!ErrorCode::MESSAGE_TOO_LARGE.is_retriable());
        assert_eq!(ErrorCode(9999).to_string(), "error 9999");
    }
}
