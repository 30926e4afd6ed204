//! What a frame asks for.

use core::fmt;

/// The operation of a frame. A reply carries the operation of its request.
///
/// Numbers below `0x0100` belong to the client listener; those from `0x0100` to the cluster listener, whose
/// constants stand in [`crate::cluster`]. A number is never given to another operation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Op(pub u16);

impl Op {
    /// Opens every connection: versions, identity, and the shard that should serve it.
    pub const HELLO: Op = Op(1);
    /// Asks for an empty reply; keeps a connection alive, measures a round trip.
    pub const PING: Op = Op(2);
    /// Where partitions are: leader node, owning shard, address.
    pub const SHARD_MAP: Op = Op(3);
    /// Appends one record batch to one partition.
    pub const PRODUCE: Op = Op(4);
    /// Gives the producer an identity for idempotence.
    pub const INIT_PRODUCER: Op = Op(5);
    /// Opens a fetch subscription on one partition.
    pub const SUBSCRIBE: Op = Op(6);
    /// Record batches pushed by the node on a subscription. Never a request.
    pub const DELIVER: Op = Op(7);
    /// Grants a subscription more bytes. Has no reply.
    pub const CREDIT: Op = Op(8);
    /// Ends a subscription.
    pub const UNSUBSCRIBE: Op = Op(9);
    /// Beginning, end, or the offset of a timestamp, of one partition.
    pub const LIST_OFFSETS: Op = Op(10);
    /// Creates a topic.
    pub const TOPIC_CREATE: Op = Op(11);
    /// Lists topics.
    pub const TOPIC_LIST: Op = Op(12);
    /// One topic's partitions and configuration.
    pub const TOPIC_DESCRIBE: Op = Op(13);
    /// Deletes a topic.
    pub const TOPIC_DELETE: Op = Op(14);
    /// Gives a topic more partitions.
    pub const TOPIC_GROW: Op = Op(15);
    /// Changes configs of a topic, a node or a group.
    pub const CONFIG_ALTER: Op = Op(16);
    /// The configs of a topic, a node or a group.
    pub const CONFIG_DESCRIBE: Op = Op(17);
    /// One partition's log: offsets, directory, segments.
    pub const PARTITION_DESCRIBE: Op = Op(20);
    /// Lists consumer groups.
    pub const GROUP_LIST: Op = Op(21);
    /// One group's members and offsets.
    pub const GROUP_DESCRIBE: Op = Op(22);
    /// Commits offsets in the place of a group without members.
    pub const GROUP_COMMIT: Op = Op(23);
    /// Deletes a group.
    pub const GROUP_DELETE: Op = Op(24);
    /// Deletes some of a group's offsets.
    pub const GROUP_FORGET: Op = Op(25);

    /// Whether this number is of the cluster listener.
    #[must_use]
    pub fn is_cluster(self) -> bool {
        self.0 >= 0x0100
    }
}

impl fmt::Display for Op {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match *self {
            Op::HELLO => "hello",
            Op::PING => "ping",
            Op::SHARD_MAP => "shard map",
            Op::PRODUCE => "produce",
            Op::INIT_PRODUCER => "init producer",
            Op::SUBSCRIBE => "subscribe",
            Op::DELIVER => "deliver",
            Op::CREDIT => "credit",
            Op::UNSUBSCRIBE => "unsubscribe",
            Op::LIST_OFFSETS => "list offsets",
            Op::TOPIC_CREATE => "topic create",
            Op::TOPIC_LIST => "topic list",
            Op::TOPIC_DESCRIBE => "topic describe",
            Op::TOPIC_DELETE => "topic delete",
            Op::TOPIC_GROW => "topic grow",
            Op::CONFIG_ALTER => "config alter",
            Op::CONFIG_DESCRIBE => "config describe",
            Op::PARTITION_DESCRIBE => "partition describe",
            Op::GROUP_LIST => "group list",
            Op::GROUP_DESCRIBE => "group describe",
            Op::GROUP_COMMIT => "group commit",
            Op::GROUP_DELETE => "group delete",
            Op::GROUP_FORGET => "group forget",
            Op(number) => return write!(formatter, "operation {number:#06x}"),
        };
        formatter.write_str(name)
    }
}

impl fmt::Debug for Op {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
