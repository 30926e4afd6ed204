//! Kafka's error codes for everything that this node refuses: chosen here and nowhere else.

use crate::{cluster::ClusterError, groups::Unavailable, refusal::Refusal};
use ringlog_batch::BatchError;
use ringlog_coordinator::{Refusal as GroupRefusal, Response};
use ringlog_kafka::ErrorCode;
use ringlog_native::cluster::{RefusalKind, RefusalV1};
use ringlog_partition::{AppendRefusal, FetchRefusal, LeadershipRefusal, OfflineReason, SequenceRefusal};

use super::fetch_session::SessionError;

/// The code of a refused request or partition.
pub(crate) fn code(refusal: &Refusal) -> ErrorCode {
    match refusal {
        Refusal::UnknownTopicOrPartition => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        Refusal::UnknownTopicId => ErrorCode::UNKNOWN_TOPIC_ID,
        Refusal::NotHere | Refusal::Stopping => ErrorCode::NOT_LEADER_OR_FOLLOWER,
        Refusal::InvalidRequiredAcks(_) => ErrorCode::INVALID_REQUIRED_ACKS,
        Refusal::Batch(error) => of_batch(error),
        Refusal::Append(refusal) => of_append(refusal),
        Refusal::Fetch(FetchRefusal::OffsetOutOfRange { .. }) => ErrorCode::OFFSET_OUT_OF_RANGE,
        Refusal::Fetch(FetchRefusal::Leadership(refusal)) | Refusal::Leadership(refusal) => {
            of_leadership(refusal)
        }
        Refusal::InternalTopic => ErrorCode::INVALID_TOPIC_EXCEPTION,
        Refusal::OnlyCompacted => ErrorCode::POLICY_VIOLATION,
        Refusal::Fault(_) => ErrorCode::KAFKA_STORAGE_ERROR,
        Refusal::Damaged(_) => ErrorCode::CORRUPT_MESSAGE,
    }
}

fn of_batch(error: &BatchError) -> ErrorCode {
    match error {
        BatchError::Truncated { .. }
        | BatchError::LengthInvalid { .. }
        | BatchError::ChecksumMismatch { .. }
        | BatchError::Decompression { .. } => ErrorCode::CORRUPT_MESSAGE,
        BatchError::TooLarge { .. } | BatchError::DecompressedTooLarge { .. } => ErrorCode::MESSAGE_TOO_LARGE,
        BatchError::TimestampOutOfRange { .. } | BatchError::LogAppendTimeFromClient => {
            ErrorCode::INVALID_TIMESTAMP
        }
        BatchError::CompressionUnknown { .. } => ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
        BatchError::MagicUnsupported { .. }
        | BatchError::NoBatch
        | BatchError::MoreThanOneBatch { .. }
        | BatchError::ControlBatch
        | BatchError::RecordCountInvalid { .. }
        | BatchError::OffsetRangeInvalid { .. }
        | BatchError::RecordCountMismatch { .. }
        | BatchError::RecordMalformed { .. }
        | BatchError::OffsetDeltaInvalid { .. }
        | BatchError::KeyMissing { .. }
        | BatchError::ProducerInvalid { .. }
        | BatchError::TransactionalWithoutProducer
        | BatchError::FormatLimit => ErrorCode::INVALID_RECORD,
    }
}

fn of_append(refusal: &AppendRefusal) -> ErrorCode {
    match refusal {
        AppendRefusal::Leadership(refusal) => of_leadership(refusal),
        AppendRefusal::Sequence(SequenceRefusal::OutOfOrder { .. }) => {
            ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER
        }
        AppendRefusal::Sequence(SequenceRefusal::Fenced { .. }) => ErrorCode::INVALID_PRODUCER_EPOCH,
        // Retriable, and says that nothing was appended.
        AppendRefusal::NotEnoughReplicas { .. } | AppendRefusal::TooManyWaiting { .. } => {
            ErrorCode::NOT_ENOUGH_REPLICAS
        }
        AppendRefusal::NotEnoughReplicasAfterAppend { .. } => ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        AppendRefusal::TimedOut => ErrorCode::REQUEST_TIMED_OUT,
        AppendRefusal::DiskFull => ErrorCode::KAFKA_STORAGE_ERROR,
        AppendRefusal::NoTransaction => ErrorCode::INVALID_TXN_STATE,
        AppendRefusal::OffsetsExhausted => ErrorCode::UNKNOWN_SERVER_ERROR,
    }
}

