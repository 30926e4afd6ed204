//! The figures in Markdown.

use crate::cases::{CASES, IGGY, Quoted};
use crate::results::{REST, Results};
use crate::targets::{Verdict, fetch_cost, verdicts};
use std::fmt::Write;

/// In place of figures that something else has spoilt.
const DISTURBED: &str = "not valid (disturbed)";

/// What was measured where, all cases, and the targets.
pub(crate) fn markdown(results: &Results) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    for (name, value) in &results.facts {
        let _ =
            writeln!(text, "- {name}: {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    text.push_str(
        "\nMedians of alternating runs; records of 1 KiB, acks=all. MB are of 10^6 bytes, GB of 10^9.\n\n",
    );
    text.push_str("| case | server | commit | runs | records/s | MB/s | p50 us | p99 us | p99.9 us | server CPU-s/GB | server MiB | rate : floor | CPU : floor |\n");
    text.push_str("|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for case in CASES {
        for server in results.servers(case.name) {
            row(&mut text, results, case.name, server);
        }
        if let Some(quoted) = IGGY.iter().find(|quoted| quoted.case == case.name)
            && !results.servers(case.name).is_empty()
        {
            quoted_row(&mut text, quoted);
        }
    }
    text.push('\n');
    for case in CASES.iter().filter(|case| !results.servers(case.name).is_empty()) {
        let _ = writeln!(text, "- `{}`: {}", case.name, case.what);
    }
    fetches(&mut text, results);
    if let Some(start) = results.median(REST, "ringlog", "start_ms") {
        let of = |figure| results.median(REST, "ringlog", figure).unwrap_or(f64::NAN);
        let _ = writeln!(
            text,
            "\n`ringlog dev` is ready {start:.0} ms after its start; an idle node takes {:.2} % of a core and {:.1} MiB.",
            of("idle_percent"),
            of("server_rss_mib")
        );
    }
    targets(&mut text, &verdicts(results));
    for (case, server, failure) in results.failures() {
        let _ = writeln!(text, "\nFailed: {case} on {server}: {failure}");
    }
    text
}

fn row(text: &mut String, results: &Results, case: &str, server: &str) {
    let of = |figure: &str| results.median(case, server, figure);
    let (commit, rounds) = (results.commit(case, server), results.rounds(case, server));
    if results.is_disturbed(case, server) {
        let _ = writeln!(
            text,
            "| {case} | {server} | {commit} | {rounds} | {DISTURBED} | - | - | - | - | - | - | - | - |"
        );
        return;
    }
    let floor = if server == "ringlog-written" { "floor-written" } else { "floor" };
    let to_floor = |figure: &str| match (of(figure), results.median(case, floor, figure)) {
        (Some(own), Some(floor)) if floor > 0.0 && !server.starts_with("floor") => {
            format!("{:.2}", own / floor)
        }
        (Some(_), None) if results.is_disturbed(case, floor) => DISTURBED.to_owned(),
        _ => "-".to_owned(),
    };
    let rate_figure = if results.median(case, floor, "consumed_mb_per_s").is_some() {
        "consumed_mb_per_s"
    } else {
        "mb_per_s"
    };
    let _ = writeln!(
        text,
        "| {case} | {server} | {commit} | {rounds} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        shown(of("records_per_s"), 0),
        shown(of("mb_per_s"), 1),
        shown(of("p50_us"), 0),
        shown(of("p99_us"), 0),
        shown(of("p999_us"), 0),
        shown(of("server_cpu_s_per_gb"), 3),
        shown(of("server_rss_mib"), 0),
        to_floor(rate_figure),
        to_floor("server_cpu_s_per_gb")
    );
}

fn quoted_row(text: &mut String, quoted: &Quoted) {
    let _ = writeln!(
        text,
        "| {} | iggy, quoted | - | - | {} | {} | {} | {} | - | {} | - | - | - |",
        quoted.case,
        shown(quoted.records_per_s, 0),
        shown(quoted.mb_per_s, 1),
        shown(quoted.p50_us, 0),
        shown(quoted.p99_us, 0),
        shown(quoted.server_cpu_s_per_gb, 3)
    );
}

fn fetches(text: &mut String, results: &Results) {
    for case in ["tail-1", "tail-8"] {
        for server in results.servers(case) {
            if let Some(cost) = fetch_cost(results, case, server) {
                let late = shown(results.median(case, server, "produce_p99_us"), 0);
                let _ = writeln!(
                    text,
                    "- `{case}`, {server}: {cost:.3} server CPU-s for each GB fetched (above `tail-0`); p99 of producing {late} us"
                );
            }
        }
    }
}

fn targets(text: &mut String, verdicts: &[Verdict]) {
    if verdicts.is_empty() {
        return;
    }
    text.push_str("\n| target | asked | found | |\n|---|---:|---:|---|\n");
    for verdict in verdicts {
        let digits = if verdict.found.is_some_and(|found| found >= 100.0) { 0 } else { 2 };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            verdict.what,
            verdict.asked,
            shown(verdict.found, digits),
            match (verdict.is_void, verdict.is_met) {
                (true, _) => DISTURBED,
                (false, true) => "met",
                (false, false) => "missed",
            }
        );
    }
}

fn shown(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
}
