use super::*;
use alloc::vec;

fn role_changed() -> Effect {
    Effect::RoleChanged
}

#[test]
fn a_recovered_log_becomes_readable_with_its_first_leadership() {
    let recovered =
        RecoveredPartition { log_start: Offset(3), end: Offset(10), ..RecoveredPartition::default() };
    let mut bench = Bench::recovered(config(), recovered);
    assert_eq!(bench.partition.marks().high_watermark(), Offset(3));
    assert_eq!(bench.lead(EPOCH, &[1], &[1]), [role_changed(), high_watermark(10, 0)]);
    let entries = bench.partition.epochs().entries();
    assert_eq!(entries, [EpochStart { epoch: EPOCH, start: Offset(10) }]);
}

#[test]
fn the_high_watermark_is_the_least_mark_of_the_isr() {
    let mut bench = Bench::leading_with(config(), &[1, 2, 3, 4], &[1, 2, 3]);
    bench.append(plain(10), Acks::All);
    bench.append(plain(10), Acks::All);
    assert_eq!(bench.flushed(20), [], "followers have told nothing yet");
    assert_eq!(bench.progress(2, 20, 20), []);
    assert_eq!(bench.progress(4, 20, 20), [], "not in sync: it does not count");
    assert_eq!(bench.progress(3, 20, 5), [high_watermark(5, 0)]);
    let receipt = Acknowledged { replicas: 4, ..receipt(0) };
    assert_eq!(bench.progress(3, 20, 10), [high_watermark(10, 100), acknowledge(1, receipt)]);
}

#[test]
fn followers_may_be_ahead_of_the_leaders_own_sync() {
    let mut bench = Bench::leading_with(config(), &[1, 2], &[1, 2]);
    bench.append(plain(1), Acks::All);
    bench.append(plain(1), Acks::Leader);
    assert_eq!(bench.progress(2, 2, 2), []);
    let both = |base| Acknowledged { replicas: 2, ..receipt(base) };
    assert_eq!(bench.flushed(2), [high_watermark(2, 200), acknowledge(2, both(1)), acknowledge(1, both(0))]);
}

#[test]
fn progress_of_another_epoch_or_of_a_stranger_is_ignored() {
    let mut bench = Bench::leading_with(config(), &[1, 2], &[1, 2]);
    bench.append(plain(1), Acks::All);
    bench.flushed(1);
    let stale = Event::ReplicaProgress {
        replica: NodeId(2),
        epoch: LeaderEpoch(4),
        written: Offset(1),
        flushed: Offset(1),
    };
    assert_eq!(bench.handle(stale), []);
    assert_eq!(bench.progress(77, 1, 1), []);
    assert_eq!(bench.progress(2, i64::MAX, i64::MAX).len(), 2, "a mark beyond the end counts as the end");
    assert_eq!(bench.partition.marks().high_watermark(), Offset(1));
}

#[test]
fn an_isr_that_shrank_below_the_minimum_answers_so_after_the_append() {
    let minimum = PartitionConfig { min_insync_replicas: 2, ..config() };
    let mut bench = Bench::leading_with(minimum, &[1, 2], &[1, 2]);
    bench.append(plain(1), Acks::All);
    bench.flushed(1);
    let refusal = AppendRefusal::NotEnoughReplicasAfterAppend { in_sync: 1, required: 2 };
    assert_eq!(
        bench.lead(EPOCH, &[1, 2], &[1]),
        [role_changed(), high_watermark(1, 100), refuse(1, refusal)]
    );
}

#[test]
fn an_instruction_of_the_same_epoch_keeps_what_followers_told() {
    let mut bench = Bench::leading_with(config(), &[1, 2, 3], &[1, 2]);
    bench.append(plain(1), Acks::All);
    bench.progress(3, 1, 1);
    bench.progress(2, 1, 1);
    assert_eq!(bench.lead(EPOCH, &[1, 2, 3], &[1, 2, 3]), [role_changed()]);
    assert_eq!(bench.flushed(1).len(), 2);
}

#[test]
fn losing_leadership_answers_everybody_who_waits() {
    let refusal = |reason| LeadershipRefusal::Offline(reason);
    let not_leader = LeadershipRefusal::NotLeader { leader: NodeId(2), epoch: LeaderEpoch(6) };
    for (event, refusal) in [
        (Event::BecomeFollower { epoch: LeaderEpoch(6), leader: NodeId(2) }, not_leader),
        (Event::GoOffline(OfflineReason::DiskFault), refusal(OfflineReason::DiskFault)),
        (Event::GoOffline(OfflineReason::Deleted), refusal(OfflineReason::Deleted)),
    ] {
        let mut bench = Bench::leading(config());
        bench.append(plain(1), Acks::Leader);
        bench.append(plain(1), Acks::All);
        assert_eq!(bench.handle(event), [refuse(1, refusal), refuse(2, refusal), role_changed()]);
        assert_eq!(bench.partition.waiting(), 0);
        assert_eq!(bench.flushed(2), [], "late completions answer nobody");
    }
}

#[test]
fn a_new_epoch_of_the_same_leader_keeps_its_waiters() {
    let mut bench = Bench::leading(config());
    bench.append(plain(1), Acks::All);
    assert_eq!(bench.lead(LeaderEpoch(6), &[1], &[1]), [role_changed()]);
    assert_eq!(bench.flushed(1), [high_watermark(1, 100), acknowledge(1, receipt(0))]);
    let effects = bench.append(plain(1), Acks::All);
    assert!(matches!(effects[..], [Effect::WriteLog { leader_epoch: LeaderEpoch(6), .. }]));
}

