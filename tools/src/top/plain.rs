//! The model as text: one snapshot.

use super::model::{Model, Rows, Tab};
use std::fmt::Write;

pub(super) fn snapshot(model: &Model) -> String {
    let mut text = model.summary() + "\n";
    for tab in Tab::ALL {
        let table = model.rows(tab);
        if !table.rows.is_empty() {
            text.push('\n');
            write_table(&mut text, &table);
        }
    }
    text
}

fn write_table(text: &mut String, table: &Rows) {
    let head = table.head.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let rows = table.rows.iter().map(|row| row.iter().map(|cell| cell.text().to_owned()).collect());
    let lines: Vec<Vec<String>> = [head].into_iter().chain(rows).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..table.head.len()).map(width).collect();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::top::model::tests::model;

    #[test]
    fn a_snapshot_has_all_three_tables() {
        let text = snapshot(&model());
        let starts: Vec<_> = text.lines().filter_map(|line| line.split("  ").next()).collect();
        let expected =
            ["node 1", "", "TOPIC", "orders", "clicks", "", "GROUP", "billing", "", "SHARD", "0", "1"];
        assert_eq!(starts, expected, "{text}");
    }
}
