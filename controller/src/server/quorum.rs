//! What the controller that leads says of the quorum.

use super::Context;
use crate::desk::DeskError;
use crate::quorum::{CommittedLog, Role};
use ringlog_native::cluster::{DescribeQuorumReplyV1, QuorumMemberV1};

/// Voters by what the log's replication knows of them, nodes by what they said of themselves.
pub(super) fn describe(context: &Context) -> Result<DescribeQuorumReplyV1, DeskError> {
    if let Role::Follower { leader } = context.quorum.role() {
        return Err(DeskError::NotLeader { leader });
    }
    let status = context.quorum.status();
    let now = context.reactor.wall_millis();
    let ago = |elapsed: std::time::Duration| now - i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
    let voters = status.voters.into_iter().map(|voter| {
        let heard_at_ms = voter.heard.map(ago);
        let is_caught_up = voter.end.is_some_and(|end| end >= status.committed_end);
        QuorumMemberV1 {
            id: voter.id,
            address: voter.address.to_string(),
            end: voter.end,
            heard_at_ms,
            caught_up_at_ms: heard_at_ms.filter(|_| is_caught_up),
        }
    });
    let newest = context.quorum.metadata().position();
    let nodes = context.office.heard().into_iter().map(|(node, position, elapsed)| {
        let heard_at_ms = Some(ago(elapsed));
        // A position is that of the last change; entries of the log that change nothing may lie behind it.
        let is_caught_up = position >= newest;
        QuorumMemberV1 {
            id: u64::try_from(node.0).unwrap_or_default(),
            address: String::new(),
            end: Some(if is_caught_up { status.committed_end } else { position + 1 }),
            heard_at_ms,
            caught_up_at_ms: heard_at_ms.filter(|_| is_caught_up),
        }
    });
    Ok(DescribeQuorumReplyV1 {
        leader: status.id,
        term: status.term,
        committed_end: status.committed_end,
        voters: voters.collect(),
        nodes: nodes.collect(),
    })
}
