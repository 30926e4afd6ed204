//! The 32 bytes before every body.
//!
//! ```text
//!  0        4     5     6       8       10       12        16             24      28     32
//!  | "RLOG" | ver |flags|  op   |schema | header |  body   | correlation  | epoch | CRC  |
//!  |        |     |     |       |       | length | length  |              |       |      |
//! ```
//! All numbers are little-endian. The CRC (CRC-32C) covers bytes 0 to 28, any header bytes from 32 on, and the
//! body; of a body with [`Flags::RECORDS`] only its fixed part, because record batches carry their own checksum.

use crate::FrameError;
use crate::Op;
use core::ops::BitOr;
use ringlog_model::LeaderEpoch;
use zerocopy::little_endian::{I32, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The first four bytes of every frame.
pub const MAGIC: [u8; 4] = *b"RLOG";
/// The version of the header's layout and rules that this crate writes.
pub const WIRE_VERSION: u8 = 1;
/// The header's length as this version writes it. Readers honour the length in the header instead.
pub const HEADER_LENGTH: usize = 32;
/// The longest header a reader accepts: room for appended fields, and a bound for hostile ones.
pub const HEADER_LENGTH_MAX: usize = 256;
/// The largest body a reader accepts unless told otherwise; as Kafka's `socket.request.max.bytes`.
pub const BODY_LIMIT_DEFAULT: usize = 100 * 1024 * 1024;

/// The largest body without record batches that a reader accepts on the client listener: decoded lists take several
/// times the memory of their bytes, and a shard map of 100,000 partitions needs 2 MiB.
pub const CONTROL_BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Pairs a reply with its request, and a delivery with its subscription. Chosen by the requester.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Correlation(pub u64);

/// Properties of a frame. Bits that a reader does not know are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// A request, nothing special.
    pub const NONE: Flags = Flags(0);
    /// The frame answers a request or is pushed on a subscription.
    pub const RESPONSE: Flags = Flags(1);
    /// The body is an [`crate::ErrorBody`]. Comes with [`Flags::RESPONSE`].
    pub const ERROR: Flags = Flags(2);
    /// The body is a fixed part of [`crate::RECORDS_FIXED_LENGTH`] bytes followed by raw record batches, which the
    /// header's CRC does not cover.
    pub const RECORDS: Flags = Flags(4);

    /// Whether all bits of `other` are set.
    #[must_use]
    pub fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Flags {
    type Output = Flags;
    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

/// A frame's header in host form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The layout's version; [`WIRE_VERSION`].
    pub wire_version: u8,
    /// Properties of the frame.
    pub flags: Flags,
    /// What it asks for, or answers.
    pub op: Op,
    /// Which form the body has, counted per operation from 1. On the cluster listener it selects the frozen type.
    pub schema: u16,
    /// Where the body begins.
    pub header_length: u16,
    /// The body's bytes, record batches included.
    pub body_length: u32,
    /// Pairs replies with requests.
    pub correlation: Correlation,
    /// The leader epoch that the sender acts upon; [`LeaderEpoch::UNKNOWN`] where none is meant.
    pub epoch: LeaderEpoch,
    /// CRC-32C, see the module's header.
    pub crc: u32,
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct RawHeader {
    magic: [u8; 4],
    wire_version: u8,
    flags: u8,
    op: U16,
    schema: U16,
    header_length: U16,
    body_length: U32,
    correlation: U64,
    epoch: I32,
    crc: U32,
}

const _: () = assert!(size_of::<RawHeader>() == HEADER_LENGTH);
/// Where the CRC stands; the bytes before it are covered by it.
const CRC_POSITION: usize = 28;

impl Header {
    /// A header of a schema 1 body without an epoch; lengths and CRC are filled in by [`Header::seal`].
    #[must_use]
    pub fn new(op: Op, flags: Flags, correlation: Correlation) -> Header {
        Header {
            wire_version: WIRE_VERSION,
            flags,
            op,
            schema: 1,
            header_length: HEADER_LENGTH as u16,
            body_length: 0,
            correlation,
            epoch: LeaderEpoch::UNKNOWN,
            crc: 0,
        }
    }

    /// The same with another body form.
    #[must_use]
    pub fn with_schema(self, schema: u16) -> Header {
        Header { schema, ..self }
    }

    /// The same with a leader epoch.
    #[must_use]
    pub fn with_epoch(self, epoch: LeaderEpoch) -> Header {
        Header { epoch, ..self }
    }

    /// Reads the first [`HEADER_LENGTH`] bytes of a frame and checks what can be checked before the rest arrives:
    /// magic, version and both lengths. The CRC waits for the body ([`crate::Frame::parse`]).
    ///
    /// # Errors
    /// [`FrameError::Short`] if there are fewer bytes; the others say what is wrong with them.
    pub fn parse(bytes: &[u8], body_limit: usize) -> Result<Header, FrameError> {
        let (raw, _) = RawHeader::read_from_prefix(bytes).map_err(|_| FrameError::Short)?;
        if raw.magic != MAGIC {
            return Err(FrameError::Magic(raw.magic));
        }
        if raw.wire_version == 0 {
            return Err(FrameError::WireVersion(raw.wire_version));
        }
        let header_length = raw.header_length.get();
        if !(HEADER_LENGTH..=HEADER_LENGTH_MAX).contains(&usize::from(header_length)) {
            return Err(FrameError::HeaderLength(header_length));
        }
        let flags = Flags(raw.flags);
        let op = Op(raw.op.get());
        let limit = if flags.contains(Flags::RECORDS) || op.is_cluster() {
            body_limit
        } else {
            body_limit.min(CONTROL_BODY_LIMIT)
        };
        let body_length = raw.body_length.get();
        if body_length as usize > limit {
            return Err(FrameError::BodyTooLarge { length: body_length, limit });
        }
        if flags.contains(Flags::RECORDS) && (body_length as usize) < crate::RECORDS_FIXED_LENGTH {
            return Err(FrameError::Short);
        }
        Ok(Header {
            wire_version: raw.wire_version,
            flags,
            op,
            schema: raw.schema.get(),
            header_length,
            body_length,
            correlation: Correlation(raw.correlation.get()),
            epoch: LeaderEpoch(raw.epoch.get()),
            crc: raw.crc.get(),
        })
    }

    /// Header and body together.
    #[must_use]
    pub fn frame_length(&self) -> usize {
        usize::from(self.header_length) + self.body_length as usize
    }

    /// How many of the body's bytes the CRC covers.
    #[must_use]
    pub fn covered_length(&self) -> usize {
        if self.flags.contains(Flags::RECORDS) {
            crate::RECORDS_FIXED_LENGTH
        } else {
            self.body_length as usize
        }
    }

    /// The header's bytes, for a body whose covered part is `covered` and which goes on for `records_length` bytes of
    /// record batches. Lengths and CRC of `self` are replaced.
    #[must_use]
    pub fn seal(&self, covered: &[u8], records_length: usize) -> [u8; HEADER_LENGTH] {
        let body_length = u32::try_from(covered.len() + records_length)
            .expect("bodies are bounded far below 4 GiB by callers");
        let mut raw = RawHeader {
            magic: MAGIC,
            wire_version: self.wire_version,
            flags: self.flags.0,
            op: self.op.0.into(),
            schema: self.schema.into(),
            header_length: (HEADER_LENGTH as u16).into(),
            body_length: body_length.into(),
            correlation: self.correlation.0.into(),
            epoch: self.epoch.0.into(),
            crc: 0.into(),
        };
        raw.crc = checksum(raw.as_bytes(), covered).into();
        raw.as_bytes().try_into().expect("a raw header is as long as the header")
    }
}

/// The CRC over a whole header (`header_length` bytes) and the covered part of the body.
pub(crate) fn checksum(header: &[u8], covered: &[u8]) -> u32 {
    let crc = crc32c::crc32c(&header[..CRC_POSITION]);
    let crc = crc32c::crc32c_append(crc, &header[HEADER_LENGTH..]);
    crc32c::crc32c_append(crc, covered)
}
