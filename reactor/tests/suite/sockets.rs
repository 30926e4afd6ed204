use std::io::ErrorKind;
use std::net::SocketAddr;

use bytes::Bytes;
use ringlog_reactor::{DriverKind, Listener, OpenOptions, Reactor, Receive, Stream, Way};

use crate::on_every_driver;

on_every_driver!(
    bytes_arrive_in_order,
    a_peer_that_reads_late_gets_everything,
    a_peer_that_never_reads_blocks_only_its_sender,
    half_close_ends_one_way,
    a_dropped_receive_loses_no_bytes,
    a_dropped_send_breaks_the_connection,
    a_reset_is_an_error,
    a_refused_connection_is_an_error,
    a_taken_port_is_an_error,
    closing_with_a_receive_in_flight_reaches_the_peer,
    a_file_is_sent_whole,
    a_file_is_sent_to_a_slow_reader,
    a_file_that_is_not_in_memory_is_sent_to_a_slow_reader,
    a_file_that_is_too_short_is_an_error,
    many_connections_at_once,
    an_accept_that_is_dropped_loses_no_connection,
    a_connection_moves_to_another_shard,
    a_storm_of_cancelled_operations_leaves_nothing_behind,
);

fn any_port() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// Two ends of a connection.
async fn connected(reactor: &Reactor) -> (Stream, Stream) {
    let listener = reactor.listen(any_port()).unwrap();
    let client = reactor.connect(listener.local_address()).await.unwrap();
    let (server, peer) = listener.accept().await.unwrap();
    assert_eq!(peer, client.local_address().unwrap());
    assert_eq!(server.peer_address().unwrap(), peer);
    client.set_nodelay(true).unwrap();
    (client, server)
}

fn pattern(length: usize) -> Bytes {
    (0..length).map(|index| (index * 7 + index / 251) as u8).collect::<Vec<_>>().into()
}

/// The simulator's sockets are small, and it looks at every byte again and again.
fn more_than_sockets_hold(reactor: &Reactor) -> usize {
    if reactor.driver() == DriverKind::Simulated { 1 << 20 } else { 16 << 20 }
}

async fn receive_all(reactor: &Reactor, stream: &Stream, length: usize) -> Vec<u8> {
    let (result, buffer) = stream.receive(reactor.buffer(length), Receive::All(length)).await;
    assert_eq!(result.unwrap(), length);
    buffer.to_vec()
}

async fn bytes_arrive_in_order(reactor: Reactor) {
    let (client, server) = connected(&reactor).await;
    client.send(vec![Bytes::from_static(b"ring"), Bytes::new(), Bytes::from_static(b"log")]).await.unwrap();
    let (result, buffer) = server.receive(reactor.buffer(512), Receive::All(7)).await;
    assert_eq!((result.unwrap(), &buffer[..]), (7, &b"ringlog"[..]));
    server.send(vec![Bytes::from_static(b"yes")]).await.unwrap();
    let (result, buffer) = client.receive(reactor.buffer(512), Receive::Some).await;
    assert_eq!((result.unwrap(), &buffer[..]), (3, &b"yes"[..]));
    let (result, _) = client.receive(reactor.buffer(10), Receive::All(11)).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidInput);
}

async fn a_peer_that_reads_late_gets_everything(reactor: Reactor) {
    let (client, server) = connected(&reactor).await;
    let bytes = pattern(more_than_sockets_hold(&reactor));
    // Thousands of parts: more than one system call takes, and more bytes than the sockets hold.
    let parts: Vec<_> = bytes.chunks(4096).map(Bytes::copy_from_slice).collect();
    let sending = reactor.spawn(async move { client.send(parts).await });
    for _ in 0..100 {
        reactor.yield_now().await;
    }
    assert!(!sending.is_finished());
    assert_eq!(receive_all(&reactor, &server, bytes.len()).await, bytes);
    sending.await.unwrap();
}

