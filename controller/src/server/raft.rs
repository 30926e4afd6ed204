//! Requests of the other voters.

use super::Context;
use super::connection::Outbound;
use crate::frames::ConnectionError;
use crate::quorum::CommittedLog;
use ringlog_native::Frame;
use ringlog_native::cluster::{
    self, RaftReplyV1, RaftRequestV1, RaftRpcV1, RaftSnapshotPartV1, RefusalKind, RefusalV1,
};

/// The largest snapshot taken in; metadata of a million partitions is about a tenth of that.
const SNAPSHOT_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// The parts of a snapshot that have arrived on a connection.
#[derive(Default)]
pub(super) struct SnapshotAssembly {
    bytes: Vec<u8>,
}

pub(super) async fn request(context: &Context, request: RaftRequestV1) -> Result<RaftReplyV1, RefusalV1> {
    check(context, request.cluster, request.to)?;
    let rpc = RaftRpcV1::from_number(request.rpc).filter(|rpc| *rpc != RaftRpcV1::Snapshot);
    let rpc = rpc.ok_or_else(|| invalid(format!("there is no request {} between voters", request.rpc)))?;
    let payload = context.quorum.serve(rpc, &request.payload).await.map_err(unavailable)?;
    Ok(RaftReplyV1 { rpc: request.rpc, payload })
}

pub(super) async fn snapshot_part(
    context: &Context,
    outbound: &Outbound,
    frame: &Frame,
    assembly: &mut SnapshotAssembly,
) -> Result<(), ConnectionError> {
    let correlation = frame.header.correlation;
    let part: RaftSnapshotPartV1 = cluster::body(frame)?;
    match take_part(context, part, assembly).await {
        Ok(payload) => {
            let reply = RaftReplyV1 { rpc: RaftRpcV1::Snapshot as u8, payload };
            outbound.answer(correlation, &reply).await;
        }
        Err(refusal) => {
            *assembly = SnapshotAssembly::default();
            outbound.refuse(correlation, &refusal).await;
        }
    }
    Ok(())
}

async fn take_part(
    context: &Context,
    part: RaftSnapshotPartV1,
    assembly: &mut SnapshotAssembly,
) -> Result<Vec<u8>, RefusalV1> {
    check(context, part.cluster, part.to)?;
    if part.offset == 0 {
        assembly.bytes.clear();
    }
    if part.offset != assembly.bytes.len() as u64 {
        return Err(invalid(format!("a part at {} after {} bytes", part.offset, assembly.bytes.len())));
    }
    if assembly.bytes.len() + part.payload.len() > SNAPSHOT_BYTES_MAX {
        return Err(invalid(format!("a snapshot above {SNAPSHOT_BYTES_MAX} bytes")));
    }
    assembly.bytes.extend_from_slice(&part.payload);
    if !part.last {
        return Ok(Vec::new());
    }
    let whole = std::mem::take(&mut assembly.bytes);
    context.quorum.serve(RaftRpcV1::Snapshot, &whole).await.map_err(unavailable)
}

/// A voter of another cluster, or one that means another voter, must not be listened to: it may have been started with
/// somebody else's address.
fn check(context: &Context, cluster: [u8; 16], to: u64) -> Result<(), RefusalV1> {
    let here = context.quorum.metadata().cluster();
    if cluster != [0; 16] && here != [0; 16] && cluster != here {
        let message = "the voter belongs to another cluster".to_string();
        return Err(RefusalV1::new(RefusalKind::WrongCluster, message));
    }
    if to != context.id {
        return Err(invalid(format!("this is controller {}, not {to}", context.id)));
    }
    Ok(())
}

fn invalid(message: String) -> RefusalV1 {
    RefusalV1::new(RefusalKind::InvalidRequest, message)
}

fn unavailable(message: String) -> RefusalV1 {
    RefusalV1::new(RefusalKind::Unavailable, message)
}
