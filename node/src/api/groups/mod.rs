//! The APIs of consumer groups: requests become owned, find their coordinator, and the answers borrow from it.

mod classic;
mod consumer;
mod delete;
mod describe;
mod find_coordinator;
mod list;
mod offset_commit;
mod offset_delete;
mod offset_fetch;

use super::{Answer, Asked, error, refuse};
use crate::connection::ConnectionError;
use bytes::Bytes;
use ringlog_coordinator::{Client, Name};
use ringlog_kafka::{ErrorCode, Reader, Request, RequestHeader};
use ringlog_model::Uuid;

/// All operations on a group: there is no authoriser yet. Bits by the operation's number: read, delete, describe,
/// describe configs, alter configs.
const GROUP_OPERATIONS: i32 = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;

/// Answers a request about groups; `None` if it is of another kind.
pub(super) async fn answer(asked: &Asked, body: &Bytes, request: Request<'_>) -> Option<Answer> {
    Some(match request {
        Request::FindCoordinator(request) => find_coordinator::answer(asked, &request).await,
        Request::JoinGroup(request) => match asked.client(body) {
            Ok(client) => classic::join(asked, client, &request).await,
            Err(error) => Err(error),
        },
        Request::SyncGroup(request) => classic::sync(asked, &request).await,
        Request::Heartbeat(request) => classic::heartbeat(asked, &request).await,
        Request::LeaveGroup(request) => classic::leave(asked, &request).await,
        Request::OffsetCommit(request) => offset_commit::answer(asked, &request).await,
        Request::OffsetFetch(request) => offset_fetch::answer(asked, &request).await,
        Request::OffsetDelete(request) => offset_delete::answer(asked, &request).await,
        Request::ListGroups(request) => list::answer(asked, &request).await,
        Request::DescribeGroups(request) => describe::answer(asked, &request).await,
        Request::DeleteGroups(request) => delete::answer(asked, &request).await,
        Request::ConsumerGroupHeartbeat(request) => match asked.client(body) {
            Ok(client) => consumer::heartbeat(asked, client, &request).await,
            Err(error) => Err(error),
        },
        Request::ConsumerGroupDescribe(request) => consumer::describe(asked, &request).await,
        _ => return None,
    })
}

impl Asked {
    /// Who asks, as groups remember it.
    fn client(&self, body: &Bytes) -> Result<Client, ConnectionError> {
        let header = RequestHeader::read(&mut Reader::new(body)).map_err(refuse)?;
        let host = match self.connection.stream.peer_address() {
            Ok(address) => Name::from(format!("/{}", address.ip())),
            // The client has just gone; nobody will see the answer.
            Err(_) => Name::from("/"),
        };
        Ok(Client { id: header.client_id.unwrap_or_default().into(), host })
    }

    /// Makes a new member's id unique.
    fn fresh(&self) -> Uuid {
        let reactor = &self.shard().reactor;
        let (high, low) = (reactor.random_u64(), reactor.random_u64());
        Uuid::from_random(u128::from(high) << 64 | u128::from(low))
    }
}

/// A nullable string, owned.
fn name(text: Option<&str>) -> Option<Name> {
    text.map(Name::from)
}

/// The code of a result.
fn code_of<T>(result: &Result<T, ringlog_coordinator::Refusal>) -> ErrorCode {
    match result {
        Ok(_) => ErrorCode::NONE,
        Err(refusal) => error::of_group(refusal),
    }
}
