//! What each command runs, and when a run has failed.

use super::conduct::{self, Measured, Surveyed};
use super::context::Job;
use super::flags::{Kind, OutputArguments};
use super::live::Live;
use super::outcome::{
    FORMAT, Machine, Outcome, Percentiles, Side, Step, distribution, leading, tenth, thousandth, timestamp,
};
use super::ramp::Ramp;
use super::settings::{From, Protocol, Settings};
use super::table::{of_outcome, table};
use super::unanswered::{Extent, lost};
use super::units::Span;
use super::verify::{Begin, Findings};
use super::workload::{Payloads, Random};
use anyhow::{Context, Result, bail};
use std::io::{Write, stdout};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The rate that a search begins with.
const RAMP_FIRST: f64 = 1000.0;
/// A step of a search counts only if nearly all that was to be sent was acknowledged.
const RAMP_ACHIEVED: f64 = 0.95;

/// Everything a command needs beside its settings.
struct Bench {
    kind: Kind,
    name: String,
    live: Live,
    interrupted: Arc<AtomicBool>,
}

pub(crate) fn run(kind: Kind, name: &str, settings: Settings, output: &OutputArguments) -> Result<()> {
    settings.check()?;
    super::process::allow_many_files();
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = interrupted.clone();
    crate::signals::watch(move |count| {
        flag.store(true, Ordering::Relaxed);
        if count > 1 {
            std::process::exit(1);
        }
    })?;
    let name = output.name.clone().unwrap_or_else(|| name.to_owned());
    let mut bench = Bench { kind, name, live: Live::new(output.quiet), interrupted };
    let outcomes = bench.outcomes(settings)?;
    for outcome in &outcomes {
        writeln!(stdout(), "{}", of_outcome(outcome))?;
    }
    if kind == Kind::Partitions {
        compare(&outcomes)?;
    }
    if let Some(path) = &output.json {
        write_json(path, &outcomes)?;
    }
    if let Some(path) = &output.html {
        super::report::write_outcomes(&outcomes, path)?;
    }
    let failures: Vec<_> = outcomes.iter().flat_map(|outcome| outcome.failures.clone()).collect();
    if failures.is_empty() { Ok(()) } else { bail!("the run failed: {}", failures.join("; ")) }
}

/// One run as an object, several under `runs`.
fn write_json(path: &Path, outcomes: &[Outcome]) -> Result<()> {
    let text = match outcomes {
        [outcome] => serde_json::to_string_pretty(outcome)?,
        outcomes => serde_json::to_string_pretty(&serde_json::json!({ "runs": outcomes }))?,
    };
    std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}

fn compare(outcomes: &[Outcome]) -> Result<()> {
    let mut table = table(&["partitions", "records/s", "MB/s", "p50 us", "p99 us", "broker CPU-s/GB"]);
    for outcome in outcomes {
        table.add_row([
            outcome.settings.partitions.unwrap_or(1).to_string(),
            format!("{:.0}", outcome.records_per_s),
            format!("{:.1}", outcome.mb_per_s),
            format!("{:.0}", outcome.latency.p50_us),
            format!("{:.0}", outcome.latency.p99_us),
            outcome.server_cpu_s_per_gb.map_or("-".to_owned(), |cost| format!("{cost:.3}")),
        ]);
    }
    Ok(writeln!(stdout(), "{table}")?)
}

impl Bench {
    fn outcomes(&mut self, settings: Settings) -> Result<Vec<Outcome>> {
        match self.kind {
            Kind::Produce if settings.ramp_p99.is_some() => Ok(vec![self.ramp(settings)?]),
            Kind::Produce | Kind::Mixed | Kind::Fanout => Ok(vec![self.load(settings)?]),
            Kind::Consume => Ok(vec![self.consume(settings)?]),
            Kind::Catchup => Ok(vec![self.catch_up(settings)?]),
            Kind::Connections => Ok(vec![self.connections(settings)?]),
            Kind::Partitions => self.partitions(&settings),
        }
    }

