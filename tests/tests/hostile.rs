//! Bytes and clients that mean no good: the broker refuses clearly, stays within bounds and serves everybody else.
#![allow(clippy::unwrap_used)] // A step that fails fails its test.

use ringlog_batch::{BatchBuilder, Compression};
use ringlog_harness::{
    Broker, children, resident_bytes,
    wire::{self, Wire},
};
use std::{net::SocketAddr, net::TcpStream};

const CORRUPT_MESSAGE: i16 = 2;
const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const OFFSET_OUT_OF_RANGE: i16 = 1;
const MESSAGE_TOO_LARGE: i16 = 10;
const UNSUPPORTED_VERSION: i16 = 35;

const MIB: u64 = 1 << 20;

fn batch(records: i64, size: usize) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    for number in 0..records {
        builder
            .append(ringlog_model::Timestamp(1_700_000_000_000 + number), None, Some(&vec![b'r'; size]), &[])
            .unwrap();
    }
    builder.build(Compression::None).unwrap()
}

fn node_of(broker: &Broker) -> u32 {
    let nodes = children(broker.pid(), "node");
    assert_eq!(nodes.len(), 1, "dev runs one node");
    nodes[0]
}

/// Somebody ordinary produces and fetches one record.
fn assert_serves(address: SocketAddr, topic: &str) {
    let mut wire = Wire::connect(address);
    let (error, offset) =
        wire::produced(topic, &wire.ask(&wire::produce(topic, 0, -1, &batch(1, 10))).unwrap());
    assert_eq!(error, 0);
    let (error, high_watermark, records) =
        wire::fetched(topic, &wire.ask(&wire::fetch(topic, 0, offset, 1_000, 1 << 20)).unwrap());
    assert_eq!(error, 0);
    assert!(high_watermark > offset);
    assert!(!records.is_empty());
}

fn broker_with(topic: &str) -> Broker {
    let broker = Broker::start(&[]);
    let mut wire = Wire::connect(broker.addresses().kafka);
    wire.ask(&wire::create_topic(topic)).unwrap();
    assert_serves(broker.addresses().kafka, topic);
    broker
}

#[test]
fn hostile_lengths_close_their_connection_only() {
    let broker = broker_with("t");
    let before = resident_bytes(node_of(&broker));
    for length in [i32::MAX, i32::MIN, -1, 0, 1, 7, 200 << 20] {
        let mut wire = Wire::connect(broker.addresses().kafka);
        wire.send_raw(&length.to_be_bytes()).unwrap();
        // A short frame is complete with these bytes, and is not a request.
        let _ = wire.send_raw(&[0xff; 64]);
        assert!(wire.is_closed(), "length {length}");
    }
    assert_serves(broker.addresses().kafka, "t");
    assert!(resident_bytes(node_of(&broker)) < before + 32 * MIB);
}

#[test]
fn arrays_that_claim_more_than_the_frame_holds_are_refused_without_the_memory() {
    let broker = broker_with("t");
    let before = resident_bytes(node_of(&broker));
    for (api, version) in [(0i16, 3i16), (1, 4), (2, 1), (3, 1), (19, 2), (20, 1), (32, 1)] {
        // The first array length after the fixed fields, and everything else, claims two thousand million elements.
        let mut wire = Wire::connect(broker.addresses().kafka);
        wire.send(&wire::request(api, version, 1, &[0x7f; 64])).unwrap();
        assert!(wire.is_closed(), "api {api}");
    }
    assert_serves(broker.addresses().kafka, "t");
    assert!(resident_bytes(node_of(&broker)) < before + 32 * MIB);
}

#[test]
fn half_frames_and_slow_clients_do_not_hold_others_up() {
    let broker = broker_with("t");
    let frame = {
        let request = wire::produce("t", 0, -1, &batch(1, 100));
        let mut frame = u32::try_from(request.len()).unwrap().to_be_bytes().to_vec();
        frame.extend_from_slice(&request);
        frame
    };
    // Every possible cut of a request, left hanging or closed.
    let mut hanging = Vec::new();
    for cut in 0..frame.len() {
        let mut wire = Wire::connect(broker.addresses().kafka);
        wire.send_raw(&frame[..cut]).unwrap();
        if cut % 2 == 0 {
            hanging.push((cut, wire));
        }
    }
    assert_serves(broker.addresses().kafka, "t");
    // One that goes on byte by byte is served like any other.
    let (cut, mut wire) = hanging.pop().unwrap();
    for byte in &frame[cut..] {
        wire.send_raw(std::slice::from_ref(byte)).unwrap();
    }
    assert_eq!(wire::produced("t", &wire.receive().unwrap()).0, 0);
}

#[test]
fn a_flipped_bit_anywhere_behind_the_checksum_is_a_corrupt_message() {
    let broker = broker_with("t");
    let good = batch(3, 50);
    let mut wire = Wire::connect(broker.addresses().kafka);
    // The checksum covers everything from the attributes (byte 21) on, and is itself at 17.
    for at in 17..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        let (error, _) = wire::produced("t", &wire.ask(&wire::produce("t", 0, -1, &bad)).unwrap());
        assert_eq!(error, CORRUPT_MESSAGE, "byte {at}");
    }
    let (error, offset) = wire::produced("t", &wire.ask(&wire::produce("t", 0, -1, &good)).unwrap());
    assert_eq!((error, offset), (0, 1), "nothing of the bad ones was kept");
}

