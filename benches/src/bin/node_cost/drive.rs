//! The client side: prepared frames, several in flight on each connection, every reply checked.

use crate::Options;
use anyhow::{Context, bail, ensure};
use ringlog_batch::{BatchBuilder, Compression};
use ringlog_harness::wire;
use ringlog_model::Timestamp;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
};

/// The topic that is produced to and read from the disk.
pub(crate) const TOPIC: &str = "bench";

/// The topic that is so small that it stays in the server's memory. Its name is as long as the other's: the floor knows
/// where in a frame to look.
pub(crate) const TAIL_TOPIC: &str = "tails";

/// Megabytes (2^20 bytes) of that topic.
const TAIL_MEGABYTES: u64 = 32;

/// Bytes of one fetch request's limit.
pub(crate) const FETCH_BYTES: usize = 1 << 20;

/// Records in each batch; what they hold does not matter to the server.
pub(crate) const RECORDS: i64 = 64;

/// A batch of exactly `size` bytes: 64 records that fill it as evenly as they can.
pub(crate) fn batch(size: usize) -> Vec<u8> {
    let mut each = size / RECORDS as usize;
    loop {
        let mut builder = BatchBuilder::new();
        for number in 0..RECORDS - 1 {
            append(&mut builder, number, each);
        }
        // The last record takes what is left; its length prefix may be a byte longer or shorter, so try near it.
        for last in (0..2 * each + 256).rev() {
            if builder.size() + last > size {
                continue;
            }
            let mut whole = BatchBuilder::new();
            for number in 0..RECORDS - 1 {
                append(&mut whole, number, each);
            }
            append(&mut whole, RECORDS - 1, last);
            if whole.size() == size {
                return whole.build(Compression::None).expect("a batch of this size is within the format");
            }
            if whole.size() + 64 < size {
                break;
            }
        }
        each -= 1;
    }
}

fn append(builder: &mut BatchBuilder, number: i64, length: usize) {
    let timestamp = Timestamp(1_700_000_000_000 + number);
    builder
        .append(timestamp, None, Some(&vec![b'v'; length]), &[])
        .expect("a batch of this size is within the format");
}

/// Produces the wanted megabytes and returns the bytes of batches acknowledged.
pub(crate) fn produce(address: SocketAddr, options: &Options) -> anyhow::Result<u64> {
    produce_to(address, options, TOPIC, requests_each(options))
}

/// Fetches all that was produced and returns the bytes of batches received.
pub(crate) fn fetch(address: SocketAddr, options: &Options) -> anyhow::Result<u64> {
    fetch_from(address, options, TOPIC, requests_each(options))
}

/// Produces what stays in the server's memory.
pub(crate) fn produce_tail(address: SocketAddr, options: &Options) -> anyhow::Result<u64> {
    produce_to(address, options, TAIL_TOPIC, tail_requests_each(options))
}

/// Fetches that, as often as it takes to come to the wanted megabytes.
pub(crate) fn fetch_tail(address: SocketAddr, options: &Options) -> anyhow::Result<u64> {
    let times = (options.megabytes / TAIL_MEGABYTES).max(1);
    (0..times).map(|_| fetch_from(address, options, TAIL_TOPIC, tail_requests_each(options))).sum()
}

fn produce_to(
    address: SocketAddr,
    options: &Options,
    topic: &'static str,
    requests: usize,
) -> anyhow::Result<u64> {
    let batch = batch(options.batch_bytes);
    on_every_connection(options, |partition| {
        let frame = framed(&wire::produce(topic, partition, -1, &batch));
        let mut connection = connect(address)?;
        let mut reply = Vec::new();
        for number in 0..requests + options.pipeline {
            if number < requests {
                connection.write_all(&frame)?;
            }
            if number >= options.pipeline {
                read_reply(&mut connection, &mut reply)?;
                let (error, offset) = wire::produced(topic, &reply);
                ensure!(error == 0, "produce was answered with error {error}");
                let wanted = (number - options.pipeline) as i64 * RECORDS;
                ensure!(offset == wanted, "the batch got offset {offset} instead of {wanted}");
            }
        }
        Ok((requests * batch.len()) as u64)
    })
}

fn fetch_from(
    address: SocketAddr,
    options: &Options,
    topic: &'static str,
    requests: usize,
) -> anyhow::Result<u64> {
    let batch_bytes = options.batch_bytes;
    on_every_connection(options, |partition| {
        let mut connection = connect(address)?;
        let mut reply = Vec::new();
        let mut got = 0;
        while got < requests * batch_bytes {
            let offset = (got / batch_bytes) as i64 * RECORDS;
            connection.write_all(&framed(&wire::fetch(topic, partition, offset, 0, FETCH_BYTES as i32)))?;
            read_reply(&mut connection, &mut reply)?;
            let (error, _, records) = wire::fetched(topic, &reply);
            ensure!(error == 0, "fetch at {offset} was answered with error {error}");
            let whole = records.len() / batch_bytes * batch_bytes;
            ensure!(whole > 0, "fetch at {offset} returned {} bytes", records.len());
            let first =
                i64::from_be_bytes(records[..8].try_into().context("a batch begins with its offset")?);
            ensure!(first == offset, "fetch at {offset} returned offset {first}");
            got += whole;
        }
        Ok(got as u64)
    })
}

pub(crate) fn requests_each(options: &Options) -> usize {
    let total = (options.megabytes << 20) as usize;
    (total / options.batch_bytes / options.connections).max(options.pipeline)
}

/// Batches of each partition of the small topic.
pub(crate) fn tail_requests_each(options: &Options) -> usize {
    let total = (TAIL_MEGABYTES << 20) as usize;
    (total / options.batch_bytes / options.connections).max(1)
}

fn on_every_connection(
    options: &Options,
    work: impl Fn(i32) -> anyhow::Result<u64> + Sync,
) -> anyhow::Result<u64> {
    thread::scope(|scope| {
        let workers: Vec<_> = (0..options.connections)
            .map(|partition| {
                scope.spawn({
                    let work = &work;
                    move || work(partition as i32)
                })
            })
            .collect();
        let mut bytes = 0;
        for worker in workers {
            match worker.join() {
                Ok(done) => bytes += done?,
                Err(_) => bail!("a connection's thread panicked"),
            }
        }
        Ok(bytes)
    })
}

fn connect(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let connection = TcpStream::connect(address)?;
    connection.set_nodelay(true)?;
    Ok(connection)
}

fn framed(request: &[u8]) -> Vec<u8> {
    let mut frame = (request.len() as u32).to_be_bytes().to_vec();
    frame.extend_from_slice(request);
    frame
}

fn read_reply(connection: &mut TcpStream, reply: &mut Vec<u8>) -> anyhow::Result<()> {
    let mut length = [0; 4];
    connection.read_exact(&mut length)?;
    reply.resize(u32::from_be_bytes(length) as usize, 0);
    connection.read_exact(reply)?;
    Ok(())
}