fn of_leadership(refusal: &LeadershipRefusal) -> ErrorCode {
    match refusal {
        LeadershipRefusal::NotLeader { .. } => ErrorCode::NOT_LEADER_OR_FOLLOWER,
        LeadershipRefusal::Offline(OfflineReason::Unassigned | OfflineReason::ShuttingDown) => {
            ErrorCode::NOT_LEADER_OR_FOLLOWER
        }
        LeadershipRefusal::Offline(OfflineReason::Deleted) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        LeadershipRefusal::Offline(OfflineReason::DiskFault) => ErrorCode::KAFKA_STORAGE_ERROR,
        LeadershipRefusal::Fenced { .. } => ErrorCode::FENCED_LEADER_EPOCH,
        LeadershipRefusal::UnknownEpoch { .. } => ErrorCode::UNKNOWN_LEADER_EPOCH,
    }
}

/// The code and the words of what the controller refused, or of its absence.
pub(crate) fn of_cluster(error: &ClusterError) -> (ErrorCode, String) {
    match error {
        ClusterError::Refused(refusal) => of_controller(refusal),
        ClusterError::Unavailable | ClusterError::Stopping => {
            (ErrorCode::REQUEST_TIMED_OUT, "no controller answered in time".to_owned())
        }
    }
}

/// The code and the words of what the controller refused.
pub(crate) fn of_controller(refusal: &RefusalV1) -> (ErrorCode, String) {
    let code = refusal.kind().map_or(ErrorCode::UNKNOWN_SERVER_ERROR, of_kind);
    (code, refusal.message.clone())
}

fn of_kind(kind: RefusalKind) -> ErrorCode {
    match kind {
        RefusalKind::NotLeader | RefusalKind::Unavailable => ErrorCode::REQUEST_TIMED_OUT,
        RefusalKind::InvalidRequest => ErrorCode::INVALID_REQUEST,
        RefusalKind::WrongCluster | RefusalKind::DuplicateNode | RefusalKind::StaleNode => {
            ErrorCode::BROKER_NOT_AVAILABLE
        }
        RefusalKind::UnsupportedFormat => ErrorCode::UNSUPPORTED_VERSION,
        RefusalKind::InvalidTopicName => ErrorCode::INVALID_TOPIC_EXCEPTION,
        RefusalKind::TopicExists => ErrorCode::TOPIC_ALREADY_EXISTS,
        RefusalKind::UnknownTopic | RefusalKind::UnknownPartition => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        RefusalKind::UnknownTopicId => ErrorCode::UNKNOWN_TOPIC_ID,
        RefusalKind::InvalidPartitions => ErrorCode::INVALID_PARTITIONS,
        RefusalKind::InvalidReplicationFactor => ErrorCode::INVALID_REPLICATION_FACTOR,
        RefusalKind::InvalidReplicaAssignment => ErrorCode::INVALID_REPLICA_ASSIGNMENT,
        RefusalKind::InvalidConfig => ErrorCode::INVALID_CONFIG,
        RefusalKind::FencedLeaderEpoch => ErrorCode::FENCED_LEADER_EPOCH,
        RefusalKind::InvalidUpdateVersion => ErrorCode::INVALID_UPDATE_VERSION,
        RefusalKind::IneligibleReplica => ErrorCode::INELIGIBLE_REPLICA,
        RefusalKind::UnknownNode => ErrorCode::BROKER_ID_NOT_REGISTERED,
        RefusalKind::ElectionNotNeeded => ErrorCode::ELECTION_NOT_NEEDED,
        RefusalKind::PreferredLeaderNotAvailable => ErrorCode::PREFERRED_LEADER_NOT_AVAILABLE,
        RefusalKind::EligibleLeadersNotAvailable => ErrorCode::ELIGIBLE_LEADERS_NOT_AVAILABLE,
        RefusalKind::LimitReached => ErrorCode::POLICY_VIOLATION,
        RefusalKind::DiskFull => ErrorCode::KAFKA_STORAGE_ERROR,
    }
}

