//! Runs a job: starts the threads, keeps the time, adds up what they report.

use super::context::{Job, Report, Shared, Summary, Timeline};
use super::group::Shares;
use super::lane::Identity;
use super::live::Live;
use super::outcome::{Second, thousandth};
use super::process::{Servers, Usage, now_nanos, own_usage};
use super::settings::Settings;
use super::statistics::Interval;
use super::unanswered::{Extent, lost};
use super::wire::Layout;
use super::wire::control::{Control, Edge, resolve};
use super::worker;
use super::workload::Payloads;
use anyhow::{Context as _, Result, bail};
use ringlog_reactor::Reactor;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const SECOND: u64 = 1_000_000_000;
/// From the moment all threads are ready until they begin together.
const COUNTDOWN: u64 = 20_000_000;
const GLANCE: Duration = Duration::from_millis(20);
/// How long an acknowledged record may take to show in a partition's end, and how often that is looked at.
const END_PATIENCE: Duration = Duration::from_secs(5);
const END_PAUSE: Duration = Duration::from_millis(20);

/// What the whole run measured.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) total: Interval,
    pub(crate) series: Vec<Second>,
    pub(crate) summary: Summary,
    pub(crate) seconds: f64,
    pub(crate) client_cpu_s: f64,
    pub(crate) server: Option<Usage>,
    pub(crate) was_interrupted: bool,
    /// Acknowledged records that lie in no partition, or were not read.
    pub(crate) lost: u64,
}

/// A broker that has been asked what a run needs to know.
pub(crate) struct Surveyed {
    pub(crate) layout: Layout,
    pub(crate) beginnings: Vec<i64>,
    pub(crate) ends: Vec<i64>,
}

/// Asks the broker, and makes the topics if `create`.
pub(crate) fn survey(settings: &Settings, create: bool) -> Result<Surveyed> {
    let settings = settings.clone();
    crate::native::reactor(move |reactor| async move {
        let mut control = Control::connect(&reactor, &settings).await?;
        let layout = control.prepare(&reactor, &settings, create).await?;
        let beginnings = control.offsets(&layout, Edge::Beginning).await?;
        let ends = control.offsets(&layout, Edge::End).await?;
        Ok(Surveyed { layout, beginnings, ends })
    })
}

/// The ends of all partitions, at least these if they get there soon.
pub(crate) fn ends(settings: &Settings, expected: Vec<i64>) -> Result<Vec<i64>> {
    let settings = settings.clone();
    crate::native::reactor(move |reactor: Reactor| async move {
        let deadline = reactor.now_nanos() + END_PATIENCE.as_nanos() as u64;
        loop {
            let is_late = reactor.now_nanos() >= deadline;
            match ends_now(&reactor, &settings).await {
                Ok(ends) if is_late || ends.iter().zip(&expected).all(|(end, expected)| end >= expected) => {
                    return Ok(ends);
                }
                Err(error) if is_late => return Err(error),
                // The broker may be about to come back.
                _ => reactor.sleep(END_PAUSE).await,
            }
        }
    })
}

async fn ends_now(reactor: &Reactor, settings: &Settings) -> Result<Vec<i64>> {
    let mut control = Control::connect(reactor, settings).await?;
    // Leaders may have moved.
    let layout = control.prepare(reactor, settings, false).await?;
    control.offsets(&layout, Edge::End).await
}

/// As many producer ids as there are idempotent producers.
fn identities(job: &Job) -> Result<Vec<Identity>> {
    let (settings, wanted) = (job.settings.clone(), job.producers);
    if !settings.idempotent || wanted == 0 {
        return Ok(Vec::new());
    }
    crate::native::reactor(move |reactor: Reactor| async move {
        let mut control = Control::connect(&reactor, &settings).await?;
        let mut identities = Vec::new();
        for _ in 0..wanted {
            identities.push(control.identity().await?);
        }
        Ok(identities)
    })
}

