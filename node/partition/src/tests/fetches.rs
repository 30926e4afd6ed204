use super::*;

const CONSUMER: Reader = Reader::Consumer(Isolation::ReadCommitted);

fn at(offset: i64) -> FetchPosition {
    FetchPosition { offset: Offset(offset), leader_epoch: None, last_fetched_epoch: None, reader: CONSUMER }
}

/// Offsets 2 to 9 remain, epoch 5 wrote up to 6, epoch 7 the rest; 8 is committed, 10 is the end.
fn bench() -> Bench {
    let mut bench = Bench::leading(config());
    bench.append(plain(6), Acks::All);
    bench.lead(LeaderEpoch(7), &[1], &[1]);
    bench.append(plain(2), Acks::All);
    bench.append(plain(2), Acks::All);
    bench.flushed(8);
    bench.handle(Event::LogStart { start: Offset(2) });
    bench
}

fn limits(limit: i64) -> ReadLimits {
    ReadLimits {
        limit: Offset(limit),
        high_watermark: Offset(8),
        last_stable_offset: Offset(8),
        log_start: Offset(2),
    }
}

#[test]
fn consumers_read_to_the_high_watermark_and_replicas_to_the_end() {
    let bench = bench();
    let read = |position: &FetchPosition| bench.partition.fetch(position);
    assert_eq!(read(&at(2)), Ok(FetchAnswer::Read(limits(8))));
    assert_eq!(read(&at(9)), Ok(FetchAnswer::Read(limits(8))), "not readable yet, but no error");
    assert_eq!(read(&at(10)), Ok(FetchAnswer::Read(limits(8))));
    let replica = FetchPosition { reader: Reader::Replica, ..at(9) };
    assert_eq!(read(&replica), Ok(FetchAnswer::Read(limits(10))));
}

#[test]
fn offsets_outside_the_log_are_refused() {
    let bench = bench();
    for outside in [-1, 0, 1, 11, i64::MAX, i64::MIN] {
        let requested = Offset(outside);
        let refusal = FetchRefusal::OffsetOutOfRange { requested, log_start: Offset(2), end: Offset(10) };
        assert_eq!(bench.partition.fetch(&at(outside)), Err(refusal));
    }
}

#[test]
fn the_believed_epoch_is_compared() {
    let bench = bench();
    let fetch = |epoch| {
        let believed = FetchPosition { leader_epoch: Some(LeaderEpoch(epoch)), ..at(2) };
        bench.partition.fetch(&believed).map(|_| ())
    };
    let current = LeaderEpoch(7);
    let refused = |refusal: LeadershipRefusal| Err(FetchRefusal::from(refusal));
    let requested = LeaderEpoch(6);
    assert_eq!(fetch(6), refused(LeadershipRefusal::Fenced { requested, current }));
    let requested = LeaderEpoch(8);
    assert_eq!(fetch(8), refused(LeadershipRefusal::UnknownEpoch { requested, current }));
    assert_eq!(fetch(7), Ok(()));
}

#[test]
fn only_the_leader_serves() {
    let mut bench = bench();
    bench.handle(Event::BecomeFollower { epoch: LeaderEpoch(8), leader: NodeId(2) });
    let refusal = LeadershipRefusal::NotLeader { leader: NodeId(2), epoch: LeaderEpoch(8) };
    assert_eq!(bench.partition.fetch(&at(2)), Err(refusal.into()));
    assert_eq!(bench.partition.check_leadership(None), Err(refusal));
    assert_eq!(bench.partition.end_of_epoch(None, LeaderEpoch(5)), Err(refusal));
}

#[test]
fn a_sender_whose_history_parted_is_told_where() {
    let bench = bench();
    let fetch = |offset, epoch| {
        let position = FetchPosition { last_fetched_epoch: Some(LeaderEpoch(epoch)), ..at(offset) };
        match bench.partition.fetch(&position) {
            Ok(FetchAnswer::Diverged { agreed, .. }) => Some((agreed.epoch.0, agreed.end.0)),
            Ok(FetchAnswer::Read(_)) => None,
            Err(refusal) => panic!("{refusal}"),
        }
    };
    assert_eq!(fetch(6, 5), None);
    assert_eq!(fetch(7, 5), Some((5, 6)), "epoch 5 ended at 6, the sender has more of it");
    assert_eq!(fetch(6, 6), Some((5, 6)), "epoch 6 is not in this log");
    assert_eq!(fetch(8, 7), None);
    assert_eq!(fetch(8, 9), Some((-1, -1)), "epoch 9 is not known at all");
}

#[test]
fn the_end_of_an_epoch_is_answered() {
    let bench = bench();
    let end = |epoch| bench.partition.end_of_epoch(Some(LeaderEpoch(7)), LeaderEpoch(epoch)).unwrap();
    assert_eq!(end(5), Some(EpochEnd { epoch: LeaderEpoch(5), end: Offset(6) }));
    assert_eq!(end(7), Some(EpochEnd { epoch: LeaderEpoch(7), end: Offset(10) }));
    assert_eq!(end(8), None);
    assert_eq!(bench.partition.check_leadership(Some(LeaderEpoch(7))), Ok(LeaderEpoch(7)));
}
