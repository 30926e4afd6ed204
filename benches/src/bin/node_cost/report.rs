//! Medians of the rounds, side by side.

use crate::{Options, server::Rest};
use serde_json::json;
use std::{collections::BTreeMap, fs, path::Path};

#[derive(Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) mb_per_s: f64,
    pub(crate) cpu_s_per_gb: f64,
}

pub(crate) struct Report {
    title: String,
    rows: BTreeMap<(&'static str, &'static str), Vec<Figures>>,
    rest: Option<Rest>,
}

impl Report {
    pub(crate) fn new(options: &Options) -> Report {
        let title = format!(
            "{} MiB a round in batches of {} bytes, {} connections with {} requests in flight, acks=all, {} rounds",
            options.megabytes, options.batch_bytes, options.connections, options.pipeline, options.rounds
        );
        Report { title, rows: BTreeMap::new(), rest: None }
    }

    pub(crate) fn add(&mut self, server: &'static str, what: &'static str, figures: Figures) {
        eprintln!(
            "  {server:8} {what:10} {:8.0} MB/s {:6.3} CPU-s/GB",
            figures.mb_per_s, figures.cpu_s_per_gb
        );
        self.rows.entry((what, server)).or_default().push(figures);
    }

    pub(crate) fn add_rest(&mut self, rest: Rest) {
        self.rest = Some(rest);
    }

    pub(crate) fn print(&self) {
        println!("{}", self.title);
        println!("\n| medians | floor MB/s | Ringlog MB/s | floor CPU-s/GB | Ringlog CPU-s/GB | CPU ratio |");
        println!("|---|---|---|---|---|---|");
        for what in ["produce", "first read", "again", "tail"] {
            let (floor, ringlog) = (self.median(what, "floor"), self.median(what, "ringlog"));
            println!(
                "| {what} | {:.0} | {:.0} | {:.3} | {:.3} | {:.2} |",
                floor.mb_per_s,
                ringlog.mb_per_s,
                floor.cpu_s_per_gb,
                ringlog.cpu_s_per_gb,
                ringlog.cpu_s_per_gb / floor.cpu_s_per_gb
            );
        }
        if let Some(rest) = &self.rest {
            println!(
                "\nstart of `ringlog dev` to ready: {:.0} ms (median of {}); idle node: {:.2} % of a core, {:.1} MiB resident",
                median(rest.start_ms.iter().copied()),
                rest.start_ms.len(),
                100.0 * rest.idle_cpu,
                rest.idle_mib
            );
        }
    }

    pub(crate) fn write_json(&self, path: &Path) -> anyhow::Result<()> {
        let mut rows = Vec::new();
        for ((what, server), runs) in &self.rows {
            let middle = self.median(what, server);
            rows.push(json!({
                "what": what, "server": server, "mb_per_s": middle.mb_per_s, "cpu_s_per_gb": middle.cpu_s_per_gb,
                "runs": runs.iter().map(|run| json!([run.mb_per_s, run.cpu_s_per_gb])).collect::<Vec<_>>(),
            }));
        }
        let rest = self.rest.as_ref().map(
            |rest| json!({ "start_ms": rest.start_ms, "idle_cpu": rest.idle_cpu, "idle_mib": rest.idle_mib }),
        );
        let whole = json!({ "title": self.title, "rows": rows, "rest": rest });
        Ok(fs::write(path, serde_json::to_vec_pretty(&whole)?)?)
    }

    fn median(&self, what: &'static str, server: &'static str) -> Figures {
        let runs = &self.rows[&(what, server)];
        Figures {
            mb_per_s: median(runs.iter().map(|run| run.mb_per_s)),
            cpu_s_per_gb: median(runs.iter().map(|run| run.cpu_s_per_gb)),
        }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
