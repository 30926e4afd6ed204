//! A model of what a store must hold after a crash, and random workloads that keep it.

use super::*;
use ringlog_reactor::simulation::Random;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// What may or may not have happened when the crash came.
#[derive(Clone, Debug, PartialEq)]
pub enum Underway {
    Nothing,
    Create,
    Delete,
    Truncate(i64),
    Reset(i64),
}

/// What is known of one log.
#[derive(Clone, Debug)]
pub struct LogModel {
    /// Batches accepted, from the lowest that may still be there.
    pub accepted: Vec<Found>,
    /// One past what was seen flushed.
    pub flushed: i64,
    /// The start is between these.
    pub start: (i64, i64),
    pub epoch: i32,
    /// How far what is attached reaches at least, where the log starts at an offset or behind it.
    pub described: Vec<(i64, i64)>,
    /// The greatest end that was attached.
    pub attached: i64,
    pub underway: Underway,
}

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub logs: BTreeMap<u64, LogModel>,
    pub next_tag: u64,
    pub next_log: u64,
}

pub type SharedModel = Rc<RefCell<Model>>;

impl LogModel {
    fn new() -> LogModel {
        LogModel {
            accepted: Vec::new(),
            flushed: 0,
            start: (0, 0),
            epoch: 0,
            described: Vec::new(),
            attached: 0,
            underway: Underway::Create,
        }
    }

    fn end(&self) -> i64 {
        self.accepted.last().map_or(self.flushed, |last| last.next)
    }
}

/// Sizes of values: two lie in the journal, two beside it; few, so that batches of different partitions and of
/// different histories of the same partition fall on the same places.
const SIZES: [usize; 4] = [200, 3_000, 9_000, 20_000];

pub const SEGMENT_BYTES: u64 = 40 << 10;

/// Does `steps` random things. Now and then it rests, so that quiet logs give up their memory.
pub async fn workload(reactor: Reactor, store: Store, model: SharedModel, seed: u64, steps: usize) {
    let mut random = Random::new(seed);
    for _ in 0..steps {
        let ids: Vec<u64> = model.borrow().logs.keys().copied().collect();
        if ids.len() < 3 {
            create(&store, &model).await;
            continue;
        }
        let id = ids[random.index(ids.len())];
        let log = store.log(LogId(id)).expect("the model follows the store");
        match random.index(100) {
            0..3 => reactor.sleep(Duration::from_secs(11)).await,
            3..70 => {
                for _ in 0..=random.index(4) {
                    append_one(&store, &model, &log, &mut random).await;
                }
            }
            70..84 => observe(&store, &model, &log).await,
            84..88 => {
                if random.index(2) == 0 {
                    log.roll().unwrap();
                }
                advance_start(&model, &log, &mut random);
            }
            88..93 => truncate(&model, &log, &mut random).await,
            93..95 => reset(&model, &log, &mut random).await,
            95..98 => {
                model.borrow_mut().logs.get_mut(&id).unwrap().underway = Underway::Delete;
                store.delete_log(LogId(id)).await.unwrap();
                model.borrow_mut().logs.remove(&id);
            }
            _ => {
                let end = log.end();
                log.attach(end, end.0.to_le_bytes().to_vec());
                model.borrow_mut().logs.get_mut(&id).unwrap().attached = end.0;
            }
        }
    }
}

async fn create(store: &Store, model: &SharedModel) {
    let id = {
        let mut model = model.borrow_mut();
        model.next_log += 1;
        let id = model.next_log;
        model.logs.insert(id, LogModel::new());
        id
    };
    store.create_log(spec(id, SEGMENT_BYTES)).await.unwrap();
    model.borrow_mut().logs.get_mut(&id).unwrap().underway = Underway::Nothing;
}

async fn append_one(store: &Store, model: &SharedModel, log: &Log, random: &mut Random) {
    let size = SIZES[random.index(SIZES.len())];
    let (tag, epoch) = {
        let mut model = model.borrow_mut();
        model.next_tag += 1;
        let tag = model.next_tag;
        let log = model.logs.get_mut(&log.id().0).unwrap();
        log.epoch += i32::from(random.index(20) == 0);
        (tag, log.epoch)
    };
    loop {
        let base = log.end();
        match try_append(log, epoch, 2, size, tag) {
            Err(AppendError::Backpressure) => store.ready().await,
            other => {
                let next = other.unwrap();
                let size = batch(base, epoch, 2, size, tag).len();
                let found = Found { base: base.0, next: next.0, tag, size, epoch };
                model.borrow_mut().logs.get_mut(&log.id().0).unwrap().accepted.push(found);
                return;
            }
        }
    }
}

async fn observe(store: &Store, model: &SharedModel, log: &Log) {
    flushed(store, log, log.end()).await;
    for other in store.logs() {
        let flushed = other.marks().flushed.0;
        if let Some(known) = model.borrow_mut().logs.get_mut(&other.id().0) {
            known.flushed = known.flushed.max(flushed);
        }
    }
}