/// Runs a job on what was surveyed. `targets` are given where readers know how far to read from the beginning.
pub(crate) fn run(
    mut job: Job,
    surveyed: &Surveyed,
    payloads: Payloads,
    targets: Option<Vec<i64>>,
    live: &mut Live,
    interrupted: &AtomicBool,
) -> Result<Measured> {
    job.identities = identities(&job)?;
    let bootstrap = resolve(job.settings.broker())?;
    let addresses = surveyed.layout.targets.iter().map(|target| target.address).chain(bootstrap);
    let servers = Servers::find(addresses);
    let shared = Arc::new(Shared {
        layout: surveyed.layout.clone(),
        payloads,
        timeline: OnceLock::new(),
        targets: targets.map_or_else(OnceLock::new, OnceLock::from),
        shares: Shares::default(),
        stop: AtomicBool::new(false),
        end: AtomicBool::new(false),
        job,
    });
    let (sender, reports) = channel();
    let mut threads = Vec::new();
    for number in 0..shared.job.settings.threads {
        threads.push(worker::start(shared.clone(), number, sender.clone())?);
    }
    drop(sender);
    let conductor = Conductor {
        shared: shared.clone(),
        reports,
        servers,
        surveyed,
        live,
        interrupted,
        seconds: BTreeMap::new(),
        samples: BTreeMap::new(),
        total: Interval::default(),
        summary: Summary::default(),
        ready: 0,
        produced: 0,
        finished: 0,
        was_interrupted: false,
    };
    let measured = conductor.conduct();
    // Whatever happened, nothing outlives the run.
    shared.end.store(true, Ordering::Relaxed);
    for thread in threads {
        if thread.join().is_err() {
            bail!("a generator thread panicked");
        }
    }
    measured
}

struct Conductor<'a> {
    shared: Arc<Shared>,
    reports: Receiver<Report>,
    servers: Servers,
    surveyed: &'a Surveyed,
    live: &'a mut Live,
    interrupted: &'a AtomicBool,
    /// Seconds of which not all threads have reported yet.
    seconds: BTreeMap<u64, (usize, Interval)>,
    /// What client and server had used at the beginning of each second.
    samples: BTreeMap<u64, (Usage, Option<Usage>)>,
    total: Interval,
    summary: Summary,
    ready: usize,
    produced: usize,
    finished: usize,
    was_interrupted: bool,
}

