//! The APIs of the protocol and their versions.

use crate::messages::versions;
use std::fmt;

macro_rules! api_keys {
    ($($name:ident $code:literal,)*) => {
        /// The number that a request begins with. All that Apache Kafka knows; [`ApiKey::versions`] says which of
        /// them this codec implements.
        #[allow(missing_docs, reason = "the names say it")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ApiKey {
            $($name = $code,)*
        }

        impl ApiKey {
            /// All known APIs, by number.
            pub const ALL: &'static [ApiKey] = &[$(ApiKey::$name),*];

            /// The API of a number.
            #[must_use]
            pub fn from_code(code: i16) -> Option<ApiKey> {
                match code {
                    $($code => Some(ApiKey::$name),)*
                    _ => None,
                }
            }

            /// Its name in Apache Kafka.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(ApiKey::$name => stringify!($name),)*
                }
            }
        }
    };
}

api_keys! {
    Produce 0,
    Fetch 1,
    ListOffsets 2,
    Metadata 3,
    LeaderAndIsr 4,
    StopReplica 5,
    UpdateMetadata 6,
    ControlledShutdown 7,
    OffsetCommit 8,
    OffsetFetch 9,
    FindCoordinator 10,
    JoinGroup 11,
    Heartbeat 12,
    LeaveGroup 13,
    SyncGroup 14,
    DescribeGroups 15,
    ListGroups 16,
    SaslHandshake 17,
    ApiVersions 18,
    CreateTopics 19,
    DeleteTopics 20,
    DeleteRecords 21,
    InitProducerId 22,
    OffsetForLeaderEpoch 23,
    AddPartitionsToTxn 24,
    AddOffsetsToTxn 25,
    EndTxn 26,
    WriteTxnMarkers 27,
    TxnOffsetCommit 28,
    DescribeAcls 29,
    CreateAcls 30,
    DeleteAcls 31,
    DescribeConfigs 32,
    AlterConfigs 33,
    AlterReplicaLogDirs 34,
    DescribeLogDirs 35,
    SaslAuthenticate 36,
    CreatePartitions 37,
    CreateDelegationToken 38,
    RenewDelegationToken 39,
    ExpireDelegationToken 40,
    DescribeDelegationToken 41,
    DeleteGroups 42,
    ElectLeaders 43,
    IncrementalAlterConfigs 44,
    AlterPartitionReassignments 45,
    ListPartitionReassignments 46,
    OffsetDelete 47,
    DescribeClientQuotas 48,
    AlterClientQuotas 49,
    DescribeUserScramCredentials 50,
    AlterUserScramCredentials 51,
    Vote 52,
    BeginQuorumEpoch 53,
    EndQuorumEpoch 54,
    DescribeQuorum 55,
    AlterPartition 56,
    UpdateFeatures 57,
    Envelope 58,
    FetchSnapshot 59,
    DescribeCluster 60,
    DescribeProducers 61,
    BrokerRegistration 62,
    BrokerHeartbeat 63,
    UnregisterBroker 64,
    DescribeTransactions 65,
    ListTransactions 66,
    AllocateProducerIds 67,
    ConsumerGroupHeartbeat 68,
    ConsumerGroupDescribe 69,
    ControllerRegistration 70,
    GetTelemetrySubscriptions 71,
    PushTelemetry 72,
    AssignReplicasToDirs 73,
    ListConfigResources 74,
    DescribeTopicPartitions 75,
    ShareGroupHeartbeat 76,
    ShareGroupDescribe 77,
    ShareFetch 78,
    ShareAcknowledge 79,
    AddRaftVoter 80,
    RemoveRaftVoter 81,
    UpdateRaftVoter 82,
    InitializeShareGroupState 83,
    ReadShareGroupState 84,
    WriteShareGroupState 85,
    DeleteShareGroupState 86,
    ReadShareGroupStateSummary 87,
    StreamsGroupHeartbeat 88,
    StreamsGroupDescribe 89,
    DescribeShareGroupOffsets 90,
    AlterShareGroupOffsets 91,
    DeleteShareGroupOffsets 92,
    StreamsGroupTopologyDescriptionUpdate 93,
    UnregisterController 94,
}

/// The versions of an API that this codec implements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The oldest.
    pub first: i16,
    /// The newest.
    pub last: i16,
    /// The first one with compact lengths and tagged fields (KIP-482).
    pub flexible_from: Option<i16>,
    /// Whether Apache Kafka has released the newest one for general use; if not, do not advertise it.
    pub newest_is_stable: bool,
}

/// The versions of each API under its number: every request asks for them a few times.
static BY_NUMBER: [Option<Versions>; ApiKey::ALL.len()] = {
    let mut by_number = [None; ApiKey::ALL.len()];
    let mut place = 0;
    while place < versions::ALL.len() {
        let (api, versions) = versions::ALL[place];
        by_number[api as usize] = Some(versions);
        place += 1;
    }
    by_number
};

impl Versions {
    /// Whether this version is implemented.
    #[must_use]
    pub fn contains(&self, version: i16) -> bool {
        (self.first..=self.last).contains(&version)
    }

    /// The newest version to advertise.
    #[must_use]
    pub fn last_stable(&self) -> i16 {
        if self.newest_is_stable { self.last } else { self.last - 1 }
    }
}

impl ApiKey {
    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// The versions that this codec implements; none if it does not implement the API.
    #[must_use]
    pub fn versions(self) -> Option<Versions> {
        BY_NUMBER[self as usize]
    }

    /// All APIs that this codec implements, by number, with their versions.
    pub fn implemented() -> impl Iterator<Item = (ApiKey, Versions)> {
        versions::ALL.iter().copied()
    }

    fn is_flexible(self, version: i16) -> bool {
        self.versions().and_then(|versions| versions.flexible_from).is_some_and(|first| version >= first)
    }

    /// The version of the header before a request: 2 before flexible versions, else 1.
    #[must_use]
    pub fn request_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) { 2 } else { 1 }
    }

    /// The version of the header before a response: 1 before flexible versions, else 0. Always 0 before ApiVersions:
    /// a client reads that response before it knows which version the broker has chosen (KIP-511).
    #[must_use]
    pub fn response_header_version(self, version: i16) -> i16 {
        i16::from(self != ApiKey::ApiVersions && self.is_flexible(version))
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_without_gaps_from_zero() {
        for (place, api) in ApiKey::ALL.iter().enumerate() {
            assert_eq!(usize::try_from(api.code()), Ok(place));
            assert_eq!(ApiKey::from_code(api.code()), Some(*api));
        }
        assert_eq!(ApiKey::from_code(-1), None);
    }

    #[test]
    fn api_versions_is_always_answered_behind_the_oldest_header() {
        assert_eq!(ApiKey::ApiVersions.request_header_version(3), 2);
        assert_eq!(ApiKey::ApiVersions.response_header_version(3), 0);
        assert_eq!(ApiKey::Fetch.response_header_version(11), 0);
        assert_eq!(ApiKey::Fetch.response_header_version(12), 1);
    }
}