async fn a_peer_that_never_reads_blocks_only_its_sender(reactor: Reactor) {
    let (client, _deaf) = connected(&reactor).await;
    let bytes = pattern(more_than_sockets_hold(&reactor) * 4);
    let stuck = reactor.spawn(async move { client.send(vec![bytes]).await });
    let (other, server) = connected(&reactor).await;
    for _ in 0..100 {
        other.send(vec![Bytes::from_static(b"ping")]).await.unwrap();
        assert_eq!(receive_all(&reactor, &server, 4).await, b"ping");
    }
    assert!(!stuck.is_finished());
    stuck.cancel().await;
}

async fn half_close_ends_one_way(reactor: Reactor) {
    let (client, server) = connected(&reactor).await;
    client.send(vec![Bytes::from_static(b"last")]).await.unwrap();
    client.shutdown(Way::Send).await.unwrap();
    let (result, buffer) = server.receive(reactor.buffer(100), Receive::All(100)).await;
    assert_eq!((result.unwrap(), &buffer[..]), (4, &b"last"[..]));
    let (result, _) = server.receive(reactor.buffer(100), Receive::Some).await;
    assert_eq!(result.unwrap(), 0);
    server.send(vec![Bytes::from_static(b"answer")]).await.unwrap();
    assert_eq!(receive_all(&reactor, &client, 6).await, b"answer");
}

async fn a_dropped_receive_loses_no_bytes(reactor: Reactor) {
    let (client, server) = connected(&reactor).await;
    let bytes = pattern(200_000);
    let sending = reactor.spawn({
        let bytes = bytes.clone();
        async move {
            for part in bytes.chunks(1000) {
                client.send(vec![Bytes::copy_from_slice(part)]).await.unwrap();
            }
            client
        }
    });
    let mut received = Vec::new();
    while received.len() < bytes.len() {
        // Dropped while in flight, at whatever point the bytes happen to be.
        for length in [64, 50_000] {
            let mut dropped = Box::pin(server.receive(reactor.buffer(length), Receive::Some));
            if let Some((result, buffer)) = futures_lite::future::poll_once(&mut dropped).await {
                result.unwrap();
                received.extend_from_slice(&buffer);
            }
            drop(dropped);
            reactor.yield_now().await;
        }
        if received.len() < bytes.len() {
            let (result, buffer) = server.receive(reactor.buffer(100), Receive::Some).await;
            result.unwrap();
            received.extend_from_slice(&buffer);
        }
    }
    assert!(received == bytes);
    sending.await;
}

