//! The line that shows how a run is going.

use super::outcome::Second;
use std::io::{IsTerminal, Write, stderr};

/// Writes to standard error: over the same line on a terminal, line by line elsewhere.
pub(crate) struct Live {
    is_quiet: bool,
    is_terminal: bool,
    is_open: bool,
}

impl Live {
    pub(crate) fn new(is_quiet: bool) -> Live {
        Live { is_quiet, is_terminal: stderr().is_terminal(), is_open: false }
    }

    /// Something that happens between measurements.
    pub(crate) fn say(&mut self, what: &str) {
        self.end();
        if !self.is_quiet {
            // Nobody to tell if standard error is gone.
            let _ = writeln!(stderr(), "{what}");
        }
    }

    pub(crate) fn second(&mut self, second: &Second) {
        if self.is_quiet {
            return;
        }
        let line = line(second);
        let mut out = stderr().lock();
        let _ = if self.is_terminal { write!(out, "\r\x1b[K{line}") } else { writeln!(out, "{line}") };
        let _ = out.flush();
        self.is_open = self.is_terminal;
    }

    /// Ends a line that would be written over.
    pub(crate) fn end(&mut self) {
        if std::mem::take(&mut self.is_open) {
            let _ = writeln!(stderr());
        }
    }
}

fn line(second: &Second) -> String {
    let mut parts = vec![format!("{:4} s", second.second + 1)];
    for (what, records, megabytes) in [
        ("in", second.produced_records, second.produced_mb),
        ("out", second.consumed_records, second.consumed_mb),
    ] {
        if records > 0 {
            parts.push(format!("{what} {records} records/s {megabytes:.1} MB/s"));
        }
    }
    parts.push(format!(
        "p50 {} p99 {} p99.9 {}",
        duration(second.p50_us),
        duration(second.p99_us),
        duration(second.p999_us)
    ));
    if let Some(cpu) = second.server_cpu {
        parts.push(format!("cpu {:.0} % broker {:.0} % client", cpu * 100.0, second.client_cpu * 100.0));
    }
    parts.push(format!("{} errors", second.errors));
    parts.join(" | ")
}

/// Microseconds with a unit and three digits or so.
pub(crate) fn duration(micros: f64) -> String {
    match micros {
        _ if micros >= 1e6 => format!("{:.2} s", micros / 1e6),
        _ if micros >= 1e4 => format!("{:.1} ms", micros / 1e3),
        _ if micros >= 1e3 => format!("{:.2} ms", micros / 1e3),
        _ => format!("{micros:.0} us"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_fits_on_a_line() {
        let second = Second {
            second: 4,
            produced_records: 120_000,
            produced_mb: 122.88,
            p50_us: 812.0,
            p99_us: 1_530.0,
            p999_us: 12_345.0,
            server_cpu: Some(0.42),
            client_cpu: 0.2,
            ..Second::default()
        };
        assert_eq!(
            line(&second),
            "   5 s | in 120000 records/s 122.9 MB/s | p50 812 us p99 1.53 ms p99.9 12.3 ms | cpu 42 % broker 20 % client | 0 errors"
        );
    }
}