    /// Producers, and consumers of what they produce.
    fn load(&mut self, settings: Settings) -> Result<Outcome> {
        let surveyed = conduct::survey(&settings, true)?;
        let mut job = job(&settings);
        job.producers = settings.producers;
        if self.kind != Kind::Produce {
            (job.groups, job.consumers) =
                (settings.groups, settings.consumers.min(surveyed.layout.places.len()));
            job.reads_all = true;
        }
        job.starts = surveyed.ends.clone();
        let measured = self.measure(job.clone(), &surveyed, None)?;
        let mut outcome = self.outcome(&job.settings, &measured);
        if self.kind == Kind::Produce && settings.verify && !self.is_interrupted() {
            self.read_back(&job, &surveyed, &measured, &mut outcome)?;
        }
        Ok(outcome)
    }

    /// Reads what a run has produced, and adds what is wrong with it to the run's outcome.
    fn read_back(
        &mut self,
        produced: &Job,
        surveyed: &Surveyed,
        measured: &Measured,
        outcome: &mut Outcome,
    ) -> Result<()> {
        self.live.say("reading back what was produced");
        let mut job = Job { producers: 0, groups: 1, consumers: 1, reads_all: true, ..produced.clone() };
        job.settings.warm_up = Span(Duration::ZERO);
        job.settings.duration = job.settings.drain.max(Span(Duration::from_secs(1)));
        let acknowledged = |place| measured.summary.acknowledged.get(&place).copied().unwrap_or(0);
        let ends = surveyed.ends.iter().enumerate();
        let expected = ends.map(|(place, end)| end + acknowledged(place) as i64).collect();
        let targets = conduct::ends(&job.settings, expected)?;
        let read = self.measure(job, surveyed, Some(targets))?;
        let lost = lost(&read.summary.read, &measured.summary, Extent::All);
        let found = findings(&read);
        outcome.lost = outcome.lost.max(lost);
        outcome.reordered += found.reordered;
        outcome.duplicated += found.duplicated;
        outcome.damaged += found.damaged;
        outcome.failures =
            failures(outcome, &[&measured.summary.faults[..], &read.summary.faults[..]].concat());
        Ok(())
    }

    fn consume(&mut self, settings: Settings) -> Result<Outcome> {
        let surveyed = conduct::survey(&settings, false)?;
        let mut settings = settings;
        // What is there is read once: nothing of it is left out of the measurement.
        settings.warm_up = Span(Duration::ZERO);
        let mut job = job(&settings);
        (job.groups, job.consumers) = (settings.groups, settings.consumers.min(surveyed.layout.places.len()));
        job.starts = match settings.from {
            From::Beginning => surveyed.beginnings.clone(),
            From::End => surveyed.ends.clone(),
            From::Offset(offset) => vec![offset; surveyed.ends.len()],
        };
        let is_whole = job.starts.iter().all(|&start| start == 0);
        job.begin = if is_whole { Begin::Whole } else { Begin::Middle };
        let targets = surveyed.ends.clone();
        let measured = self.measure(job, &surveyed, Some(targets))?;
        Ok(self.outcome(&settings, &measured))
    }

    fn catch_up(&mut self, settings: Settings) -> Result<Outcome> {
        let mut writing = settings.clone();
        let payloads = payloads(&settings)?;
        writing.records = Some((settings.preload.0 as f64 / payloads.mean_size()).ceil() as u64);
        (writing.rate, writing.warm_up) = (None, Span(Duration::ZERO));
        writing.duration = Span(Duration::from_secs(3600));
        self.live.say(&format!("writing {} before the readers start", settings.preload));
        let surveyed = conduct::survey(&writing, true)?;
        let mut before = job(&writing);
        before.producers = settings.producers;
        before.starts = surveyed.ends.clone();
        let preloaded = self.measure(before, &surveyed, None)?;
        if let Some(fault) = preloaded.summary.faults.first() {
            bail!("{fault}");
        }
        self.live.say("the readers start at the beginning");
        let kept = Settings { fresh: false, ..settings.clone() };
        let surveyed = conduct::survey(&kept, true)?;
        let mut job = job(&kept);
        job.producers = settings.producers;
        (job.groups, job.consumers) = (settings.groups, settings.consumers.min(surveyed.layout.places.len()));
        job.starts = surveyed.beginnings.clone();
        job.begin = if job.starts.iter().all(|&start| start == 0) { Begin::Whole } else { Begin::Middle };
        let measured = self.measure(job, &surveyed, None)?;
        let mut outcome = self.outcome(&settings, &measured);
        // Readers of old records say nothing of how long new ones take.
        outcome.latency = outcome.produce.unwrap_or_default().latency;
        Ok(outcome)
    }

