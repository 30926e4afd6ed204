//! `kill -9` under load, round after round: what was acknowledged is there once and in order, whatever was in flight.
#![allow(clippy::unwrap_used, reason = "a broken fixture ends the test")]

mod support;

use ringlog_client::{Acknowledged, Client, ClientOptions, OutgoingRecord, Producer, ProducerOptions};
use ringlog_harness::port_of_its_own;
use ringlog_reactor::{Options, Reactor};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use support::{Dev, ringlog, until};

const ROUNDS: u64 = 20;
/// Of so many rounds one does not wait for acknowledgements: the broker may be killed before there are any.
const EARLY_EVERY: u64 = 5;
/// Acknowledgements that the others wait for.
const WAITED_FOR: u64 = 80;

#[test]
fn acknowledged_records_survive_kill_after_kill() {
    let folder = tempfile::tempdir().unwrap();
    let (mut acknowledged, mut next) = (BTreeSet::new(), 0);
    // The same port every time: what a killed process held is free again for its successor.
    let kafka = port_of_its_own().to_string();
    for round in 0..ROUNDS {
        let dev = Dev::start_with(folder.path(), &["--kafka", &kafka]);
        assert_eq!(dev.kafka, kafka);
        if round == 0 {
            dev.run(&["topic", "create", "t", "--partitions", "2"]);
        }
        compare(&dev, &acknowledged, next);
        let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (address, is_stopped, counted) = (dev.native.parse().unwrap(), stop.clone(), count.clone());
        let load = std::thread::spawn(move || {
            let options = Options { registered_bytes: 0, ..Options::default() };
            ringlog_reactor::run(options, |reactor| produce(reactor, address, next, is_stopped, counted))
                .unwrap()
        });
        if round % EARLY_EVERY != 0 {
            until("acknowledgements", || count.load(Ordering::Relaxed) >= WAITED_FOR);
        }
        std::thread::sleep(Duration::from_millis(40 + 37 * round % 160));
        dev.signal("KILL");
        dev.wait();
        stop.store(true, Ordering::Relaxed);
        let (known, end) = load.join().unwrap();
        acknowledged.extend(known);
        next = end;
    }
    let dev = Dev::start(folder.path());
    compare(&dev, &acknowledged, next);
    let least = (ROUNDS - ROUNDS / EARLY_EVERY) * WAITED_FOR;
    assert!(acknowledged.len() as u64 >= least, "only {} records were acknowledged", acknowledged.len());
    dev.signal("TERM");
    assert!(dev.wait().0.success());
    let segments = std::fs::read_dir(folder.path().join("node/segments")).unwrap();
    let mut verify = ringlog();
    verify.args(["log", "verify"]).args(segments.map(|entry| entry.unwrap().path()));
    verify.assert().success();
}

/// Numbers from `first` on, as fast as they go, until the broker is gone. Gives those acknowledged and the first that
/// was not sent.
async fn produce(
    reactor: Reactor,
    address: std::net::SocketAddr,
    first: u64,
    stop: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
) -> (Vec<u64>, u64) {
    let (mut known, mut next) = (Vec::new(), first);
    let mut waiting: VecDeque<(u64, Acknowledged)> = VecDeque::new();
    let options = ProducerOptions {
        linger: Duration::from_millis(1),
        batch_bytes: 4096,
        buffer_bytes_max: 1 << 20,
        ..ProducerOptions::default()
    };
    let (_client, producer) = loop {
        let opening = async {
            let client = Client::connect(&reactor, &[address], ClientOptions::default()).await.ok()?;
            let producer = Producer::open(&client, "t", options.clone()).await.ok()?;
            Some((client, producer))
        };
        match reactor.timeout(Duration::from_secs(1), opening).await {
            Ok(Some(opened)) => break opened,
            // Killed before it got so far: nothing was sent. Else the machine is busy.
            _ if stop.load(Ordering::Relaxed) => return (known, next),
            _ => reactor.sleep(Duration::from_millis(20)).await,
        }
    };
    while !stop.load(Ordering::Relaxed) {
        for _ in 0..50 {
            let value = next.to_string();
            let record = OutgoingRecord { value: Some(value.as_bytes()), ..OutgoingRecord::default() };
            match reactor.timeout(Duration::from_millis(100), producer.send(&record)).await {
                Ok(sent) => waiting.push_back((next, sent.unwrap())),
                Err(_) => break, // the buffer is full and the broker gone
            }
            next += 1;
        }
        while waiting.front().is_some_and(|(_, sent)| sent.is_known()) {
            let (number, sent) = waiting.pop_front().expect("looked at above");
            if sent.wait().await.is_ok() {
                known.push(number);
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
        reactor.sleep(Duration::from_millis(1)).await;
    }
    (known, next)
}

fn compare(dev: &Dev, acknowledged: &BTreeSet<u64>, end: u64) {
    let printed = dev.run(&["consume", "t", "--format", r"%p %s\n"]);
    let (mut found, mut last) = (BTreeSet::new(), [None; 2]);
    for line in printed.lines() {
        let (partition, number) = line.split_once(' ').unwrap();
        let (partition, number): (usize, u64) = (partition.parse().unwrap(), number.parse().unwrap());
        assert!(number < end, "{number} was never sent");
        assert!(found.insert(number), "{number} is there twice");
        assert!(last[partition] < Some(number), "{number} stands behind {:?}", last[partition]);
        last[partition] = Some(number);
    }
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
}
