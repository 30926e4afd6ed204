//! One connection: a frame in, its answer out, in order.

use crate::answers;
use crate::log::{Found, Log};
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
    stream: Stream,
    log: Rc<Log>,
    address: SocketAddr,
}

impl Connection {
    pub(crate) fn new(reactor: &Reactor, stream: Stream, log: Rc<Log>, address: SocketAddr) -> Connection {
        Connection { reactor: reactor.clone(), stream, log, address }
    }

    pub(crate) async fn serve(self) -> Result<()> {
        let mut buffer = self.reactor.buffer(512);
        loop {
            let Some(length) = self.receive(&mut buffer).await? else { return Ok(()) };
            self.answer(&mut buffer, length).await?;
            buffer.consume_front(4 + length);
        }
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

    async fn answer(&self, buffer: &mut Buffer, length: usize) -> Result<()> {
        let frame = &buffer[4..4 + length];
        let (header, request) = decode_request(frame)?;
        let (correlation, version) = (header.correlation_id, header.request_api_version);
        match request {
            Request::Produce(request) => {
                let (topic, partition, at) = batch_of(frame, &request)?;
                let is_silent = request.acks == 0;
                drop(request);
                let batch = &mut buffer[4 + at.start..4 + at.end];
                let base_offset = self.append(&topic, partition, batch).await?;
                if is_silent {
                    return Ok(());
                }
                self.send(answers::produced(correlation, version, &topic, partition, base_offset)?).await
            }
            Request::Fetch(request) => self.fetch(correlation, version, &request).await,
            other => self.send(answers::to(&other, correlation, version, &self.log, self.address)?).await,
        }
    }

    async fn append(&self, topic: &str, partition: usize, batch: &mut [u8]) -> Result<i64> {
        let header = BatchHeader::parse(batch)?;
        ensure!(header.size() == batch.len(), "one batch a partition");
        ensure!(ringlog_batch::checksum(&batch[21..]) == header.checksum, "the checksum is wrong");
        let records = i64::from(header.last_offset_delta) + 1;
        match self.log.append(topic, partition, batch, records).await {
            Some(base_offset) => Ok(base_offset),
            None => bail!("there is no partition {partition} of {topic:?}"),
        }
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

    async fn send(&self, frame: Bytes) -> Result<()> {
        Ok(self.stream.send(vec![frame]).await?)
    }
}

/// Topic, partition, and where in the frame the batch lies.
fn batch_of(frame: &[u8], request: &ProduceRequest<'_>) -> Result<(String, usize, std::ops::Range<usize>)> {
    let [topic] = &request.topic_data[..] else { bail!("one topic a request") };
    let [partition] = &topic.partition_data[..] else { bail!("one partition a request") };
    let Some(records) = partition.records else { bail!("no records") };
    let start = records.as_ptr() as usize - frame.as_ptr() as usize;
    Ok((topic.name.to_owned(), usize::try_from(partition.index)?, start..start + records.len()))
}