fn advance_start(model: &SharedModel, log: &Log, random: &mut Random) {
    let mut model = model.borrow_mut();
    let known = model.logs.get_mut(&log.id().0).unwrap();
    let to = log.start().0 + random.index((log.end().0 - log.start().0 + 1) as usize) as i64;
    log.advance_start(Offset(to)).unwrap();
    known.start.1 = to;
    let described = log.attachment().map_or(0, |(upto, _)| upto.0);
    known.described.push((to, described.min(to)));
}

async fn truncate(model: &SharedModel, log: &Log, random: &mut Random) {
    let to = {
        let mut model = model.borrow_mut();
        let known = model.logs.get_mut(&log.id().0).unwrap();
        let kept: Vec<i64> =
            known.accepted.iter().map(|found| found.base).filter(|base| *base >= log.start().0).collect();
        if kept.is_empty() {
            return;
        }
        let to = kept[random.index(kept.len())];
        known.underway = Underway::Truncate(to);
        to
    };
    assert_eq!(log.truncate(Offset(to)).await.unwrap(), Offset(to));
    let mut model = model.borrow_mut();
    let known = model.logs.get_mut(&log.id().0).unwrap();
    known.accepted.retain(|found| found.base < to);
    known.flushed = to;
    known.start.0 = known.start.1;
    known.described.clear();
    known.attached = known.attached.min(to);
    known.underway = Underway::Nothing;
}

async fn reset(model: &SharedModel, log: &Log, random: &mut Random) {
    let to = random.index(3) as i64 * 2;
    model.borrow_mut().logs.get_mut(&log.id().0).unwrap().underway = Underway::Reset(to);
    log.reset(Offset(to)).await.unwrap();
    let mut model = model.borrow_mut();
    let known = model.logs.get_mut(&log.id().0).unwrap();
    *known = LogModel { flushed: to, start: (to, to), underway: Underway::Nothing, ..LogModel::new() };
}

/// Compares what recovery gave with what may be, and makes the model as certain as the store now is.
pub async fn compare(reactor: &Reactor, store: &Store, model: &SharedModel, context: &str) {
    let mut model = model.borrow_mut();
    let mut gone = Vec::new();
    for log in store.logs() {
        assert!(model.logs.contains_key(&log.id().0), "{context}: log {} came back", log.id());
    }
    for (id, known) in &mut model.logs {
        let context = format!("{context}, log {id}: {known:?}");
        let Some(log) = store.log(LogId(*id)) else {
            let may_be_absent = matches!(known.underway, Underway::Create | Underway::Delete);
            assert!(may_be_absent, "{context}: it is lost");
            gone.push(*id);
            continue;
        };
        let found = read_all(reactor, &log).await.unwrap_or_else(|error| panic!("{context}: {error}"));
        let (start, end) = (log.start().0, log.end().0);
        judge(known, &found, start, end, &context);
        assert_eq!(log.marks().flushed.0, end);
        let epochs = log.epoch_history();
        for batch in &found {
            let in_force = epochs.iter().rev().find(|(_, first)| first.0 <= batch.base.max(start));
            assert_eq!(in_force.map(|(epoch, _)| epoch.0), Some(batch.epoch), "{context}: epochs {epochs:?}");
        }
        log.verify().await.unwrap_or_else(|error| panic!("{context}: {error}"));
        if let Some((upto, bytes)) = log.attachment() {
            assert_eq!(bytes, upto.0.to_le_bytes());
            assert!(upto.0 <= end, "{context}: the attachment is of what is lost");
        }
        // What is attached to an end that is lost goes with it, and takes what was attached before along.
        if known.underway == Underway::Nothing && known.attached <= end {
            let upto = log.attachment().map_or(0, |(upto, _)| upto.0);
            let lost = known.described.iter().find(|(moved, least)| *moved <= start && upto < *least);
            assert_eq!(lost, None, "{context}: starts at {start}, the attachment ends at {upto}");
        }
        known.described.clear();
        known.attached = end;
        known.epoch = known.epoch.max(found.last().map_or(0, |last| last.epoch));
        if found.is_empty() {
            known.epoch = known.epoch.max(epochs.last().map_or(0, |(epoch, _)| epoch.0));
        }
        known.accepted = found;
        known.flushed = end;
        known.start = (start, start);
        known.underway = Underway::Nothing;
    }
    for id in gone {
        model.logs.remove(&id);
    }
}

fn judge(known: &LogModel, found: &[Found], start: i64, end: i64, context: &str) {
    if let Underway::Reset(to) = known.underway
        && start == to
        && end == to
    {
        assert!(found.is_empty());
        return;
    }
    let mut next = found.first().map(|first| first.base);
    for batch in found {
        assert_eq!(Some(batch.base), next, "{context}: a hole");
        next = Some(batch.next);
    }
    assert_eq!(next.unwrap_or(end), end, "{context}: the end is elsewhere");
    let expected: Vec<_> =
        known.accepted.iter().filter(|batch| batch.next > start && batch.base < end).cloned().collect();
    assert_eq!(found, expected, "{context}: start {start}, end {end}");
    assert!(end <= known.end(), "{context}: ends at {end}");
    let truncated = known.underway == Underway::Truncate(end);
    assert!(end >= known.flushed || truncated, "{context}: flushed records are lost, it ends at {end}");
    assert!(start >= known.start.0 && start <= known.start.1, "{context}: starts at {start}");
}
