//! The requests between voters as bytes: the payloads of `RaftRequestV1`, `RaftReplyV1` and `RaftSnapshotPartV1`.

use super::encoding::{
    Decoded, bytes, decode_entry, encode_entry, read_log_id, read_snapshot_meta, read_vote, whole,
    write_log_id, write_snapshot_meta, write_vote,
};
use super::types::{Entry, LogId, Snapshot, SnapshotMeta, TypeConfig, Vote};
use bytes::Bytes;
use openraft::raft::{AppendEntriesRequest, AppendEntriesResponse, VoteRequest, VoteResponse};
use ringlog_image::DecodeError;

const SUCCESS: u8 = 0;
const PARTIAL: u8 = 1;
const CONFLICT: u8 = 2;
const HIGHER_VOTE: u8 = 3;

pub(super) fn encode_vote_request(request: &VoteRequest<TypeConfig>) -> Vec<u8> {
    bytes(|out| {
        write_vote(out, &request.vote);
        out.option(request.last_log_id.as_ref(), write_log_id);
        out.u8(u8::from(request.leadership_transfer));
    })
}

pub(super) fn decode_vote_request(payload: &[u8]) -> Decoded<VoteRequest<TypeConfig>> {
    whole(payload, |from| {
        let mut request = VoteRequest::new(read_vote(from)?, from.option(read_log_id)?);
        request.leadership_transfer = from.flag()?;
        Ok(request)
    })
}

pub(super) fn encode_vote_reply(reply: &VoteResponse<TypeConfig>) -> Vec<u8> {
    bytes(|out| {
        write_vote(out, &reply.vote);
        out.u8(u8::from(reply.vote_granted));
        out.option(reply.last_log_id.as_ref(), write_log_id);
    })
}

pub(super) fn decode_vote_reply(payload: &[u8]) -> Decoded<VoteResponse<TypeConfig>> {
    whole(payload, |from| {
        let (vote, vote_granted) = (read_vote(from)?, from.flag()?);
        Ok(VoteResponse { vote, vote_granted, last_log_id: from.option(read_log_id)? })
    })
}

/// Entries travel in the form the log store keeps them in, checksums included. Beyond `bytes_max` they are left out; the
/// flag says whether all went in.
pub(super) fn encode_append(
    request: &AppendEntriesRequest<TypeConfig>,
    bytes_max: usize,
) -> (Vec<u8>, usize) {
    let mut entries: Vec<Vec<u8>> = Vec::new();
    let mut total = 0;
    for entry in &request.entries {
        let encoded = encode_entry(entry);
        total += encoded.len();
        if total > bytes_max && !entries.is_empty() {
            break;
        }
        entries.push(encoded);
    }
    let sent = entries.len();
    let payload = bytes(|out| {
        write_vote(out, &request.vote);
        out.option(request.prev_log_id.as_ref(), write_log_id);
        out.option(request.leader_commit.as_ref(), write_log_id);
        out.list(&entries, |out, entry| out.blob(entry));
    });
    (payload, sent)
}

pub(super) fn decode_append(payload: &[u8]) -> Decoded<AppendEntriesRequest<TypeConfig>> {
    whole(payload, |from| {
        let vote = read_vote(from)?;
        let prev_log_id: Option<LogId> = from.option(read_log_id)?;
        let leader_commit = from.option(read_log_id)?;
        let blobs = from.list(4, |from| Ok(from.blob()?.to_vec()))?;
        let entries: Vec<Entry> =
            blobs.iter().map(|blob| decode_entry(blob)).collect::<Decoded<Vec<Entry>>>()?;
        Ok(AppendEntriesRequest { vote, prev_log_id, entries, leader_commit })
    })
}

pub(super) fn encode_append_reply(reply: &AppendEntriesResponse<TypeConfig>) -> Vec<u8> {
    bytes(|out| match reply {
        AppendEntriesResponse::Success => out.u8(SUCCESS),
        AppendEntriesResponse::PartialSuccess(upto) => {
            out.u8(PARTIAL);
            out.option(upto.as_ref(), write_log_id);
        }
        AppendEntriesResponse::Conflict => out.u8(CONFLICT),
        AppendEntriesResponse::HigherVote(vote) => {
            out.u8(HIGHER_VOTE);
            write_vote(out, vote);
        }
    })
}

pub(super) fn decode_append_reply(payload: &[u8]) -> Decoded<AppendEntriesResponse<TypeConfig>> {
    whole(payload, |from| {
        Ok(match from.u8()? {
            SUCCESS => AppendEntriesResponse::Success,
            PARTIAL => AppendEntriesResponse::PartialSuccess(from.option(read_log_id)?),
            CONFLICT => AppendEntriesResponse::Conflict,
            HIGHER_VOTE => AppendEntriesResponse::HigherVote(read_vote(from)?),
            other => return Err(DecodeError::BadTag(other).into()),
        })
    })
}

pub(super) fn encode_snapshot(vote: &Vote, meta: &SnapshotMeta, data: &[u8]) -> Vec<u8> {
    bytes(|out| {
        write_vote(out, vote);
        write_snapshot_meta(out, meta);
        out.blob(data);
    })
}

pub(super) fn decode_snapshot(payload: &[u8]) -> Decoded<(Vote, Snapshot)> {
    whole(payload, |from| {
        let vote = read_vote(from)?;
        let meta = read_snapshot_meta(from)?;
        Ok((vote, Snapshot { meta, snapshot: Bytes::copy_from_slice(from.blob()?) }))
    })
}

pub(super) fn encode_vote_only(vote: &Vote) -> Vec<u8> {
    bytes(|out| write_vote(out, vote))
}

pub(super) fn decode_vote_only(payload: &[u8]) -> Decoded<Vote> {
    whole(payload, |from| Ok(read_vote(from)?))
}
