//! Random histories against a model that knows only the log and what was promised.

use super::*;
use alloc::collections::BTreeMap;
use alloc::vec;
use proptest::prelude::*;

/// What a random history is made of. Numbers are taken modulo what makes sense when they are used.
#[derive(Clone, Debug)]
enum Step {
    /// A producer sends its next batch.
    Next { producer: usize, record_count: i32, acks: Acks },
    /// A producer sends one of its earlier batches again.
    Retry { producer: usize, back: usize, acks: Acks },
    /// A producer leaves a gap.
    Gap { producer: usize },
    /// A producer comes back with a higher epoch.
    Bump { producer: usize },
    /// A batch without a producer.
    Plain { record_count: i32, acks: Acks },
    /// The disk goes on.
    Written { batches: usize },
    /// A sync completes.
    Flushed { batches: usize },
    /// A checkpoint takes the producer snapshot along.
    Snapshot,
    /// The process dies and `surviving` of what was not synced is found again.
    Crash { surviving: usize },
    /// The controller tells a new epoch.
    NewEpoch,
    /// Retention drops the front.
    Retention { upto: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let acks = prop_oneof![Just(Acks::None), Just(Acks::Leader), Just(Acks::All)];
    let step = prop_oneof![
        8 => (0..PRODUCERS, 1..4, acks.clone())
            .prop_map(|(producer, record_count, acks)| Step::Next { producer, record_count, acks }),
        5 => (0..PRODUCERS, 0usize..8, acks.clone())
            .prop_map(|(producer, back, acks)| Step::Retry { producer, back, acks }),
        1 => (0..PRODUCERS).prop_map(|producer| Step::Gap { producer }),
        1 => (0..PRODUCERS).prop_map(|producer| Step::Bump { producer }),
        3 => (1..4, acks).prop_map(|(record_count, acks)| Step::Plain { record_count, acks }),
        4 => (1usize..4).prop_map(|batches| Step::Written { batches }),
        4 => (1usize..4).prop_map(|batches| Step::Flushed { batches }),
        1 => Just(Step::Snapshot),
        1 => (0usize..4).prop_map(|surviving| Step::Crash { surviving }),
        1 => Just(Step::NewEpoch),
        1 => (0i64..64).prop_map(|upto| Step::Retention { upto }),
    ];
    proptest::collection::vec(step, 0..120)
}

const PRODUCERS: usize = 3;

/// What a producer has sent: in its epoch, batches of (base sequence, record count).
#[derive(Clone, Debug, Default)]
struct Sender {
    epoch: i16,
    sent: Vec<(i32, i32)>,
}

impl Sender {
    fn next(&self) -> i32 {
        self.sent.last().map_or(0, |(base, count)| base + count)
    }
}

struct Model {
    bench: Bench,
    epoch: LeaderEpoch,
    senders: Vec<Sender>,
    /// The log: every batch that WriteLog asked for, in order.
    log: Vec<LoggedBatch>,
    /// Facts of requests that are on their way.
    requests: BTreeMap<RequestId, (BatchFacts, Acks)>,
    /// Ends of acknowledged batches: must survive every crash.
    promised: Offset,
    snapshot: Option<Vec<u8>>,
    next_request: u64,
}

impl Model {
    fn new() -> Model {
        let bench = Bench::leading(config());
        let senders = (0..PRODUCERS).map(|_| Sender::default()).collect();
        Model {
            bench,
            epoch: EPOCH,
            senders,
            log: Vec::new(),
            requests: BTreeMap::new(),
            promised: Offset(0),
            snapshot: None,
            next_request: 0,
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Next { producer, record_count, acks } => {
                let base = self.senders[producer].next();
                self.senders[producer].sent.push((base, record_count));
                self.send(producer, base, record_count, acks);
            }
            Step::Retry { producer, back, acks } => {
                let sent = &self.senders[producer].sent;
                if let Some(&(base, record_count)) = sent.iter().rev().nth(back) {
                    self.send(producer, base, record_count, acks);
                }
            }
            Step::Gap { producer } => self.send_gap(producer),
            Step::Bump { producer } => {
                self.senders[producer].epoch += 1;
                self.senders[producer].sent.clear();
            }
            Step::Plain { record_count, acks } => self.append(plain(record_count), acks),
            Step::Written { batches } => {
                let end = self.batches_after(self.bench.partition.marks().written(), batches);
                self.event(Event::Written { end });
            }
            Step::Flushed { batches } => {
                let end = self.batches_after(self.bench.partition.marks().flushed(), batches);
                self.event(Event::Flushed { end });
            }
            Step::Snapshot => self.event(Event::TakeSnapshot),
            Step::Crash { surviving } => self.crash(surviving),
            Step::NewEpoch => {
                self.epoch = self.epoch.next();
                self.lead();
            }
            Step::Retention { upto } => {
                let start = Offset(upto).min(self.bench.partition.marks().high_watermark());
                self.event(Event::LogStart { start });
            }
        }
    }

