//! The model on a terminal.

use super::model::{Model, Rows, Tab};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Row, Table};

const KEYS: &str = "Tab view  s sort  r reverse  / filter  p pause  q quit";

/// Between two columns.
const GAP: u16 = 2;

/// Draws everything; any size will do.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model) {
    let parts = [Constraint::Length(1), Constraint::Length(1), Constraint::Min(0), Constraint::Length(1)];
    let [summary, tabs, table, bottom] = Layout::vertical(parts).areas(frame.area());
    frame.render_widget(Paragraph::new(model.summary()), summary);
    frame.render_widget(Paragraph::new(tab_line(model)), tabs);
    draw_table(frame, model, table);
    frame.render_widget(Paragraph::new(bottom_line(model)), bottom);
}

fn tab_line(model: &Model) -> Line<'static> {
    let mut spans = Vec::new();
    for (number, (tab, name)) in Tab::ALL.into_iter().zip(["Topics", "Groups", "Shards"]).enumerate() {
        let style = if tab == model.tab { reversed() } else { Style::new() };
        spans.push(Span::styled(format!(" {} {name} {} ", number + 1, model.rows(tab).rows.len()), style));
    }
    if model.is_paused {
        spans.push(Span::styled("  PAUSED", Style::new().add_modifier(Modifier::BOLD)));
    }
    Line::from(spans)
}

fn bottom_line(model: &Model) -> Line<'static> {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    if model.is_typing {
        return Line::from(vec![Span::styled(format!("/{}", model.filter), bold), Span::raw("_")]);
    }
    if let Some(trouble) = &model.trouble {
        return Line::styled(format!("{}: {trouble}", model.admin), bold);
    }
    if model.filter.is_empty() {
        return Line::raw(KEYS);
    }
    Line::from(vec![
        Span::styled(format!("/{}  ", model.filter), bold),
        Span::raw("Esc shows all  "),
        Span::raw(KEYS),
    ])
}

fn draw_table(frame: &mut Frame<'_>, model: &Model, area: ratatui::layout::Rect) {
    let table = model.rows(model.tab);
    let mut widths = widths(&table);
    // Whole columns as far as they fit: a number that is cut is a wrong one.
    let mut used = 0;
    let fits = widths.iter().take_while(|width| {
        used += **width + GAP;
        used <= area.width.saturating_add(GAP)
    });
    widths.truncate(fits.count().max(1));
    let arrow = if model.is_reversed { "^" } else { "v" };
    let head = table.head.iter().enumerate().map(|(index, name)| {
        if index == table.sorted_by { format!("{name} {arrow}") } else { (*name).to_owned() }
    });
    let head = cells(head, &widths);
    let rows = table.rows.iter().skip(model.top);
    let rows = rows.map(|row| Row::new(cells(row.iter().map(|cell| cell.text().to_owned()), &widths)));
    let columns = widths.iter().map(|width| Constraint::Length(*width));
    let shown = Table::new(rows, columns)
        .header(Row::new(head).style(Style::new().add_modifier(Modifier::BOLD)))
        .column_spacing(GAP);
    frame.render_widget(shown, area);
}

/// Names to the left, numbers to the right.
fn cells(texts: impl Iterator<Item = String>, widths: &[u16]) -> Vec<String> {
    let placed = texts.zip(widths).enumerate().map(|(index, (text, width))| {
        let width = usize::from(*width);
        if index == 0 { text } else { format!("{text:>width$}") }
    });
    placed.collect()
}

/// Each column as wide as its widest cell, with room for the arrow.
fn widths(table: &Rows) -> Vec<u16> {
    let width = |index: usize| {
        let cells = table.rows.iter().map(|row| row[index].text().chars().count());
        let widest = cells.chain([table.head[index].len() + 2]).max().unwrap_or(0);
        u16::try_from(widest).unwrap_or(u16::MAX).min(60)
    };
    (0..table.head.len()).map(width).collect()
}

fn reversed() -> Style {
    Style::new().add_modifier(Modifier::REVERSED)
}

/// A number in at most four digits with its power of ten.
pub(super) fn amount(value: f64, unit: &str) -> String {
    let powers = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    match powers.into_iter().find(|(power, _)| value >= *power) {
        Some((power, letter)) => format!("{:.1} {letter}{unit}", value / power),
        None => format!("{value:.0} {unit}").trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::top::model::tests::model;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    fn drawn(model: &Model, width: u16, height: u16) -> Vec<String> {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, model)).unwrap();
        let buffer = terminal.backend().buffer().clone();
        let line = |y| (0..width).map(|x| buffer[(x, y)].symbol().to_owned()).collect::<String>();
        (0..height).map(|y| line(y).trim_end().to_owned()).collect()
    }

    #[test]
    fn a_table_is_drawn_with_its_head_and_keys() {
        let lines = drawn(&model(), 120, 8);
        assert!(
            lines[0].starts_with("node 1  cluster cluster-id  up 0m12s  cpu 25 %  memory 100.0 MB"),
            "{lines:#?}"
        );
        assert_eq!(lines[1], " 1 Topics 2  2 Groups 1  3 Shards 2");
        assert!(lines[2].starts_with("TOPIC") && lines[2].contains("IN/S v"), "{lines:#?}");
        assert!(lines[3].starts_with("orders") && lines[3].contains("3.0 MB"), "{lines:#?}");
        assert!(lines[4].starts_with("clicks"), "{lines:#?}");
        assert_eq!(lines[7], KEYS);
    }

    #[test]
    fn groups_and_shards_are_drawn_too() {
        let mut model = model();
        model.show(Tab::Groups);
        assert!(drawn(&model, 100, 8)[3].contains("1234"));
        model.show(Tab::Shards);
        assert!(drawn(&model, 160, 8)[4].ends_with("HANGS"));
    }

    #[test]
    fn columns_that_do_not_fit_are_left_out_whole() {
        let lines = drawn(&model(), 50, 8);
        assert_eq!(
            lines[2].split_whitespace().collect::<Vec<_>>(),
            ["TOPIC", "PARTITIONS", "RECORDS/S", "IN/S", "v"]
        );
        assert!(lines[3].ends_with("3.0 MB"), "{lines:#?}");
    }

    #[test]
    fn any_size_will_do() {
        for (width, height) in [(1, 1), (20, 3), (10, 40), (300, 2)] {
            drawn(&model(), width, height);
        }
    }

    #[test]
    fn trouble_filter_and_pause_are_visible() {
        let mut model = model();
        model.filter = "ord".into();
        model.is_typing = true;
        assert_eq!(drawn(&model, 100, 8)[7], "/ord_");
        model.is_typing = false;
        assert!(drawn(&model, 100, 8)[7].starts_with("/ord  Esc shows all"));
        model.take(Err("connection refused".into()));
        assert_eq!(drawn(&model, 100, 8)[7], "127.0.0.1:9644: connection refused");
        model.is_paused = true;
        assert!(drawn(&model, 100, 8)[1].ends_with("PAUSED"));
    }

    #[test]
    fn amounts_are_short() {
        let shown: Vec<_> = [0.0, 999.0, 1_234.0, 5e6].into_iter().map(|value| amount(value, "B")).collect();
        assert_eq!(shown, ["0 B", "999 B", "1.2 kB", "5.0 MB"]);
        assert_eq!(amount(2_500.0, ""), "2.5 k");
    }
}
