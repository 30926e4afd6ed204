//! The bodies of the client listener, one file per operation.
//!
//! Every body is a fixed little-endian struct, followed by length-prefixed strings and lists where it has any. The ones
//! that go with record batches ([`Produce`], [`Deliver`]) are exactly [`crate::RECORDS_FIXED_LENGTH`] bytes.

mod config;
mod group;
mod hello;
mod offsets;
mod partition;
mod produce;
mod shard_map;
mod subscribe;
#[cfg(test)]
mod tests;
mod topic;

pub use config::{
    ConfigAlter, ConfigAlterReply, ConfigDescribe, ConfigDescribeReply, ConfigHolder, ConfigValue, TopicGrow,
    TopicGrowReply,
};
pub use group::{
    GroupCommit, GroupCommitReply, GroupDelete, GroupDeleteReply, GroupDescribe, GroupDescribeReply,
    GroupForget, GroupForgetReply, GroupList, GroupListReply, GroupMember, GroupOffset, GroupSummary,
};
pub use hello::{Hello, HelloReply, NO_SHARD, Ping};
pub use offsets::{ListOffsets, ListOffsetsReply, OffsetQuery};
pub use partition::{PartitionDescribe, PartitionDescribeReply, SegmentSummary};
pub use produce::{Acks, InitProducer, InitProducerReply, Met, Produce, Receipt};
pub use shard_map::{NodeAddress, PartitionPlace, ShardMap, ShardMapReply, TopicPlace};
pub use subscribe::{Credit, Deliver, Isolation, Subscribe, SubscribeReply, Unsubscribe, UnsubscribeReply};
pub use topic::{
    PartitionDescription, TopicCreate, TopicCreateReply, TopicDelete, TopicDeleteReply, TopicDescribe,
    TopicDescribeReply, TopicList, TopicListReply, TopicSummary,
};

use crate::{DecodeError, Op};

/// Something a frame carries. Requests and replies of one operation share its number; the frame's RESPONSE flag tells
/// them apart.
pub trait Body: Sized {
    /// The operation of frames with this body.
    const OP: Op;
    /// The schema of this form; the next form of the same body gets the next number.
    const SCHEMA: u16 = 1;

    /// Appends the body's bytes, without record batches.
    fn encode(&self, bytes: &mut Vec<u8>);

    /// Reads the body. Bytes behind what this form knows are ignored.
    ///
    /// # Errors
    /// [`DecodeError`] where the bytes are no such body.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError>;
}

/// A body without content.
macro_rules! empty_body {
    ($(#[$meta:meta])* $name:ident: $op:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl $crate::Body for $name {
            const OP: $crate::Op = $op;
            fn encode(&self, _bytes: &mut Vec<u8>) {}
            fn decode(_bytes: &[u8]) -> Result<$name, $crate::DecodeError> {
                Ok($name)
            }
        }
    };
}
use empty_body;
