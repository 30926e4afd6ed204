//! What somebody has set or deleted stays so, whichever process is killed.
#![allow(clippy::unwrap_used, reason = "a broken fixture ends the test")]

use ringlog_harness::{Broker, children, executable, listeners_of_its_own};
use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// How many retired files a shard keeps for new segments.
const POOL: usize = 16;

/// Runs a command of `ringlog` against the broker; what it prints, or what it says is wrong.
fn run(broker: &Broker, arguments: &[&str], input: &str) -> Result<String, String> {
    let mut child = Command::new(executable())
        .args(arguments)
        .args(["--native", &broker.addresses().native.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may have ended before it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// Runs a command until it says what is wanted.
fn run_until(broker: &Broker, arguments: &[&str], is_wanted: impl Fn(&str) -> bool) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let said = run(broker, arguments, "");
        match said {
            Ok(said) if is_wanted(&said) => return said,
            said if Instant::now() > deadline => panic!("{arguments:?} still says {said:?}"),
            _ => thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// A broker whose children [`kill_child`] kills.
fn start_to_be_killed(arguments: &[&str]) -> Broker {
    let listeners = listeners_of_its_own();
    let arguments: Vec<_> = listeners.iter().map(String::as_str).chain(arguments.iter().copied()).collect();
    Broker::start(&arguments)
}

/// `kill -9` of a child of `dev`; returns when another has taken its place.
fn kill_child(broker: &Broker, role: &str) {
    let killed = children(broker.pid(), role);
    assert_eq!(killed.len(), 1, "one {role} process");
    signal(killed[0], "KILL");
    let deadline = Instant::now() + PATIENCE;
    while !matches!(children(broker.pid(), role)[..], [pid] if pid != killed[0]) {
        assert!(Instant::now() < deadline, "no new {role} process");
        thread::sleep(Duration::from_millis(20));
    }
}

/// By its own id: the process is a child of the test's own broker.
fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn defaults_hold_whichever_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("node.toml");
    fs::write(&file, "[kafka]\nlog.retention.hours = 24\nlog.segment.bytes = 2000000\nnum.partitions = 3\n")
        .unwrap();
    let broker = start_to_be_killed(&["--config", &file.display().to_string()]);
    run(&broker, &["topic", "create", "orders"], "").unwrap();
    assert!(run(&broker, &["topic", "describe", "orders"], "").unwrap().contains("partitions: 3"));
    // The file, then what is set for all nodes over it.
    let shown = |key: &str, value: &str, from: &str| {
        let words = [key, value, from];
        run_until(&broker, &["config", "get", "topic", "orders", key], |said| {
            words.iter().all(|word| said.contains(word))
        });
    };
    shown("retention.ms", "86400000", "node's start");
    shown("segment.bytes", "2000000", "node's start");
    run(&broker, &["config", "set", "nodes", "log.retention.ms=7777777"], "").unwrap();
    shown("retention.ms", "7777777", "all nodes");
    for role in ["controller", "node", "controller"] {
        kill_child(&broker, role);
        shown("retention.ms", "7777777", "all nodes");
        shown("segment.bytes", "2000000", "node's start");
    }
    // The controller that came back decides again.
    let set = ["config", "set", "nodes", "--delete", "log.retention.ms"];
    run_until(&broker, &set, |said| said.contains("changed 1"));
    shown("retention.ms", "86400000", "node's start");
    assert!(broker.stop().success());
}

/// Bytes of the segment files under a broker's data.
fn segment_bytes(data: &Path) -> u64 {
    let folder = fs::read_dir(data.join("node/segments")).unwrap();
    folder.map(|entry| entry.unwrap().metadata().map_or(0, |metadata| metadata.len())).sum()
}

/// Segments are written behind the journal.
fn wait_for_segment_bytes(data: &Path, wanted: u64) {
    let deadline = Instant::now() + PATIENCE;
    while segment_bytes(data) < wanted {
        assert!(Instant::now() < deadline, "only {} bytes of segments", segment_bytes(data));
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_topic_deleted_when_the_node_is_killed_is_gone_and_gives_its_space_back() {
    let broker = start_to_be_killed(&["--shards", "2"]);
    let lines = format!("{}\n", "x".repeat(1000)).repeat(20_000);
    for round in 0..4u64 {
        let created = ["topic", "create", "doomed", "--partitions", "8"];
        run_until(&broker, &created, |said| said.contains("doomed"));
        run(&broker, &["produce", "doomed"], &lines).unwrap();
        wait_for_segment_bytes(broker.data(), 1_000_000);
        thread::scope(|scope| {
            // Whether the answer arrives depends on the round; the deletion is decided once it does.
            let deleting = scope.spawn(|| run(&broker, &["topic", "delete", "doomed"], ""));
            thread::sleep(Duration::from_millis(10 + 25 * round));
            kill_child(&broker, "node");
            let _ = deleting.join().unwrap();
        });
        let listed = run_until(&broker, &["topic", "list"], |_| true);
        if listed.contains("doomed") {
            // The node was killed before the controller heard of it: deleted now, it stays so.
            run_until(&broker, &["topic", "delete", "doomed"], |_| true);
            kill_child(&broker, "node");
        }
        run_until(&broker, &["topic", "list"], |said| !said.contains("doomed"));
    }
    // What is left of the files is the pool for new segments.
    run(&broker, &["topic", "create", "doomed"], "").unwrap();
    let described = run(&broker, &["partition", "describe", "doomed", "0"], "").unwrap();
    assert!(
        described.contains("end:            0"),
        "nothing of the old topic is in the new one: {described}"
    );
    let left = fs::read_dir(broker.data().join("node/segments")).unwrap().count();
    assert!(left <= 2 * POOL, "{left} files are left of topics that are gone");
    assert!(broker.stop().success());
}

fn log_levels(admin: SocketAddr) -> String {
    let mut stream = TcpStream::connect(admin).unwrap();
    write!(stream, "GET /log-levels HTTP/1.0\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_hangup_makes_the_node_read_its_log_levels_and_topic_defaults_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("node.toml");
    fs::write(&file, "[log]\nlevels = \"warn\"\n").unwrap();
    // Not verbose, `dev` chooses the levels itself.
    let broker = Broker::start(&["--verbose", "--config", &file.display().to_string()]);
    let admin = broker.addresses().admin;
    assert!(log_levels(admin).contains("\"root\":\"warn\""), "{}", log_levels(admin));
    let node = children(broker.pid(), "node")[0];
    run(&broker, &["topic", "create", "plain"], "").unwrap();
    fs::write(
        &file,
        "[log]\nlevels = \"info,ringlog_storage=debug\"\n[kafka]\nnum.partitions = 7\nlog.retention.hours = 5\n",
    )
    .unwrap();
    signal(node, "HUP");
    let deadline = Instant::now() + PATIENCE;
    while !log_levels(admin).contains("\"ringlog_storage\":\"debug\"") {
        assert!(Instant::now() < deadline, "{}", log_levels(admin));
        thread::sleep(Duration::from_millis(20));
    }
    while !broker.said().contains("kafka.num.partitions") {
        assert!(Instant::now() < deadline, "{}", broker.said());
        thread::sleep(Duration::from_millis(20));
    }
    const GET: [&str; 5] = ["config", "get", "topic", "plain", "--all"];
    run_until(&broker, &GET, |said| said.contains("18000000"));
    // Settings that contradict each other change nothing, nor does a file that is wrong; both are said.
    fs::write(&file, "[kafka]\nlog.retention.hours = 6\ngroup.consumer.session.timeout.ms = 1\n").unwrap();
    signal(node, "HUP");
    while !broker.said().contains("must be greater than or equal to group.consumer.min.session.timeout.ms") {
        assert!(Instant::now() < deadline, "{}", broker.said());
        thread::sleep(Duration::from_millis(20));
    }
    fs::write(&file, "[log]\nlevles = \"off\"\n").unwrap();
    signal(node, "HUP");
    while !broker.said().contains("did you mean log.levels") {
        assert!(Instant::now() < deadline, "{}", broker.said());
        thread::sleep(Duration::from_millis(20));
    }
    assert!(log_levels(admin).contains("\"ringlog_storage\":\"debug\""));
    assert!(run(&broker, &GET, "").unwrap().contains("18000000"));
    // What is no longer said is as it would be without it.
    fs::write(&file, "[log]\nlevels = \"warn\"\n").unwrap();
    signal(node, "HUP");
    run_until(&broker, &GET, |said| !said.contains("18000000") && said.contains("604800000"));
    assert!(broker.stop().success());
}
