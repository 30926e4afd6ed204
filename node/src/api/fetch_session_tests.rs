//! Fetch sessions by table.

use super::*;

const NOW: Instant = Instant(1_000_000_000);

fn key(index: i32) -> PartitionKey {
    PartitionKey { topic: TopicKey::Name("topic".into()), index: PartitionIndex(index) }
}

fn wanted(index: i32, offset: i64) -> Wanted {
    Wanted {
        key: key(index),
        fetch_offset: Offset(offset),
        bytes_max: 1 << 20,
        current_leader_epoch: LeaderEpoch::UNKNOWN,
        last_fetched_epoch: LeaderEpoch::UNKNOWN,
    }
}

fn request(session_id: i32, epoch: i32, wanted: Vec<Wanted>) -> SessionRequest {
    SessionRequest { session_id, epoch, uses_topic_ids: false, wanted, forgotten: Vec::new() }
}

fn told(high_watermark: i64) -> Told {
    Told {
        high_watermark: Offset(high_watermark),
        log_start: Offset::ZERO,
        has_records: false,
        is_urgent: false,
    }
}

fn begun(sessions: &mut FetchSessions, count: i32) -> FetchContext {
    let all = (0..count).map(|index| wanted(index, 0)).collect();
    sessions.begin(NOW, 41, request(NO_SESSION, INITIAL_EPOCH, all)).unwrap()
}

#[test]
fn a_full_fetch_begins_a_session_and_tells_every_partition() {
    let mut sessions = FetchSessions::new(2);
    let context = begun(&mut sessions, 3);
    assert_eq!(context.session_id, 42);
    assert!(!context.is_incremental);
    for index in 0..3 {
        assert!(sessions.tell(&context, &key(index), told(0)));
    }
    assert_eq!(sessions.sizes(), (1, 3));
}

#[test]
fn an_incremental_fetch_tells_only_news_and_remembers_what_was_wanted() {
    let mut sessions = FetchSessions::new(2);
    let context = begun(&mut sessions, 3);
    for index in 0..3 {
        sessions.tell(&context, &key(index), told(5));
    }
    let context = sessions.begin(NOW, 0, request(42, 1, vec![wanted(1, 7)])).unwrap();
    assert!(context.is_incremental);
    assert_eq!(context.wanted.len(), 3);
    assert_eq!(context.wanted[1].fetch_offset, Offset(7));
    assert!(!sessions.tell(&context, &key(0), told(5)));
    assert!(sessions.tell(&context, &key(1), told(6)));
    assert!(sessions.tell(&context, &key(2), Told { is_urgent: true, ..told(5) }));
    let context = sessions.begin(NOW, 0, request(42, 2, vec![])).unwrap();
    assert!(sessions.tell(&context, &key(2), told(5)), "after an error the partition is told again");
    assert!(!sessions.tell(&context, &key(1), told(6)));
}

#[test]
fn a_partition_that_sent_records_goes_to_the_end() {
    let mut sessions = FetchSessions::new(2);
    let context = begun(&mut sessions, 3);
    sessions.tell(&context, &key(0), Told { has_records: true, ..told(1) });
    let context = sessions.begin(NOW, 0, request(42, 1, vec![])).unwrap();
    let order: Vec<_> = context.wanted.iter().map(|wanted| wanted.key.index.0).collect();
    assert_eq!(order, [1, 2, 0]);
}

#[test]
fn what_does_not_go_on_is_refused_with_its_reason() {
    let mut sessions = FetchSessions::new(2);
    begun(&mut sessions, 1);
    let refused = |sessions: &mut FetchSessions, request| sessions.begin(NOW, 0, request).unwrap_err();
    assert_eq!(refused(&mut sessions, request(7, 1, vec![])), SessionError::NotFound);
    assert_eq!(refused(&mut sessions, request(42, 2, vec![])), SessionError::WrongEpoch);
    let by_id = SessionRequest { uses_topic_ids: true, ..request(42, 1, vec![]) };
    assert_eq!(refused(&mut sessions, by_id), SessionError::TopicIdMismatch);
}

#[test]
fn a_session_ends_by_request_or_with_its_last_partition() {
    let mut sessions = FetchSessions::new(2);
    begun(&mut sessions, 1);
    let last = SessionRequest { forgotten: vec![key(0)], ..request(42, 1, vec![]) };
    assert_eq!(sessions.begin(NOW, 0, last).unwrap().session_id, NO_SESSION);
    assert_eq!(sessions.sizes(), (0, 0));
    begun(&mut sessions, 2);
    let context = sessions.begin(NOW, 0, request(42, FINAL_EPOCH, vec![wanted(0, 3)])).unwrap();
    assert_eq!((context.session_id, context.wanted.len()), (NO_SESSION, 1));
    assert_eq!(sessions.sizes(), (0, 0));
}

#[test]
fn a_full_cache_gives_up_only_sessions_long_unused() {
    let mut sessions = FetchSessions::new(1);
    begun(&mut sessions, 1);
    assert_eq!(begun(&mut sessions, 1).session_id, NO_SESSION);
    let later = NOW.plus(EVICTABLE_AFTER);
    let context = sessions.begin(later, 8, request(NO_SESSION, INITIAL_EPOCH, vec![wanted(0, 0)])).unwrap();
    assert_eq!(context.session_id, 9);
    assert_eq!(sessions.sizes(), (1, 1));
}