impl Conductor<'_> {
    fn conduct(mut self) -> Result<Measured> {
        let threads = self.shared.job.settings.threads;
        while self.ready < threads {
            self.take_reports()?;
            if self.finished > 0 || self.interrupted.load(Ordering::Relaxed) {
                self.shared.end.store(true, Ordering::Relaxed);
                match self.summary.faults.first() {
                    Some(fault) => bail!("{fault}"),
                    None => bail!("interrupted before the run began"),
                }
            }
        }
        let timeline = self.set_timeline();
        let mut series = Vec::new();
        let mut last_usage = None;
        let mut resident_most = 0;
        while self.finished < threads {
            self.take_reports()?;
            let now = now_nanos();
            if self.interrupted.load(Ordering::Relaxed) && !self.was_interrupted {
                self.was_interrupted = true;
                self.shared.stop.store(true, Ordering::Relaxed);
            }
            if now >= timeline.measure_from && (now < timeline.stop + SECOND / 10 || last_usage.is_none()) {
                let usage = self.sample(timeline, now);
                resident_most = resident_most.max(usage.1.map_or(0, |usage| usage.resident_bytes));
                last_usage = Some(usage);
            }
            self.close_seconds(&mut series);
            if self.produced == threads && self.shared.job.reads_all && self.shared.targets.get().is_none() {
                let expected = self.expected_ends();
                let ends = ends(&self.shared.job.settings, expected)?;
                // Nobody else sets them.
                let _ = self.shared.targets.set(ends);
            }
        }
        self.close_seconds(&mut series);
        for (_, (_, interval)) in std::mem::take(&mut self.seconds) {
            self.total.add(&interval);
        }
        self.live.end();
        let lost = self.lost()?;
        let end = if self.shared.timeline.get().is_some_and(|timeline| self.summary.last < timeline.stop) {
            self.summary.last
        } else {
            timeline.stop
        };
        let used = |first: Usage, last: Usage| last.cpu_s - first.cpu_s;
        let (first, last) = (self.samples.values().next().copied(), last_usage);
        let client_cpu_s = first.zip(last).map_or(0.0, |(first, last)| used(first.0, last.0));
        let server = first.zip(last).and_then(|(first, last)| {
            Some(Usage { cpu_s: used(first.1?, last.1?), resident_bytes: resident_most })
        });
        Ok(Measured {
            total: self.total,
            series,
            summary: self.summary,
            seconds: (end.saturating_sub(timeline.measure_from) as f64 / 1e9).max(1e-9),
            client_cpu_s,
            server,
            was_interrupted: self.was_interrupted,
            lost,
        })
    }

    fn set_timeline(&mut self) -> Timeline {
        let settings = &self.shared.job.settings;
        let start = now_nanos() + COUNTDOWN;
        let measure_from = start + settings.warm_up.nanos();
        let timeline =
            Timeline { start, measure_from, stop: measure_from.saturating_add(settings.duration.nanos()) };
        *self.shared.timeline.get_or_init(|| timeline)
    }

    /// Takes what has come, waiting a little for the first.
    fn take_reports(&mut self) -> Result<()> {
        let mut report = match self.reports.recv_timeout(GLANCE) {
            Ok(report) => report,
            Err(RecvTimeoutError::Timeout) => return Ok(()),
            Err(RecvTimeoutError::Disconnected) => bail!("all generator threads have ended without a word"),
        };
        loop {
            match report {
                Report::Ready => self.ready += 1,
                Report::Second(number, interval) => {
                    let (threads, sum) = self.seconds.entry(number).or_default();
                    *threads += 1;
                    sum.add(&interval);
                }
                Report::Produced(acknowledged) => {
                    self.produced += 1;
                    self.acknowledge(acknowledged);
                }
                Report::Finished(summary) => {
                    self.finished += 1;
                    self.merge(*summary);
                }
            }
            match self.reports.try_recv() {
                Ok(next) => report = next,
                Err(_) => return Ok(()),
            }
        }
    }

    fn merge(&mut self, summary: Summary) {
        self.total.add(&summary.tail);
        self.acknowledge(summary.acknowledged);
        let all = &mut self.summary;
        all.read.extend(summary.read);
        all.unanswered.merge(summary.unanswered);
        all.last = all.last.max(summary.last);
        all.faults.extend(summary.faults);
    }

    fn acknowledge(&mut self, acknowledged: BTreeMap<usize, u64>) {
        for (place, records) in acknowledged {
            *self.summary.acknowledged.entry(place).or_default() += records;
        }
    }

    /// Adds up seconds that all threads have reported.
    fn close_seconds(&mut self, series: &mut Vec<Second>) {
        while let Some(entry) = self.seconds.first_entry() {
            if entry.get().0 < self.shared.job.settings.threads {
                return;
            }
            let (number, (_, interval)) = entry.remove_entry();
            self.total.add(&interval);
            let mut second = Second::of(number, &interval);
            if let (Some(before), Some(after)) = (self.samples.get(&number), self.samples.get(&(number + 1)))
            {
                second.client_cpu = thousandth(after.0.cpu_s - before.0.cpu_s);
                second.server_cpu =
                    before.1.zip(after.1).map(|(before, after)| thousandth(after.cpu_s - before.cpu_s));
            }
            self.live.second(&second);
            series.push(second);
        }
    }

    fn sample(&mut self, timeline: Timeline, now: u64) -> (Usage, Option<Usage>) {
        let number = (now - timeline.measure_from) / SECOND;
        let usage = (own_usage(), self.servers.usage());
        self.samples.entry(number).or_insert(usage);
        usage
    }

    fn expected_ends(&self) -> Vec<i64> {
        let acknowledged = |place| self.summary.acknowledged.get(&place).copied().unwrap_or(0);
        let ends = self.surveyed.ends.iter().enumerate();
        ends.map(|(place, end)| end + acknowledged(place) as i64).collect()
    }

    /// Acknowledged records that are not where they should be.
    fn lost(&self) -> Result<u64> {
        let (job, summary) = (&self.shared.job, &self.summary);
        if !summary.faults.is_empty() {
            // Nobody waited until everything was read.
            return Ok(lost(&summary.read, summary, Extent::Part));
        }
        if job.reads_all {
            return Ok(lost(&summary.read, summary, Extent::All));
        }
        let seen = lost(&summary.read, summary, Extent::Part);
        if summary.acknowledged.is_empty() {
            return Ok(seen);
        }
        let expected = self.expected_ends();
        let found = ends(&job.settings, expected.clone())
            .context("the partitions' ends cannot be looked up after the run")?;
        let short = expected.iter().zip(&found).map(|(expected, found)| (expected - found).max(0) as u64);
        Ok(seen + short.sum::<u64>())
    }
}
