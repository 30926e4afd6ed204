//! What a broker costs that nobody uses.

use anyhow::{Context, Result};
use ringlog_harness::{Broker, children, resident_bytes};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const IDLE: Duration = Duration::from_secs(5);

/// Starts `ringlog dev` on an empty folder, and looks at the node while nothing happens.
pub(crate) fn measure() -> Result<Value> {
    ringlog_harness::executable();
    let begun = Instant::now();
    let broker = Broker::start(&["--shards", "1"]);
    let start_ms = begun.elapsed().as_secs_f64() * 1e3;
    let node = *children(broker.pid(), "node").first().context("dev runs a node")?;
    let before = cpu_seconds(node)?;
    // Nothing to wait for: idleness is a span of time.
    std::thread::sleep(IDLE);
    let idle_percent = 100.0 * (cpu_seconds(node)? - before) / IDLE.as_secs_f64();
    let server_rss_mib = resident_bytes(node) as f64 / f64::from(1 << 20);
    broker.stop();
    Ok(json!({ "start_ms": start_ms, "idle_percent": idle_percent, "server_rss_mib": server_rss_mib }))
}

fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    let used = ticks(11).zip(ticks(12)).context("an unexpected /proc/PID/stat")?;
    Ok((used.0 + used.1) / rustix::param::clock_ticks_per_second() as f64)
}
