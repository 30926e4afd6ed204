//! What can be wrong with bytes, and how a peer says no.

use crate::Op;
use crate::wire::{Reader, put_string};

/// Why bytes are not a frame. The stream cannot be followed any further.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// There are fewer bytes than the frame needs.
    #[error("the frame is cut short")]
    Short,
    /// It does not begin as a frame does. The peer probably speaks another protocol.
    #[error("the peer does not speak Ringlog's native protocol (its first bytes are {0:02x?})")]
    Magic([u8; 4]),
    /// No such layout.
    #[error("wire version {0} does not exist")]
    WireVersion(u8),
    /// The header's length lies outside the bounds.
    #[error("a header of {0} bytes is out of bounds")]
    HeaderLength(u16),
    /// The body is larger than this reader takes.
    #[error("a body of {length} bytes is above the limit of {limit}")]
    BodyTooLarge {
        /// As the header states it.
        length: u32,
        /// What the reader takes.
        limit: usize,
    },
    /// Damaged on the way.
    #[error("the checksum of a frame ({op}) does not hold: stated {stated:#010x}, found {found:#010x}")]
    Crc {
        /// The operation the damaged header names.
        op: Op,
        /// The header's CRC.
        stated: u32,
        /// The CRC of what arrived.
        found: u32,
    },
}

/// Why a body is not what its header says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The frame is of another operation or another schema than the reader expected.
    #[error("unexpected body: {op}, schema {schema}")]
    OtherBody {
        /// The frame's operation.
        op: Op,
        /// The frame's schema.
        schema: u16,
    },
    /// The body ends too early.
    #[error("the body ends inside {0}")]
    Short(&'static str),
    /// A number that means nothing.
    #[error("{value} is no {field}")]
    Value {
        /// Which field.
        field: &'static str,
        /// What it held.
        value: i64,
    },
    /// A list claims more elements than the body can hold.
    #[error("a list of {count} {field} does not fit its body")]
    Count {
        /// Which list.
        field: &'static str,
        /// How many it claims.
        count: u32,
    },
    /// Bytes that are not UTF-8.
    #[error("{0} is not UTF-8")]
    NotUtf8(&'static str),
}

macro_rules! error_codes {
    ($($(#[$meta:meta])* $name:ident = $number:literal),* $(,)?) => {
        /// Why a request was refused. Kafka's number wherever Kafka has one, so that both listeners of a node speak of
        /// the same refusals.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$meta])* $name,)*
            /// A code this version does not know by name.
            Other(i16),
        }

        impl ErrorCode {
            /// Every code that has a name here.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name),*];

            /// The number on the wire.
            #[must_use]
            pub fn number(self) -> i16 {
                match self {
                    $(ErrorCode::$name => $number,)*
                    ErrorCode::Other(number) => number,
                }
            }

            /// The code with this number.
            #[must_use]
            pub fn from_number(number: i16) -> ErrorCode {
                match number {
                    $($number => ErrorCode::$name,)*
                    other => ErrorCode::Other(other),
                }
            }
        }
    };
}

error_codes! {
    /// The node failed in a way it has no better word for.
    UnknownServerError = -1,
    /// The wanted offset is below the log's start or above its end.
    OffsetOutOfRange = 1,
    /// The batch's CRC does not hold, or its framing is broken.
    CorruptMessage = 2,
    /// No such topic or partition.
    UnknownTopicOrPartition = 3,
    /// No leader at the moment; try again.
    LeaderNotAvailable = 5,
    /// This node or shard does not lead the partition; ask for the shard map again.
    NotLeaderOrFollower = 6,
    /// Not done in time; whether it will be is unknown.
    RequestTimedOut = 7,
    /// The batch is above the topic's `max.message.bytes`.
    MessageTooLarge = 10,
    /// The node must first hear from its controller.
    CoordinatorNotAvailable = 15,
    /// Not a name a topic may have.
    InvalidTopic = 17,
    /// Fewer replicas in sync than the topic demands.
    NotEnoughReplicas = 19,
    /// Appended, but fewer replicas in sync than the topic demands.
    NotEnoughReplicasAfterAppend = 20,
    /// `acks` has a value that means nothing.
    InvalidRequiredAcks = 21,
    /// Not permitted.
    TopicAuthorizationFailed = 29,
    /// A record's timestamp is outside what the topic accepts.
    InvalidTimestamp = 32,
    /// Unknown operation, schema or wire version.
    UnsupportedVersion = 35,
    /// The topic is there already.
    TopicAlreadyExists = 36,
    /// Not a number of partitions a topic may have.
    InvalidPartitions = 37,
    /// More replicas than nodes, or none.
    InvalidReplicationFactor = 38,
    /// A configuration name or value that means nothing.
    InvalidConfig = 40,
    /// The request contradicts itself or the protocol.
    InvalidRequest = 42,
    /// A batch's sequence does not follow its predecessor's.
    OutOfOrderSequenceNumber = 45,
    /// The batch was appended before; its offset is no longer known.
    DuplicateSequenceNumber = 46,
    /// A newer instance of this producer exists.
    InvalidProducerEpoch = 47,
    /// A disk failed or is full.
    StorageError = 56,
    /// The log no longer knows this producer.
    UnknownProducerId = 59,
    /// The request's leader epoch is older than the node's.
    FencedLeaderEpoch = 74,
    /// The request's leader epoch is newer than the node's.
    UnknownLeaderEpoch = 75,
    /// A compression this version does not know.
    UnsupportedCompressionType = 76,
    /// The records of a batch contradict its header.
    InvalidRecord = 87,
    /// Too many requests in flight; try again.
    ThrottlingQuotaExceeded = 89,
    /// No topic with this identifier.
    UnknownTopicId = 100,
}

impl ErrorCode {
    /// Whether the same request may succeed later without anybody changing it.
    #[must_use]
    pub fn is_retriable(self) -> bool {
        matches!(
            self,
            ErrorCode::LeaderNotAvailable
                | ErrorCode::NotLeaderOrFollower
                | ErrorCode::RequestTimedOut
                | ErrorCode::CoordinatorNotAvailable
                | ErrorCode::NotEnoughReplicas
                | ErrorCode::NotEnoughReplicasAfterAppend
                | ErrorCode::StorageError
                | ErrorCode::FencedLeaderEpoch
                | ErrorCode::UnknownLeaderEpoch
                | ErrorCode::ThrottlingQuotaExceeded
                | ErrorCode::CorruptMessage
        )
    }
}

/// The body of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code:?})")]
pub struct ErrorBody {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
}

impl ErrorBody {
    /// Appends the body's bytes.
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.code.number().to_le_bytes());
        put_string(bytes, &self.message);
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`DecodeError`] where the bytes are none.
    pub fn decode(bytes: &[u8]) -> Result<ErrorBody, DecodeError> {
        let mut reader = Reader::new(bytes);
        let code = ErrorCode::from_number(reader.i16("error code")?);
        Ok(ErrorBody { code, message: reader.string("error message")? })
    }
}