    fn lead(&mut self) {
        let alone = Vec::from([ME]);
        self.event(Event::BecomeLeader { epoch: self.epoch, replicas: alone.clone(), isr: alone });
    }

    fn facts(&self, producer: usize, base_sequence: i32, record_count: i32) -> BatchFacts {
        let stamp = ProducerStamp {
            id: ProducerId(producer as i64),
            epoch: ProducerEpoch(self.senders[producer].epoch),
            base_sequence: Sequence(base_sequence),
        };
        BatchFacts { producer: Some(stamp), ..plain(record_count) }
    }

    fn send(&mut self, producer: usize, base_sequence: i32, record_count: i32, acks: Acks) {
        self.append(self.facts(producer, base_sequence, record_count), acks);
    }

    fn send_gap(&mut self, producer: usize) {
        let known = !self.bench.partition.producers().batches(ProducerId(producer as i64)).is_empty();
        let length = self.log.len();
        let base = self.senders[producer].next() + 1;
        if known {
            self.append(self.facts(producer, base, 1), Acks::All);
            assert_eq!(self.log.len(), length, "a gap was written");
        }
    }

    fn append(&mut self, batch: BatchFacts, acks: Acks) {
        self.next_request += 1;
        let request = RequestId(self.next_request);
        self.requests.insert(request, (batch, acks));
        self.event(Event::Append(Append { request, batch, acks, leader_epoch: None, deadline: None }));
    }

    fn event(&mut self, event: Event) {
        for effect in self.bench.handle(event) {
            match effect {
                Effect::WriteLog { request, base_offset, last_offset, leader_epoch, .. } => {
                    self.written(request, base_offset, last_offset);
                    assert_eq!(leader_epoch, self.epoch);
                }
                Effect::Acknowledge { request, result: Ok(receipt) } => self.acknowledged(request, &receipt),
                Effect::Acknowledge { request, result: Err(_) } => {
                    self.requests.remove(&request).expect("refused once");
                }
                Effect::HighWatermark { offset, .. } => {
                    assert!(offset <= self.bench.partition.marks().flushed());
                }
                Effect::AttachProducers { offset, snapshot } => {
                    assert!(offset <= self.bench.partition.marks().flushed());
                    self.snapshot = Some(snapshot);
                }
                Effect::RoleChanged => {}
            }
        }
    }

    fn written(&mut self, request: RequestId, base_offset: Offset, last_offset: Offset) {
        let (facts, _) = self.requests[&request];
        let batch = LoggedBatch { base_offset, log_append_time: Timestamp::NONE, facts };
        assert_eq!(base_offset, self.end(), "offsets are contiguous");
        assert_eq!(batch.end(), last_offset.plus(1));
        if let Some(producer) = facts.producer {
            let again = self.log.iter().any(|earlier| earlier.facts.producer == Some(producer));
            assert!(!again, "{producer:?} was written twice");
        }
        self.log.push(batch);
    }