#[test]
fn refusals_name_their_reason_and_the_connection_goes_on() {
    let broker = broker_with("t");
    let mut wire = Wire::connect(broker.addresses().kafka);
    let large = batch(1, 2 << 20);
    assert_eq!(
        wire::produced("t", &wire.ask(&wire::produce("t", 0, -1, &large)).unwrap()).0,
        MESSAGE_TOO_LARGE
    );
    let small = batch(1, 1);
    for (topic, partition) in [("t", 1), ("t", -1), ("nowhere", 0)] {
        let reply = wire.ask(&wire::produce(topic, partition, -1, &small)).unwrap();
        assert_eq!(wire::produced(topic, &reply).0, UNKNOWN_TOPIC_OR_PARTITION, "{topic}-{partition}");
        let reply = wire.ask(&wire::fetch(topic, partition, 0, 0, 1_000)).unwrap();
        assert_eq!(wire::fetched(topic, &reply).0, UNKNOWN_TOPIC_OR_PARTITION, "{topic}-{partition}");
    }
    for offset in [-1, 2, i64::MAX] {
        let reply = wire.ask(&wire::fetch("t", 0, offset, 0, 1_000)).unwrap();
        assert_eq!(wire::fetched("t", &reply).0, OFFSET_OUT_OF_RANGE, "offset {offset}");
    }
    // KIP-511: the reply is in the layout of version 0, so that any client can read it.
    let reply = wire.ask(&wire::request(18, 99, 7, &[])).unwrap();
    assert_eq!(reply[..4], 7i32.to_be_bytes());
    assert_eq!(i16::from_be_bytes([reply[4], reply[5]]), UNSUPPORTED_VERSION);
    assert_serves(broker.addresses().kafka, "t");
}

#[test]
fn versions_and_requests_that_do_not_exist_close_their_connection_only() {
    let broker = broker_with("t");
    for (api, version) in [(3i16, 99i16), (0, -1), (1, 2), (9_999, 0), (-1, 0)] {
        let mut wire = Wire::connect(broker.addresses().kafka);
        wire.send(&wire::request(api, version, 1, &[0; 16])).unwrap();
        assert!(wire.is_closed(), "api {api} version {version}");
    }
    assert_serves(broker.addresses().kafka, "t");
}

#[test]
fn a_client_that_never_reads_costs_bounded_memory_and_no_one_elses_time() {
    let broker = broker_with("t");
    let mut wire = Wire::connect(broker.addresses().kafka);
    for _ in 0..64 {
        let reply = wire.ask(&wire::produce("t", 0, -1, &batch(1, 900_000))).unwrap();
        assert_eq!(wire::produced("t", &reply).0, 0);
    }
    let before = resident_bytes(node_of(&broker));
    let mut deaf = Vec::new();
    for _ in 0..20 {
        let mut wire = Wire::connect(broker.addresses().kafka);
        // Far more than the sockets hold: 50 replies of 50 MiB each.
        for _ in 0..50 {
            if wire.send(&wire::fetch("t", 0, 0, 0, 50 << 20)).is_err() {
                break;
            }
        }
        deaf.push(wire);
    }
    for _ in 0..20 {
        assert_serves(broker.addresses().kafka, "t");
    }
    let after = resident_bytes(node_of(&broker));
    assert!(after < before + 256 * MIB, "{} MiB more", (after - before) / MIB);
}

#[test]
fn ten_thousand_idle_connections_cost_little() {
    let broker = broker_with("t");
    let node = node_of(&broker);
    let before = resident_bytes(node);
    let idle: Vec<_> = (0..10_000)
        .map(|number| {
            TcpStream::connect(broker.addresses().kafka)
                .unwrap_or_else(|error| panic!("connection {number}: {error}"))
        })
        .collect();
    // The last connection is served, so all before it have been accepted.
    assert_serves(broker.addresses().kafka, "t");
    let each = (resident_bytes(node).saturating_sub(before)) / 10_000;
    assert!(each < 16 * 1024, "{each} bytes of memory for each idle connection");
    drop(idle);
    assert_serves(broker.addresses().kafka, "t");
    assert!(broker.stop().success());
}

#[test]
fn noise_on_every_listener_is_survived() {
    let broker = broker_with("t");
    let addresses = broker.addresses();
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    for round in 0..600usize {
        let mut noise = Vec::new();
        for _ in 0..(round % 97) * 4 + 8 {
            // xorshift: any fixed sequence of bytes without structure does.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            noise.extend_from_slice(&state.to_le_bytes());
        }
        let address = [addresses.kafka, addresses.native, addresses.admin][round % 3];
        let mut wire = Wire::connect(address);
        let _ = wire.send_raw(&noise);
        if round % 2 == 0 {
            // Well framed noise reaches the decoders.
            let mut wire = Wire::connect(addresses.kafka);
            let api = i16::try_from(round % 76).unwrap();
            let _ = wire.send(&wire::request(api, i16::try_from(round % 14).unwrap(), 1, &noise));
        }
    }
    assert_serves(addresses.kafka, "t");
    assert!(broker.stop().success());
}
