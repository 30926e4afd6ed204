//! Records, receipts and refusals in; batches and outcomes out.

use super::*;
use bytes::Bytes;
use ringlog_batch::{BatchView, Compression, Scratch};
use ringlog_model::{
    Instant, LeaderEpoch, Offset, PartitionIndex, ProducerEpoch, ProducerId, Sequence, Timestamp,
};
use ringlog_native::body::{Acks, Deliver, HelloReply, Met, Receipt, TopicDelete, TopicDeleteReply};
use ringlog_native::{Correlation, ErrorBody, ErrorCode, Flags, Frame, Header, Op, error_frame, response};
use std::collections::BTreeMap;

const P0: PartitionIndex = PartitionIndex(0);
const IDENTITY: (ProducerId, ProducerEpoch) = (ProducerId(7), ProducerEpoch(0));

fn at(milliseconds: u64) -> Instant {
    Instant(milliseconds * 1_000_000)
}

fn record(value: &[u8]) -> OutgoingRecord<'_> {
    OutgoingRecord { value: Some(value), timestamp: Timestamp(1), ..OutgoingRecord::default() }
}

fn producer(batch_bytes: usize) -> ProducerCore {
    let options = ProducerOptions { batch_bytes, ..ProducerOptions::default() };
    ProducerCore::new(options, Some(IDENTITY))
}

fn receipt(base_offset: i64) -> Receipt {
    Receipt {
        base_offset: Offset(base_offset),
        append_time: Timestamp::NONE,
        log_start: Offset(0),
        met: Met::WRITTEN | Met::SYNCED,
        replicas: 1,
    }
}

fn refusal(code: ErrorCode) -> ErrorBody {
    ErrorBody { code, message: "refused".to_owned() }
}

fn sequence(transmit: &Transmit) -> i32 {
    BatchView::parse(&transmit.bytes).unwrap().header().base_sequence.0
}

/// Pushes records that each fill a batch, and takes them out as sent.
fn send_batches(core: &mut ProducerCore, now: Instant, count: usize) -> Vec<Transmit> {
    for _ in 0..count {
        core.push(now, P0, &record(&[b'x'; 100])).unwrap().unwrap();
    }
    std::iter::from_fn(|| core.poll_transmit(now).unwrap()).collect()
}

#[test]
fn records_linger_and_travel_together() {
    let mut core = producer(16 * 1024);
    let first = core.push(at(0), P0, &record(b"one")).unwrap().unwrap();
    let second = core.push(at(2), P0, &record(b"two")).unwrap().unwrap();
    assert_eq!((first.batch, first.index, first.opened), (second.batch, 0, true));
    assert_eq!((second.index, second.opened), (1, false));
    assert_eq!(core.poll_transmit(at(4)).unwrap(), None);
    assert_eq!(core.next_deadline(), Some(at(5)));
    let sent = core.poll_transmit(at(5)).unwrap().unwrap();
    assert_eq!(BatchView::parse(&sent.bytes).unwrap().header().record_count, 2);
    core.acknowledged(sent.batch, receipt(40));
    let outcome = core.next_outcome().unwrap();
    assert_eq!((outcome.batch, outcome.result), (first.batch, Ok(Some(receipt(40)))));
    assert!(core.is_idle());
}

#[test]
fn a_full_batch_does_not_linger_and_a_large_record_travels_alone() {
    let mut core = producer(300);
    core.push(at(0), P0, &record(b"small")).unwrap();
    let large = core.push(at(0), P0, &record(&[0; 5000])).unwrap().unwrap();
    assert!(large.opened);
    let sent: Vec<_> = std::iter::from_fn(|| core.poll_transmit(at(0)).unwrap()).collect();
    assert_eq!(sent.len(), 2);
    assert_eq!(core.take_closed(), [P0, P0]);
}

#[test]
fn the_buffer_has_a_bound_and_receipts_make_room() {
    let options = ProducerOptions { buffer_bytes_max: 1000, batch_bytes: 100, ..ProducerOptions::default() };
    let mut core = ProducerCore::new(options, Some(IDENTITY));
    let mut sent = Vec::new();
    while core.has_room() {
        sent.extend(send_batches(&mut core, at(0), 1));
    }
    assert!(sent.len() < 10);
    for transmit in sent {
        core.acknowledged(transmit.batch, receipt(0));
    }
    assert!(core.has_room());
}