    fn acknowledged(&mut self, request: RequestId, receipt: &Acknowledged) {
        let (facts, acks) = self.requests.remove(&request).expect("acknowledged once");
        assert_ne!(acks, Acks::None);
        let at = |batch: &&LoggedBatch| batch.base_offset == receipt.base_offset;
        let batch = self.log.iter().find(at).expect("an acknowledged batch is in the log");
        assert_eq!(batch.facts, facts, "the answer names the request's own batch");
        assert!(batch.end() <= self.bench.partition.marks().flushed(), "acknowledged before it was synced");
        self.promised = self.promised.max(batch.end());
    }

    /// The end of the batch that is so many batches behind `mark`; a disk works in whole batches.
    fn batches_after(&self, mark: Offset, batches: usize) -> Offset {
        let ends = self.log.iter().map(LoggedBatch::end).filter(|end| *end > mark);
        ends.take(batches).last().unwrap_or(mark)
    }

    fn end(&self) -> Offset {
        self.log.last().map_or(Offset::ZERO, LoggedBatch::end)
    }

    /// The log keeps what was synced and a few more batches; the machine is built anew from snapshot and log.
    fn crash(&mut self, surviving: usize) {
        let marks = *self.bench.partition.marks();
        let synced = self.log.iter().take_while(|batch| batch.end() <= marks.flushed()).count();
        self.log.truncate(synced + surviving);
        assert!(self.end() >= self.promised, "something acknowledged is lost");
        let end = self.end();
        let restored = self.snapshot.as_ref().map(|bytes| ProducerTable::restore(bytes, end).unwrap());
        let (mut producers, known) = restored.unwrap_or_default();
        for batch in self.log.iter().filter(|batch| batch.base_offset >= known) {
            producers.replay(self.bench.now.wall, batch, config().producers_max);
        }
        // What a producer sent and the log lost is sent again by its client, in order; here it continues from the log.
        for (number, sender) in self.senders.iter_mut().enumerate() {
            let id = ProducerId(number as i64);
            let last = self.log.iter().rev().find_map(|batch| {
                batch
                    .facts
                    .producer
                    .filter(|stamp| stamp.id == id)
                    .map(|stamp| (stamp, batch.facts.record_count))
            });
            let survives = |&(base, count): &(i32, i32)| {
                last.is_some_and(|(stamp, last_count)| {
                    stamp.epoch.0 == sender.epoch && base + count <= stamp.base_sequence.0 + last_count
                })
            };
            let kept = sender.sent.iter().filter(|sent| survives(sent)).count();
            sender.sent.truncate(kept);
        }
        let recovered = RecoveredPartition {
            log_start: marks.log_start(),
            end,
            epochs: self.bench.partition.epochs().clone(),
            producers,
        };
        let now = self.bench.now;
        self.bench = Bench::recovered(config(), recovered);
        self.bench.now = now;
        self.requests.clear();
        self.epoch = self.epoch.next();
        self.lead();
    }

    /// Whatever was remembered while running is what a restart would find.
    fn check_replay(&self) {
        let end = self.bench.partition.marks().end();
        let restored = self.snapshot.as_ref().map(|bytes| ProducerTable::restore(bytes, end).unwrap());
        let (mut producers, known) = restored.unwrap_or_default();
        for batch in self.log.iter().filter(|batch| batch.base_offset >= known) {
            producers.replay(self.bench.now.wall, batch, config().producers_max);
        }
        assert_eq!(&producers, self.bench.partition.producers());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn random_histories_keep_every_promise(steps in steps()) {
        let mut model = Model::new();
        for step in steps {
            model.step(step);
            model.check_replay();
        }
        // In the end everything is synced, and nobody is left waiting.
        let end = model.bench.partition.marks().end();
        model.event(Event::Flushed { end });
        prop_assert_eq!(model.bench.partition.waiting(), 0);
        prop_assert!(model.requests.values().all(|(_, acks)| *acks == Acks::None));
        prop_assert_eq!(model.bench.partition.marks().high_watermark(), end);
    }
}
