//! What was found, for people and for programs.

use super::check::{Check, State, bytes};
use super::directory::Measured;
use serde::Serialize;
use std::io::{self, IsTerminal, Write};

/// Everything that was found.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Of this form.
    pub(super) version: u32,
    pub(super) checks: Vec<Check>,
    pub(super) measured: Vec<Measured>,
}

impl Report {
    pub(super) fn fails(&self) -> bool {
        self.checks.iter().any(|check| check.state == State::Fail)
    }

    fn count(&self, state: State) -> usize {
        self.checks.iter().filter(|check| check.state == state).count()
    }

    pub(super) fn json(&self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }

    /// What is as it should be takes a line, everything else says why it matters and what to do.
    pub(super) fn text(&self, out: &mut impl Write, explain_all: bool) -> io::Result<()> {
        let paint = io::stdout().is_terminal();
        let width = self.checks.iter().map(|check| check.check.len()).max().unwrap_or(0);
        let mut directory = None;
        for check in &self.checks {
            if check.directory != directory {
                directory.clone_from(&check.directory);
                writeln!(out, "\n{}", directory.as_deref().unwrap_or("this host"))?;
            }
            let (state, name) = (painted(check.state, paint), check.check);
            writeln!(out, "{state}  {name:<width$}  {}", check.found)?;
            if explain_all || check.state > State::Ok {
                explain(out, check)?;
            }
        }
        for measured in &self.measured {
            figures(out, measured)?;
        }
        let [fails, warns, notes] = [State::Fail, State::Warn, State::Note].map(|state| self.count(state));
        writeln!(out, "\n{fails} to mend, {warns} to look at, {notes} to know")
    }
}

fn painted(state: State, paint: bool) -> String {
    let name = format!("{:<4}", state.name());
    let color = match state {
        State::Ok => 32,
        State::Note => 36,
        State::Warn => 33,
        State::Fail => 31,
    };
    if paint { format!("\x1b[{color}m{name}\x1b[0m") } else { name }
}

fn explain(out: &mut impl Write, check: &Check) -> io::Result<()> {
    paragraph(out, check.why)?;
    if let Some(advice) = &check.advice {
        paragraph(out, advice)?;
    }
    if let Some(command) = &check.command {
        writeln!(out, "        $ {command}")?;
    }
    Ok(())
}

/// Lines of at most a hundred letters.
fn paragraph(out: &mut impl Write, text: &str) -> io::Result<()> {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.len() + word.len() > 90 {
            writeln!(out, "      {line}")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(out, "      {line}")
}

fn figures(out: &mut impl Write, measured: &Measured) -> io::Result<()> {
    let figures = &measured.figures;
    writeln!(out, "\nmeasured in {} s, written to {}", figures.measured_ms / 1000, measured.file)?;
    let rows = [
        (
            "4 KiB written and synced",
            format!("{} us, p99 {} us", figures.commit_us_p50, figures.commit_us_p99),
        ),
        ("best commit", bytes(figures.commit_bytes)),
        ("sequential writes", format!("{}/s", bytes(figures.write_bytes_per_second))),
        ("sequential reads", format!("{}/s", bytes(figures.read_bytes_per_second))),
        ("random reads of 4 KiB", format!("{}/s", figures.random_reads_per_second)),
        ("random writes of 4 KiB", format!("{}/s", figures.random_writes_per_second)),
        ("the same, each synced", format!("{}/s", figures.synced_writes_per_second)),
    ];
    for (name, value) in rows {
        writeln!(out, "  {name:<26}{value}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::check::Subject;
    use super::*;

    #[test]
    fn what_is_not_right_is_explained() {
        let subject = Subject { name: "swap", why: "It stalls." };
        let report = Report {
            version: 1,
            checks: vec![
                subject.ok("none"),
                subject.warn("some").advise("Switch it off.").command("swapoff -a").of("/data"),
            ],
            measured: Vec::new(),
        };
        let mut out = Vec::new();
        report.text(&mut out, false).unwrap();
        let expected = "ok    swap  none\n\n/data\nwarn  swap  some\n      It stalls.\n      Switch it off.\n        \
                        $ swapoff -a\n\n0 to mend, 1 to look at, 0 to know\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        assert!(!report.fails());
    }
}
