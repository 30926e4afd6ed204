//! The table at the end of a run.

use super::live::duration;
use super::outcome::{Outcome, Percentiles, Side};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, Table};

/// One row for each direction that a run had.
pub(crate) fn of_outcome(outcome: &Outcome) -> String {
    let mut table =
        table(&["", "records", "records/s", "MB/s", "p50", "p90", "p99", "p99.9", "max", "errors"]);
    if outcome.command == "connections" {
        side(&mut table, "opened", &outcome.produce.unwrap_or_default());
        side(&mut table, "asked", &outcome.consume.unwrap_or_default());
    } else {
        for (name, of) in [("produce", &outcome.produce), ("consume", &outcome.consume)] {
            of.iter().for_each(|of| side(&mut table, name, of));
        }
    }
    if let Some(end_to_end) = &outcome.end_to_end {
        let mut row = vec!["end to end".to_owned(), String::new(), String::new(), String::new()];
        row.extend(latencies(end_to_end));
        table.add_row(row);
    }
    let mut text = format!(
        "{} over {} at {}, {:.1} s measured\n{table}\n",
        outcome.name,
        outcome.protocol_name(),
        outcome.brokers,
        outcome.seconds
    );
    text.push_str(&costs(outcome));
    text
}

fn costs(outcome: &Outcome) -> String {
    let per_gb = |cost: Option<f64>| cost.map_or(String::new(), |cost| format!(" ({cost:.3} s/GB)"));
    let mut text = format!("client {:.2} CPU-s{}", outcome.client_cpu_s, per_gb(outcome.client_cpu_s_per_gb));
    if let Some(cpu) = outcome.server_cpu_s {
        text.push_str(&format!(", broker {cpu:.2} CPU-s{}", per_gb(outcome.server_cpu_s_per_gb)));
    }
    if let Some(resident) = outcome.server_rss_mib {
        text.push_str(&format!(", {resident:.0} MiB resident"));
    }
    text.push_str(&format!(
        "\nlost {}, reordered {}, duplicated {}, damaged {}",
        outcome.lost, outcome.reordered, outcome.duplicated, outcome.damaged
    ));
    if outcome.reconnects > 0 {
        text.push_str(&format!("\nreconnected {} time(s)", outcome.reconnects));
    }
    if outcome.resent > 0 {
        text.push_str(&format!("\n{} record(s) sent again", outcome.resent));
    }
    for (reason, count) in &outcome.refusals {
        text.push_str(&format!("\n{count} x {reason}"));
    }
    if let Some(rate) = outcome.rate_found {
        text.push_str(&format!("\nhighest rate under the bound: {rate:.0} records/s"));
    }
    text
}

fn side(table: &mut Table, name: &str, side: &Side) {
    let mut row = vec![
        name.to_owned(),
        side.records.to_string(),
        format!("{:.0}", side.records_per_s),
        format!("{:.1}", side.mb_per_s),
    ];
    row.extend(latencies(&side.latency));
    row.push(side.errors.to_string());
    table.add_row(row);
}

fn latencies(of: &Percentiles) -> [String; 5] {
    [of.p50_us, of.p90_us, of.p99_us, of.p999_us, of.max_us].map(duration)
}

/// An empty table with numbers to the right.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_header(header.to_vec());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