async fn a_dropped_send_breaks_the_connection(reactor: Reactor) {
    let (client, server) = connected(&reactor).await;
    let mut sending = Box::pin(client.send(vec![pattern(more_than_sockets_hold(&reactor) * 4)]));
    assert!(futures_lite::future::poll_once(&mut sending).await.is_none());
    drop(sending);
    let error = client.send(vec![Bytes::from_static(b"out of frame")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    drop(client);
    // The peer sees the end (or a reset), not silence.
    let mut buffer = reactor.buffer(1 << 20);
    loop {
        buffer.clear();
        let (result, returned) = server.receive(buffer, Receive::Some).await;
        buffer = returned;
        if matches!(result, Ok(0) | Err(_)) {
            break;
        }
    }
}

async fn a_reset_is_an_error(reactor: Reactor) {
    let (client, server) = connected(&reactor).await;
    // Closing with unread bytes resets.
    client.send(vec![Bytes::from_static(b"never read")]).await.unwrap();
    let (result, _) = server.receive(reactor.buffer(1), Receive::Some).await;
    result.unwrap();
    drop(server);
    let (result, _) = client.receive(reactor.buffer(10), Receive::Some).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::ConnectionReset);
    client.send(vec![Bytes::from_static(b"into the void")]).await.unwrap_err();
}

async fn a_refused_connection_is_an_error(reactor: Reactor) {
    let address = reactor.listen(any_port()).unwrap().local_address();
    reactor.yield_now().await;
    // The listener is closed once its operations are; a moment later nobody listens any more.
    loop {
        match reactor.connect(address).await {
            Err(error) => return assert_eq!(error.kind(), ErrorKind::ConnectionRefused),
            Ok(stream) => drop(stream),
        }
    }
}

async fn a_taken_port_is_an_error(reactor: Reactor) {
    let listener = reactor.listen(any_port()).unwrap();
    assert_eq!(reactor.listen(listener.local_address()).unwrap_err().kind(), ErrorKind::AddrInUse);
}

async fn closing_with_a_receive_in_flight_reaches_the_peer(reactor: Reactor) {
    let (client, server) = connected(&reactor).await;
    let receiving = reactor.spawn({
        let reactor = reactor.clone();
        async move { client.receive(reactor.buffer(512), Receive::Some).await }
    });
    reactor.yield_now().await;
    drop(receiving);
    let (result, _) = server.receive(reactor.buffer(10), Receive::Some).await;
    assert_eq!(result.unwrap(), 0);
}

async fn a_file_is_sent_whole(reactor: Reactor) {
    let (client, server) = connected(&reactor).await;
    let directory = crate::directory(&reactor).await;
    let path = directory.path().join("file");
    let bytes = pattern(3 << 20);
    reactor.write_file_durably(&path, &bytes).await.unwrap();
    let file = reactor.open(&path, OpenOptions::new().read(true)).await.unwrap();
    let sending = reactor.spawn(async move {
        client.send_ahead(vec![Bytes::from_static(b"head")]).await.unwrap();
        client.send_file(&file, 100, (3 << 20) - 100).await.unwrap();
        client.send_ahead(vec![Bytes::from_static(b"the ")]).await.unwrap();
        client.send(vec![Bytes::from_static(b"tail")]).await.unwrap();
    });
    assert_eq!(receive_all(&reactor, &server, 4).await, b"head");
    assert!(receive_all(&reactor, &server, bytes.len() - 100).await == bytes[100..]);
    assert_eq!(receive_all(&reactor, &server, 8).await, b"the tail");
    sending.await;
}

async fn a_file_is_sent_to_a_slow_reader(reactor: Reactor) {
    send_to_a_slow_reader(reactor, Pages::InMemory).await;
}

async fn a_file_that_is_not_in_memory_is_sent_to_a_slow_reader(reactor: Reactor) {
    send_to_a_slow_reader(reactor, Pages::Dropped).await;
}

#[derive(PartialEq)]
enum Pages {
    InMemory,
    Dropped,
}

async fn send_to_a_slow_reader(reactor: Reactor, pages: Pages) {
    let (client, server) = connected(&reactor).await;
    let directory = crate::directory(&reactor).await;
    let path = directory.path().join("file");
    let bytes = pattern(16 << 20);
    reactor.write_file_durably(&path, &bytes).await.unwrap();
    let file = reactor.open(&path, OpenOptions::new().read(true)).await.unwrap();
    if pages == Pages::Dropped {
        file.advise_dont_need(0..16 << 20).await.unwrap();
    }
    let sending = reactor.spawn(async move { client.send_file(&file, 0, 16 << 20).await });
    // Let the socket fill up, and see that file threads are still free for others.
    for _ in 0..20 {
        reactor.metadata(&path).await.unwrap();
    }
    assert!(!sending.is_finished());
    assert!(receive_all(&reactor, &server, bytes.len()).await == bytes);
    sending.await.unwrap();
}

async fn a_file_that_is_too_short_is_an_error(reactor: Reactor) {
    let (client, _server) = connected(&reactor).await;
    let directory = crate::directory(&reactor).await;
    let path = directory.path().join("file");
    reactor.write_file_durably(&path, b"short").await.unwrap();
    let file = reactor.open(&path, OpenOptions::new().read(true)).await.unwrap();
    assert_eq!(client.send_file(&file, 0, 100).await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert_eq!(client.send(vec![Bytes::from_static(b"x")]).await.unwrap_err().kind(), ErrorKind::BrokenPipe);
}

async fn serve_echo(reactor: Reactor, listener: Listener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let task_reactor = reactor.clone();
        reactor
            .spawn(async move {
                loop {
                    let (result, buffer) = stream.receive(task_reactor.buffer(512), Receive::Some).await;
                    match result {
                        Ok(0) | Err(_) => return,
                        Ok(_) => stream.send(vec![buffer.freeze()]).await.unwrap(),
                    }
                }
            })
            .detach();
    }
}

async fn many_connections_at_once(reactor: Reactor) {
    let listener = reactor.listen(any_port()).unwrap();
    let address = listener.local_address();
    let server = reactor.spawn(serve_echo(reactor.clone(), listener));
    let mut clients = Vec::new();
    for _ in 0..500 {
        clients.push(reactor.connect(address).await.unwrap());
    }
    for round in 0..4_u32 {
        for (number, client) in (0_u32..).zip(&clients) {
            client.send(vec![Bytes::from((number + round).to_le_bytes().to_vec())]).await.unwrap();
        }
        for (number, client) in (0_u32..).zip(&clients) {
            assert_eq!(receive_all(&reactor, client, 4).await, (number + round).to_le_bytes());
        }
    }
    drop(server);
}

async fn an_accept_that_is_dropped_loses_no_connection(reactor: Reactor) {
    let listener = reactor.listen(any_port()).unwrap();
    let mut accepted = 0;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(reactor.connect(listener.local_address()).await.unwrap());
        let mut accepting = Box::pin(listener.accept());
        accepted += usize::from(futures_lite::future::poll_once(&mut accepting).await.is_some());
        drop(accepting);
        reactor.yield_now().await;
    }
    while accepted < clients.len() {
        listener.accept().await.unwrap();
        accepted += 1;
    }
}

