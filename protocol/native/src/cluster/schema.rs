//! Which schema id means which body.

use super::*;
use crate::{Correlation, Flags, Frame, Header, Op};
use bytes::{Bytes, BytesMut};
use rkyv::rancor;

/// A body of the cluster listener.
pub trait ClusterBody: Sized {
    /// What its frames say in their header.
    const SCHEMA: Schema;

    /// The archive.
    fn encode(&self) -> Vec<u8>;

    /// Checks the bytes and takes the value out of them.
    ///
    /// # Errors
    /// [`BodyError`] if the bytes are not such an archive.
    fn decode(bytes: &[u8]) -> Result<Self, BodyError>;
}

/// The bytes of a body are not what the schema id says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a body of {length} bytes is not a {schema:?}: {reason}")]
pub struct BodyError {
    /// What it should have been.
    pub schema: Schema,
    /// How long it is.
    pub length: usize,
    /// What the check says.
    pub reason: String,
}

/// A body of a newer release, or none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("schema {schema} of {op} is unknown here")]
pub struct UnknownSchema {
    /// The frame's operation.
    pub op: Op,
    /// The form of its body.
    pub schema: u16,
}

macro_rules! schemas {
    ($($(#[$meta:meta])* $body:ident = $op:literal $version:literal,)*) => {
        /// Which frozen type a body is of: an operation and a version of its body. A pair is never used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Schema {
            $($(#[$meta])* $body,)*
        }

        impl Schema {
            /// Every schema.
            pub const ALL: &[Schema] = &[$(Schema::$body),*];

            /// What a frame with such a body says in its header: operation and schema.
            #[must_use]
            pub fn numbers(self) -> (Op, u16) {
                match self {
                    $(Schema::$body => (Op($op), $version),)*
                }
            }

            /// The type of a frame's body.
            ///
            /// # Errors
            /// [`UnknownSchema`] if this release knows no such type.
            pub fn of(header: &Header) -> Result<Schema, UnknownSchema> {
                match (header.op.0, header.schema) {
                    $(($op, $version) => Ok(Schema::$body),)*
                    _ => Err(UnknownSchema { op: header.op, schema: header.schema }),
                }
            }
        }

        $(impl ClusterBody for $body {
            const SCHEMA: Schema = Schema::$body;

            fn encode(&self) -> Vec<u8> {
                rkyv::to_bytes::<rancor::Error>(self).expect("plain values archive without fail").into_vec()
            }

            fn decode(bytes: &[u8]) -> Result<$body, BodyError> {
                rkyv::from_bytes::<$body, rancor::Error>(bytes).map_err(|error| BodyError {
                    schema: Schema::$body,
                    length: bytes.len(),
                    reason: error.to_string(),
                })
            }
        })*
    };
}

schemas! {
    /// Any request was refused as a whole.
    RefusalV1 = 0x0100 1,
    /// A node asks to take part.
    RegisterNodeV1 = 0x0101 1,
    /// It does from now on.
    RegisterNodeReplyV1 = 0x0102 1,
    /// A node says that it lives.
    HeartbeatV1 = 0x0103 1,
    /// How the controller sees it.
    HeartbeatReplyV1 = 0x0104 1,
    /// A node says that it stops.
    UnregisterNodeV1 = 0x0105 1,
    /// It may stop now.
    UnregisterNodeReplyV1 = 0x0106 1,
    /// Pushed to a registered node: the whole image, in parts.
    ImagePartV1 = 0x0107 1,
    /// Pushed to a registered node: what was committed since.
    ImageDeltaV1 = 0x0108 1,
    /// Create topics.
    CreateTopicsV1 = 0x0110 1,
    /// Which were created.
    CreateTopicsReplyV1 = 0x0111 1,
    /// Delete topics.
    DeleteTopicsV1 = 0x0112 1,
    /// Which were deleted.
    DeleteTopicsReplyV1 = 0x0113 1,
    /// A node wants producer ids to give away.
    AllocateProducerIdsV1 = 0x0114 1,
    /// A block of them.
    AllocateProducerIdsReplyV1 = 0x0115 1,
    /// A leader changes who is in sync.
    AlterPartitionV1 = 0x0116 1,
    /// What came of it.
    AlterPartitionReplyV1 = 0x0117 1,
    /// Change configs.
    AlterConfigsV1 = 0x0118 1,
    /// Which were changed.
    AlterConfigsReplyV1 = 0x0119 1,
    /// Give topics more partitions.
    CreatePartitionsV1 = 0x011a 1,
    /// Which got them.
    CreatePartitionsReplyV1 = 0x011b 1,
    /// Elect leaders anew.
    ElectLeadersV1 = 0x011c 1,
    /// What came of it.
    ElectLeadersReplyV1 = 0x011d 1,
    /// Forget a node.
    ForgetNodeV1 = 0x011e 1,
    /// It is forgotten.
    ForgetNodeReplyV1 = 0x011f 1,
    /// Between voters.
    RaftRequestV1 = 0x0120 1,
    /// Between voters.
    RaftReplyV1 = 0x0121 1,
    /// Between voters: a part of a snapshot.
    RaftSnapshotPartV1 = 0x0122 1,
    /// What the leader knows of the quorum.
    DescribeQuorumV1 = 0x0123 1,
    /// That.
    DescribeQuorumReplyV1 = 0x0124 1,
}

/// The bytes of a frame with this body.
#[must_use]
pub fn frame<B: ClusterBody>(flags: Flags, correlation: Correlation, body: &B) -> Bytes {
    let (op, schema) = B::SCHEMA.numbers();
    let body = body.encode();
    let head = Header::new(op, flags, correlation).with_schema(schema).seal(&body, 0);
    let mut bytes = BytesMut::with_capacity(head.len() + body.len());
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(&body);
    bytes.freeze()
}

/// The body of a frame that must be of this type.
///
/// # Errors
/// [`BodyError`] if it is of another type, or not what it says.
pub fn body<B: ClusterBody>(frame: &Frame) -> Result<B, BodyError> {
    if Schema::of(&frame.header) != Ok(B::SCHEMA) {
        let reason = format!("it is {} with schema {}", frame.header.op, frame.header.schema);
        return Err(BodyError { schema: B::SCHEMA, length: frame.body.len(), reason });
    }
    B::decode(&frame.body)
}
