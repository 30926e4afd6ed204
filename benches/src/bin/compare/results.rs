//! Medians, and the files they go to.

use crate::cases::{CASES, IGGY};
use crate::{table, targets};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Where rows that the generator does not measure stand.
pub(crate) const REST: &str = "rest";

/// The fact that names what is measured.
pub(crate) const COMMIT: &str = "Ringlog";

/// Figures by case and server.
#[derive(Default)]
pub(crate) struct Results {
    rows: Vec<Row>,
    pub(crate) facts: BTreeMap<String, Value>,
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) case: String,
    pub(crate) server: String,
    /// Of each round, what it measured.
    rounds: Vec<BTreeMap<String, f64>>,
    /// Of rounds that failed, why.
    failures: Vec<String>,
    /// Something else disturbed the measurement, so that its figures say nothing. They are kept, but not shown or judged.
    is_disturbed: bool,
    /// Of this repository when that was measured.
    commit: String,
    /// The whole run whose throughput is the median.
    middle: Option<Value>,
}

/// What is kept of every round.
const FIGURES: [&str; 14] = [
    "records_per_s",
    "mb_per_s",
    "p50_us",
    "p99_us",
    "p999_us",
    "server_cpu_s",
    "server_cpu_s_per_gb",
    "server_rss_mib",
    "client_cpu_s",
    "client_cpu_s_per_gb",
    "start_ms",
    "idle_percent",
    "errors",
    "lost",
];

impl Results {
    /// What an earlier run has written; those of its rows stay that this run does not measure again.
    pub(crate) fn read(json: &Path) -> Result<Results> {
        let whole: Value = serde_json::from_slice(&std::fs::read(json)?)?;
        let runs = whole["runs"].as_array().cloned().unwrap_or_default();
        let mut rows = Vec::new();
        let commit = |of: &Value| of.as_str().unwrap_or_default().to_owned();
        for row in whole["rows"].as_array().context("no rows")? {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let (case, server) = (text("case"), text("server"));
            let name = format!("{case}, {server}");
            rows.push(Row {
                rounds: serde_json::from_value(row["rounds"].clone())?,
                failures: serde_json::from_value(row["failures"].clone())?,
                is_disturbed: row["disturbed"].as_bool().unwrap_or(false),
                commit: commit(if row["commit"].is_string() {
                    &row["commit"]
                } else {
                    &whole["facts"][COMMIT]
                }),
                middle: runs.iter().find(|run| run["name"] == name).cloned(),
                case,
                server,
            });
        }
        let facts = whole["facts"].as_object().cloned().unwrap_or_default().into_iter().collect();
        Ok(Results { rows, facts })
    }

    /// Forgets a case that is measured again.
    pub(crate) fn clear(&mut self, case: &str) {
        self.rows.retain(|row| row.case != case);
    }

