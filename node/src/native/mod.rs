//! Ringlog's own protocol on the client listener: from a frame to the handler of its operation and back.
//!
//! Replies go out in the order of the requests; deliveries of subscriptions come between them.

mod configs;
mod greeting;
mod groups;
mod offsets;
mod partitions;
mod places;
mod produce;
mod reply;
mod subscribe;
mod topics;

pub(crate) use greeting::{Greeted, greet};

use crate::{
    connection::{Connection, ConnectionError, FrameReader, Outgoing, Pipeline, ReceivedFrame, Work},
    shard::Shard,
};
use bytes::Bytes;
use reply::{Refused, error_of};
use ringlog_model::{LeaderEpoch, ProducerEpoch, ProducerId};
use ringlog_native::{
    Body, Correlation, Frame, FrameError, Op,
    body::{InitProducerReply, Ping},
    response,
};
use ringlog_reactor::LocalBoxFuture;
use std::rc::Rc;
use subscribe::Subscriptions;

/// What a connection's handlers share.
struct Session {
    connection: Rc<Connection>,
    subscriptions: Subscriptions,
}

impl Session {
    fn shard(&self) -> &Shard {
        &self.connection.shard
    }
}

/// Serves a native client whose greeting was read, to its end. `greeting` is the answer to it.
pub(crate) async fn serve(
    connection: &Rc<Connection>,
    reader: FrameReader,
    greeting: Bytes,
) -> Result<(), ConnectionError> {
    let pipeline = Pipeline::new(connection);
    pipeline.answer_with(Work::Ready(Outgoing::bytes(greeting))).await;
    let subscriptions = Subscriptions::new(pipeline.line());
    let session = Rc::new(Session { connection: connection.clone(), subscriptions });
    let result = pipeline.run(reader, async |frame| begin(&session, frame).await).await;
    session.subscriptions.end_all();
    result
}

/// Fixes a request's order. Appends are submitted here; everything else happens when its turn comes.
async fn begin(session: &Rc<Session>, frame: ReceivedFrame) -> Result<Work, ConnectionError> {
    let limit = session.shard().node.limits.request_bytes_max as usize;
    let frame = Frame::parse(frame.bytes, limit).map_err(unreadable)?;
    let correlation = frame.header.correlation;
    let op = frame.header.op;
    match op {
        Op::PRODUCE => produce::begin(session, frame).await,
        Op::SUBSCRIBE => Ok(subscribe::begin(session, &frame)),
        Op::UNSUBSCRIBE => Ok(subscribe::end(session, &frame)),
        Op::CREDIT => Ok(subscribe::grant(session, &frame)),
        _ => {
            let session = session.clone();
            Ok(Work::Later(Box::pin(async move {
                let answer = match answer(&session, &frame).await {
                    Ok(bytes) => bytes,
                    Err(refused) => refused.frame(op, correlation),
                };
                Ok(Some(Outgoing::bytes(answer)))
            })))
        }
    }
}

async fn answer(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let shard = session.shard();
    let correlation = frame.header.correlation;
    match frame.header.op {
        Op::PING => Ok(plain(correlation, &Ping)),
        Op::SHARD_MAP => places::answer(session, frame),
        Op::INIT_PRODUCER => {
            let id = shard.producer_id().await.map_err(|error| error_of(&error))?;
            let reply = InitProducerReply { producer: ProducerId(id), epoch: ProducerEpoch(0) };
            Ok(plain(correlation, &reply))
        }
        Op::LIST_OFFSETS => offsets::answer(session, frame).await,
        Op::TOPIC_CREATE => topics::create(session, frame).await,
        Op::TOPIC_LIST => Ok(topics::list(session, correlation)),
        Op::TOPIC_DESCRIBE => topics::describe(session, frame),
        Op::TOPIC_DELETE => topics::delete(session, frame).await,
        Op::TOPIC_GROW => configs::grow(session, frame).await,
        Op::CONFIG_ALTER => configs::alter(session, frame).await,
        Op::CONFIG_DESCRIBE => configs::describe(session, frame),
        Op::PARTITION_DESCRIBE => partitions::describe(session, frame).await,
        Op::GROUP_LIST => groups::list(session, correlation).await,
        Op::GROUP_DESCRIBE => groups::describe(session, frame).await,
        Op::GROUP_COMMIT => groups::commit(session, frame).await,
        Op::GROUP_DELETE => groups::delete(session, frame).await,
        Op::GROUP_FORGET => groups::forget(session, frame).await,
        op => Err(Refused::unsupported(op)),
    }
}

/// A reply without records and without an epoch.
fn plain<B: Body>(correlation: Correlation, body: &B) -> Bytes {
    response(correlation, LeaderEpoch::UNKNOWN, body)
}

/// Work that ends in one frame or a refusal.
fn later(
    op: Op,
    correlation: Correlation,
    work: impl Future<Output = Result<Outgoing, Refused>> + 'static,
) -> Work {
    let answer: LocalBoxFuture<Result<Option<Outgoing>, ConnectionError>> = Box::pin(async move {
        let outgoing = match work.await {
            Ok(outgoing) => outgoing,
            Err(refused) => Outgoing::bytes(refused.frame(op, correlation)),
        };
        Ok(Some(outgoing))
    });
    Work::Later(answer)
}

fn unreadable(error: FrameError) -> ConnectionError {
    ConnectionError::Request(error.to_string())
}
