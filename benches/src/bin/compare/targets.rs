//! What the figures are held against.

use crate::cases::IGGY;
use crate::results::Results;
use serde_json::{Value, json};

/// One thing asked for, as a ratio in this run.
pub(crate) struct Verdict {
    pub(crate) what: String,
    pub(crate) asked: String,
    pub(crate) found: Option<f64>,
    pub(crate) is_met: bool,
    /// What it rests on was disturbed, so that nothing was found.
    pub(crate) is_void: bool,
}

impl Verdict {
    fn at_least(what: impl Into<String>, bound: f64, found: Option<f64>) -> Verdict {
        let is_met = found.is_some_and(|found| found >= bound);
        Verdict { what: what.into(), asked: format!("at least {bound}"), found, is_met, is_void: false }
    }

    fn at_most(what: impl Into<String>, bound: f64, found: Option<f64>) -> Verdict {
        let is_met = found.is_some_and(|found| found <= bound);
        Verdict { what: what.into(), asked: format!("at most {bound}"), found, is_met, is_void: false }
    }

    pub(crate) fn json(&self) -> Value {
        let is_met = (!self.is_void).then_some(self.is_met);
        json!({ "what": self.what, "asked": self.asked, "found": self.found, "met": is_met, "disturbed": self.is_void })
    }
}

/// A figure of one server over the same figure of another.
fn ratio(results: &Results, case: &str, figure: &str, of: &str, to: &str) -> Option<f64> {
    let to = results.median(case, to, figure).filter(|&to| to > 0.0)?;
    Some(results.median(case, of, figure)? / to)
}

/// All targets of which something was measured; void are those that rest on what was disturbed.
pub(crate) fn verdicts(results: &Results) -> Vec<Verdict> {
    let mut sound = found(results);
    let all = found(&results.undisturbed()).into_iter();
    all.map(|verdict| match sound.iter().position(|sound| sound.what == verdict.what) {
        Some(at) => sound.swap_remove(at),
        // What is asked may itself be relative to a figure that was disturbed.
        None => {
            Verdict { asked: "-".to_owned(), found: None, is_met: false, is_void: true, what: verdict.what }
        }
    })
    .collect()
}