    pub(crate) fn add(&mut self, case: &str, server: &str, outcome: Value) {
        let mut figures: BTreeMap<String, f64> =
            FIGURES.iter().filter_map(|name| Some(((*name).to_owned(), outcome[*name].as_f64()?))).collect();
        let further = [
            ("produce_p99_us", &outcome["produce"]["p99_us"]),
            ("consumed_bytes", &outcome["consume"]["bytes"]),
            ("consumed_mb_per_s", &outcome["consume"]["mb_per_s"]),
        ];
        figures
            .extend(further.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.as_f64()?))));
        let shown = |name: &str| figures.get(name).copied().unwrap_or(f64::NAN);
        eprintln!(
            "  {case:16} {server:15} {:9.0} records/s {:8.1} MB/s p50 {:8.0} us p99 {:8.0} us {:6.3} CPU-s/GB {:5.0} MiB",
            shown("records_per_s"),
            shown("mb_per_s"),
            shown("p50_us"),
            shown("p99_us"),
            shown("server_cpu_s_per_gb"),
            shown("server_rss_mib")
        );
        let at = self.row(case, server);
        let row = &mut self.rows[at];
        let failures = outcome["failures"].as_array().into_iter().flatten();
        row.failures.extend(failures.filter_map(|failure| failure.as_str().map(str::to_owned)));
        row.rounds.push(figures);
        let median = self.median(case, server, "mb_per_s");
        let row = &mut self.rows[at];
        let distance = |rate: Option<f64>| rate.zip(median).map(|(rate, median)| (rate - median).abs());
        let is_nearer = match &row.middle {
            None => true,
            Some(middle) => distance(outcome["mb_per_s"].as_f64()) < distance(middle["mb_per_s"].as_f64()),
        };
        if is_nearer && outcome["distribution"].is_array() {
            row.middle = Some(outcome);
        }
    }

    fn row(&mut self, case: &str, server: &str) -> usize {
        let known = self.rows.iter().position(|row| row.case == case && row.server == server);
        known.unwrap_or_else(|| {
            self.rows.push(Row {
                case: case.to_owned(),
                server: server.to_owned(),
                rounds: Vec::new(),
                failures: Vec::new(),
                is_disturbed: false,
                commit: self.facts.get(COMMIT).and_then(Value::as_str).unwrap_or_default().to_owned(),
                middle: None,
            });
            self.rows.len() - 1
        })
    }

    /// The middle of what the rounds measured; the lower one of an even number, and none if that was disturbed.
    pub(crate) fn median(&self, case: &str, server: &str, figure: &str) -> Option<f64> {
        let row = self.find(case, server).filter(|row| !row.is_disturbed)?;
        let mut values: Vec<f64> = row.rounds.iter().filter_map(|round| round.get(figure).copied()).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len().saturating_sub(1) / 2).copied()
    }

    /// Servers of a case, in the order in which they were first run.
    pub(crate) fn servers(&self, case: &str) -> Vec<&str> {
        self.rows.iter().filter(|row| row.case == case).map(|row| row.server.as_str()).collect()
    }

    pub(crate) fn rounds(&self, case: &str, server: &str) -> usize {
        self.find(case, server).map_or(0, |row| row.rounds.len())
    }

    /// Declares void what was measured of a case, on one server or, without its name, on all; `false` if nothing was.
    pub(crate) fn declare_disturbed(&mut self, case: &str, server: Option<&str>) -> bool {
        let is_meant = |row: &Row| row.case == case && server.is_none_or(|server| row.server == server);
        let mut is_known = false;
        for row in self.rows.iter_mut().filter(|row| is_meant(row)) {
            row.is_disturbed = true;
            is_known = true;
        }
        is_known
    }

    pub(crate) fn is_disturbed(&self, case: &str, server: &str) -> bool {
        self.find(case, server).is_some_and(|row| row.is_disturbed)
    }

    /// The same, as if nothing had been disturbed.
    pub(crate) fn undisturbed(&self) -> Results {
        let mut rows = self.rows.clone();
        rows.iter_mut().for_each(|row| row.is_disturbed = false);
        Results { rows, facts: self.facts.clone() }
    }

    pub(crate) fn commit(&self, case: &str, server: &str) -> &str {
        self.find(case, server).map_or("", |row| &row.commit)
    }

    fn find(&self, case: &str, server: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.case == case && row.server == server)
    }

    pub(crate) fn failures(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let of = |row: &'_ Row| row.failures.len();
        self.rows.iter().filter(move |row| of(row) > 0).flat_map(|row| {
            row.failures.iter().map(|failure| (row.case.as_str(), row.server.as_str(), failure.as_str()))
        })
    }

    /// JSON, and beside it Markdown and HTML.
    pub(crate) fn write(&mut self, path: &Path) -> Result<()> {
        ensure!(!self.rows.is_empty(), "nothing was measured");
        let order = |case: &str| CASES.iter().position(|known| known.name == case).unwrap_or(CASES.len());
        self.rows.sort_by_key(|row| order(&row.case));
        let rows: Vec<Value> = self.rows.iter().map(|row| self.json(row)).collect();
        let sound = self.rows.iter().filter(|row| !row.is_disturbed);
        let runs: Vec<&Value> = sound.filter_map(|row| row.middle.as_ref()).collect();
        let verdicts: Vec<Value> = targets::verdicts(self).iter().map(targets::Verdict::json).collect();
        let iggy: Vec<Value> = IGGY.iter().map(crate::cases::Quoted::json).collect();
        let whole = json!({ "facts": self.facts, "rows": rows, "targets": verdicts, "quoted_iggy": iggy, "runs": runs });
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, serde_json::to_vec(&whole)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        std::fs::write(path.with_extension("md"), table::markdown(self))?;
        if runs.is_empty() {
            return Ok(());
        }
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("runs.json");
        std::fs::write(&file, serde_json::to_vec(&json!({ "runs": runs }))?)?;
        let status = Command::new(ringlog_harness::executable())
            .args(["bench", "report"])
            .arg(file)
            .arg("--output")
            .arg(path.with_extension("html"))
            .status()?;
        ensure!(status.success(), "the report could not be written");
        Ok(())
    }

    fn json(&self, row: &Row) -> Value {
        let medians: BTreeMap<&String, Option<f64>> = row
            .rounds
            .iter()
            .flat_map(BTreeMap::keys)
            .map(|figure| (figure, self.median(&row.case, &row.server, figure)))
            .collect();
        json!({
            "case": row.case,
            "server": row.server,
            "commit": row.commit,
            "medians": medians,
            "rounds": row.rounds,
            "failures": row.failures,
            "disturbed": row.is_disturbed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rate: f64) -> Value {
        json!({ "name": "a, ringlog", "mb_per_s": rate, "failures": [], "distribution": [], "consume": { "bytes": 7 } })
    }

    #[test]
    fn the_median_and_its_run_are_kept_and_read_again() {
        let mut results = Results::default();
        for rate in [30.0, 10.0, 20.0] {
            results.add("a", "ringlog", run(rate));
        }
        assert_eq!(results.median("a", "ringlog", "mb_per_s"), Some(20.0));
        assert_eq!(results.median("a", "ringlog", "consumed_bytes"), Some(7.0));
        assert_eq!(results.median("a", "floor", "mb_per_s"), None);
        assert_eq!(results.rows[0].middle.as_ref().unwrap()["mb_per_s"], 20.0);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        let rows = vec![results.json(&results.rows[0])];
        let whole = json!({ "facts": {}, "rows": rows, "runs": [run(20.0)] });
        std::fs::write(&path, whole.to_string()).unwrap();
        let mut again = Results::read(&path).unwrap();
        assert_eq!(again.median("a", "ringlog", "mb_per_s"), Some(20.0));
        assert!(again.rows[0].middle.is_some());
        again.clear("a");
        assert!(again.rows.is_empty());
    }

    #[test]
    fn what_was_disturbed_is_kept_but_neither_shown_nor_judged() {
        let mut results = Results::default();
        results.facts.insert(COMMIT.to_owned(), "abc".into());
        for (server, rate) in [("ringlog", 10.0), ("floor", 20.0), ("kafka", 5.0)] {
            results.add("produce-1", server, run(rate));
        }
        assert!(!results.declare_disturbed("produce-1", Some("other")));
        assert!(results.declare_disturbed("produce-1", Some("floor")));
        assert_eq!(results.median("produce-1", "floor", "mb_per_s"), None);
        let text = table::markdown(&results);
        for line in [
            "| produce-1 | ringlog | abc | 1 | - | 10.0 | - | - | - | - | - | not valid (disturbed) | - |",
            "| produce-1 | floor | abc | 1 | not valid (disturbed) | - | - | - | - | - | - | - | - |",
            "| produce-1: MB/s to the floor | - | - | not valid (disturbed) |",
            "| produce-1: MB/s to Kafka | at least 2 | 2.00 | met |",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
        let kept = results.json(&results.rows[1]);
        assert_eq!((&kept["disturbed"], &kept["rounds"][0]["mb_per_s"]), (&json!(true), &json!(20.0)));
    }
}
