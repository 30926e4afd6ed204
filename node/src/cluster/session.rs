//! One connection to a controller, from connecting to its end.

use super::agent::Shared;
use super::error::SessionError;
use super::follower::Follower;
use super::link::{Asked, Link};
use futures_lite::future::or;
use ringlog_native::cluster::{
    self, CLUSTER_BODY_BYTES_MAX, HeartbeatReplyV1, HeartbeatV1, ListenerV1, RefusalV1, RegisterNodeReplyV1,
    RegisterNodeV1, Schema,
};
use ringlog_native::{Flags, Frame, FrameBuffer};
use ringlog_reactor::{Reactor, Receive, Stream};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

/// How long connecting and each step of registering may take.
const CONNECT_PATIENCE: Duration = Duration::from_secs(3);
/// How long a registration may take: it is committed, and may wait behind others.
const REGISTER_PATIENCE: Duration = Duration::from_secs(10);
/// How much is received at once.
const RECEIVE_BYTES: usize = 64 * 1024;
/// The format levels that this release understands.
const FORMATS: (u16, u16) = (1, 1);

/// Connects, registers and follows until the connection ends. `registered` is set once the controller has taken the node
/// in.
pub(super) async fn run(
    shared: &Rc<Shared>,
    address: SocketAddr,
    registered: &mut bool,
) -> Result<(), SessionError> {
    let reactor = &shared.reactor;
    let stream = reactor.timeout(CONNECT_PATIENCE, reactor.connect(address)).await??;
    stream.set_nodelay(true)?;
    let link = Rc::new(Link::new());
    let _closing = Closing { shared, link: link.clone() };
    let reading = read(shared, stream.clone(), &link);
    let writing = write(stream, &link);
    let living = async {
        let reply = register(shared, &link).await?;
        shared.registered(&reply);
        *registered = true;
        tracing::info!(controller = %address, node = %shared.options.node, "registered");
        shared.set_link(Some(link.clone()));
        beat(shared, &link, &reply).await
    };
    or(living, or(reading, writing)).await
}

async fn register(shared: &Shared, link: &Link) -> Result<RegisterNodeReplyV1, SessionError> {
    let options = &shared.options;
    let listeners = options.listeners.iter().map(|listener| ListenerV1 {
        name: listener.name.clone(),
        host: listener.host.clone(),
        port: listener.port,
    });
    let request = RegisterNodeV1 {
        cluster: shared.cluster().unwrap_or_default().0.0,
        node: options.node.0,
        incarnation: options.incarnation.0,
        storage: options.storage.0,
        format_min: FORMATS.0,
        format_max: FORMATS.1,
        listeners: listeners.collect(),
    };
    answered(shared.reactor.timeout(REGISTER_PATIENCE, link.ask(&request)).await?)
}

/// Says every now and then that the node lives.
async fn beat(shared: &Shared, link: &Link, reply: &RegisterNodeReplyV1) -> Result<(), SessionError> {
    let interval = Duration::from_millis(u64::from(reply.heartbeat_interval_ms.max(10)));
    // A connection that brings no answer for a lease is of no use, even if it still looks open.
    let patience = Duration::from_millis(u64::from(reply.lease_ms)).max(interval);
    loop {
        shared.reactor.sleep(interval).await;
        let heartbeat = HeartbeatV1 {
            node: shared.options.node.0,
            incarnation: shared.options.incarnation.0,
            position: shared.position(),
        };
        let asked = link.ask::<_, HeartbeatReplyV1>(&heartbeat);
        answered(shared.reactor.timeout(patience, asked).await?)?;
    }
}

fn answered<A>(asked: Asked<A>) -> Result<A, SessionError> {
    match asked {
        Asked::Answered(answer) => Ok(answer),
        Asked::Refused(refusal) => Err(SessionError::Refused(refusal)),
        Asked::NotSent | Asked::Lost => Err(SessionError::Closed),
    }
}

async fn read(shared: &Rc<Shared>, stream: Stream, link: &Link) -> Result<(), SessionError> {
    let mut frames = FrameBuffer::new(CLUSTER_BODY_BYTES_MAX);
    let mut follower = Follower::default();
    loop {
        while let Some(frame) = frames.next_frame()? {
            take(shared, link, &mut follower, frame)?;
        }
        receive(&shared.reactor, &stream, &mut frames).await?;
    }
}

async fn receive(reactor: &Reactor, stream: &Stream, frames: &mut FrameBuffer) -> Result<(), SessionError> {
    let (received, bytes) = stream.receive(reactor.buffer(RECEIVE_BYTES), Receive::Some).await;
    match received? {
        0 => Err(SessionError::Closed),
        _ => {
            frames.push(&bytes);
            Ok(())
        }
    }
}

fn take(shared: &Shared, link: &Link, follower: &mut Follower, frame: Frame) -> Result<(), SessionError> {
    match Schema::of(&frame.header) {
        Ok(Schema::ImagePartV1) => {
            if let Some((image, position)) = follower.part(cluster::body(&frame)?)? {
                shared.publish_live(image, position);
            }
        }
        Ok(Schema::ImageDeltaV1) => {
            let (image, position) = follower.delta(cluster::body(&frame)?)?;
            shared.publish_live(image, position);
        }
        // A refusal of a frame that was sent without a number would be a bug of one side; it ends the connection.
        Ok(Schema::RefusalV1) if frame.header.correlation.0 == 0 => {
            return Err(SessionError::Refused(cluster::body::<RefusalV1>(&frame)?));
        }
        _ if frame.header.flags.contains(Flags::RESPONSE) => link.answer(frame),
        _ => {}
    }
    Ok(())
}

async fn write(stream: Stream, link: &Link) -> Result<(), SessionError> {
    while let Some(frame) = link.outbound.pop().await {
        stream.send(vec![frame]).await?;
    }
    Err(SessionError::Closed)
}

/// However the session ends (it may simply be dropped), nobody goes on waiting for its answers.
struct Closing<'a> {
    shared: &'a Shared,
    link: Rc<Link>,
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.shared.set_link(None);
        self.link.close();
    }
}
