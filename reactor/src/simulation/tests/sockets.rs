//! Sockets between and within simulated hosts.

use std::cell::Cell;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use super::{receive_all, receive_to_end, send};
use crate::simulation::{Crash, Host, Simulation};
use crate::{OpenOptions, Receive, Way};

/// A server that sends back whatever it gets, for ever.
fn echo(host: &Host) -> std::net::SocketAddr {
    let address = host.socket_address(7);
    let _running = host.start("echo", move |reactor| async move {
        let listener = reactor.listen(address).unwrap();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let inner = reactor.clone();
            let serve = async move {
                loop {
                    let (result, buffer) = stream.receive(inner.buffer(3000), Receive::Some).await;
                    match result {
                        Ok(1..) if stream.send(vec![buffer.freeze()]).await.is_ok() => {}
                        _ => return,
                    }
                }
            };
            reactor.spawn(serve).detach();
        }
    });
    address
}

#[test]
fn bytes_arrive_whole_and_in_order_whatever_the_pieces() {
    for seed in 0..30 {
        let simulation = Simulation::new(seed);
        let (server, client) = (simulation.host("server"), simulation.host("client"));
        let address = echo(&server);
        let message: Vec<u8> = (0..100_000u32).map(|index| (index % 251) as u8).collect();
        let expected = message.clone();
        let back = simulation.run_on(&client, move |reactor| async move {
            let stream = Rc::new(reactor.connect(address).await.unwrap());
            let writer = stream.clone();
            let sending = reactor.spawn(async move { send(&writer, &message).await });
            let back = receive_all(&reactor, &stream, 100_000).await.unwrap();
            sending.await.unwrap();
            back
        });
        assert!(back == expected, "seed {seed}");
    }
}

#[test]
fn a_sender_waits_for_a_peer_that_does_not_receive() {
    let simulation = Simulation::new(1);
    let (server, client) = (simulation.host("server"), simulation.host("client"));
    let address = server.socket_address(7);
    let _running = server.start("deaf", move |reactor| async move {
        let listener = reactor.listen(address).unwrap();
        let _stream = listener.accept().await.unwrap();
        reactor.sleep(Duration::from_secs(500)).await;
    });
    let waited = simulation.run_on(&client, move |reactor| async move {
        let stream = reactor.connect(address).await.unwrap();
        reactor.timeout(Duration::from_secs(30), send(&stream, &vec![1; 1 << 20])).await.is_err()
    });
    assert!(waited);
}

#[test]
fn nobody_listening_refuses_and_no_such_host_is_unreachable() {
    let simulation = Simulation::new(2);
    let (server, client) = (simulation.host("server"), simulation.host("client"));
    let address = server.socket_address(7);
    let (refused, unreachable) = simulation.run_on(&client, move |reactor| async move {
        let refused = reactor.connect(address).await.unwrap_err();
        (refused, reactor.connect("10.9.9.9:7".parse().unwrap()).await.unwrap_err())
    });
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    assert_eq!(unreachable.kind(), io::ErrorKind::HostUnreachable);
}

#[test]
fn a_taken_port_is_refused_and_port_zero_finds_a_free_one() {
    let simulation = Simulation::new(3);
    let host = simulation.host("server");
    simulation.run_on(&host, |reactor| async move {
        let first = reactor.listen("0.0.0.0:0".parse().unwrap()).unwrap();
        let taken = reactor.listen(([127, 0, 0, 1], first.local_address().port()).into());
        assert_eq!(taken.unwrap_err().kind(), io::ErrorKind::AddrInUse);
        let address = first.local_address();
        drop(first);
        reactor.listen(address).unwrap();
        let foreign = reactor.listen("10.9.9.9:1".parse().unwrap()).unwrap_err();
        assert_eq!(foreign.kind(), io::ErrorKind::AddrNotAvailable);
    });
}

#[test]
fn half_a_close_still_lets_the_answer_through() {
    let simulation = Simulation::new(4);
    let (server, client) = (simulation.host("server"), simulation.host("client"));
    let address = server.socket_address(7);
    let _running = server.start("counter", move |reactor| async move {
        let listener = reactor.listen(address).unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let all = receive_to_end(&reactor, &stream).await.unwrap();
        send(&stream, all.len().to_string().as_bytes()).await.unwrap();
    });
    let answer = simulation.run_on(&client, move |reactor| async move {
        let stream = reactor.connect(address).await.unwrap();
        send(&stream, &[1; 12_345]).await.unwrap();
        stream.shutdown(Way::Send).await.unwrap();
        receive_to_end(&reactor, &stream).await.unwrap()
    });
    assert_eq!(answer, b"12345");
}

#[test]
fn a_one_way_cut_holds_bytes_back_until_it_heals() {
    let simulation = Simulation::new(5);
    let (server, client) = (simulation.host("server"), simulation.host("client"));
    let address = echo(&server);
    let connected = Rc::new(Cell::new(false));
    let (flag, start) = (connected.clone(), Duration::from_secs(1));
    let running = client.start("client", move |reactor| async move {
        let stream = reactor.connect(address).await.unwrap();
        flag.set(true);
        reactor.sleep(start).await;
        send(&stream, b"ping").await.unwrap();
        receive_all(&reactor, &stream, 4).await.unwrap()
    });
    simulation.run_until(|| connected.get()).unwrap();
    simulation.cut(&server, &client);
    simulation.run_for(Duration::from_secs(10));
    assert!(!running.is_finished());
    simulation.heal_all();
    simulation.run_until(|| running.is_finished()).unwrap();
    assert_eq!(running.take_output().unwrap(), b"ping");
}

