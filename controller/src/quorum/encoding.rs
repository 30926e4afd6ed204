//! Raft's data as bytes: what the log store keeps and what voters send each other.
//!
//! ```text
//! log id      term u64 | voter u64 | index u64
//! vote        term u64 | voter u64 | committed u8
//! membership  configs: list of lists of u64 | nodes: list of (u64, address text)
//! entry       crc u32 | version u8 | log id | kind u8 | kind 0: nothing
//!                                                      | kind 1: after u64, records blob
//!                                                      | kind 2: membership
//! ```
//! Little endian throughout, lists and texts as in `ringlog_image::wire`. The CRC-32C covers everything after it.

use super::types::{
    Entry, LeaderId, LogId, Membership, Payload, Proposal, SnapshotMeta, StoredMembership, Vote,
};
use openraft::BasicNode;
use ringlog_image::DecodeError;
use ringlog_image::wire::{Reader, Writer};
use std::collections::BTreeSet;

const ENTRY_VERSION: u8 = 1;
const BLANK: u8 = 0;
const NORMAL: u8 = 1;
const MEMBERSHIP: u8 = 2;

/// Bytes that are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EncodingError {
    #[error(transparent)]
    Field(#[from] DecodeError),
    #[error("the checksum of a log entry does not hold: stated {stated:#010x}, found {found:#010x}")]
    Checksum { stated: u32, found: u32 },
    #[error("a log entry of version {0} is from a newer release")]
    Version(u8),
    #[error("a membership that cannot be: {0}")]
    Membership(String),
    #[error("{0} bytes are left over")]
    Excess(usize),
}

pub(crate) type Decoded<T> = Result<T, EncodingError>;

/// Reads one value that must fill the bytes.
pub(crate) fn whole<T>(bytes: &[u8], read: impl FnOnce(&mut Reader<'_>) -> Decoded<T>) -> Decoded<T> {
    let mut reader = Reader::new(bytes);
    let value = read(&mut reader)?;
    match reader.remaining() {
        0 => Ok(value),
        left => Err(EncodingError::Excess(left)),
    }
}

/// The bytes that `write` writes.
pub(crate) fn bytes(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    write(&mut writer);
    writer.bytes
}

pub(crate) fn write_log_id(out: &mut Writer, id: &LogId) {
    out.u64(id.leader_id.term);
    out.u64(id.leader_id.node_id);
    out.u64(id.index);
}

pub(crate) fn read_log_id(from: &mut Reader<'_>) -> Result<LogId, DecodeError> {
    let leader_id = LeaderId { term: from.u64()?, node_id: from.u64()? };
    Ok(LogId { leader_id, index: from.u64()? })
}

pub(crate) fn write_vote(out: &mut Writer, vote: &Vote) {
    out.u64(vote.leader_id.term);
    out.u64(vote.leader_id.node_id);
    out.u8(u8::from(vote.committed));
}

pub(crate) fn read_vote(from: &mut Reader<'_>) -> Result<Vote, DecodeError> {
    let leader_id = LeaderId { term: from.u64()?, node_id: from.u64()? };
    Ok(Vote { leader_id, committed: from.flag()? })
}

fn write_membership(out: &mut Writer, membership: &Membership) {
    out.list(membership.get_joint_config(), |out, config| {
        let voters: Vec<u64> = config.iter().copied().collect();
        out.list(&voters, |out, voter| out.u64(*voter));
    });
    let nodes: Vec<(&u64, &BasicNode)> = membership.nodes().collect();
    out.list(&nodes, |out, (id, node)| {
        out.u64(**id);
        out.text(&node.addr);
    });
}

fn read_membership(from: &mut Reader<'_>) -> Decoded<Membership> {
    let configs =
        from.list(4, |from| Ok(from.list(8, Reader::u64)?.into_iter().collect::<BTreeSet<u64>>()))?;
    let nodes = from.list(12, |from| Ok((from.u64()?, BasicNode { addr: from.text()? })))?;
    let nodes: std::collections::BTreeMap<u64, BasicNode> = nodes.into_iter().collect();
    if configs.is_empty() && nodes.is_empty() {
        return Ok(Membership::default());
    }
    Membership::new(configs, nodes).map_err(|error| EncodingError::Membership(error.to_string()))
}

fn write_stored_membership(out: &mut Writer, stored: &StoredMembership) {
    out.option(stored.log_id().as_ref(), write_log_id);
    write_membership(out, stored.membership());
}

fn read_stored_membership(from: &mut Reader<'_>) -> Decoded<StoredMembership> {
    Ok(StoredMembership::new(from.option(read_log_id)?, read_membership(from)?))
}

pub(crate) fn write_snapshot_meta(out: &mut Writer, meta: &SnapshotMeta) {
    out.option(meta.last_log_id.as_ref(), write_log_id);
    write_stored_membership(out, &meta.last_membership);
}

pub(crate) fn read_snapshot_meta(from: &mut Reader<'_>) -> Decoded<SnapshotMeta> {
    Ok(SnapshotMeta {
        last_log_id: from.option(read_log_id)?,
        last_membership: read_stored_membership(from)?,
    })
}

pub(crate) fn encode_entry(entry: &Entry) -> Vec<u8> {
    let body = bytes(|out| {
        out.u8(ENTRY_VERSION);
        write_log_id(out, &entry.log_id);
        match &entry.payload {
            Payload::Blank => out.u8(BLANK),
            Payload::Normal(proposal) => {
                out.u8(NORMAL);
                out.u64(proposal.after);
                out.blob(&proposal.records);
            }
            Payload::Membership(membership) => {
                out.u8(MEMBERSHIP);
                write_membership(out, membership);
            }
        }
    });
    let mut whole = crc32c::crc32c(&body).to_le_bytes().to_vec();
    whole.extend_from_slice(&body);
    whole
}

pub(crate) fn decode_entry(bytes: &[u8]) -> Decoded<Entry> {
    whole(bytes, |from| {
        let stated = from.u32()?;
        let found = crc32c::crc32c(&bytes[4..]);
        if stated != found {
            return Err(EncodingError::Checksum { stated, found });
        }
        match from.u8()? {
            ENTRY_VERSION => {}
            other => return Err(EncodingError::Version(other)),
        }
        let log_id = read_log_id(from)?;
        let payload = match from.u8()? {
            BLANK => Payload::Blank,
            NORMAL => Payload::Normal(Proposal { after: from.u64()?, records: from.blob()?.to_vec() }),
            MEMBERSHIP => Payload::Membership(read_membership(from)?),
            other => return Err(DecodeError::BadTag(other).into()),
        };
        Ok(Entry { log_id, payload })
    })
}

#[cfg(test)]
mod tests;