/// The code of what a group refused.
pub(crate) fn of_group(refusal: &GroupRefusal) -> ErrorCode {
    match refusal {
        GroupRefusal::InvalidGroupId => ErrorCode::INVALID_GROUP_ID,
        GroupRefusal::GroupIdNotFound => ErrorCode::GROUP_ID_NOT_FOUND,
        GroupRefusal::NonEmptyGroup => ErrorCode::NON_EMPTY_GROUP,
        GroupRefusal::GroupMaxSizeReached => ErrorCode::GROUP_MAX_SIZE_REACHED,
        GroupRefusal::GroupSubscribedToTopic => ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC,
        GroupRefusal::UnknownMemberId => ErrorCode::UNKNOWN_MEMBER_ID,
        GroupRefusal::MemberIdRequired => ErrorCode::MEMBER_ID_REQUIRED,
        GroupRefusal::FencedInstanceId => ErrorCode::FENCED_INSTANCE_ID,
        GroupRefusal::UnreleasedInstanceId => ErrorCode::UNRELEASED_INSTANCE_ID,
        GroupRefusal::IllegalGeneration => ErrorCode::ILLEGAL_GENERATION,
        GroupRefusal::RebalanceInProgress => ErrorCode::REBALANCE_IN_PROGRESS,
        GroupRefusal::InconsistentGroupProtocol => ErrorCode::INCONSISTENT_GROUP_PROTOCOL,
        GroupRefusal::InvalidSessionTimeout => ErrorCode::INVALID_SESSION_TIMEOUT,
        GroupRefusal::FencedMemberEpoch => ErrorCode::FENCED_MEMBER_EPOCH,
        GroupRefusal::StaleMemberEpoch => ErrorCode::STALE_MEMBER_EPOCH,
        GroupRefusal::UnsupportedAssignor(_) => ErrorCode::UNSUPPORTED_ASSIGNOR,
        GroupRefusal::InvalidRegularExpression(_) => ErrorCode::INVALID_REGULAR_EXPRESSION,
        GroupRefusal::InvalidRequest(_) => ErrorCode::INVALID_REQUEST,
        GroupRefusal::OffsetMetadataTooLarge => ErrorCode::OFFSET_METADATA_TOO_LARGE,
        GroupRefusal::UnsupportedVersion => ErrorCode::UNSUPPORTED_VERSION,
        GroupRefusal::UnknownTopicOrPartition => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
    }
}

/// The code where no coordinator answered; one that answered another question does not exist.
pub(crate) fn of_coordination(result: &Result<Response, Unavailable>) -> ErrorCode {
    match result {
        Ok(_) => ErrorCode::UNKNOWN_SERVER_ERROR,
        Err(Unavailable::Loading) => ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
        Err(Unavailable::NotAvailable) => ErrorCode::COORDINATOR_NOT_AVAILABLE,
        Err(Unavailable::NotCoordinator) => ErrorCode::NOT_COORDINATOR,
    }
}

/// The code of a fetch session that cannot go on.
pub(super) fn of_session(error: SessionError) -> ErrorCode {
    match error {
        SessionError::NotFound => ErrorCode::FETCH_SESSION_ID_NOT_FOUND,
        SessionError::WrongEpoch => ErrorCode::INVALID_FETCH_SESSION_EPOCH,
        SessionError::TopicIdMismatch => ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR,
    }
}