/// All targets of which something sound was measured.
fn found(results: &Results) -> Vec<Verdict> {
    let to_floor = |case, figure| ratio(results, case, figure, "ringlog", "floor");
    let median = |case: &str, figure: &str| results.median(case, "ringlog", figure);
    let mut all = Vec::new();
    for case in ["produce-1", "produce-16"] {
        all.push(Verdict::at_least(format!("{case}: MB/s to the floor"), 0.85, to_floor(case, "mb_per_s")));
        let cpu = to_floor(case, "server_cpu_s_per_gb");
        all.push(Verdict::at_most(format!("{case}: CPU per GB to the floor"), 1.3, cpu));
        let to_kafka = |figure| ratio(results, case, figure, "ringlog", "kafka");
        all.push(Verdict::at_least(format!("{case}: MB/s to Kafka"), 2.0, to_kafka("mb_per_s")));
        let cpu = to_kafka("server_cpu_s_per_gb");
        all.push(Verdict::at_most(format!("{case}: CPU per GB to Kafka"), 0.25, cpu));
    }
    let rate = to_floor("small-500", "records_per_s");
    all.push(Verdict::at_least("small-500: records/s to the floor", 0.7, rate));
    let p99 = to_floor("small-500-half", "p99_us");
    all.push(Verdict::at_most("small-500-half: p99 to the floor", 3.0, p99));
    let to_flush = ratio(results, "small-500", "records_per_s", "ringlog", "kafka-flush");
    all.push(Verdict::at_least("small-500: records/s to Kafka with flush", 10.0, to_flush));
    let floor_p50 = results.median("rate-5000", "floor", "p50_us");
    let above = median("rate-5000", "p50_us").zip(floor_p50).map(|(own, floor)| own - floor);
    all.push(Verdict::at_most("rate-5000: p50 above the floor's, us", 50.0, above));
    let spread = median("rate-5000", "p999_us").zip(median("rate-5000", "p50_us"));
    all.push(Verdict::at_most("rate-5000: p99.9 to p50", 5.0, spread.map(|(p999, p50)| p999 / p50)));
    for (case, bound) in [("tail-1", 1.2), ("tail-8", 1.0)] {
        let own = fetch_cost(results, case, "ringlog").zip(fetch_cost(results, case, "floor"));
        let cost = own.filter(|(_, floor)| *floor > 0.0).map(|(own, floor)| own / floor);
        all.push(Verdict::at_most(format!("{case}: CPU per GB fetched to a send from memory"), bound, cost));
        let late = median(case, "p99_us").zip(median(case, "produce_p99_us"));
        let late = late.map(|(all, produced)| all / produced);
        all.push(Verdict::at_most(format!("{case}: p99 end to end to that of producing"), 2.0, late));
    }
    let device = results.median("cold", "device", "mb_per_s").filter(|&device| device > 0.0);
    let read = median("cold", "mb_per_s").zip(device).map(|(own, device)| own / device);
    all.push(Verdict::at_least("cold: MB/s to the device", 0.9, read));
    let cpu = to_floor("cold", "server_cpu_s_per_gb");
    all.push(Verdict::at_most("cold: CPU per GB to sendfile", 1.3, cpu));
    let beside = median("cold-beside", "p99_us").zip(median("rate-5000", "p99_us"));
    let beside = beside.map(|(beside, alone)| beside / alone);
    all.push(Verdict::at_most("cold-beside: p99 to that without readers", 2.0, beside));
    let many = median("partitions-1000", "records_per_s").zip(median("partitions-1", "records_per_s"));
    let many = many.map(|(many, one)| many / one);
    all.push(Verdict::at_least("partitions-1000: records/s to one partition", 0.5, many));
    all.push(Verdict::at_most("rest: start to ready, ms", 100.0, median("rest", "start_ms")));
    all.push(Verdict::at_most("rest: idle, % of a core", 0.5, median("rest", "idle_percent")));
    all.push(Verdict::at_most("rest: memory idle, MiB", 48.0, median("rest", "server_rss_mib")));
    all.extend(IGGY.iter().flat_map(|quoted| beside_iggy(results, quoted)));
    all.retain(|verdict| verdict.found.is_some());
    all
}

/// The lesser of three times Iggy's throughput and 0.85 of the floor; on the batch lines a quarter of its CPU.
fn beside_iggy(results: &Results, quoted: &crate::cases::Quoted) -> Vec<Verdict> {
    let case = quoted.case;
    let (own, floor) =
        if case == "batch-64k-written" { ("ringlog-written", "floor-written") } else { ("ringlog", "floor") };
    let (figure, theirs) = match (quoted.records_per_s, quoted.mb_per_s) {
        (Some(rate), _) => ("records_per_s", rate),
        (None, Some(rate)) => ("mb_per_s", rate),
        (None, None) => return Vec::new(),
    };
    let mut verdicts = Vec::new();
    if let Some(floor) = results.median(case, floor, figure) {
        let asked = (3.0 * theirs).min(0.85 * floor);
        let found = results.median(case, own, figure);
        verdicts.push(Verdict {
            what: format!("{case}: {figure}, lesser of 3 x Iggy and 0.85 of the floor"),
            asked: format!("at least {asked:.0}"),
            is_met: found.is_some_and(|found| found >= asked),
            is_void: false,
            found,
        });
    }
    if let Some(cpu) = quoted.server_cpu_s_per_gb {
        let found = results.median(case, own, "server_cpu_s_per_gb").map(|own| own / cpu);
        verdicts.push(Verdict::at_most(format!("{case}: CPU per GB to Iggy"), 0.25, found));
    }
    verdicts
}

/// Server CPU seconds for each GB fetched: what a run with readers costs above one without, by what they read.
pub(crate) fn fetch_cost(results: &Results, case: &str, server: &str) -> Option<f64> {
    let of = |case: &str, figure: &str| results.median(case, server, figure);
    let read_gb = of(case, "consumed_bytes")? / 1e9;
    Some((of(case, "server_cpu_s")? - of("tail-0", "server_cpu_s")?) / read_gb)
}
