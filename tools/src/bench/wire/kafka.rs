//! The load's side of the Kafka protocol, sans I/O: requests to bytes, answers to events, in the order of the connection.

use super::{CLIENT, Event, Layout, Refusal, RefusalKind};
use anyhow::{Context, Result, anyhow, bail};
use bytes::{Bytes, BytesMut};
use ringlog_kafka::messages::fetch_request::{FetchPartition, FetchTopic};
use ringlog_kafka::messages::produce_request::{PartitionProduceData, TopicProduceData};
use ringlog_kafka::messages::{
    ApiVersionsRequest, FetchRequest, FetchResponse, ProduceRequest, ProduceResponse,
};
use ringlog_kafka::{ApiKey, ErrorCode, Message, Records, Response, decode_response, encode_request};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// The last version whose records are the last bytes of the request, so that a batch follows a prepared head. Every broker
/// that speaks record batches has it.
const PRODUCE_VERSION: i16 = 8;
/// The last version that names topics by name.
const FETCH_VERSION: i16 = 12;
/// What a broker may wait for replicas.
const PRODUCE_TIMEOUT_MS: i32 = 30_000;
/// No answer of a benchmark is longer.
const FRAME_BYTES_MAX: usize = 512 << 20;

/// How fetches are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchOptions {
    pub(crate) wait_ms: i32,
    pub(crate) partition_bytes: i32,
    pub(crate) bytes: i32,
}

#[derive(Debug)]
enum Pending {
    Produce { ticket: u64 },
    Fetch,
    Ping { ticket: u64 },
}

pub(crate) struct KafkaCodec {
    layout: Rc<Layout>,
    produce_version: i16,
    fetch_version: i16,
    places: BTreeMap<(usize, i32), usize>,
    /// The bytes of a produce request up to its batch, by place; lengths and correlation are patched in.
    heads: BTreeMap<usize, Vec<u8>>,
    correlation: i32,
    pending: VecDeque<(i32, Pending)>,
    output: Vec<Bytes>,
}

impl KafkaCodec {
    pub(crate) fn new(layout: Rc<Layout>) -> KafkaCodec {
        let places = layout.places.iter().enumerate();
        let places = places.map(|(at, place)| ((place.topic, place.partition.0), at)).collect();
        KafkaCodec {
            produce_version: layout.versions.up_to(ApiKey::Produce, PRODUCE_VERSION),
            fetch_version: layout.versions.up_to(ApiKey::Fetch, FETCH_VERSION),
            places,
            heads: BTreeMap::new(),
            correlation: 0,
            pending: VecDeque::new(),
            output: Vec::new(),
            layout,
        }
    }

    /// Queues a batch; without an answer to come if `acks` is 0.
    pub(crate) fn produce(&mut self, place: usize, ticket: u64, acks: i16, batch: Bytes) -> Result<()> {
        if !self.heads.contains_key(&place) {
            let head = self.head(place, acks)?;
            self.heads.insert(place, head);
        }
        let correlation = self.next_correlation();
        let head = &self.heads[&place];
        let mut bytes = BytesMut::with_capacity(head.len());
        bytes.extend_from_slice(head);
        let frame = i32::try_from(head.len() + batch.len() - 4).context("a batch is too long for a frame")?;
        bytes[0..4].copy_from_slice(&frame.to_be_bytes());
        bytes[8..12].copy_from_slice(&correlation.to_be_bytes());
        let length = bytes.len() - 4;
        bytes[length..].copy_from_slice(&(batch.len() as i32).to_be_bytes());
        self.output.push(bytes.freeze());
        self.output.push(batch);
        if acks != 0 {
            self.pending.push_back((correlation, Pending::Produce { ticket }));
        }
        Ok(())
    }

    fn head(&self, place: usize, acks: i16) -> Result<Vec<u8>> {
        let place = self.layout.places[place];
        let partition = PartitionProduceData { index: place.partition.0, records: Some(&[]) };
        let topic = TopicProduceData {
            name: &self.layout.topics[place.topic],
            partition_data: vec![partition],
            ..TopicProduceData::default()
        };
        let request = ProduceRequest {
            transactional_id: None,
            acks,
            timeout_ms: PRODUCE_TIMEOUT_MS,
            topic_data: vec![topic],
        };
        let encoded = encode_request(0, Some(CLIENT), self.produce_version, &request)?;
        Ok(encoded.into_bytes(|_| &[]).to_vec())
    }