#[test]
fn without_acknowledgements_a_sent_batch_is_done() {
    let options = ProducerOptions { acks: Acks::None, batch_bytes: 100, ..ProducerOptions::default() };
    let mut core = ProducerCore::new(options, None);
    let sent = send_batches(&mut core, at(0), 3);
    assert_eq!(sent.len(), 3, "nothing waits for an answer");
    assert_eq!(core.next_outcome(), None, "it has not left yet");
    core.sent(sent[0].batch);
    assert_eq!(core.next_outcome().unwrap().result, Ok(None));
}

#[test]
fn a_retried_batch_is_not_overtaken() {
    let mut core = producer(100);
    let sent = send_batches(&mut core, at(0), 3);
    assert_eq!(sent.iter().map(sequence).collect::<Vec<_>>(), [0, 1, 2]);
    core.refused(at(1), sent[0].batch, refusal(ErrorCode::NotLeaderOrFollower));
    assert_eq!(core.poll_transmit(at(500)).unwrap(), None, "two are still in flight");
    core.refused(at(1), sent[1].batch, refusal(ErrorCode::OutOfOrderSequenceNumber));
    core.refused(at(1), sent[2].batch, refusal(ErrorCode::OutOfOrderSequenceNumber));
    assert_eq!(core.poll_transmit(at(100)).unwrap(), None, "it waits a little");
    let again: Vec<_> = std::iter::from_fn(|| core.poll_transmit(at(101)).unwrap()).collect();
    assert_eq!(again, sent, "the same batches in the same order");
}

#[test]
fn batches_behind_a_refused_one_move_up_in_sequence() {
    let mut core = producer(100);
    let sent = send_batches(&mut core, at(0), 3);
    core.refused(at(1), sent[0].batch, refusal(ErrorCode::MessageTooLarge));
    core.refused(at(1), sent[1].batch, refusal(ErrorCode::OutOfOrderSequenceNumber));
    core.refused(at(1), sent[2].batch, refusal(ErrorCode::OutOfOrderSequenceNumber));
    let again: Vec<_> = std::iter::from_fn(|| core.poll_transmit(at(200)).unwrap()).collect();
    assert_eq!(again.iter().map(sequence).collect::<Vec<_>>(), [0, 1]);
    for transmit in &again {
        BatchView::parse(&transmit.bytes).unwrap().verify_checksum().unwrap();
    }
    let outcome = core.next_outcome().unwrap();
    assert_eq!(outcome.batch, sent[0].batch);
    assert!(matches!(outcome.result, Err(Failure::Refused(_))));
}

#[test]
fn an_unknown_outcome_ends_its_partition_only() {
    let mut core = producer(100);
    let sent = send_batches(&mut core, at(0), 1);
    core.lost(at(1), sent[0].batch);
    core.push(at(2), P0, &record(b"behind")).unwrap();
    assert_eq!(core.poll_transmit(at(120_000)).unwrap(), None);
    assert_eq!(core.next_outcome().unwrap().result, Err(Failure::Unknown));
    assert_eq!(core.next_outcome().unwrap().result, Err(Failure::NotSent));
    assert_eq!(core.push(at(120_001), P0, &record(b"later")).unwrap(), None);
    assert!(core.push(at(120_001), PartitionIndex(1), &record(b"elsewhere")).unwrap().is_some());
}

#[test]
fn a_batch_that_was_refused_until_its_time_was_over_tells_why() {
    let mut core = producer(100);
    let sent = send_batches(&mut core, at(0), 1);
    core.refused(at(1), sent[0].batch, refusal(ErrorCode::StorageError));
    assert_eq!(core.poll_transmit(at(120_000)).unwrap(), None);
    assert_eq!(core.next_outcome().unwrap().result, Err(Failure::Refused(refusal(ErrorCode::StorageError))));
    assert!(core.push(at(120_001), P0, &record(b"later")).unwrap().is_some(), "it is not in the log");
}

