//! Why a request is not granted. The node translates each into Kafka's error code.

/// A refusal. The names are those of Kafka's errors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum Refusal {
    #[error("the group id is not valid")]
    InvalidGroupId,
    #[error("there is no such group")]
    GroupIdNotFound,
    #[error("the group has members")]
    NonEmptyGroup,
    #[error("the group is full")]
    GroupMaxSizeReached,
    #[error("the group subscribes to the topic")]
    GroupSubscribedToTopic,
    #[error("the group does not know this member")]
    UnknownMemberId,
    #[error("join again with the member id that comes with this answer")]
    MemberIdRequired,
    #[error("another member has taken over this static member's instance id")]
    FencedInstanceId,
    #[error("the static member's instance id is still in use by another member")]
    UnreleasedInstanceId,
    #[error("the generation is not the group's current one")]
    IllegalGeneration,
    #[error("the group rebalances")]
    RebalanceInProgress,
    #[error("the member's protocols do not go with those of the group")]
    InconsistentGroupProtocol,
    #[error("the session timeout is outside of what this broker allows")]
    InvalidSessionTimeout,
    #[error("the member epoch is not the member's current one")]
    FencedMemberEpoch,
    #[error("the member epoch is older than the member's current one")]
    StaleMemberEpoch,
    #[error("this broker does not have that assignor; it has {0}")]
    UnsupportedAssignor(String),
    #[error("{0}")]
    InvalidRegularExpression(String),
    #[error("{0}")]
    InvalidRequest(String),
    #[error("the metadata of the position is too long")]
    OffsetMetadataTooLarge,
    #[error("this version of the request cannot be used with this group")]
    UnsupportedVersion,
    #[error("there is no such topic or partition")]
    UnknownTopicOrPartition,
}
