use super::*;

#[test]
fn offsets_are_assigned_in_order_and_acknowledged_once_synced() {
    let mut bench = Bench::leading(config());
    assert_eq!(bench.append(plain(3), Acks::All), [write(1, 0, 2)]);
    assert_eq!(bench.append(plain(2), Acks::Leader), [write(2, 3, 4)]);
    assert_eq!(bench.append(plain(1), Acks::None), [write(3, 5, 5)]);
    assert_eq!(bench.written(6), [], "written is not synced");
    assert_eq!(bench.flushed(3), [high_watermark(3, 100), acknowledge(1, receipt(0))]);
    assert_eq!(bench.flushed(6), [high_watermark(6, 200), acknowledge(2, receipt(3))]);
    assert_eq!(bench.partition.waiting(), 0);
}

#[test]
fn a_sync_within_a_batch_acknowledges_nothing_of_it() {
    let mut bench = Bench::leading(config());
    bench.append(plain(10), Acks::All);
    assert_eq!(bench.flushed(4), [high_watermark(4, 0)]);
    assert_eq!(bench.flushed(10), [high_watermark(10, 100), acknowledge(1, receipt(0))]);
}

#[test]
fn durability_written_acknowledges_what_is_written_and_says_so() {
    let mut bench = Bench::leading(PartitionConfig { durability: Durability::Written, ..config() });
    bench.append(plain(1), Acks::All);
    let only_written = Acknowledged { durability: Durability::Written, ..receipt(0) };
    assert_eq!(bench.written(1), [high_watermark(1, 100), acknowledge(1, only_written)]);
    assert_eq!(bench.flushed(1), []);
}

#[test]
fn turning_to_the_stricter_durability_keeps_what_was_promised() {
    let mut bench = Bench::leading(PartitionConfig { durability: Durability::Written, ..config() });
    bench.append(plain(1), Acks::All);
    bench.written(1);
    assert_eq!(bench.handle(Event::Configure(config())), []);
    bench.append(plain(1), Acks::All);
    assert_eq!(bench.written(2), []);
    assert_eq!(bench.partition.marks().high_watermark(), Offset(1));
    assert_eq!(bench.flushed(2), [high_watermark(2, 100), acknowledge(2, receipt(1))]);
}

#[test]
fn log_append_time_stamps_the_batch_and_the_answer() {
    let mut bench =
        Bench::leading(PartitionConfig { timestamp_type: TimestampType::LogAppendTime, ..config() });
    let stamp = bench.now.wall;
    let effects = bench.append(plain(1), Acks::All);
    assert!(matches!(effects[..], [Effect::WriteLog { log_append_time: Some(time), .. }] if time == stamp));
    bench.now.wall = Timestamp(stamp.0 + 1000);
    let stamped = Acknowledged { log_append_time: stamp, ..receipt(0) };
    assert_eq!(bench.flushed(1), [high_watermark(1, 100), acknowledge(1, stamped)]);
}

#[test]
fn every_refusal_appends_nothing() {
    let offline = LeadershipRefusal::Offline;
    let unassigned = Bench::recovered(config(), RecoveredPartition::default());
    let mut follower = Bench::recovered(config(), RecoveredPartition::default());
    follower.handle(Event::BecomeFollower { epoch: EPOCH, leader: NodeId(2) });
    let mut deleted = Bench::leading(config());
    deleted.handle(Event::GoOffline(OfflineReason::Deleted));
    let alone = Bench::leading_with(PartitionConfig { min_insync_replicas: 2, ..config() }, &[1, 2], &[1]);
    let mut full = Bench::leading(config());
    full.handle(Event::Space(Space::Low));
    let exhausted = RecoveredPartition {
        log_start: Offset(i64::MAX - 1),
        end: Offset(i64::MAX - 1),
        ..RecoveredPartition::default()
    };
    let mut exhausted = Bench::recovered(config(), exhausted);
    exhausted.lead(EPOCH, &[1], &[1]);
    let transactional = BatchFacts { is_transactional: true, ..plain(1) };
    let not_leader = LeadershipRefusal::NotLeader { leader: NodeId(2), epoch: EPOCH };
    for (mut bench, batch, refusal) in [
        (unassigned, plain(1), offline(OfflineReason::Unassigned).into()),
        (follower, plain(1), not_leader.into()),
        (deleted, plain(1), offline(OfflineReason::Deleted).into()),
        (alone, plain(1), AppendRefusal::NotEnoughReplicas { in_sync: 1, required: 2 }),
        (full, plain(1), AppendRefusal::DiskFull),
        (exhausted, plain(2), AppendRefusal::OffsetsExhausted),
        (Bench::leading(config()), transactional, AppendRefusal::NoTransaction),
    ] {
        let before = *bench.partition.marks();
        assert_eq!(bench.append(batch, Acks::All), [refuse(1, refusal)]);
        assert_eq!(*bench.partition.marks(), before);
        assert_eq!(bench.partition.waiting(), 0);
    }
}

