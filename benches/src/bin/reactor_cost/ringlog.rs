//! The jobs over our reactor.

use std::time::Duration;

use bytes::Bytes;
use ringlog_reactor::{DriverChoice, LaunchOptions, OpenOptions, Options, Receive, mailbox, run};

use crate::jobs::{self, AppendFile, FRAME, Measured};

#[derive(Clone, Copy)]
pub(crate) enum Spin {
    No,
    Short,
}

fn options(driver: DriverChoice) -> Options {
    Options { driver, ..Options::default() }
}

pub(crate) fn ingest(driver: DriverChoice, bytes: u64) -> Measured {
    jobs::ingest(bytes, |address| {
        run(options(driver), move |reactor| async move {
            let listener = reactor.listen("127.0.0.1:0".parse().expect("an address")).expect("a free port");
            address.send(listener.local_address()).expect("the client waits");
            let (stream, _) = listener.accept().await.expect("the client connects");
            let mut buffer = reactor.buffer(FRAME);
            for _ in 0..bytes / FRAME as u64 {
                buffer.clear();
                let (result, returned) = stream.receive(buffer, Receive::All(FRAME)).await;
                assert_eq!(result.expect("the client sends"), FRAME);
                buffer = returned;
            }
        })
        .expect("the shard runs");
    })
}

pub(crate) fn egress(driver: DriverChoice, bytes: u64) -> Measured {
    jobs::egress(bytes, |address| {
        run(options(driver), move |reactor| async move {
            let listener = reactor.listen("127.0.0.1:0".parse().expect("an address")).expect("a free port");
            address.send(listener.local_address()).expect("the client waits");
            let (stream, _) = listener.accept().await.expect("the client connects");
            let frame = Bytes::from(vec![7; FRAME]);
            for _ in 0..bytes / FRAME as u64 {
                stream.send(vec![frame.clone()]).await.expect("the client reads");
            }
        })
        .expect("the shard runs");
    })
}

pub(crate) fn append(driver: DriverChoice, file: &AppendFile, count: u64) -> Measured {
    let path = file.path();
    jobs::measure(|| {
        run(options(driver), move |reactor| async move {
            let options = OpenOptions::new().write(true).direct(true);
            let file = reactor.open(&path, options).await.expect("the file is there");
            let mut tail = reactor.tail_buffer(FRAME);
            let range = tail.append(&[7; FRAME]);
            for number in 0..count {
                file.write_at(tail.slice(range.clone()), number * FRAME as u64)
                    .await
                    .expect("the disk writes");
                file.sync_data().await.expect("the disk syncs");
            }
        })
        .expect("the shard runs");
    })
}

pub(crate) fn cross_core(driver: DriverChoice, spin: Spin, trips: u64) -> Measured {
    let spin = match spin {
        Spin::No => Duration::ZERO,
        Spin::Short => Duration::from_micros(50),
    };
    jobs::measure(|| {
        let options = Options { pin: Some(0), spin, ..options(driver) };
        std::thread::scope(|scope| {
            let shard = scope.spawn(move || {
                run(options, move |reactor| async move {
                    let (asks, mut asked) = mailbox::bounded::<u64>(64);
                    let (answers, mut answered) = mailbox::bounded::<u64>(64);
                    let place = LaunchOptions { name: "other".to_owned(), pin: Some(1) };
                    let other = reactor.launch(place, move |_| {
                        Box::pin(async move {
                            while let Some(number) = asked.receive().await {
                                answers.send(number + 1).await.expect("the first shard waits");
                            }
                        })
                    });
                    for number in 0..trips {
                        asks.send(number).await.expect("the other shard waits");
                        assert_eq!(answered.receive().await, Some(number + 1));
                    }
                    drop(asks);
                    other.expect("a thread").join().await.expect("the other shard works");
                })
                .expect("the shard runs");
            });
            shard.join().expect("the shard works");
        });
    })
}
