//! The whole controller in the simulator, spoken to as nodes speak to it.

mod alone;
mod hostile;
mod real;
mod voters;

use crate::frames::{ConnectionError, FrameReader};
use crate::{ControllerError, ControllerOptions, Timing};
use ringlog_image::{Image, decode_records};
use ringlog_model::ControllerId;
use ringlog_native::cluster::{
    self, ClusterBody, CreateTopicsReplyV1, CreateTopicsV1, HeartbeatReplyV1, HeartbeatV1, ImageDeltaV1,
    ImagePartV1, ListenerV1, NewTopicV1, RefusalV1, RegisterNodeReplyV1, RegisterNodeV1, Schema,
};
use ringlog_native::{Correlation, Flags};
use ringlog_reactor::simulation::{Host, Running};
use ringlog_reactor::{Reactor, Stream};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

const PORT: u16 = 7000;
const PATIENCE: Duration = Duration::from_secs(20);

fn timing() -> Timing {
    Timing {
        node_heartbeat: Duration::from_millis(500),
        node_lease: Duration::from_secs(3),
        ..Timing::default()
    }
}

fn start(
    host: &Host,
    id: u64,
    peers: &BTreeMap<ControllerId, SocketAddr>,
) -> Running<Result<(), ControllerError>> {
    let (listen, peers) = (host.socket_address(PORT), peers.clone());
    host.start("controller", move |reactor| {
        let alone = ControllerOptions::alone("/data/controller".into(), listen);
        let options = ControllerOptions { id: ControllerId(id), peers, timing: timing(), ..alone };
        crate::run(reactor, options, |_| {})
    })
}

fn start_alone(host: &Host) -> Running<Result<(), ControllerError>> {
    start(host, 1, &BTreeMap::new())
}

/// A node as the controller sees one.
struct TestNode {
    reactor: Reactor,
    stream: Stream,
    reader: FrameReader,
    asked: u64,
    id: i32,
    life: u8,
    image: Image,
    position: u64,
    parts: Vec<u8>,
}

impl TestNode {
    /// Connects and registers, looking for the controller that leads for as long as it takes.
    async fn register(reactor: &Reactor, id: i32, life: u8, controllers: &[SocketAddr]) -> TestNode {
        let mut turn = 0;
        loop {
            let address = controllers[turn % controllers.len()];
            turn += 1;
            let registering = TestNode::try_register(reactor, id, life, address);
            if let Ok(Ok((node, _))) = reactor.timeout(Duration::from_secs(2), registering).await {
                return node;
            }
            reactor.sleep(Duration::from_millis(50)).await;
        }
    }

    async fn try_register(
        reactor: &Reactor,
        id: i32,
        life: u8,
        controller: SocketAddr,
    ) -> Result<(TestNode, RegisterNodeReplyV1), RefusalV1> {
        let mut node = TestNode::connect(reactor, id, life, controller).await.map_err(refusal)?;
        let request = RegisterNodeV1 {
            cluster: [0; 16],
            node: id,
            incarnation: [life; 16],
            storage: [u8::try_from(id).unwrap(); 16],
            format_min: 1,
            format_max: 1,
            listeners: vec![ListenerV1 { name: "KAFKA".into(), host: "localhost".into(), port: 9092 }],
        };
        let reply: RegisterNodeReplyV1 = node.ask(&request).await?;
        node.follow_to(reply.position).await;
        Ok((node, reply))
    }

    async fn connect(
        reactor: &Reactor,
        id: i32,
        life: u8,
        controller: SocketAddr,
    ) -> Result<TestNode, ConnectionError> {
        let stream = reactor.connect(controller).await?;
        let reader = FrameReader::new(reactor, stream.clone());
        let (image, reactor) = (Image::default(), reactor.clone());
        Ok(TestNode { reactor, stream, reader, asked: 0, id, life, image, position: 0, parts: vec![] })
    }

    /// Asks; what is pushed meanwhile is applied. A broken connection counts as a refusal of kind 0.
    async fn ask<Q: ClusterBody, A: ClusterBody>(&mut self, request: &Q) -> Result<A, RefusalV1> {
        self.asked += 1;
        let correlation = Correlation(self.asked);
        let frame = cluster::frame(Flags::NONE, correlation, request);
        self.stream.send(vec![frame]).await.map_err(refusal)?;
        let reactor = self.reactor.clone();
        let answer = async {
            loop {
                let frame = self.reader.next().await.map_err(refusal)?.ok_or_else(|| refusal("closed"))?;
                if frame.header.correlation == correlation {
                    return Ok(frame);
                }
                self.take_push(&frame);
            }
        };
        let frame = reactor.timeout(PATIENCE, answer).await.map_err(refusal)??;
        if frame.header.flags.contains(Flags::ERROR) {
            return Err(cluster::body(&frame).unwrap());
        }
        Ok(cluster::body(&frame).unwrap())
    }

    async fn follow_to(&mut self, position: u64) {
        while self.position < position {
            let frame = self.reader.next().await.unwrap().unwrap();
            self.take_push(&frame);
        }
    }

    fn take_push(&mut self, frame: &ringlog_native::Frame) {
        assert_eq!(frame.header.correlation, Correlation(0));
        let (records, position) = match Schema::of(&frame.header).unwrap() {
            Schema::ImagePartV1 => {
                let part: ImagePartV1 = cluster::body(frame).unwrap();
                if part.part == 0 {
                    self.parts.clear();
                }
                self.parts.extend_from_slice(&part.records);
                if !part.last {
                    return;
                }
                self.image = Image::default();
                (self.parts.clone(), part.position)
            }
            Schema::ImageDeltaV1 => {
                let delta: ImageDeltaV1 = cluster::body(frame).unwrap();
                assert_eq!(delta.after, self.position);
                (delta.records, delta.position)
            }
            other => panic!("{other:?} is pushed"),
        };
        for record in decode_records(&records).unwrap() {
            self.image.apply(&record).unwrap();
        }
        self.position = position;
    }

    async fn heartbeat(&mut self) -> Result<HeartbeatReplyV1, RefusalV1> {
        let (node, incarnation, position) = (self.id, [self.life; 16], self.position);
        self.ask(&HeartbeatV1 { node, incarnation, position }).await
    }

    /// Creates a topic; whether it was (or was before).
    async fn create(&mut self, name: &str) -> Result<bool, RefusalV1> {
        let reply: CreateTopicsReplyV1 = self.ask(&one_topic(name)).await?;
        Ok(reply.topics[0].refusal.is_none())
    }
}

fn one_topic(name: &str) -> CreateTopicsV1 {
    let topic = NewTopicV1 {
        name: name.into(),
        partitions: 2,
        replication_factor: -1,
        assignments: vec![],
        configs: vec![],
    };
    CreateTopicsV1 { topics: vec![topic], validate_only: false }
}

/// Anything that went wrong on the way, as a refusal of no kind.
fn refusal(error: impl ToString) -> RefusalV1 {
    RefusalV1 { kind: 0, message: error.to_string(), leader: None }
}

fn names(image: &Image) -> Vec<String> {
    image.topics().map(|topic| topic.name.to_string()).collect()
}
