use super::*;
use bytes::Bytes;
use ringlog_native::cluster::{RaftReplyV1, RaftRequestV1, RefusalKind};
use ringlog_native::{Header, Op};
use ringlog_reactor::Receive;
use ringlog_reactor::simulation::Simulation;

/// Sends bytes; gives what came back until the controller closed the connection or a second had passed.
async fn poke(reactor: &Reactor, address: SocketAddr, bytes: Vec<u8>) -> (Vec<u8>, bool) {
    let stream = reactor.connect(address).await.unwrap();
    stream.send(vec![Bytes::from(bytes)]).await.unwrap();
    let mut back = Vec::new();
    loop {
        let receiving = stream.receive(reactor.buffer(4096), Receive::Some);
        match reactor.timeout(Duration::from_secs(1), receiving).await {
            Ok((Ok(0) | Err(_), _)) => return (back, true),
            Ok((Ok(_), buffer)) => back.extend_from_slice(&buffer),
            Err(_) => return (back, false),
        }
    }
}

#[test]
fn bytes_that_are_no_frames_end_their_connection_and_nothing_else() {
    let simulation = Simulation::new(1);
    let (controller, node) = (simulation.host("controller"), simulation.host("node"));
    let _running = start_alone(&controller);
    let address = controller.socket_address(PORT);
    simulation.run_on(&node, move |reactor| async move {
        let mut good = TestNode::register(&reactor, 1, 1, &[address]).await;
        let frame = cluster::frame(Flags::NONE, Correlation(1), &one_topic("t")).to_vec();
        let mut damaged = frame.clone();
        *damaged.last_mut().unwrap() ^= 1;
        let mut huge = frame.clone();
        huge[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
        for bytes in
            [vec![0; 64], b"GET / HTTP/1.1\r\nHost: somewhere.example\r\n\r\n".to_vec(), damaged, huge]
        {
            assert_eq!(poke(&reactor, address, bytes).await, (vec![], true));
        }
        // Half a frame is waited for, and costs nobody else anything.
        assert_eq!(poke(&reactor, address, frame[..40].to_vec()).await, (vec![], false));
        assert_eq!(good.create("t").await, Ok(true));
    });
}

#[test]
fn frames_that_make_no_sense_are_refused() {
    let simulation = Simulation::new(2);
    let (controller, node) = (simulation.host("controller"), simulation.host("node"));
    let _running = start_alone(&controller);
    let address = controller.socket_address(PORT);
    simulation.run_on(&node, move |reactor| async move {
        let mut node = TestNode::register(&reactor, 1, 1, &[address]).await;
        // Unknown operation; a body of another type; an answer where a request should be; a voter that is not here.
        let unknown = Header::new(Op(0x0fff), Flags::NONE, Correlation(1));
        let (back, _) = poke(&reactor, address, unknown.seal(&[], 0).to_vec()).await;
        assert!(!back.is_empty());
        let (op, schema) = Schema::CreateTopicsV1.numbers();
        let wrong = Header::new(op, Flags::NONE, Correlation(1)).with_schema(schema);
        let bytes = [wrong.seal(&[7; 9], 0).to_vec(), vec![7; 9]].concat();
        assert!(!poke(&reactor, address, bytes).await.0.is_empty());
        let answer = RaftReplyV1 { rpc: 1, payload: vec![] };
        let refused = node.ask::<_, RaftReplyV1>(&answer).await.unwrap_err();
        assert_eq!(refused.kind(), Some(RefusalKind::InvalidRequest));
        for (cluster, to, rpc, kind) in [
            ([0; 16], 2, 2, RefusalKind::InvalidRequest),
            ([9; 16], 1, 2, RefusalKind::WrongCluster),
            ([0; 16], 1, 77, RefusalKind::InvalidRequest),
            ([0; 16], 1, 3, RefusalKind::Unavailable),
        ] {
            let request = RaftRequestV1 { cluster, from: 5, to, rpc, payload: vec![1, 2, 3] };
            let refused = node.ask::<_, RaftReplyV1>(&request).await.unwrap_err();
            assert_eq!(refused.kind(), Some(kind), "{refused:?}");
        }
        assert_eq!(node.create("t").await, Ok(true));
    });
}

#[test]
fn what_keeps_a_controller_from_starting_is_said() {
    let simulation = Simulation::new(3);
    let host = simulation.host("controller");
    let _running = start_alone(&host);
    simulation.run_for(Duration::from_secs(1));
    let port_taken = start_alone(&host);
    simulation.run_until(|| port_taken.is_finished()).unwrap();
    let error = port_taken.take_output().unwrap().unwrap_err();
    assert!(matches!(error, ControllerError::Listen { .. }), "{error}");
    let other_port = host.socket_address(PORT + 1);
    let locked = simulation.run_on(&host, move |reactor| {
        crate::run(reactor, ControllerOptions::alone("/data/controller".into(), other_port), |_| {})
    });
    assert!(matches!(locked, Err(ControllerError::DataLocked(_))), "{locked:?}");
    host.crash(ringlog_reactor::simulation::Crash::Process);
    let other_id = simulation.run_on(&host, move |reactor| {
        let alone = ControllerOptions::alone("/data/controller".into(), other_port);
        crate::run(reactor, ControllerOptions { id: ControllerId(2), ..alone }, |_| {})
    });
    let message = other_id.unwrap_err().to_string();
    assert!(message.contains("another controller than 2"), "{message}");
}
