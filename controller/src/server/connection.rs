//! One connection: frames in, answers and pushes out.

use super::raft::SnapshotAssembly;
use super::{Context, alter, follow, quorum, raft, requests, translate};
use crate::desk::DeskError;
use crate::frames::{ConnectionError, FrameReader};
use bytes::Bytes;
use ringlog_native::cluster::{
    self, BodyError, ClusterBody, DescribeQuorumV1, RefusalKind, RefusalV1, RegisterNodeV1, Schema,
};
use ringlog_native::{Correlation, Flags, Frame};
use ringlog_reactor::Stream;
use ringlog_reactor::local::{Queue, Semaphore};
use std::rc::Rc;
use std::time::Duration;

/// How long a connection may be silent. Nodes say every few seconds that they live.
const IDLE_MAX: Duration = Duration::from_secs(600);
/// How many requests of one connection may be under way; beyond that it is not read from.
const REQUESTS_MAX: usize = 32;
/// How many frames may wait to be sent.
const OUTBOUND_MAX: usize = 64;

/// The way back to the peer; clones share it.
#[derive(Clone)]
pub(super) struct Outbound(Queue<Bytes>);

impl Outbound {
    /// Queues a frame; false if the connection is gone.
    pub(super) async fn send(&self, frame: Bytes) -> bool {
        self.0.push(frame).await.is_ok()
    }

    /// Answers a request.
    pub(super) async fn answer<B: ClusterBody>(&self, correlation: Correlation, body: &B) -> bool {
        self.send(cluster::frame(Flags::RESPONSE, correlation, body)).await
    }

    /// Refuses a request as a whole.
    pub(super) async fn refuse(&self, correlation: Correlation, refusal: &RefusalV1) -> bool {
        self.send(cluster::frame(Flags::RESPONSE | Flags::ERROR, correlation, refusal)).await
    }
}

/// Serves a connection to its end.
pub(super) async fn serve(context: &Rc<Context>, stream: Stream) -> Result<(), ConnectionError> {
    stream.set_nodelay(true)?;
    let outbound = Outbound(Queue::bounded(OUTBOUND_MAX));
    let writer = context.reactor.spawn(write(stream.clone(), outbound.0.clone()));
    let result = read(context, stream, &outbound).await;
    outbound.0.close();
    drop(writer);
    result
}

async fn write(stream: Stream, queue: Queue<Bytes>) {
    while let Some(first) = queue.pop().await {
        let mut frames = vec![first];
        while frames.len() < OUTBOUND_MAX
            && let Some(next) = queue.try_pop()
        {
            frames.push(next);
        }
        if stream.send(frames).await.is_err() {
            queue.close();
        }
    }
}

async fn read(context: &Rc<Context>, stream: Stream, outbound: &Outbound) -> Result<(), ConnectionError> {
    let mut reader = FrameReader::new(&context.reactor, stream);
    let places = Semaphore::new(REQUESTS_MAX);
    let mut following = None;
    let mut assembly = SnapshotAssembly::default();
    while let Some(frame) = context.reactor.timeout(IDLE_MAX, reader.next()).await?? {
        let schema = match Schema::of(&frame.header) {
            Ok(schema) => schema,
            Err(unknown) => {
                let refusal = RefusalV1::new(RefusalKind::InvalidRequest, unknown.to_string());
                outbound.refuse(frame.header.correlation, &refusal).await;
                continue;
            }
        };
        match schema {
            // In order, and at most one at a time: what follows on a registration belongs to it, and parts of a
            // snapshot to the parts before.
            Schema::RegisterNodeV1 => {
                let request: RegisterNodeV1 = cluster::body(&frame)?;
                if requests::register(context, outbound, frame.header.correlation, request).await {
                    let task = follow::follow(context.quorum.clone(), outbound.clone());
                    following = Some(context.reactor.spawn(task));
                }
            }
            Schema::RaftSnapshotPartV1 => {
                raft::snapshot_part(context, outbound, &frame, &mut assembly).await?;
            }
            _ => {
                let place = places.acquire(1).await;
                let (context, outbound) = (context.clone(), outbound.clone());
                let reactor = context.reactor.clone();
                let handle = async move {
                    let correlation = frame.header.correlation;
                    if let Err(error) = dispatch(&context, &outbound, schema, &frame).await {
                        let refusal = RefusalV1::new(RefusalKind::InvalidRequest, error.to_string());
                        outbound.refuse(correlation, &refusal).await;
                    }
                    drop(place);
                };
                reactor.spawn(handle).detach();
            }
        }
    }
    drop(following);
    Ok(())
}

async fn dispatch(
    context: &Rc<Context>,
    outbound: &Outbound,
    schema: Schema,
    frame: &Frame,
) -> Result<(), BodyError> {
    let correlation = frame.header.correlation;
    match schema {
        Schema::HeartbeatV1 => {
            let reply = requests::heartbeat(context, cluster::body(frame)?).await;
            conclude(outbound, correlation, reply).await;
        }
        Schema::UnregisterNodeV1 => {
            let reply = requests::unregister(context, cluster::body(frame)?).await;
            conclude(outbound, correlation, reply).await;
        }
        Schema::CreateTopicsV1 => {
            let reply = requests::create_topics(context, cluster::body(frame)?).await;
            conclude(outbound, correlation, reply).await;
        }
        Schema::DeleteTopicsV1 => {
            let reply = requests::delete_topics(context, cluster::body(frame)?).await;
            conclude(outbound, correlation, reply).await;
        }
        Schema::AlterConfigsV1 => {
            let reply = alter::configs(context, cluster::body(frame)?).await;
            conclude(outbound, correlation, reply).await;
        }
        Schema::CreatePartitionsV1 => {
            let reply = alter::partitions(context, cluster::body(frame)?).await;
            conclude(outbound, correlation, reply).await;
        }
        Schema::ElectLeadersV1 => {
            let reply = alter::leaders(context, cluster::body(frame)?).await;
            conclude(outbound, correlation, reply).await;
        }
        Schema::ForgetNodeV1 => {
            let reply = alter::forget_node(context, cluster::body(frame)?).await;
            conclude(outbound, correlation, reply).await;
        }
        Schema::DescribeQuorumV1 => {
            let _: DescribeQuorumV1 = cluster::body(frame)?;
            conclude(outbound, correlation, quorum::describe(context)).await;
        }
        Schema::AllocateProducerIdsV1 => {
            let reply = requests::allocate_producer_ids(context, cluster::body(frame)?).await;
            conclude(outbound, correlation, reply).await;
        }
        Schema::AlterPartitionV1 => {
            let reply = requests::alter_partition(context, cluster::body(frame)?).await;
            conclude(outbound, correlation, reply).await;
        }
        Schema::RaftRequestV1 => {
            let reply = raft::request(context, cluster::body(frame)?).await;
            match reply {
                Ok(reply) => outbound.answer(correlation, &reply).await,
                Err(refusal) => outbound.refuse(correlation, &refusal).await,
            };
        }
        other => {
            let message = format!("{other:?} is not a request");
            outbound.refuse(correlation, &RefusalV1::new(RefusalKind::InvalidRequest, message)).await;
        }
    }
    Ok(())
}

async fn conclude<B: ClusterBody>(
    outbound: &Outbound,
    correlation: Correlation,
    reply: Result<B, DeskError>,
) {
    match reply {
        Ok(body) => outbound.answer(correlation, &body).await,
        Err(error) => outbound.refuse(correlation, &translate::error(error)).await,
    };
}