    fn connections(&mut self, settings: Settings) -> Result<Outcome> {
        let surveyed = conduct::survey(&settings, true)?;
        let mut job = job(&settings);
        job.connections = settings.connections;
        job.starts = surveyed.ends.clone();
        let measured = self.measure(job, &surveyed, None)?;
        let mut outcome = self.outcome(&settings, &measured);
        outcome.latency = outcome.consume.unwrap_or_default().latency;
        Ok(outcome)
    }

    fn partitions(&mut self, settings: &Settings) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::new();
        for &count in &settings.counts {
            if self.is_interrupted() {
                break;
            }
            self.live.say(&format!("{count} partitions"));
            let mut each = settings.clone();
            each.partitions = Some(count);
            each.topic = format!("{}-{count}", settings.topic);
            let mut outcome = self.load_only(each)?;
            outcome.name = format!("{} ({count} partitions)", self.name);
            outcomes.push(outcome);
        }
        if outcomes.is_empty() {
            bail!("interrupted before the first run");
        }
        Ok(outcomes)
    }

    fn load_only(&mut self, settings: Settings) -> Result<Outcome> {
        let surveyed = conduct::survey(&settings, true)?;
        let mut job = job(&settings);
        job.producers = settings.producers;
        job.starts = surveyed.ends.clone();
        let measured = self.measure(job, &surveyed, None)?;
        Ok(self.outcome(&settings, &measured))
    }

    /// Searches the highest rate whose p99 stays under the bound; the outcome is that of the best step.
    fn ramp(&mut self, settings: Settings) -> Result<Outcome> {
        let bound_us = settings.ramp_p99.map_or(0.0, |bound| bound.nanos() as f64 / 1e3);
        let mut ramp = Ramp::new(settings.rate.unwrap_or(RAMP_FIRST));
        let (mut steps, mut best, mut last) = (Vec::new(), None, None);
        while let Some(rate) = ramp.next().filter(|_| !self.is_interrupted()) {
            self.live.say(&format!("{rate:.0} records/s"));
            let mut step = settings.clone();
            step.rate = Some(rate);
            step.fresh = settings.fresh && steps.is_empty();
            let outcome = self.load_only(step)?;
            let is_sound = outcome.failures.is_empty() && outcome.records_per_s >= rate * RAMP_ACHIEVED;
            let held = is_sound && outcome.latency.p99_us <= bound_us;
            ramp.tried(rate, held);
            let achieved = outcome.records_per_s;
            steps.push(Step { rate: tenth(rate), achieved, p99_us: outcome.latency.p99_us, held });
            if held {
                best = Some(outcome);
            } else {
                last = Some(outcome);
            }
        }
        let Some(mut outcome) = best.or(last) else { bail!("interrupted before the first step") };
        outcome.rate_found = ramp.best().map(tenth);
        outcome.steps = steps;
        if ramp.best().is_none() {
            outcome.failures.push(format!("no rate keeps p99 under {bound_us} us"));
        }
        Ok(outcome)
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    fn measure(&mut self, job: Job, surveyed: &Surveyed, targets: Option<Vec<i64>>) -> Result<Measured> {
        let payloads = payloads(&job.settings)?;
        conduct::run(job, surveyed, payloads, targets, &mut self.live, &self.interrupted)
    }

    fn outcome(&self, settings: &Settings, measured: &Measured) -> Outcome {
        let total = &measured.total;
        let found = findings(measured);
        let (produced, consumed) = (&total.produced, &total.consumed);
        let leads = if produced.requests > 0 || produced.errors > 0 { produced } else { consumed };
        let moved = (produced.bytes + consumed.bytes) as f64 / 1e9;
        let per_gb = |cpu: f64| (moved > 0.0).then(|| thousandth(cpu / moved));
        let seconds = measured.seconds;
        let is_used = |records: u64, errors: u64| records > 0 || errors > 0;
        let side =
            |of: &super::statistics::Tally| is_used(of.records, of.errors).then(|| Side::of(of, seconds));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let mut outcome = Outcome {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: self.name.clone(),
            command: self.kind.name().to_owned(),
            protocol: settings.protocol,
            brokers: settings.broker().to_owned(),
            started: timestamp(now.saturating_sub(seconds as u64)),
            machine: Machine::this(),
            seconds: thousandth(seconds),
            records: leads.records,
            bytes: leads.bytes,
            requests: leads.requests,
            records_per_s: tenth(leads.records as f64 / seconds),
            mb_per_s: thousandth(leads.bytes as f64 / 1e6 / seconds),
            latency: Percentiles::of(leading(total)),
            errors: total.errors(),
            lost: measured.lost,
            reordered: found.reordered,
            duplicated: found.duplicated,
            damaged: found.damaged,
            client_cpu_s: thousandth(measured.client_cpu_s),
            client_cpu_s_per_gb: per_gb(measured.client_cpu_s),
            server_cpu_s: measured.server.map(|usage| thousandth(usage.cpu_s)),
            server_cpu_s_per_gb: measured.server.and_then(|usage| per_gb(usage.cpu_s)),
            server_rss_mib: measured
                .server
                .map(|usage| tenth(usage.resident_bytes as f64 / f64::from(1 << 20))),
            produce: side(produced),
            consume: side(consumed),
            end_to_end: (!total.end_to_end.is_empty()).then(|| Percentiles::of(&total.end_to_end)),
            rate_found: None,
            steps: Vec::new(),
            reconnects: total.reconnects,
            resent: total.resent,
            refusals: total.refusals.clone(),
            failures: Vec::new(),
            was_interrupted: measured.was_interrupted,
            series: measured.series.clone(),
            distribution: distribution(leading(total)),
            settings: settings.clone(),
        };
        outcome.failures = failures(&outcome, &measured.summary.faults);
        outcome
    }
}

