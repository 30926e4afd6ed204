//! The newest image in a file.
//!
//! ```text
//! magic "RLIM" | version u16 | position u64 | crc u32 | records          little endian
//! ```
//! The CRC-32C covers position and records; the records are in the encoding of `ringlog-image`. A file that does not
//! hold is as good as none: the controller has everything in it.

use ringlog_image::{Image, decode_records, encode_records};

const MAGIC: &[u8; 4] = b"RLIM";
const VERSION: u16 = 1;
const HEADER_LENGTH: usize = 18;

/// The bytes of the file.
pub(super) fn encode(image: &Image, position: u64) -> Vec<u8> {
    let records = encode_records(&image.records());
    let mut bytes = Vec::with_capacity(HEADER_LENGTH + records.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&position.to_le_bytes());
    bytes.extend_from_slice(&checksum(position, &records).to_le_bytes());
    bytes.extend_from_slice(&records);
    bytes
}

/// The image and its position, if the file holds.
pub(super) fn decode(bytes: &[u8]) -> Option<(Image, u64)> {
    let (magic, rest) = bytes.split_first_chunk::<4>()?;
    let (version, rest) = rest.split_first_chunk::<2>()?;
    let (position, rest) = rest.split_first_chunk::<8>()?;
    let (stated, records) = rest.split_first_chunk::<4>()?;
    let position = u64::from_le_bytes(*position);
    let holds = magic == MAGIC
        && u16::from_le_bytes(*version) == VERSION
        && u32::from_le_bytes(*stated) == checksum(position, records);
    if !holds {
        return None;
    }
    let mut image = Image::default();
    for record in decode_records(records).ok()? {
        image.apply(&record).ok()?;
    }
    Some((image, position))
}

fn checksum(position: u64, records: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&position.to_le_bytes()), records)
}
