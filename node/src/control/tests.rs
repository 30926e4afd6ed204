use super::*;
use crate::{
    metrics::{RequestKind, ShardLabels, ShardParts, report_shards},
    overview::{GroupOverview, GroupTopicOverview, Overview, ShardOverview, TopicOverview},
};
use std::{
    collections::BTreeSet,
    io::{Read, Write},
    sync::atomic::Ordering,
};

fn ask(address: SocketAddr, path: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn visible() -> Visible {
    Visible { shards: Arc::new([Arc::new(ShardMetrics::default())]), ..Visible::default() }
}

#[test]
fn health_readiness_and_metrics_are_served_until_the_thread_is_dropped() {
    let visible = visible();
    let control = ControlThread::start("127.0.0.1:0".parse().unwrap(), visible.clone()).unwrap();
    let address = control.address();
    assert!(ask(address, "/health").starts_with("HTTP/1.1 200"));
    let unready = ask(address, "/ready");
    assert!(unready.starts_with("HTTP/1.1 503"));
    assert!(unready.contains("\"reason\":\"the logs are being recovered\""), "{unready}");
    for flag in [&visible.readiness.recovered, &visible.readiness.serving, &visible.readiness.registered] {
        flag.store(true, Ordering::Relaxed);
    }
    assert!(ask(address, "/ready").starts_with("HTTP/1.1 200"));
    assert!(ask(address, "/metrics").contains("\nringlog_connections{shard=\"0\"} 0\n"));
    assert!(ask(address, "/metrics?shards=sum").contains("\nringlog_connections 0\n"));
    assert!(ask(address, "/metrics?shard=1").starts_with("HTTP/1.1 400"));
    drop(control);
    assert!(std::net::TcpStream::connect(address).is_err());
}

/// Every metric that a node reports.
fn reported() -> BTreeSet<String> {
    let visible = Visible { directories: Arc::new(["/data".into()]), ..visible() };
    let shard = &visible.shards[0];
    let parts = ShardParts { stores: vec![Arc::default()], ..ShardParts::default() };
    shard.requests.begun(RequestKind::Kafka(0));
    shard.requests.error(3, 1);
    let mut exposition = metrics::collect(&visible, ShardLabels::Each);
    report_shards(&mut exposition, &visible.shards, &[parts], &visible.directories);
    // No thread of a test is called like a shard.
    exposition.counter_micros(process::SHARD_CPU, &[("shard", "0")], 1);
    let topic = TopicOverview { name: "orders".into(), ..TopicOverview::default() };
    let lag = GroupTopicOverview { topic: "orders".into(), ..GroupTopicOverview::default() };
    let group = GroupOverview { topics: vec![lag], ..GroupOverview::default() };
    let shards = vec![ShardOverview::default()];
    let overview = Overview { shards, topics: vec![topic], groups: vec![group], ..Overview::default() };
    overview::report(&mut exposition, &overview);
    exposition.names().into_iter().map(str::to_owned).collect()
}

/// Words of a text that are names of metrics.
fn named(text: &str) -> BTreeSet<String> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let words = text.split(|character| !is_part(character));
    let names = words.filter(|word| word.starts_with("ringlog_") || word.starts_with("process_"));
    // The parts of a histogram, as queries name them.
    let whole = |name: &str| {
        let parts = ["_bucket", "_sum", "_count"];
        parts.iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name).to_owned()
    };
    names.map(whole).collect()
}

#[test]
fn the_documentation_names_every_metric_and_no_other() {
    let operations = include_str!("../../../docs/operations.md");
    let rows =
        operations.lines().filter(|line| line.starts_with("| `ringlog_") || line.starts_with("| `process_"));
    let first_cells = rows.filter_map(|row| row.split('|').nth(1));
    let documented: BTreeSet<_> = first_cells.flat_map(named).collect();
    let reported = reported();
    let missing: Vec<_> = reported.difference(&documented).collect();
    let unknown: Vec<_> = documented.difference(&reported).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing {missing:?}, not reported {unknown:?}");
}

#[test]
fn the_dashboard_asks_only_for_metrics_that_exist() {
    let dashboard = include_str!("../../../docs/grafana-dashboard.json");
    let reported = reported();
    let named = named(dashboard);
    let unknown: Vec<_> = named.difference(&reported).collect();
    assert!(unknown.is_empty(), "not reported {unknown:?}");
    assert!(named.len() > 20, "a dashboard shows more than {named:?}");
}