#[test]
fn a_believed_leader_epoch_is_compared() {
    let mut bench = Bench::leading(config());
    let append = |epoch| {
        Event::Append(Append {
            request: RequestId(9),
            batch: plain(1),
            acks: Acks::All,
            leader_epoch: Some(LeaderEpoch(epoch)),
            deadline: None,
        })
    };
    let (requested, current) = (LeaderEpoch(4), EPOCH);
    assert_eq!(bench.handle(append(4)), [refuse(9, LeadershipRefusal::Fenced { requested, current })]);
    let requested = LeaderEpoch(6);
    assert_eq!(bench.handle(append(6)), [refuse(9, LeadershipRefusal::UnknownEpoch { requested, current })]);
    assert_eq!(bench.handle(append(5)), [write(9, 0, 0)]);
}

#[test]
fn acks_below_all_do_not_ask_for_in_sync_replicas() {
    let config = PartitionConfig { min_insync_replicas: 2, ..config() };
    let mut bench = Bench::leading_with(config, &[1, 2], &[1]);
    assert_eq!(bench.append(plain(1), Acks::Leader), [write(1, 0, 0)]);
    assert_eq!(bench.flushed(1), [high_watermark(1, 100), acknowledge(1, receipt(0))]);
}

#[test]
fn acks_none_hears_of_refusals_only() {
    let mut bench = Bench::leading(config());
    bench.append(sequenced(0, 0), Acks::None);
    let gap =
        SequenceRefusal::OutOfOrder { producer: ProducerId(1), expected: Sequence(1), found: Sequence(5) };
    assert_eq!(bench.append(sequenced(0, 5), Acks::None), [refuse(2, gap)]);
    assert_eq!(bench.append(sequenced(0, 0), Acks::None), [], "a duplicate is neither written nor answered");
}

#[test]
fn a_full_disk_still_answers_duplicates() {
    let mut bench = Bench::leading(config());
    bench.append(sequenced(0, 0), Acks::All);
    bench.flushed(1);
    bench.handle(Event::Space(Space::Low));
    let duplicate = Acknowledged { origin: Origin::Duplicate, ..receipt(0) };
    assert_eq!(bench.append(sequenced(0, 0), Acks::All), [acknowledge(2, duplicate)]);
    assert_eq!(bench.append(sequenced(0, 1), Acks::All), [refuse(3, AppendRefusal::DiskFull)]);
    bench.handle(Event::Space(Space::Enough));
    assert_eq!(bench.append(sequenced(0, 1), Acks::All), [write(4, 1, 1)]);
}

#[test]
fn a_duplicate_waits_for_the_originals_mark_and_gets_its_offset() {
    let mut bench = Bench::leading(config());
    bench.append(plain(7), Acks::All);
    bench.append(sequenced(0, 0), Acks::All);
    bench.append(plain(2), Acks::All);
    assert_eq!(bench.append(sequenced(0, 0), Acks::All), [], "not written again, not answered yet");
    assert_eq!(bench.append(sequenced(0, 0), Acks::Leader), []);
    assert_eq!(bench.flushed(7), [high_watermark(7, 100), acknowledge(1, receipt(0))]);
    let duplicate = Acknowledged { origin: Origin::Duplicate, ..receipt(7) };
    assert_eq!(
        bench.flushed(8),
        [
            high_watermark(8, 100),
            acknowledge(5, duplicate),
            acknowledge(2, receipt(7)),
            acknowledge(4, duplicate)
        ]
    );
    assert_eq!(bench.partition.waiting(), 1);
}

#[test]
fn a_deadline_answers_the_request_and_leaves_the_batch() {
    let mut bench = Bench::leading(config());
    let now = bench.now.monotonic;
    for (request, wait) in [(1, 300), (2, 100), (3, 200)] {
        bench.handle(Event::Append(Append {
            request: RequestId(request),
            batch: plain(1),
            acks: Acks::All,
            leader_epoch: None,
            deadline: Some(now.plus(millis(wait))),
        }));
    }
    assert_eq!(bench.partition.next_deadline(), Some(now.plus(millis(100))));
    bench.now.monotonic = now.plus(millis(200));
    assert_eq!(
        bench.handle(Event::Tick),
        [refuse(2, AppendRefusal::TimedOut), refuse(3, AppendRefusal::TimedOut)]
    );
    assert_eq!(bench.partition.next_deadline(), Some(now.plus(millis(300))));
    assert_eq!(bench.flushed(3), [high_watermark(3, 300), acknowledge(1, receipt(0))]);
    assert_eq!(bench.partition.next_deadline(), None);
}

#[test]
fn more_waiting_requests_than_the_bound_are_refused() {
    let mut bench = Bench::leading(config());
    let bound = crate::waiters::WAITERS_MAX;
    for _ in 0..bound {
        bench.append(plain(1), Acks::All);
    }
    let request = bound as u64 + 1;
    let refusal = AppendRefusal::TooManyWaiting { waiting: bound };
    assert_eq!(bench.append(plain(1), Acks::All), [refuse(request, refusal)]);
    bench.flushed(1);
    assert_eq!(bench.append(plain(1), Acks::All).len(), 1);
    assert_eq!(bench.partition.waiting(), bound);
}

#[test]
#[should_panic(expected = "the log ends at")]
fn a_disk_that_tells_of_more_than_was_accepted_is_a_bug() {
    Bench::leading(config()).flushed(1);
}