/// A partition as a node keeps it: takes a batch only behind the one before it, and knows its last five.
#[derive(Default)]
struct FakeLog {
    batches: Vec<(Sequence, Bytes)>,
    next: Option<Sequence>,
}

impl FakeLog {
    fn append(&mut self, bytes: &Bytes) -> Result<Receipt, ErrorBody> {
        let header = *BatchView::parse(bytes).unwrap().header();
        let recent = self.batches.iter().enumerate().rev().take(5);
        for (offset, (sequence, known)) in recent {
            if *sequence == header.base_sequence {
                assert_eq!(known, bytes, "one sequence, one batch");
                return Ok(receipt(offset as i64));
            }
        }
        if self.next.is_some_and(|next| next != header.base_sequence) {
            return Err(refusal(ErrorCode::OutOfOrderSequenceNumber));
        }
        self.next = Some(header.base_sequence.plus(header.record_count));
        self.batches.push((header.base_sequence, bytes.clone()));
        Ok(receipt(self.batches.len() as i64 - 1))
    }
}

#[test]
fn whatever_is_lost_or_refused_acknowledged_batches_stand_once_and_in_order() {
    let mut acknowledged = 0;
    for seed in 1..400u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut chance = move |bound: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % bound
        };
        let (mut core, mut log) = (producer(100), FakeLog::default());
        let mut in_flight: Vec<(Transmit, Option<Result<Receipt, ErrorBody>>)> = Vec::new();
        let (mut values, mut results) = (BTreeMap::new(), BTreeMap::new());
        let mut now = 0;
        for step in 0..300u64 {
            now += chance(60);
            if chance(3) == 0 && step < 250 {
                let value = [step.to_be_bytes().as_slice(), &[0; 92]].concat();
                // A partition gives up where an oversized batch may have arrived before it was refused.
                if let Some(pushed) = core.push(at(now), P0, &record(&value)).unwrap() {
                    values.insert(pushed.batch, value);
                }
            }
            while let Some(transmit) = core.poll_transmit(at(now)).unwrap() {
                // The first batch of a partition always arrives: a node takes any number from a producer it has
                // never heard of, and no client could make up for that.
                let fate = if in_flight.is_empty() && log.next.is_none() { 9 } else { chance(10) };
                let is_too_large = log.next.is_some() && transmit.batch.0 % 11 == 5;
                let answer = match fate {
                    0 => None, // lost on the way there
                    1 => Some(Err(refusal(ErrorCode::NotLeaderOrFollower))),
                    _ if is_too_large => Some(Err(refusal(ErrorCode::MessageTooLarge))),
                    _ => Some(log.append(&transmit.bytes)),
                };
                let answer = answer.filter(|_| chance(8) != 0); // lost on the way back
                in_flight.push((transmit, answer));
            }
            while !in_flight.is_empty() && chance(2) == 0 {
                let (transmit, answer) = in_flight.remove(0);
                match answer {
                    None => core.lost(at(now), transmit.batch),
                    Some(Ok(receipt)) => core.acknowledged(transmit.batch, receipt),
                    Some(Err(error)) => core.refused(at(now), transmit.batch, error),
                }
            }
            while let Some(outcome) = core.next_outcome() {
                results.insert(outcome.batch, outcome.result);
            }
        }
        let mut scratch = Scratch::new();
        let mut stored = Vec::new();
        for (_, bytes) in &log.batches {
            visit_records(bytes, Offset(0), &mut scratch, 1 << 20, |record| {
                stored.push(record.value.unwrap().to_vec());
                true
            })
            .unwrap();
        }
        assert!(stored.is_sorted(), "seed {seed}: order");
        assert!(stored.windows(2).all(|pair| pair[0] != pair[1]), "seed {seed}: duplicates");
        for (batch, result) in &results {
            let found = stored.contains(&values[batch]);
            match result {
                Ok(_) => assert!(found, "seed {seed}: acknowledged and not stored"),
                Err(Failure::Refused(_)) => assert!(!found, "seed {seed}: refused and stored"),
                Err(_) => {}
            }
        }
        acknowledged += results.values().filter(|result| result.is_ok()).count();
    }
    assert!(acknowledged > 10_000, "only {acknowledged} batches were acknowledged");
}

