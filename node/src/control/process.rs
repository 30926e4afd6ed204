//! What the kernel knows of this process: processor time, memory, open files.

use crate::metrics::Exposition;
use ringlog_reactor::metrics::Description;
use std::fs;

const CPU: Description =
    Description { name: "process_cpu_seconds_total", help: "Processor time of the process." };
const RESIDENT: Description =
    Description { name: "process_resident_memory_bytes", help: "Memory that the process occupies." };
const OPEN_FILES: Description = Description { name: "process_open_fds", help: "Open file descriptors." };
const MAX_FILES: Description =
    Description { name: "process_max_fds", help: "The bound on open file descriptors." };
pub(super) const SHARD_CPU: Description =
    Description { name: "ringlog_shard_cpu_seconds_total", help: "Processor time of a shard's thread." };
const BUILD: Description = Description { name: "ringlog_build_info", help: "Always 1; the version." };

/// Microseconds of a tick of the kernel's accounting: `USER_HZ` is 100 on all of Linux.
const MICROS_PER_TICK: u64 = 10_000;
/// Bytes of a page, in which the kernel counts memory here, on the processors Ringlog runs on.
const PAGE_BYTES: u64 = 4096;

/// Adds what is known. What cannot be read is left out.
pub(super) fn report(exposition: &mut Exposition) {
    exposition.gauge(BUILD, &[("version", env!("CARGO_PKG_VERSION"))], 1);
    if let Some((cpu_micros, resident_bytes)) = usage() {
        exposition.counter_micros(CPU, &[], cpu_micros);
        exposition.gauge(RESIDENT, &[], resident_bytes);
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        exposition.gauge(OPEN_FILES, &[], files.count() as u64);
    }
    if let Some(bound) = fs::read_to_string("/proc/self/limits").ok().as_deref().and_then(open_files_max) {
        exposition.gauge(MAX_FILES, &[], bound);
    }
    for (shard, micros) in shard_cpu() {
        exposition.counter_micros(SHARD_CPU, &[("shard", &shard)], micros);
    }
}

/// Processor time in microseconds and memory in bytes of the process.
pub(super) fn usage() -> Option<(u64, u64)> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    Stat::parse(&stat).map(|stat| (stat.cpu_micros, stat.resident_bytes))
}

/// Processor time in microseconds of the threads named after shards, by the shard's number.
pub(super) fn shard_cpu() -> Vec<(String, u64)> {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return Vec::new() };
    let stats = threads.flatten().filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("stat")).ok()?;
        let stat = Stat::parse(&text)?;
        Some((stat.name.strip_prefix("shard-")?.to_owned(), stat.cpu_micros))
    });
    stats.collect()
}

/// A line of `/proc/*/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat<'a> {
    name: &'a str,
    cpu_micros: u64,
    resident_bytes: u64,
}

impl Stat<'_> {
    fn parse(line: &str) -> Option<Stat<'_>> {
        // The name is in parentheses and may hold any character.
        let (start, end) = (line.find('(')?, line.rfind(')')?);
        let fields: Vec<&str> = line.get(end + 2..)?.split_ascii_whitespace().collect();
        // Field 3 of proc_pid_stat(5) is the first behind the name.
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        let ticks = number(14)? + number(15)?;
        Some(Stat {
            name: &line[start + 1..end],
            cpu_micros: ticks * MICROS_PER_TICK,
            resident_bytes: number(24)? * PAGE_BYTES,
        })
    }
}

fn open_files_max(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_kernel_is_read_whatever_the_name() {
        let line = "12 (a) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 7 0 99 1000000 300 18446744073709551615";
        let expected = Stat { name: "a) b", cpu_micros: 2_000_000, resident_bytes: 300 * PAGE_BYTES };
        assert_eq!(Stat::parse(line), Some(expected));
        assert_eq!(Stat::parse("12 (a"), None);
        assert_eq!(Stat::parse("12 (a) S 1"), None);
    }

    #[test]
    fn the_bound_on_files_is_the_soft_one() {
        let text = "Limit Soft Hard Units\nMax open files            1024                 524288               files\n";
        assert_eq!(open_files_max(text), Some(1024));
        assert_eq!(open_files_max(""), None);
    }
}