async fn a_connection_moves_to_another_shard(reactor: Reactor) {
    let (client, server) = connected(&reactor).await;
    client.send(vec![Bytes::from_static(b"here")]).await.unwrap();
    assert_eq!(receive_all(&reactor, &server, 4).await, b"here");
    let shared = server.clone();
    let server = server.detach().unwrap_err();
    drop(shared);
    let detached = server.detach().unwrap();
    let shard = reactor.launch(Default::default(), move |reactor| {
        Box::pin(async move {
            let server = reactor.adopt(detached).unwrap();
            assert_eq!(receive_all(&reactor, &server, 5).await, b"there");
            server.send(vec![Bytes::from_static(b"and back")]).await.unwrap();
        })
    });
    client.send(vec![Bytes::from_static(b"there")]).await.unwrap();
    assert_eq!(receive_all(&reactor, &client, 8).await, b"and back");
    shard.unwrap().join().await.unwrap();
}

/// What each step of the storm does with its operation.
#[derive(Clone, Copy)]
enum Fate {
    DroppedAtOnce,
    DroppedLater,
    Finished,
}

async fn a_storm_of_cancelled_operations_leaves_nothing_behind(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let options = OpenOptions::new().read(true).write(true).create(true);
    let file = reactor.open(&directory.path().join("file"), options).await.unwrap();
    let listener = reactor.listen(any_port()).unwrap();
    let address = listener.local_address();
    for step in 0..600 {
        let fate =
            [Fate::DroppedAtOnce, Fate::DroppedLater, Fate::Finished][(reactor.random_u64() % 3) as usize];
        let (operator, file) = (reactor.clone(), file.clone());
        let task = reactor.spawn(async move {
            match step % 6 {
                0 => drop(file.read_at(operator.disk_buffer(65536), 0, 65536).await),
                1 => file.write_at(pattern(65536), 65536 * (step % 7)).await.unwrap(),
                2 => file.sync_data().await.unwrap(),
                3 => operator.run_blocking(|| ()).await,
                4 => drop(operator.connect(address).await),
                _ => {
                    let Ok(stream) = operator.connect(address).await else { return };
                    drop(stream.send(vec![pattern(1 << 20)]).await);
                    drop(stream.receive(operator.buffer(512), Receive::Some).await);
                }
            }
        });
        match fate {
            Fate::DroppedAtOnce => drop(task),
            Fate::DroppedLater => {
                reactor.yield_now().await;
                drop(task);
            }
            // The last kind waits for a peer that never answers.
            Fate::Finished if step % 6 != 5 => task.await,
            Fate::Finished => drop(task),
        }
    }
    // The shard's end waits for every operation: that it comes is the test.
    drop(listener);
}
