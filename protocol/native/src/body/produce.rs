//! Appending, and what an acknowledgement says.

use super::empty_body;
use crate::wire::Reader;
use crate::{Body, DecodeError, Op, RECORDS_FIXED_LENGTH};
use core::ops::BitOr;
use ringlog_model::{
    Offset, PartitionId, PartitionIndex, ProducerEpoch, ProducerId, Timestamp, TopicId, Uuid,
};
use zerocopy::little_endian::{I16, I32, I64, U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// How far an append must get before it is acknowledged; as Kafka's `acks`, on top of the topic's durability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// No reply at all, not even to a refusal.
    None,
    /// The leader's own mark: synced, or written where the topic says so.
    Leader,
    /// The marks of all replicas in sync.
    #[default]
    All,
}

impl Acks {
    /// Kafka's number: 0, 1 or -1.
    #[must_use]
    pub fn number(self) -> i8 {
        match self {
            Acks::None => 0,
            Acks::Leader => 1,
            Acks::All => -1,
        }
    }
}

/// Appends one record batch (Kafka v2, as it will stand in the log) to one partition. The batch follows the fixed part;
/// a frame with more than one batch is refused with `InvalidRecord`.
///
/// The header's epoch is the leader epoch the client knows, or unknown. Appends of one connection to one partition keep
/// their order; their receipts may overtake those of other partitions. Idempotence is in the batch itself (producer id,
/// epoch and sequence, KIP-98).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Produce {
    /// Where to.
    pub partition: PartitionId,
    /// What to wait for.
    pub acks: Acks,
    /// How long the node may wait for `acks`, in milliseconds.
    pub timeout_ms: u32,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct ProduceFixed {
    topic: [u8; 16],
    index: I32,
    acks: i8,
    reserved: [u8; 3],
    timeout_ms: U32,
    reserved_too: [u8; 20],
}

const _: () = assert!(size_of::<ProduceFixed>() == RECORDS_FIXED_LENGTH);

impl Body for Produce {
    const OP: Op = Op::PRODUCE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        let fixed = ProduceFixed {
            topic: self.partition.topic.0.0,
            index: self.partition.index.0.into(),
            acks: self.acks.number(),
            reserved: [0; 3],
            timeout_ms: self.timeout_ms.into(),
            reserved_too: [0; 20],
        };
        bytes.extend_from_slice(fixed.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<Produce, DecodeError> {
        let fixed: &ProduceFixed = Reader::new(bytes).fixed("produce")?;
        let acks = match fixed.acks {
            0 => Acks::None,
            1 => Acks::Leader,
            -1 => Acks::All,
            value => return Err(DecodeError::Value { field: "acks", value: i64::from(value) }),
        };
        Ok(Produce {
            partition: PartitionId {
                topic: TopicId(Uuid(fixed.topic)),
                index: PartitionIndex(fixed.index.get()),
            },
            acks,
            timeout_ms: fixed.timeout_ms.get(),
        })
    }
}

/// What had been met when an append was acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met(pub u16);

impl Met {
    /// The leader has written the batch to its log.
    pub const WRITTEN: Met = Met(1);
    /// A sync submitted after that write has completed.
    pub const SYNCED: Met = Met(2);
    /// The batch was a retry: the receipt is that of the first time.
    pub const DUPLICATE: Met = Met(4);

    /// Whether all bits of `other` are set.
    #[must_use]
    pub fn contains(self, other: Met) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Met {
    type Output = Met;
    fn bitor(self, other: Met) -> Met {
        Met(self.0 | other.0)
    }
}

/// The durability receipt: the acknowledgement of a [`Produce`]. Its header's epoch is the leader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The offset of the batch's first record.
    pub base_offset: Offset,
    /// When the log took it, if the topic keeps log-append time; else [`Timestamp::NONE`].
    pub append_time: Timestamp,
    /// The partition's first offset.
    pub log_start: Offset,
    /// What the bytes had reached.
    pub met: Met,
    /// On how many replicas, the leader included, they had reached the topic's durability.
    pub replicas: u16,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct ReceiptFixed {
    base_offset: I64,
    append_time: I64,
    log_start: I64,
    met: U16,
    replicas: U16,
    reserved: U32,
}

impl Body for Receipt {
    const OP: Op = Op::PRODUCE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        let fixed = ReceiptFixed {
            base_offset: self.base_offset.0.into(),
            append_time: self.append_time.0.into(),
            log_start: self.log_start.0.into(),
            met: self.met.0.into(),
            replicas: self.replicas.into(),
            reserved: 0.into(),
        };
        bytes.extend_from_slice(fixed.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<Receipt, DecodeError> {
        let fixed: &ReceiptFixed = Reader::new(bytes).fixed("receipt")?;
        Ok(Receipt {
            base_offset: Offset(fixed.base_offset.get()),
            append_time: Timestamp(fixed.append_time.get()),
            log_start: Offset(fixed.log_start.get()),
            met: Met(fixed.met.get()),
            replicas: fixed.replicas.get(),
        })
    }
}

empty_body! {
    /// Asks for an identity, so that retried batches are recognised.
    InitProducer: Op::INIT_PRODUCER
}

/// The identity to put into batches; sequences start at zero per partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitProducerReply {
    /// Never given to anybody else.
    pub producer: ProducerId,
    /// Its epoch.
    pub epoch: ProducerEpoch,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct InitProducerReplyFixed {
    producer: I64,
    epoch: I16,
    reserved: [u8; 6],
}

impl Body for InitProducerReply {
    const OP: Op = Op::INIT_PRODUCER;

    fn encode(&self, bytes: &mut Vec<u8>) {
        let fixed = InitProducerReplyFixed {
            producer: self.producer.0.into(),
            epoch: self.epoch.0.into(),
            reserved: [0; 6],
        };
        bytes.extend_from_slice(fixed.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<InitProducerReply, DecodeError> {
        let fixed: &InitProducerReplyFixed = Reader::new(bytes).fixed("init producer reply")?;
        Ok(InitProducerReply {
            producer: ProducerId(fixed.producer.get()),
            epoch: ProducerEpoch(fixed.epoch.get()),
        })
    }
}
