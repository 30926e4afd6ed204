//! Medians, and the files they go to.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// Runs by case, in the order of their first run, and server.
#[derive(Default)]
pub(crate) struct Results {
    cases: Vec<&'static str>,
    runs: BTreeMap<(usize, &'static str), Vec<Value>>,
}

const FIGURES: [&str; 8] = [
    "records_per_s",
    "mb_per_s",
    "p50_us",
    "p99_us",
    "p999_us",
    "server_cpu_s_per_gb",
    "server_rss_mib",
    "client_cpu_s_per_gb",
];

impl Results {
    pub(crate) fn add(&mut self, case: &'static str, server: &'static str, outcome: Value) {
        let figure = |name: &str| outcome[name].as_f64().unwrap_or(0.0);
        eprintln!(
            "  {case:16} {:9.0} records/s {:8.1} MB/s p50 {:8.0} us p99 {:8.0} us {:6.3} CPU-s/GB",
            figure("records_per_s"),
            figure("mb_per_s"),
            figure("p50_us"),
            figure("p99_us"),
            figure("server_cpu_s_per_gb")
        );
        let at = self.cases.iter().position(|known| *known == case).unwrap_or_else(|| {
            self.cases.push(case);
            self.cases.len() - 1
        });
        self.runs.entry((at, server)).or_default().push(outcome);
    }

    fn median(&self, case: usize, server: &'static str, figure: &str) -> Option<f64> {
        let runs = self.runs.get(&(case, server))?;
        let mut values: Vec<f64> = runs.iter().filter_map(|run| run[figure].as_f64()).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    }

    /// One row for each case and server, and Ringlog's ratio to the floor.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        if let Some(run) = self.runs.values().flatten().next() {
            let machine = &run["machine"];
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "{} with {} processors, {} MiB, Linux {}; {}, medians of {} run(s) of {} s\n",
                words(&machine["processor"]),
                machine["processors"],
                machine["memory_mib"],
                words(&machine["kernel"]),
                words(&run["started"]).get(..10).unwrap_or_default(),
                self.runs.values().map(Vec::len).max().unwrap_or(0),
                words(&run["settings"]["duration"]).trim_end_matches('s')
            );
        }
        text.push_str(
            "| case | server | records/s | MB/s | p50 us | p99 us | p99.9 us | server CPU-s/GB | server MiB | rate : floor | CPU : floor |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for &(case, server) in self.runs.keys() {
            let of = |figure: &str| self.median(case, server, figure);
            let shown = |value: Option<f64>, digits: usize| {
                value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
            };
            let to_floor = |figure: &str| match (of(figure), self.median(case, "floor", figure)) {
                (Some(own), Some(floor)) if floor > 0.0 && server != "floor" => format!("{:.2}", own / floor),
                _ => "-".to_owned(),
            };
            let _ = writeln!(
                text,
                "| {} | {server} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                self.cases[case],
                shown(of("records_per_s"), 0),
                shown(of("mb_per_s"), 1),
                shown(of("p50_us"), 0),
                shown(of("p99_us"), 0),
                shown(of("p999_us"), 0),
                shown(of("server_cpu_s_per_gb"), 3),
                shown(of("server_rss_mib"), 0),
                to_floor("mb_per_s"),
                to_floor("server_cpu_s_per_gb")
            );
        }
        text
    }

    /// JSON, and beside it Markdown and HTML.
    pub(crate) fn write(&self, json: &Path) -> Result<()> {
        ensure!(!self.runs.is_empty(), "nothing was measured");
        let mut rows = Vec::new();
        let mut middle = Vec::new();
        for (&(case, server), runs) in &self.runs {
            let medians: BTreeMap<_, _> =
                FIGURES.iter().map(|figure| (*figure, self.median(case, server, figure))).collect();
            let failures: Vec<&Value> =
                runs.iter().flat_map(|run| run["failures"].as_array()).flatten().collect();
            rows.push(json!({ "case": self.cases[case], "server": server, "runs": runs.len(), "medians": medians, "failures": failures }));
            let mut sorted: Vec<&Value> = runs.iter().collect();
            sorted.sort_by(|a, b| {
                let rate = |run: &Value| run["mb_per_s"].as_f64().unwrap_or(0.0);
                rate(a).total_cmp(&rate(b))
            });
            middle.push(sorted[sorted.len() / 2].clone());
        }
        let machine = &middle[0]["machine"];
        let whole = json!({ "machine": machine, "started": middle[0]["started"], "rows": rows });
        std::fs::write(json, serde_json::to_vec_pretty(&whole)?)
            .with_context(|| format!("cannot write {}", json.display()))?;
        std::fs::write(json.with_extension("md"), self.markdown())?;
        let folder = tempfile::tempdir()?;
        let runs = folder.path().join("runs.json");
        std::fs::write(&runs, serde_json::to_vec(&json!({ "runs": middle }))?)?;
        let status = Command::new(ringlog_harness::executable())
            .args(["bench", "report"])
            .arg(runs)
            .arg("--output")
            .arg(json.with_extension("html"))
            .status()?;
        ensure!(status.success(), "the report could not be written");
        Ok(())
    }
}

fn words(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