#[test]
fn a_cut_that_lasts_breaks_connections_and_attempts() {
    let simulation = Simulation::new(6);
    let (server, client) = (simulation.host("server"), simulation.host("client"));
    let address = echo(&server);
    simulation.cut(&client, &server);
    let attempt =
        simulation.run_on(&client, move |reactor| async move { reactor.connect(address).await.map(|_| ()) });
    assert_eq!(attempt.unwrap_err().kind(), io::ErrorKind::TimedOut);
    simulation.heal_all();
    let ready = Rc::new(Cell::new(false));
    let flag = ready.clone();
    let running = client.start("client", move |reactor| async move {
        let stream = reactor.connect(address).await.unwrap();
        flag.set(true);
        reactor.sleep(Duration::from_secs(1)).await;
        send(&stream, b"lost").await.unwrap();
        receive_all(&reactor, &stream, 4).await
    });
    simulation.run_until(|| ready.get()).unwrap();
    simulation.cut(&client, &server);
    simulation.run_until(|| running.is_finished()).unwrap();
    assert_eq!(running.take_output().unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[test]
fn a_killed_process_ends_its_connections_and_a_dead_host_is_noticed_when_it_returns() {
    for crash in [Crash::Process, Crash::Power] {
        let simulation = Simulation::new(7);
        let (server, client) = (simulation.host("server"), simulation.host("client"));
        let address = echo(&server);
        let running = client.start("client", move |reactor| async move {
            let stream = reactor.connect(address).await.unwrap();
            reactor.sleep(Duration::from_secs(2)).await;
            let sent = send(&stream, b"ping").await;
            let answer = receive_all(&reactor, &stream, 4).await;
            (sent, answer)
        });
        simulation.run_for(Duration::from_secs(1));
        server.crash(crash);
        simulation.run_for(Duration::from_secs(4));
        assert_eq!(running.is_finished(), crash == Crash::Process);
        echo(&server);
        simulation.run_until(|| running.is_finished()).unwrap();
        let (sent, answer) = running.take_output().unwrap();
        let ended = sent.is_err() || answer.map_or(true, |bytes| bytes.is_empty());
        assert!(ended, "{crash:?}");
    }
}

#[test]
fn connections_can_be_broken_between_two_hosts() {
    let simulation = Simulation::new(8);
    let (server, client) = (simulation.host("server"), simulation.host("client"));
    let address = echo(&server);
    let ready = Rc::new(Cell::new(false));
    let flag = ready.clone();
    let running = client.start("client", move |reactor| async move {
        let stream = reactor.connect(address).await.unwrap();
        send(&stream, b"ping").await.unwrap();
        receive_all(&reactor, &stream, 4).await.unwrap();
        flag.set(true);
        receive_all(&reactor, &stream, 4).await.unwrap_err().kind()
    });
    simulation.run_until(|| ready.get()).unwrap();
    simulation.break_connections(&client, &server);
    simulation.run_until(|| running.is_finished()).unwrap();
    assert_eq!(running.take_output(), Some(io::ErrorKind::ConnectionReset));
}

#[test]
fn a_file_is_sent_to_a_socket() {
    let simulation = Simulation::new(9);
    let (server, client) = (simulation.host("server"), simulation.host("client"));
    let address = server.socket_address(7);
    let _running = server.start("sender", move |reactor| async move {
        let content: Vec<u8> = (0..300_000u32).map(|index| (index % 253) as u8).collect();
        reactor.write_file_durably(Path::new("/f"), &content).await.unwrap();
        let file = reactor.open(Path::new("/f"), OpenOptions::new().read(true)).await.unwrap();
        let listener = reactor.listen(address).unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        stream.send_file(&file, 1000, 250_000).await.unwrap();
    });
    simulation.run_for(Duration::from_secs(1));
    let received = simulation.run_on(&client, move |reactor| async move {
        let stream = reactor.connect(address).await.unwrap();
        receive_to_end(&reactor, &stream).await.unwrap()
    });
    assert_eq!(received.len(), 250_000);
    assert!(received.iter().enumerate().all(|(index, byte)| *byte == ((index + 1000) % 253) as u8));
}

#[test]
fn a_dropped_receive_gives_up_without_taking_bytes_that_come_later() {
    let simulation = Simulation::new(10);
    let (server, client) = (simulation.host("server"), simulation.host("client"));
    let address = echo(&server);
    let answer = simulation.run_on(&client, move |reactor| async move {
        let stream = reactor.connect(address).await.unwrap();
        let wait = Duration::from_secs(1);
        assert!(reactor.timeout(wait, receive_all(&reactor, &stream, 4)).await.is_err());
        send(&stream, b"ping").await.unwrap();
        receive_all(&reactor, &stream, 4).await.unwrap()
    });
    assert_eq!(answer, b"ping");
}

#[test]
fn lost_connections_are_paid_from_the_budget() {
    let simulation = Simulation::new(11);
    let (server, client) = (simulation.host("server"), simulation.host("client"));
    let address = echo(&server);
    simulation.faults(|faults| {
        faults.lost_connections = 300_000;
        faults.budget = 3;
    });
    let lost = simulation.run_on(&client, move |reactor| async move {
        let mut lost = 0;
        for _ in 0..40 {
            let stream = reactor.connect(address).await.unwrap();
            let sent = send(&stream, b"ping").await;
            let answer = receive_all(&reactor, &stream, 4).await;
            lost += u32::from(sent.is_err() || answer.is_err());
        }
        lost
    });
    assert_eq!(lost, 3);
}
