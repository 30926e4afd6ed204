//! Fetch as a subscription: the node pushes, the client grants bytes.
//!
//! ```text
//! client                                   node
//!   | SUBSCRIBE (correlation S, credit) ->   |
//!   |                  <- SUBSCRIBE reply S  |
//!   |           <- DELIVER S (fixed, batches)|   credit falls by the batches' bytes
//!   |           <- DELIVER S ...             |   while credit > 0
//!   | CREDIT (subscription S, bytes) ->      |   no reply
//!   | UNSUBSCRIBE (subscription S) ->        |
//!   |                <- UNSUBSCRIBE reply    |   no DELIVER of S comes after it
//! ```
//! A subscription is named by the correlation of its SUBSCRIBE, for the life of its connection. When it can no longer
//! be served (topic deleted, leader moved, offset fallen behind the log's start, data damaged), the node pushes a
//! DELIVER with [`crate::Flags::ERROR`] and forgets it.

use super::empty_body;
use crate::wire::Reader;
use crate::{Body, Correlation, DecodeError, Op, RECORDS_FIXED_LENGTH};
use ringlog_model::{Offset, PartitionId, PartitionIndex, TopicId, Uuid};
use zerocopy::little_endian::{I32, I64, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// What a reader may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// Everything up to the high watermark.
    #[default]
    ReadUncommitted,
    /// Everything up to the last stable offset.
    ReadCommitted,
}

impl Isolation {
    pub(super) fn number(self) -> u8 {
        match self {
            Isolation::ReadUncommitted => 0,
            Isolation::ReadCommitted => 1,
        }
    }

    pub(super) fn from_number(number: u8) -> Result<Isolation, DecodeError> {
        match number {
            0 => Ok(Isolation::ReadUncommitted),
            1 => Ok(Isolation::ReadCommitted),
            value => Err(DecodeError::Value { field: "isolation", value: i64::from(value) }),
        }
    }
}

/// Opens a subscription. Refused with `OffsetOutOfRange` if `offset` is below the log's start or above its end. The
/// header's epoch is the leader epoch the client knows, or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscribe {
    /// Where from.
    pub partition: PartitionId,
    /// The first record wanted.
    pub offset: Offset,
    /// The first grant, in bytes of record batches.
    pub credit: u64,
    /// The most bytes of record batches in one DELIVER; a single larger batch still comes whole. The node may have a
    /// lower bound of its own.
    pub delivery_bytes_max: u32,
    /// What the reader may see.
    pub isolation: Isolation,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct SubscribeFixed {
    topic: [u8; 16],
    index: I32,
    delivery_bytes_max: U32,
    offset: I64,
    credit: U64,
    isolation: u8,
    reserved: [u8; 7],
}