#[test]
fn stale_instructions_are_ignored() {
    let mut bench = Bench::leading(config());
    assert_eq!(bench.handle(Event::BecomeFollower { epoch: LeaderEpoch(4), leader: NodeId(2) }), []);
    assert_eq!(bench.lead(LeaderEpoch(4), &[1], &[1]), []);
    assert!(matches!(bench.partition.role(), Role::Leader(leader) if leader.epoch() == EPOCH));
}

#[test]
fn a_disk_fault_stands_until_the_log_is_opened_again() {
    let mut bench = Bench::leading(config());
    bench.handle(Event::GoOffline(OfflineReason::DiskFault));
    assert_eq!(bench.lead(LeaderEpoch(9), &[1], &[1]), []);
    bench.handle(Event::GoOffline(OfflineReason::Deleted));
    assert_eq!(*bench.partition.role(), Role::Offline(OfflineReason::DiskFault));
}

fn replicate(base: i64, producer: Option<ProducerStamp>, high_watermark: i64) -> Event {
    let facts = BatchFacts { producer, ..plain(2) };
    Event::Replicate {
        request: RequestId(1),
        epoch: EPOCH,
        batch_epoch: EPOCH,
        batch: LoggedBatch { base_offset: Offset(base), log_append_time: Timestamp::NONE, facts },
        high_watermark: Offset(high_watermark),
    }
}

#[test]
fn a_follower_copies_and_learns_the_high_watermark_up_to_its_own_mark() {
    let mut bench = Bench::recovered(config(), RecoveredPartition::default());
    bench.handle(Event::BecomeFollower { epoch: EPOCH, leader: NodeId(2) });
    assert_eq!(bench.handle(replicate(0, None, 0)), [write(1, 0, 1)]);
    assert_eq!(bench.handle(replicate(2, None, 4)), [write(1, 2, 3)]);
    assert_eq!(bench.handle(replicate(2, None, 4)), [], "what it has is not written again");
    assert_eq!(bench.flushed(2), [high_watermark(2, 100)]);
    assert_eq!(bench.flushed(4), [high_watermark(4, 100)]);
}

#[test]
fn a_follower_that_becomes_leader_recognises_the_old_leaders_producers() {
    let mut bench = Bench::recovered(config(), RecoveredPartition::default());
    bench.handle(Event::BecomeFollower { epoch: EPOCH, leader: NodeId(2) });
    let producer = sequenced(0, 0).producer;
    bench.handle(replicate(0, producer, 0));
    bench.flushed(2);
    bench.lead(LeaderEpoch(6), &[1], &[1]);
    let retried = BatchFacts { producer, ..plain(2) };
    let duplicate = Acknowledged { origin: Origin::Duplicate, ..receipt(0) };
    assert_eq!(bench.append(retried, Acks::All), [acknowledge(1, duplicate)]);
}

#[test]
fn a_truncated_follower_forgets_batches_epochs_and_producers() {
    let mut bench = Bench::recovered(config(), RecoveredPartition::default());
    bench.handle(Event::BecomeFollower { epoch: EPOCH, leader: NodeId(2) });
    bench.handle(replicate(0, None, 0));
    bench.handle(replicate(2, sequenced(0, 0).producer, 0));
    bench.handle(Event::TakeSnapshot);
    bench.handle(Event::Truncated { end: Offset(2), producers: ProducerTable::new() });
    assert_eq!(bench.flushed(2), [], "the snapshot of what was cut is dropped");
    assert_eq!(bench.partition.marks().end(), Offset(2));
    assert!(bench.partition.producers().is_empty());
    assert_eq!(bench.handle(replicate(2, None, 4)), [write(1, 2, 3), high_watermark(2, 100)]);
    assert_eq!(bench.flushed(4), [high_watermark(4, 100)]);
}

#[test]
fn a_producer_snapshot_waits_until_all_it_knows_of_is_synced() {
    let mut bench = Bench::leading(config());
    bench.append(sequenced(0, 0), Acks::None);
    assert_eq!(bench.handle(Event::TakeSnapshot), []);
    bench.append(sequenced(0, 1), Acks::None);
    assert_eq!(bench.handle(Event::TakeSnapshot), [], "one at a time");
    let effects = bench.flushed(1);
    let [Effect::HighWatermark { .. }, Effect::AttachProducers { offset: Offset(1), snapshot }] =
        &effects[..]
    else {
        panic!("{effects:?}")
    };
    let (table, end) = ProducerTable::restore(snapshot, Offset(2)).unwrap();
    assert_eq!((table.batches(ProducerId(1)).len(), end), (1, Offset(1)));
    bench.flushed(2);
    assert_eq!(bench.handle(Event::TakeSnapshot).len(), 1, "all is synced: at once");
    assert_eq!(bench.handle(Event::TakeSnapshot), [], "nothing new since");
}

#[test]
fn retention_moves_the_start_and_the_answers_say_so() {
    let mut bench = Bench::leading(config());
    bench.append(plain(4), Acks::All);
    bench.flushed(4);
    bench.handle(Event::LogStart { start: Offset(4) });
    bench.append(plain(1), Acks::All);
    let moved = Acknowledged { log_start: Offset(4), ..receipt(4) };
    assert_eq!(bench.flushed(5), vec![high_watermark(5, 100), acknowledge(2, moved)]);
}