fn findings(measured: &Measured) -> Findings {
    let mut total = Findings::default();
    measured.summary.read.values().for_each(|found| total.add(&found.findings()));
    total
}

/// Why a run counts as failed.
fn failures(outcome: &Outcome, faults: &[String]) -> Vec<String> {
    let mut failures = faults.to_vec();
    for (count, what) in [
        (outcome.lost, "lost"),
        (outcome.reordered, "out of order"),
        (outcome.duplicated, "duplicated"),
        (outcome.damaged, "damaged"),
        (outcome.errors, "refused or unanswered"),
    ] {
        if count > 0 {
            failures.push(format!("{count} record(s) {what}"));
        }
    }
    if failures.is_empty() && outcome.records == 0 && !outcome.was_interrupted {
        failures.push("nothing was there to be measured".to_owned());
    }
    failures
}

fn job(settings: &Settings) -> Job {
    let mut settings = settings.clone();
    if settings.records.is_some() {
        // So many records and no more: all of them are measured.
        settings.warm_up = Span(Duration::ZERO);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let run = Random::new(now ^ u64::from(std::process::id())).next() as u32;
    Job {
        settings,
        run,
        producers: 0,
        groups: 0,
        consumers: 1,
        connections: 0,
        starts: Vec::new(),
        begin: Begin::Middle,
        identities: Vec::new(),
        reads_all: false,
    }
}

fn payloads(settings: &Settings) -> Result<Payloads> {
    match &settings.records_from {
        Some(path) => Payloads::from_file(path),
        None => Ok(Payloads::generated(&settings.record_size, settings.compressibility, settings.seed)),
    }
}

impl Outcome {
    pub(crate) fn protocol_name(&self) -> &'static str {
        match self.protocol {
            Protocol::Native => "native",
            Protocol::Kafka => "kafka",
        }
    }
}