impl Body for Subscribe {
    const OP: Op = Op::SUBSCRIBE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        let fixed = SubscribeFixed {
            topic: self.partition.topic.0.0,
            index: self.partition.index.0.into(),
            delivery_bytes_max: self.delivery_bytes_max.into(),
            offset: self.offset.0.into(),
            credit: self.credit.into(),
            isolation: self.isolation.number(),
            reserved: [0; 7],
        };
        bytes.extend_from_slice(fixed.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<Subscribe, DecodeError> {
        let fixed: &SubscribeFixed = Reader::new(bytes).fixed("subscribe")?;
        Ok(Subscribe {
            partition: PartitionId {
                topic: TopicId(Uuid(fixed.topic)),
                index: PartitionIndex(fixed.index.get()),
            },
            offset: Offset(fixed.offset.get()),
            credit: fixed.credit.get(),
            delivery_bytes_max: fixed.delivery_bytes_max.get(),
            isolation: Isolation::from_number(fixed.isolation)?,
        })
    }
}

/// The subscription is open. Its header's epoch is the leader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscribeReply {
    /// The partition's first offset.
    pub log_start: Offset,
    /// One past the last offset that every replica in sync has.
    pub high_watermark: Offset,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct SubscribeReplyFixed {
    log_start: I64,
    high_watermark: I64,
}

impl Body for SubscribeReply {
    const OP: Op = Op::SUBSCRIBE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        let fixed = SubscribeReplyFixed {
            log_start: self.log_start.0.into(),
            high_watermark: self.high_watermark.0.into(),
        };
        bytes.extend_from_slice(fixed.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<SubscribeReply, DecodeError> {
        let fixed: &SubscribeReplyFixed = Reader::new(bytes).fixed("subscribe reply")?;
        Ok(SubscribeReply {
            log_start: Offset(fixed.log_start.get()),
            high_watermark: Offset(fixed.high_watermark.get()),
        })
    }
}

/// A push: whole record batches follow, in offset order and without a gap to the previous push.
///
/// The first batch may begin below `from` (its records below `from` are to be skipped by the client); all batches
/// together end at `next`. Bytes of batches count against the credit; a delivery is sent while the credit is above
/// zero and may take it below, so that a batch larger than the grant still comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deliver {
    /// The first offset that is new to this subscription.
    pub from: Offset,
    /// One past the last offset in this push; the next one starts here.
    pub next: Offset,
    /// As of this push.
    pub high_watermark: Offset,
    /// As of this push; equals `high_watermark` where there are no transactions.
    pub last_stable: Offset,
    /// As of this push.
    pub log_start: Offset,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct DeliverFixed {
    from: I64,
    next: I64,
    high_watermark: I64,
    last_stable: I64,
    log_start: I64,
    reserved: [u8; 8],
}

const _: () = assert!(size_of::<DeliverFixed>() == RECORDS_FIXED_LENGTH);

impl Body for Deliver {
    const OP: Op = Op::DELIVER;

    fn encode(&self, bytes: &mut Vec<u8>) {
        let fixed = DeliverFixed {
            from: self.from.0.into(),
            next: self.next.0.into(),
            high_watermark: self.high_watermark.0.into(),
            last_stable: self.last_stable.0.into(),
            log_start: self.log_start.0.into(),
            reserved: [0; 8],
        };
        bytes.extend_from_slice(fixed.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<Deliver, DecodeError> {
        let fixed: &DeliverFixed = Reader::new(bytes).fixed("deliver")?;
        Ok(Deliver {
            from: Offset(fixed.from.get()),
            next: Offset(fixed.next.get()),
            high_watermark: Offset(fixed.high_watermark.get()),
            last_stable: Offset(fixed.last_stable.get()),
            log_start: Offset(fixed.log_start.get()),
        })
    }
}

/// Grants a subscription more bytes, on top of what is left. Has no reply; one for an unknown subscription is ignored,
/// because it may just have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Which one.
    pub subscription: Correlation,
    /// How much more.
    pub bytes: u64,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct CreditFixed {
    subscription: U64,
    bytes: U64,
}

impl Body for Credit {
    const OP: Op = Op::CREDIT;

    fn encode(&self, bytes: &mut Vec<u8>) {
        let fixed = CreditFixed { subscription: self.subscription.0.into(), bytes: self.bytes.into() };
        bytes.extend_from_slice(fixed.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<Credit, DecodeError> {
        let fixed: &CreditFixed = Reader::new(bytes).fixed("credit")?;
        Ok(Credit { subscription: Correlation(fixed.subscription.get()), bytes: fixed.bytes.get() })
    }
}

/// Ends a subscription. Succeeds for one that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Which one.
    pub subscription: Correlation,
}

impl Body for Unsubscribe {
    const OP: Op = Op::UNSUBSCRIBE;

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.subscription.0.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Result<Unsubscribe, DecodeError> {
        let subscription: &U64 = Reader::new(bytes).fixed("unsubscribe")?;
        Ok(Unsubscribe { subscription: Correlation(subscription.get()) })
    }
}

empty_body! {
    /// No delivery of the subscription comes after this.
    UnsubscribeReply: Op::UNSUBSCRIBE
}
