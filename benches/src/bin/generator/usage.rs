//! Processor time, from `/proc`.

use anyhow::{Context, Result};

/// What all children of this process have used that have ended and been waited for, in seconds.
pub(crate) fn children_s() -> Result<f64> {
    seconds("self", 16)
}

/// What a process has used, in seconds.
pub(crate) fn process_s(pid: u32) -> Result<f64> {
    seconds(&pid.to_string(), 14)
}

/// User and system time, which stand in two fields of `stat` from this one on.
fn seconds(pid: &str, first: usize) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields = stat.rsplit(')').next().unwrap_or_default();
    // The field behind the name is number 3.
    let ticks = fields.split_whitespace().skip(first - 3).take(2).map(str::parse::<u64>);
    let ticks = ticks.sum::<Result<u64, _>>().context("a number of clock ticks")?;
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}