#[test]
fn credit_comes_in_halves_of_the_window() {
    let mut subscription = SubscriptionCore::new(Offset(5), 1000);
    assert_eq!(subscription.opening_credit(), 1000);
    let deliver = |from, next| Deliver {
        from: Offset(from),
        next: Offset(next),
        high_watermark: Offset(9),
        last_stable: Offset(9),
        log_start: Offset(0),
    };
    assert!(subscription.delivered(&deliver(5, 8)));
    assert!(!subscription.delivered(&deliver(5, 8)), "twice the same");
    assert_eq!(subscription.next_offset(), Offset(8));
    assert_eq!(subscription.consumed(499), None);
    assert_eq!(subscription.consumed(2), Some(501));
}

#[test]
fn records_below_the_wanted_offset_are_skipped() {
    let mut builder = ringlog_batch::BatchBuilder::new().at(Offset(10), LeaderEpoch(0));
    for value in [b"a", b"b", b"c"] {
        builder.append(Timestamp(1), None, Some(value), &[]).unwrap();
    }
    let batch = builder.build(Compression::Lz4).unwrap();
    let mut seen = Vec::new();
    visit_records(&batch, Offset(11), &mut Scratch::new(), 1 << 20, |record| {
        seen.push((record.offset.0, record.value.unwrap().to_vec()));
        true
    })
    .unwrap();
    assert_eq!(seen, [(11, b"b".to_vec()), (12, b"c".to_vec())]);
    let mut damaged = batch.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert!(visit_records(&damaged, Offset(0), &mut Scratch::new(), 1 << 20, |_| true).is_err());
}

#[test]
fn a_connection_greets_first_and_pairs_answers() {
    let mut core = ConnectionCore::new("test", None, 1 << 20);
    let asked = core.ask(&TopicDelete { name: "t".to_owned() }, LeaderEpoch::UNKNOWN);
    let sent = core.take_output();
    let first = Frame::parse(sent[0].clone(), 1 << 20).unwrap();
    assert_eq!(first.header.op, Op::HELLO);

    let greeting = HelloReply {
        version: 1,
        shard: ringlog_model::ShardId(0),
        shard_count: 1,
        node: ringlog_model::NodeId(1),
        cluster: ringlog_model::ClusterId::default(),
        body_limit: 1 << 20,
    };
    core.receive(&response(first.header.correlation, LeaderEpoch::UNKNOWN, &greeting)).unwrap();
    assert_eq!(core.next_event(), Some(ConnectionEvent::Greeted(greeting)));
    core.receive(&response(asked, LeaderEpoch::UNKNOWN, &TopicDeleteReply)).unwrap();
    assert!(
        matches!(core.next_event(), Some(ConnectionEvent::Reply { correlation, outcome: Ok(_) }) if correlation == asked)
    );
    let refused = error_frame(Op::DELIVER, Correlation(99), ErrorCode::UnknownTopicId, "gone");
    core.receive(&refused).unwrap();
    assert!(matches!(core.next_event(), Some(ConnectionEvent::Ended { subscription: Correlation(99), .. })));
    assert!(core.receive(b"HTTP/1.1 400 Bad Request\r\n\r\n........").is_err());
}

#[test]
fn an_append_carries_its_epoch_and_batch() {
    let mut core = ConnectionCore::new("test", None, 1 << 20);
    core.take_output();
    let body = ringlog_native::body::Produce {
        partition: ringlog_model::PartitionId::default(),
        acks: Acks::None,
        timeout_ms: 1,
    };
    assert_eq!(core.produce(LeaderEpoch(4), &body, Bytes::from_static(b"batch")), None);
    let frame = Frame::parse(core.take_output().concat().into(), 1 << 20).unwrap();
    assert_eq!((frame.header.epoch, &frame.records()[..]), (LeaderEpoch(4), &b"batch"[..]));
    assert_eq!(frame.header.flags, Header::new(Op::PRODUCE, Flags::RECORDS, Correlation(2)).flags);
}
