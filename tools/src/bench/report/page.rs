//! The page: a table of all runs, then the plots.

use super::plot::{Axes, Line, Scale, colour, draw};
use crate::bench::live::duration;
use crate::bench::outcome::{Outcome, Second};
use anyhow::Result;
use std::fmt::Write;

const STYLE: &str = "\
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:1180px;padding:0 1rem;color:#222}\
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .4rem}\
table{border-collapse:collapse;width:100%;font-size:13px}\
th,td{padding:.3rem .5rem;border-bottom:1px solid #ddd;text-align:right;white-space:nowrap}\
th:first-child,td:first-child{text-align:left}\
.swatch{display:inline-block;width:.8em;height:.8em;margin-right:.5em;border-radius:2px}\
.failed{color:#b00020}svg{max-width:100%;height:auto}\
details{margin:.3rem 0}pre{background:#f6f6f6;padding:.6rem;overflow:auto;font-size:12px}";

type Series = fn(&Second) -> Option<f64>;

pub(super) fn of(outcomes: &[Outcome]) -> Result<String> {
    let mut page = String::new();
    write!(
        page,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>ringlog bench</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>\
         <h1>ringlog bench: {} run(s)</h1>",
        outcomes.len()
    )?;
    machines(&mut page, outcomes)?;
    table(&mut page, outcomes)?;
    failures(&mut page, outcomes)?;
    let over_time = |up| Axes { across: "seconds", up, scale: Scale::Even };
    let in_rate: Series = |second| (second.produced_mb > 0.0).then_some(second.produced_mb);
    let out_rate: Series = |second| (second.consumed_mb > 0.0).then_some(second.consumed_mb);
    let client: Series = |second| Some(second.client_cpu);
    plot(&mut page, "Produced", &series(outcomes, in_rate), over_time("MB/s"))?;
    plot(&mut page, "Consumed", &series(outcomes, out_rate), over_time("MB/s"))?;
    let latencies = Axes { across: "percentile", up: "latency", scale: Scale::NinesAcrossLogUp };
    let distribution = |outcome: &Outcome| Line { points: outcome.distribution.clone() };
    plot(
        &mut page,
        "Latency by percentile",
        &outcomes.iter().map(distribution).collect::<Vec<_>>(),
        latencies,
    )?;
    let shares = Axes { across: "latency", up: "share of records", scale: Scale::LogAcross };
    let cdf = |outcome: &Outcome| Line {
        points: outcome
            .distribution
            .iter()
            .map(|&(percentile, micros)| (micros, percentile / 100.0))
            .collect(),
    };
    plot(&mut page, "Latency, cumulative", &outcomes.iter().map(cdf).collect::<Vec<_>>(), shares)?;
    let p99: Series = |second| (second.p99_us > 0.0).then_some(second.p99_us / 1e3);
    plot(&mut page, "p99 of each second", &series(outcomes, p99), over_time("ms"))?;
    plot(
        &mut page,
        "Processors used by the broker",
        &series(outcomes, |second| second.server_cpu),
        over_time("processors"),
    )?;
    plot(&mut page, "Processors used by the generator", &series(outcomes, client), over_time("processors"))?;
    settings(&mut page, outcomes)?;
    page.push_str("</body></html>\n");
    Ok(page)
}

fn series(outcomes: &[Outcome], of: Series) -> Vec<Line> {
    let points = |outcome: &Outcome| {
        outcome.series.iter().filter_map(|second| Some((second.second as f64 + 1.0, of(second)?))).collect()
    };
    outcomes.iter().map(|outcome| Line { points: points(outcome) }).collect()
}

fn plot(page: &mut String, title: &str, lines: &[Line], axes: Axes) -> Result<()> {
    if let Some(svg) = draw(lines, axes)? {
        write!(page, "<h2>{title}</h2>{svg}")?;
    }
    Ok(())
}

fn machines(page: &mut String, outcomes: &[Outcome]) -> Result<()> {
    let mut seen = Vec::new();
    for outcome in outcomes {
        let machine = &outcome.machine;
        if !seen.contains(&machine) {
            seen.push(machine);
            write!(
                page,
                "<p>{} with {} processor(s), {} MiB of memory, Linux {}</p>",
                escaped(&machine.processor),
                machine.processors,
                machine.memory_mib,
                escaped(&machine.kernel)
            )?;
        }
    }
    Ok(())
}

fn table(page: &mut String, outcomes: &[Outcome]) -> Result<()> {
    page.push_str("<table><tr>");
    for head in [
        "run",
        "protocol",
        "records/s",
        "MB/s",
        "p50",
        "p99",
        "p99.9",
        "max",
        "errors",
        "lost",
        "broker CPU-s/GB",
        "client CPU-s/GB",
        "broker MiB",
    ] {
        write!(page, "<th>{head}</th>")?;
    }
    page.push_str("</tr>");
    for (at, outcome) in outcomes.iter().enumerate() {
        let latency = &outcome.latency;
        let or_dash = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
        write!(
            page,
            "<tr><td><span class=\"swatch\" style=\"background:{}\"></span>{}</td>",
            colour(at),
            escaped(&outcome.name)
        )?;
        for cell in [
            outcome.protocol_name().to_owned(),
            format!("{:.0}", outcome.records_per_s),
            format!("{:.1}", outcome.mb_per_s),
            duration(latency.p50_us),
            duration(latency.p99_us),
            duration(latency.p999_us),
            duration(latency.max_us),
            outcome.errors.to_string(),
            outcome.lost.to_string(),
            or_dash(outcome.server_cpu_s_per_gb),
            or_dash(outcome.client_cpu_s_per_gb),
            outcome.server_rss_mib.map_or("-".to_owned(), |mib| format!("{mib:.0}")),
        ] {
            write!(page, "<td>{cell}</td>")?;
        }
        page.push_str("</tr>");
    }
    page.push_str("</table>");
    Ok(())
}

fn failures(page: &mut String, outcomes: &[Outcome]) -> Result<()> {
    for outcome in outcomes.iter().filter(|outcome| !outcome.failures.is_empty()) {
        let reasons = escaped(&outcome.failures.join("; "));
        write!(page, "<p class=\"failed\">{} failed: {reasons}</p>", escaped(&outcome.name))?;
    }
    Ok(())
}

fn settings(page: &mut String, outcomes: &[Outcome]) -> Result<()> {
    page.push_str("<h2>Settings</h2>");
    for outcome in outcomes {
        write!(
            page,
            "<details><summary>{}: {} at {}, {}</summary><pre>{}</pre></details>",
            escaped(&outcome.name),
            escaped(&outcome.command),
            escaped(&outcome.brokers),
            escaped(&outcome.started),
            escaped(&toml::to_string(&outcome.settings)?)
        )?;
    }
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
