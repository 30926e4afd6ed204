//! What the tasks of one generator thread share, and what the threads share.

use super::group::Shares;
use super::lane::Identity;
use super::settings::Settings;
use super::statistics::Interval;
use super::unanswered::Unanswered;
use super::verify::{Begin, Verifier};
use super::wire::Layout;
use super::workload::Payloads;
use ringlog_reactor::Reactor;
use ringlog_reactor::local::Notify;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How often threads look at what they share.
const POLL: Duration = Duration::from_millis(5);

/// What a run consists of.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) settings: Settings,
    /// Stands in every record's stamp.
    pub(crate) run: u32,
    pub(crate) producers: usize,
    pub(crate) groups: usize,
    pub(crate) consumers: usize,
    pub(crate) connections: usize,
    /// Where readers begin, by place.
    pub(crate) starts: Vec<i64>,
    pub(crate) begin: Begin,
    /// Who the producers are, by number, if they are idempotent.
    pub(crate) identities: Vec<Identity>,
    /// Readers go on until they have read everything that was acknowledged.
    pub(crate) reads_all: bool,
}

/// When things happen, in nanoseconds of the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeline {
    pub(crate) start: u64,
    pub(crate) measure_from: u64,
    pub(crate) stop: u64,
}

impl Timeline {
    pub(crate) fn is_measured(&self, at: u64) -> bool {
        (self.measure_from..self.stop).contains(&at)
    }
}

/// Shared by all threads; written by the one that conducts.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) job: Job,
    pub(crate) layout: Layout,
    pub(crate) payloads: Payloads,
    pub(crate) timeline: OnceLock<Timeline>,
    /// The offset up to which readers have to read, by place.
    pub(crate) targets: OnceLock<Vec<i64>>,
    /// What members of consumer groups have been assigned.
    pub(crate) shares: Shares,
    /// Nothing new is begun.
    pub(crate) stop: AtomicBool,
    /// Everything ends now.
    pub(crate) end: AtomicBool,
}

/// What a thread tells the one that conducts.
#[derive(Debug)]
pub(crate) enum Report {
    /// All its connections are open.
    Ready,
    /// The figures of one second, counted from the start of the measurement.
    Second(u64, Box<Interval>),
    /// Its producers have no record in flight any more; with the records acknowledged, by place.
    Produced(BTreeMap<usize, u64>),
    /// It has ended.
    Finished(Box<Summary>),
}

/// What a thread knows at its end.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// What was counted after the last full second.
    pub(crate) tail: Interval,
    /// Records acknowledged, by place, measured or not, as far as they have not been reported before.
    pub(crate) acknowledged: BTreeMap<usize, u64>,
    pub(crate) unanswered: Unanswered,
    /// What readers found, by group and place.
    pub(crate) read: BTreeMap<(usize, usize), Verifier>,
    /// When the last record was counted.
    pub(crate) last: u64,
    /// What ended the run before its time.
    pub(crate) faults: Vec<String>,
}

/// What the tasks of one thread share.
pub(crate) struct Context {
    pub(crate) reactor: Reactor,
    pub(crate) shared: Arc<Shared>,
    pub(crate) layout: Rc<Layout>,
    pub(crate) statistics: RefCell<Interval>,
    pub(crate) summary: RefCell<Summary>,
    /// Something of what the threads share has changed.
    pub(crate) changed: Notify,
    pub(crate) is_failed: Cell<bool>,
}

impl Context {
    pub(crate) fn new(reactor: &Reactor, shared: &Arc<Shared>) -> Rc<Context> {
        Rc::new(Context {
            reactor: reactor.clone(),
            shared: shared.clone(),
            layout: Rc::new(shared.layout.clone()),
            statistics: RefCell::default(),
            summary: RefCell::default(),
            changed: Notify::new(),
            is_failed: Cell::new(false),
        })
    }

    pub(crate) fn now(&self) -> u64 {
        self.reactor.now_nanos()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.job.settings
    }

    /// The run's times; tasks begin only once they are set.
    pub(crate) fn timeline(&self) -> Timeline {
        *self.shared.timeline.get().expect("tasks start after the timeline was set")
    }

    pub(crate) async fn started(&self) {
        while self.shared.timeline.get().is_none() && !self.is_ended() {
            self.changed.notified().await;
        }
        if let Some(timeline) = self.shared.timeline.get() {
            self.reactor.sleep_until(timeline.start).await;
        }
    }

    /// Whether nothing new is to be begun.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_ended()
            || self.shared.stop.load(Ordering::Relaxed)
            || self.shared.timeline.get().is_some_and(|timeline| self.now() >= timeline.stop)
    }

    /// Whether everything is to end.
    pub(crate) fn is_ended(&self) -> bool {
        self.is_failed.get() || self.shared.end.load(Ordering::Relaxed)
    }

    /// Something that no run survives.
    pub(crate) fn fail(&self, reason: String) {
        if !self.is_ended() {
            self.summary.borrow_mut().faults.push(reason);
        }
        self.is_failed.set(true);
        self.shared.end.store(true, Ordering::Relaxed);
        self.changed.notify_all();
    }

    /// Counts something at this time; gives the statistics if it is within the measurement.
    pub(crate) fn count(&self, now: u64, count: impl FnOnce(&mut Interval)) {
        self.summary.borrow_mut().last = now;
        if self.timeline().is_measured(now) {
            count(&mut self.statistics.borrow_mut());
        }
    }

    /// Wakes tasks when what the threads share has changed, until the run ends.
    pub(crate) async fn poll(self: Rc<Context>) {
        let mut seen = (false, false, false, false);
        loop {
            let shared = &self.shared;
            let current = (
                shared.timeline.get().is_some(),
                shared.targets.get().is_some(),
                self.is_stopped(),
                self.is_ended(),
            );
            if current != seen {
                seen = current;
                self.changed.notify_all();
            }
            self.reactor.sleep(POLL).await;
        }
    }
}