    /// Queues a fetch of these places from these offsets.
    pub(crate) fn fetch(&mut self, positions: &[(usize, i64)], options: &FetchOptions) -> Result<()> {
        let layout = self.layout.clone();
        let mut topics: Vec<(usize, FetchTopic<'_>)> = Vec::new();
        for &(place, fetch_offset) in positions {
            let place = layout.places[place];
            let partition = FetchPartition {
                partition: place.partition.0,
                fetch_offset,
                partition_max_bytes: options.partition_bytes,
                ..FetchPartition::default()
            };
            match topics.last_mut().filter(|(topic, _)| *topic == place.topic) {
                Some((_, topic)) => topic.partitions.push(partition),
                None => {
                    let name = &layout.topics[place.topic];
                    let topic =
                        FetchTopic { topic: name, partitions: vec![partition], ..FetchTopic::default() };
                    topics.push((place.topic, topic));
                }
            }
        }
        let request = FetchRequest {
            max_wait_ms: options.wait_ms,
            min_bytes: 1,
            max_bytes: options.bytes,
            session_id: 0,
            session_epoch: -1,
            topics: topics.into_iter().map(|(_, topic)| topic).collect(),
            ..FetchRequest::default()
        };
        self.ask(self.fetch_version, &request, Pending::Fetch)
    }

    /// Queues the cheapest question there is.
    pub(crate) fn ping(&mut self, ticket: u64) -> Result<()> {
        self.ask(0, &ApiVersionsRequest::default(), Pending::Ping { ticket })
    }

    fn ask<'a, M: Message<'a>>(&mut self, version: i16, request: &M, pending: Pending) -> Result<()> {
        let correlation = self.next_correlation();
        let encoded = encode_request(correlation, Some(CLIENT), version, request)?;
        self.output.push(encoded.into_bytes(|_| &[]));
        self.pending.push_back((correlation, pending));
        Ok(())
    }

    fn next_correlation(&mut self) -> i32 {
        self.correlation = self.correlation.wrapping_add(1);
        self.correlation
    }

    pub(crate) fn take_output(&mut self) -> Vec<Bytes> {
        std::mem::take(&mut self.output)
    }

    pub(crate) fn has_output(&self) -> bool {
        !self.output.is_empty()
    }

    /// Takes the answers at the front of `bytes`; returns how many bytes they were, and how many the next one needs.
    pub(crate) fn receive(&mut self, bytes: &[u8], on: &mut dyn FnMut(Event<'_>)) -> Result<(usize, usize)> {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let Some((prefix, body)) = rest.split_first_chunk::<4>() else { return Ok((at, 4)) };
            let length =
                usize::try_from(i32::from_be_bytes(*prefix)).ok().filter(|&length| length <= FRAME_BYTES_MAX);
            let length = length.with_context(|| format!("{prefix:02x?} is no length of a Kafka frame"))?;
            let Some(frame) = body.get(..length) else { return Ok((at, 4 + length)) };
            self.answer(frame, on)?;
            at += 4 + length;
        }
    }

    fn answer(&mut self, frame: &[u8], on: &mut dyn FnMut(Event<'_>)) -> Result<()> {
        let correlation = frame.first_chunk().map(|bytes| i32::from_be_bytes(*bytes));
        let Some((expected, pending)) = self.pending.pop_front() else { bail!("an answer to no question") };
        if correlation != Some(expected) {
            bail!("answer {correlation:?} came where {expected} was due");
        }
        match pending {
            Pending::Produce { ticket } => {
                let (_, response) = decode_response(frame, ApiKey::Produce, self.produce_version)?;
                let Response::Produce(response) = response else { bail!("no produce answer") };
                on(Event::Produced { ticket, outcome: produced(&response) });
            }
            Pending::Fetch => {
                let (_, response) = decode_response(frame, ApiKey::Fetch, self.fetch_version)?;
                let Response::Fetch(response) = response else { bail!("no fetch answer") };
                self.fetched(&response, on)?;
                on(Event::Fetched);
            }
            Pending::Ping { ticket } => on(Event::Pong { ticket }),
        }
        Ok(())
    }

    fn fetched(&self, response: &FetchResponse<'_>, on: &mut dyn FnMut(Event<'_>)) -> Result<()> {
        if !response.error_code.is_none() {
            bail!("a fetch was refused: {}", said(response.error_code, None));
        }
        for topic in &response.responses {
            let name = self.layout.topics.iter().position(|name| name == topic.topic);
            let name = name.ok_or_else(|| anyhow!("records of topic {:?}, not asked for", topic.topic))?;
            for partition in &topic.partitions {
                let index = partition.partition_index;
                let place =
                    *self.places.get(&(name, index)).context("records of a partition not asked for")?;
                match partition.error_code {
                    ErrorCode::NONE => {
                        if let Some(Records::Slice(records)) = partition.records {
                            on(Event::Records { place, records });
                        }
                    }
                    ErrorCode::OFFSET_OUT_OF_RANGE => on(Event::OutOfRange { place }),
                    code => {
                        let refusal = Refusal { reason: said(code, None), kind: kind(code) };
                        on(Event::Refused { place, refusal });
                    }
                }
            }
        }
        Ok(())
    }
}

fn produced(response: &ProduceResponse<'_>) -> Result<i64, Refusal> {
    let partition = response.responses.first().and_then(|topic| topic.partition_responses.first());
    let empty = || Refusal { reason: "an answer without a partition".to_owned(), kind: RefusalKind::Final };
    let partition = partition.ok_or_else(empty)?;
    if partition.error_code.is_none() {
        Ok(partition.base_offset)
    } else {
        let code = partition.error_code;
        Err(Refusal { reason: said(code, partition.error_message), kind: kind(code) })
    }
}

fn kind(code: ErrorCode) -> RefusalKind {
    match code {
        ErrorCode::NOT_LEADER_OR_FOLLOWER
        | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        | ErrorCode::LEADER_NOT_AVAILABLE
        | ErrorCode::FENCED_LEADER_EPOCH
        | ErrorCode::UNKNOWN_LEADER_EPOCH => RefusalKind::Moved,
        ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER => RefusalKind::OutOfSequence,
        ErrorCode::DUPLICATE_SEQUENCE_NUMBER => RefusalKind::Duplicate,
        code if code.is_retriable() => RefusalKind::Passing,
        _ => RefusalKind::Final,
    }
}

/// An error in the broker's words, or else in Kafka's.
pub(crate) fn said(code: ErrorCode, message: Option<&str>) -> String {
    format!("{code}: {}", message.unwrap_or(code.message()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settings::Protocol;
    use crate::bench::wire::{Place, Versions};
    use ringlog_kafka::messages::fetch_response::{FetchableTopicResponse, PartitionData};
    use ringlog_kafka::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
    use ringlog_kafka::{Request, decode_request, encode_response};
    use ringlog_model::{LeaderEpoch, PartitionIndex, TopicId, Uuid};

    fn codec() -> KafkaCodec {
        let place = |partition| Place {
            topic: 0,
            partition: PartitionIndex(partition),
            target: 0,
            topic_id: TopicId(Uuid([0; 16])),
            epoch: LeaderEpoch::UNKNOWN,
        };
        KafkaCodec::new(Rc::new(Layout {
            protocol: Protocol::Kafka,
            versions: Versions::default(),
            topics: vec!["t".to_owned()],
            targets: Vec::new(),
            places: vec![place(0), place(1)],
        }))
    }

    fn sent(codec: &mut KafkaCodec) -> Vec<u8> {
        codec.take_output().concat()
    }

    #[test]
    fn a_produce_with_a_prepared_head_is_the_request_that_was_meant() {
        let mut codec = codec();
        for (ticket, batch) in [(7, &b"first"[..]), (8, b"second batch")] {
            codec.produce(1, ticket, -1, Bytes::copy_from_slice(batch)).unwrap();
            let bytes = sent(&mut codec);
            assert_eq!(i32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize, bytes.len() - 4);
            let (header, request) = decode_request(&bytes[4..]).unwrap();
            assert_eq!(header.correlation_id, ticket as i32 - 6);
            let Request::Produce(request) = request else { panic!("{request:?}") };
            assert_eq!(request.acks, -1);
            assert_eq!(request.topic_data[0].name, "t");
            assert_eq!(request.topic_data[0].partition_data[0].index, 1);
            assert_eq!(request.topic_data[0].partition_data[0].records, Some(batch));
        }
    }

    #[test]
    fn answers_become_events_even_in_pieces() {
        let mut codec = codec();
        codec.produce(0, 5, 1, Bytes::from_static(b"batch")).unwrap();
        codec.fetch(&[(0, 3), (1, 4)], &FetchOptions { wait_ms: 1, partition_bytes: 9, bytes: 99 }).unwrap();
        let partition = PartitionProduceResponse { base_offset: 42, ..PartitionProduceResponse::default() };
        let topic = TopicProduceResponse {
            name: "t",
            partition_responses: vec![partition],
            ..TopicProduceResponse::default()
        };
        let response = ProduceResponse { responses: vec![topic], ..ProduceResponse::default() };
        let mut bytes = encode_response(1, PRODUCE_VERSION, &response).unwrap().into_bytes(|_| &[]).to_vec();
        let data = |partition_index, error_code, records| PartitionData {
            partition_index,
            error_code,
            records,
            ..PartitionData::default()
        };
        let partitions = vec![
            data(0, ErrorCode::NONE, Some(Records::Slice(b"records"))),
            data(1, ErrorCode::OFFSET_OUT_OF_RANGE, None),
        ];
        let topic = FetchableTopicResponse { topic: "t", partitions, ..FetchableTopicResponse::default() };
        let response = FetchResponse { responses: vec![topic], ..FetchResponse::default() };
        bytes.extend_from_slice(&encode_response(2, FETCH_VERSION, &response).unwrap().into_bytes(|_| &[]));

        let mut seen = Vec::new();
        let mut held: Vec<u8> = Vec::new();
        for byte in bytes {
            held.push(byte);
            let (taken, _) = codec.receive(&held, &mut |event| seen.push(format!("{event:?}"))).unwrap();
            held.drain(..taken);
        }
        assert!(held.is_empty());
        assert_eq!(seen.len(), 4, "{seen:?}");
        assert_eq!(seen[0], "Produced { ticket: 5, outcome: Ok(42) }");
        assert!(seen[1].starts_with("Records { place: 0"), "{seen:?}");
        assert_eq!(seen[2], "OutOfRange { place: 1 }");
        assert_eq!(seen[3], "Fetched");
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let mut codec = codec();
        assert!(codec.receive(b"HTTP/1.1 400", &mut |_| {}).is_err(), "too long to be a frame");
        assert!(codec.receive(&[0, 0, 0, 4, 0, 0, 0, 9], &mut |_| {}).is_err(), "nothing was asked");
    }
}
