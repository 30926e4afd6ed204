//! One connection: frames in one after the other, each answered when its group is on disk.

use crate::answers;
use crate::log::{CHUNK_BYTES, Found, Log};
use crate::outbox::Outbox;
use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use ringlog_batch::BatchHeader;
use ringlog_kafka::messages::{FetchRequest, ProduceRequest};
use ringlog_kafka::{Request, Segment, decode_request};
use ringlog_reactor::{Buffer, Reactor, Receive, Stream};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

const FRAME_BYTES_MAX: usize = 16 << 20;

pub(crate) struct Connection {
    reactor: Reactor,
    stream: Rc<Stream>,
    log: Rc<Log>,
    outbox: Rc<Outbox>,
    address: SocketAddr,
}

impl Connection {
    pub(crate) fn new(reactor: &Reactor, stream: Stream, log: Rc<Log>, address: SocketAddr) -> Connection {
        let (stream, outbox) = (Rc::new(stream), Rc::default());
        Connection { reactor: reactor.clone(), stream, log, outbox, address }
    }

    pub(crate) async fn serve(self) -> Result<()> {
        let (stream, outbox) = (self.stream.clone(), self.outbox.clone());
        // A client that has gone is noticed by the receive.
        self.reactor.spawn(async move { drop(outbox.send_all(&stream).await) }).detach();
        let served = self.take_all().await;
        self.outbox.close();
        served
    }

    async fn take_all(&self) -> Result<()> {
        let mut buffer = self.reactor.buffer(512);
        while let Some(length) = self.receive(&mut buffer).await? {
            self.take(&buffer[4..4 + length]).await?;
            buffer.consume_front(4 + length);
        }
        Ok(())
    }

    /// Waits for a whole frame at the front of the buffer; gives its length without the prefix.
    async fn receive(&self, buffer: &mut Buffer) -> Result<Option<usize>> {
        loop {
            let needed = match buffer.first_chunk::<4>() {
                Some(prefix) => 4 + usize::try_from(i32::from_be_bytes(*prefix))?,
                None => 4,
            };
            ensure!(needed <= FRAME_BYTES_MAX, "a frame of {needed} bytes");
            if buffer.len() >= needed && needed > 4 {
                return Ok(Some(needed - 4));
            }
            if buffer.capacity() < needed {
                let mut larger = self.reactor.buffer(needed.next_power_of_two());
                larger.extend_from_slice(buffer);
                *buffer = larger;
            }
            let missing = needed.max(5) - buffer.len();
            let amount = if missing >= 32 << 10 { Receive::All(missing) } else { Receive::Some };
            let received;
            (received, *buffer) = self.stream.receive(std::mem::take(buffer), amount).await;
            if received? == 0 {
                return Ok(None);
            }
        }
    }

    async fn take(&self, frame: &[u8]) -> Result<()> {
        let (header, request) = decode_request(frame)?;
        let (correlation, version) = (header.correlation_id, header.request_api_version);
        match request {
            Request::Produce(request) => self.produce(correlation, version, &request),
            Request::Fetch(request) => self.fetch(correlation, version, &request).await,
            other => {
                self.outbox.push(answers::to(&other, correlation, version, &self.log, self.address)?);
                Ok(())
            }
        }
    }

    fn produce(&self, correlation: i32, version: i16, request: &ProduceRequest<'_>) -> Result<()> {
        let [topic] = &request.topic_data[..] else { bail!("one topic a request") };
        let [partition] = &topic.partition_data[..] else { bail!("one partition a request") };
        let Some(batch) = partition.records else { bail!("no records") };
        let header = BatchHeader::parse(batch)?;
        ensure!(header.size() == batch.len() && batch.len() <= CHUNK_BYTES, "one batch a partition");
        ensure!(ringlog_batch::checksum(&batch[21..]) == header.checksum, "the checksum is wrong");
        let index = usize::try_from(partition.index)?;
        let records = i64::from(header.last_offset_delta) + 1;
        self.log.append(topic.name, index, batch, records, |base_offset| {
            if request.acks == 0 {
                return Ok(None);
            }
            let answer = answers::produced(correlation, version, topic.name, index, base_offset)?;
            Ok(Some((self.outbox.clone(), answer)))
        })
    }

    async fn fetch(&self, correlation: i32, version: i16, request: &FetchRequest<'_>) -> Result<()> {
        let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
        let until = self.reactor.now_nanos() + wait.as_nanos() as u64;
        loop {
            let committed = self.log.committed.notified();
            let mut found = Vec::new();
            let mut left = usize::try_from(request.max_bytes).unwrap_or(0).max(1);
            for topic in &request.topics {
                for asked in &topic.partitions {
                    let bytes = left.min(usize::try_from(asked.partition_max_bytes).unwrap_or(0));
                    let some = if left > 0 {
                        self.log.read(topic.topic, asked.partition as usize, asked.fetch_offset, bytes)
                    } else {
                        Vec::new()
                    };
                    left = left.saturating_sub(some.iter().map(Found::length).sum());
                    found.push(some);
                }
            }
            let now = self.reactor.now_nanos();
            if found.iter().all(Vec::is_empty) && now < until {
                let _ = self.reactor.timeout(Duration::from_nanos(until - now), committed).await;
                continue;
            }
            return self
                .send_found(answers::fetched(correlation, version, request, &self.log, &found)?, found)
                .await;
        }
    }

    /// Sends the heads and, between them, what was found: pieces of memory together, pieces of the file one by one.
    async fn send_found(&self, segments: Vec<Segment>, found: Vec<Vec<Found>>) -> Result<()> {
        let mut parts: Vec<Bytes> = Vec::new();
        for segment in segments {
            match segment {
                Segment::Bytes(bytes) => parts.push(bytes),
                Segment::External(external) => {
                    for piece in &found[external.body] {
                        match piece {
                            Found::Memory(bytes) => parts.push(bytes.clone()),
                            Found::File { position, length } => {
                                self.stream.send(std::mem::take(&mut parts)).await?;
                                self.stream.send_file(self.log.reading(), *position, *length as u64).await?;
                            }
                        }
                    }
                }
            }
        }
        Ok(self.stream.send(parts).await?)
    }
}
