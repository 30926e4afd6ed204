//! `ringlog bench` against a broker: the figures scripts read, and runs that must fail.
#![allow(clippy::unwrap_used, reason = "a broken fixture ends the test")]

mod support;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin;
use ringlog_harness::{Broker, port_of_its_own, wire, wire::Wire};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use support::{ask, until};

fn bench(arguments: &[&str]) -> Command {
    let mut command = Command::from_std(std::process::Command::new(cargo_bin("ringlog")));
    command.arg("bench").args(arguments).timeout(Duration::from_secs(120));
    command
}

struct Run<'a> {
    broker: &'a Broker,
    folder: &'a Path,
}

impl Run<'_> {
    /// Where the broker listens for a protocol.
    fn brokers(&self, protocol: &str) -> String {
        let addresses = self.broker.addresses();
        if protocol == "native" { addresses.native.to_string() } else { addresses.kafka.to_string() }
    }

    fn command(&self, protocol: &str, arguments: &str) -> (Command, std::path::PathBuf) {
        let json = self.folder.join("run.json");
        let mut words: Vec<&str> = arguments.split_whitespace().collect();
        let brokers = self.brokers(protocol);
        words.extend([
            "--brokers",
            &brokers,
            "--protocol",
            protocol,
            "--quiet",
            "--json",
            json.to_str().unwrap(),
        ]);
        (bench(&words), json)
    }

    fn ok(&self, protocol: &str, arguments: &str) -> Value {
        let (mut command, json) = self.command(protocol, arguments);
        command.assert().success();
        read(&json)
    }

    /// A run that fails: its JSON, and what it said.
    fn fails(&self, protocol: &str, arguments: &str) -> (Value, String) {
        let (mut command, json) = self.command(protocol, arguments);
        let output = command.assert().code(1).get_output().clone();
        (read(&json), String::from_utf8(output.stderr).unwrap())
    }
}

fn read(json: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap()
}

fn number(run: &Value, field: &str) -> f64 {
    run[field].as_f64().unwrap_or_else(|| panic!("{field} in {run}"))
}

fn assert_sound(run: &Value) {
    for field in ["errors", "lost", "reordered", "duplicated", "damaged"] {
        assert_eq!(number(run, field), 0.0, "{field}");
    }
    assert!(run["failures"].as_array().unwrap().is_empty(), "{}", run["failures"]);
}

/// The call that scripts rely on, word by word.
#[test]
fn the_one_shot_call_gives_the_figures_it_promises() {
    let broker = Broker::start(&["--shards", "2"]);
    let folder = tempfile::tempdir().unwrap();
    for protocol in ["native", "kafka"] {
        let addresses = broker.addresses();
        let address = if protocol == "native" { addresses.native } else { addresses.kafka }.to_string();
        let json = folder.path().join(protocol);
        let shown = bench(&[
            "produce",
            "--brokers",
            &address,
            "--protocol",
            protocol,
            "--topic",
            protocol,
            "--partitions",
            "4",
            "--producers",
            "8",
            "--record-size",
            "1024",
            "--batch-bytes",
            "65536",
            "--acks",
            "all",
            "--duration",
            "2s",
            "--json",
            json.to_str().unwrap(),
        ])
        .assert()
        .success();
        let table = String::from_utf8(shown.get_output().stdout.clone()).unwrap();
        assert!(table.contains("produce") && table.contains("p99.9") && table.contains("lost 0"), "{table}");
        let live = String::from_utf8(shown.get_output().stderr.clone()).unwrap();
        assert!(live.contains("MB/s | p50"), "{live}");
        let run = read(&json);
        assert_sound(&run);
        for field in ["records", "mb_per_s", "records_per_s", "p50_us", "p99_us", "p999_us", "client_cpu_s"] {
            assert!(number(&run, field) > 0.0, "{field}");
        }
        assert!(number(&run, "server_cpu_s_per_gb") > 0.0, "the broker is on this machine");
        assert!(number(&run, "p50_us") <= number(&run, "p99_us"));
        let per_record = number(&run, "bytes") / number(&run, "records");
        assert_eq!(per_record, 1024.0);
        assert_eq!(run["series"].as_array().unwrap().len(), 2);

        let consumed = Run { broker: &broker, folder: folder.path() }
            .ok(protocol, &format!("consume --topic {protocol} --consumers 2"));
        assert_sound(&consumed);
        assert!(number(&consumed, "records") >= number(&run, "records"), "warm-up is in the topic too");
    }
}

#[test]
fn every_kind_of_run_works_over_both_protocols() {
    let broker = Broker::start(&["--shards", "2"]);
    let folder = tempfile::tempdir().unwrap();
    let runs = Run { broker: &broker, folder: folder.path() };
    for protocol in ["kafka", "native"] {
        let mixed = runs.ok(protocol, &format!(
            "mixed --topic mixed-{protocol} --partitions 3 --producers 2 --consumers 2 --rate 2000 --record-size 100-300 \
             --duration 1s --warm-up 200ms --threads 2"
        ));
        assert_sound(&mixed);
        let rate = number(&mixed, "records_per_s");
        // A machine that is busy with other tests may be late with a part of them, or with those of the warm-up, up to 400.
        assert!((500.0..=2500.0).contains(&rate), "{rate}");
        assert!(number(&mixed["end_to_end"], "p50_us") > 0.0);
        assert_eq!(mixed["p50_us"], mixed["end_to_end"]["p50_us"]);

        let fanout = runs.ok(protocol, &format!(
            "fanout --topic fanout-{protocol} --partitions 2 --groups 3 --rate 1000 --duration 1s --warm-up 0"
        ));
        assert_sound(&fanout);
        let (produced, consumed) =
            (number(&fanout["produce"], "records"), number(&fanout["consume"], "records"));
        assert!(consumed > 1.5 * produced && consumed < 3.5 * produced, "{consumed} of {produced}");

        let catchup = runs.ok(protocol, &format!(
            "catchup --topic catchup-{protocol} --partitions 2 --preload 4MiB --rate 500 --duration 1s --warm-up 0"
        ));
        assert_sound(&catchup);
        assert!(number(&catchup["consume"], "bytes") >= f64::from(4 << 20));

        let connections = runs
            .ok(protocol, "connections --connections 40 --rate 500 --duration 1s --warm-up 0 --threads 2");
        assert_eq!(number(&connections["produce"], "records"), 40.0, "connections opened");

        let keyed = runs.ok(protocol, &format!(
            "produce --topic keyed-{protocol} --partitions 4 --keys zipf:1000 --record-size 64*90,2KiB*10 --compressibility 0.5 \
             --compression lz4 --records 5000 --verify --topics 2 --connections 2"
        ));
        assert_sound(&keyed);
        assert_eq!(number(&keyed, "records"), 5000.0);

        for acks in ["0", "1"] {
            let run = runs.ok(
                protocol,
                &format!("produce --topic acks-{protocol} --acks {acks} --records 2000 --verify"),
            );
            assert_sound(&run);
        }
    }
    let sweep = runs.ok("kafka", "partitions --topic sweep --counts 1,8 --duration 500ms --warm-up 0");
    assert_eq!(sweep["runs"].as_array().unwrap().len(), 2);
    let ramp = runs.ok("native", "produce --topic ramp --ramp-p99 10s --rate 400000 --batch-bytes 1000000 --duration 300ms --warm-up 0");
    assert!(number(&ramp, "rate_found") >= 100.0, "{}", ramp["steps"]);

    let json = folder.path().join("run.json");
    let page = folder.path().join("page.html");
    bench(&["report", json.to_str().unwrap(), json.to_str().unwrap(), "--output", page.to_str().unwrap()])
        .assert()
        .success();
    assert!(std::fs::read_to_string(page).unwrap().contains("<svg"));
}

#[test]
fn scenarios_are_listed_shown_and_run() {
    let listed = bench(&["run", "--list"]).assert().success().get_output().stdout.clone();
    let listed = String::from_utf8(listed).unwrap();
    for name in [
        "many-small-producers",
        "big-batches",
        "hot-partition",
        "thousand-partitions",
        "tailing-fan-out",
        "catch-up",
    ] {
        assert!(listed.contains(name), "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    let shown = bench(&["run", "hot-partition", "--print"]).assert().success().get_output().stdout.clone();
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, shown).unwrap();
    let broker = Broker::start(&[]);
    let runs = Run { broker: &broker, folder: folder.path() };
    let run = runs.ok(
        "kafka",
        &format!("run {} --duration 500ms --warm-up 0 --set producers=2 --set topic=mine", file.display()),
    );
    assert_sound(&run);
    assert_eq!(run["name"], "hot-partition");
    assert_eq!(run["settings"]["topic"], "mine");
}

/// Lost, reordered, duplicated and damaged records, each put into a log behind the generator's back.
#[test]
fn a_run_that_finds_trouble_fails() {
    let broker = Broker::start(&["--shards", "1"]);
    let folder = tempfile::tempdir().unwrap();
    let runs = Run { broker: &broker, folder: folder.path() };
    runs.ok("kafka", "produce --topic source --records 6 --batch-bytes 1 --in-flight 1");
    let mut wire = Wire::connect(broker.addresses().kafka);
    let batches: Vec<Vec<u8>> = (0..6)
        .map(|offset| {
            let reply = wire.ask(&wire::fetch("source", 0, offset, 0, 1)).unwrap();
            let records = wire::fetched("source", &reply).2;
            let length = 12 + i32::from_be_bytes(records[8..12].try_into().unwrap()) as usize;
            records[..length].to_vec()
        })
        .collect();
    // The last byte of the value is payload, the one after it says that there are no headers.
    let mut damaged = batches[2].clone();
    let last = damaged.len() - 2;
    damaged[last] ^= 1;
    let checksum = ringlog_batch::checksum(&damaged[21..]);
    damaged[17..21].copy_from_slice(&checksum.to_be_bytes());
    let cases: [(&str, Vec<&Vec<u8>>); 4] = [
        ("lost", vec![&batches[0], &batches[1], &batches[4], &batches[5]]),
        ("reordered", vec![&batches[0], &batches[2], &batches[1]]),
        ("duplicated", vec![&batches[0], &batches[1], &batches[1]]),
        ("damaged", vec![&batches[0], &batches[1], &damaged]),
    ];
    for (kind, log) in cases {
        wire.ask(&wire::create_topic(kind)).unwrap();
        for batch in log {
            let reply = wire.ask(&wire::produce(kind, 0, -1, batch)).unwrap();
            assert_eq!(wire::produced(kind, &reply).0, 0);
        }
        for protocol in ["kafka", "native"] {
            let (run, said) = runs.fails(protocol, &format!("consume --topic {kind}"));
            assert_eq!(number(&run, kind), if kind == "lost" { 2.0 } else { 1.0 }, "{kind} {run}");
            assert!(said.contains("the run failed"), "{said}");
        }
    }
}

/// Records that a reader was told to read have been deleted before it could.
#[test]
fn a_reader_that_finds_its_records_deleted_fails() {
    let broker = Broker::start(&["--shards", "1"]);
    let folder = tempfile::tempdir().unwrap();
    let runs = Run { broker: &broker, folder: folder.path() };
    runs.ok("kafka", "produce --topic t --records 100 --batch-bytes 1");
    let mut wire = Wire::connect(broker.addresses().kafka);
    delete_records(&mut wire, "t", 40);
    for protocol in ["kafka", "native"] {
        let (run, _) = runs.fails(protocol, "consume --topic t --from 0");
        assert_eq!((number(&run, "lost"), number(&run, "records")), (40.0, 60.0));
        assert_sound(&runs.ok(protocol, "consume --topic t"));
    }
}

/// DeleteRecords version 1 of one partition.
fn delete_records(wire: &mut Wire, topic: &str, before: i64) {
    let mut body = 1i32.to_be_bytes().to_vec();
    wire::put_text(&mut body, topic);
    body.extend_from_slice(&1i32.to_be_bytes());
    body.extend_from_slice(&0i32.to_be_bytes());
    body.extend_from_slice(&before.to_be_bytes());
    body.extend_from_slice(&30_000i32.to_be_bytes());
    let reply = wire.ask(&wire::request(21, 1, 1, &body)).unwrap();
    let error = i16::from_be_bytes(reply[reply.len() - 2..].try_into().unwrap());
    assert_eq!(error, 0, "DeleteRecords");
}

#[test]
fn errors_say_what_to_do() {
    let broker = Broker::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let runs = Run { broker: &broker, folder: folder.path() };
    let said = |arguments: &[&str]| {
        String::from_utf8(bench(arguments).assert().code(1).get_output().stderr.clone()).unwrap()
    };
    let nobody = said(&["produce", "--brokers", "127.0.0.1:1", "--topic", "t"]);
    assert!(
        nobody.contains("cannot connect to 127.0.0.1:1") && nobody.contains("Is a broker running"),
        "{nobody}"
    );
    let native = runs.brokers("native");
    let other = said(&["produce", "--brokers", &native, "--protocol", "kafka", "--topic", "t"]);
    assert!(other.contains("Kafka listener"), "{other}");
    let kafka = runs.brokers("kafka");
    let other = said(&["produce", "--brokers", &kafka, "--protocol", "native", "--topic", "t"]);
    assert!(other.contains("native listener"), "{other}");
    for protocol in ["kafka", "native"] {
        let brokers = runs.brokers(protocol);
        let missing = said(&["consume", "--brokers", &brokers, "--protocol", protocol, "--topic", "no-such"]);
        assert!(missing.contains("there is no topic \"no-such\""), "{missing}");
        let (run, refused) = runs.fails(
            protocol,
            &format!("produce --topic small-{protocol} --topic-config max.message.bytes=1000 --duration 300ms --warm-up 0"),
        );
        assert!(number(&run, "errors") > 0.0 && number(&run, "lost") == 0.0, "{refused}");
        assert!(refused.contains("refused"), "{refused}");
    }
    let wrong = said(&["produce", "--brokers", &kafka, "--topic", "t", "--compression", "rar"]);
    assert!(wrong.contains("rar"), "{wrong}");
}

/// What was measured until then is written and shown.
#[test]
fn an_interrupted_run_ends_cleanly() {
    let broker = Broker::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("run.json");
    let child = std::process::Command::new(cargo_bin("ringlog"))
        .args(["bench", "mixed", "--topic", "t", "--duration", "60s", "--warm-up", "0", "--rate", "1000"])
        .args(["--brokers", &broker.addresses().kafka.to_string(), "--json", json.to_str().unwrap()])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The line of the first second says that it is under way.
    let mut child = child;
    let mut live = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut live, &mut line).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT)
        .unwrap();
    let drained = std::thread::spawn(move || std::io::copy(&mut live, &mut std::io::sink()));
    let output = child.wait_with_output().unwrap();
    drained.join().unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    let run = read(&json);
    assert_eq!(run["was_interrupted"], true);
    assert!((0.9..30.0).contains(&number(&run, "seconds")) && number(&run, "records") >= 300.0, "{run}");
}

#[test]
fn idempotent_producers_and_members_of_groups_lose_nothing() {
    let broker = Broker::start(&["--shards", "2"]);
    let folder = tempfile::tempdir().unwrap();
    let runs = Run { broker: &broker, folder: folder.path() };
    let produced = runs.ok(
        "kafka",
        "produce --topic t --partitions 4 --producers 3 --idempotent --batch-bytes 4KiB --records 6000 --verify",
    );
    assert_sound(&produced);
    assert_eq!(number(&produced, "records"), 6000.0);
    let consumed = runs.ok("kafka", "consume --topic t --consumers 2 --groups 2 --group g --threads 2");
    assert_sound(&consumed);
    assert_eq!(number(&consumed, "records"), 12_000.0);
    for group in ["g", "g-2"] {
        let native = runs.brokers("native");
        let described = Command::from_std(std::process::Command::new(cargo_bin("ringlog")))
            .args(["group", "describe", group, "--native", &native])
            .assert()
            .success()
            .get_output()
            .stdout
            .clone();
        let described = String::from_utf8(described).unwrap();
        // Partition by partition the last commit says that all is read: committed and end are the same.
        let lines = described.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let partitions: Vec<_> = lines.filter(|words| words.first() == Some(&"t")).collect();
        assert_eq!(partitions.len(), 4, "{described}");
        assert!(partitions.iter().all(|words| words[2] == words[3] && words[4] == "0"), "{described}");
    }
    let fanout = runs.ok(
        "kafka",
        "fanout --topic f --partitions 2 --consumers 2 --groups 2 --group f --rate 500 --duration 2s --warm-up 0",
    );
    assert_sound(&fanout);
    let (produced, consumed) = (number(&fanout["produce"], "records"), number(&fanout["consume"], "records"));
    assert!(consumed > 1.2 * produced, "{consumed} of {produced}");
}

/// A run of `bench` on topic `t` during which the broker is killed and started again on the same folder and ports: its
/// JSON, and whether it ended as a sound one.
fn through_a_restart(protocol: &str, arguments: &str) -> (Value, bool) {
    let written = std::cell::Cell::new(0);
    // After the restart more than can have been on its way when the broker ended.
    let goes_on = |broker: &Broker| {
        let before = written.get();
        let beyond = if before == 0 { 100 } else { before + 1000 };
        written.set(wait_for_more_than(broker.addresses().kafka, beyond));
    };
    through_a_restart_once(protocol, &format!("{arguments} --topic t"), goes_on)
}

/// The same of any run; `goes_on` waits until the broker has something to do, before and after the restart.
fn through_a_restart_once(protocol: &str, arguments: &str, goes_on: impl Fn(&Broker)) -> (Value, bool) {
    let folder = tempfile::tempdir().unwrap();
    let (data, json) = (folder.path().join("data"), folder.path().join("run.json"));
    // Nobody may get a port while the broker is away, or the clients that look for it would find themselves.
    let (kafka, native) = (port_of_its_own(), port_of_its_own());
    let address = if protocol == "native" { native } else { kafka }.to_string();
    let [listens, listens_native] = [kafka, native].map(|address| address.to_string());
    let options = ["--shards", "2", "--kafka", &listens, "--native", &listens_native];
    let broker = Broker::start_in(&data, &options);
    let mut running = std::process::Command::new(cargo_bin("ringlog"))
        .arg("bench")
        .args(arguments.split_whitespace())
        .args(["--rate", "500", "--duration", "60s", "--warm-up", "0", "--quiet"])
        .args(["--protocol", protocol, "--brokers", &address, "--json", json.to_str().unwrap()])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::inherit())
        .spawn()
        .unwrap();
    goes_on(&broker);
    broker.kill();
    // The kernel may close the sockets of a process a little after its end.
    while std::net::TcpStream::connect(kafka).is_ok() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let broker = Broker::start_in(&data, &options);
    goes_on(&broker);
    rustix::process::kill_process(rustix::process::Pid::from_child(&running), rustix::process::Signal::INT)
        .unwrap();
    let is_sound = running.wait().unwrap().success();
    (read(&json), is_sound)
}

/// What was in flight is unknown and counts as an error, so the run may end as sound or as failed.
#[test]
fn producers_go_on_when_the_broker_comes_back() {
    let (run, _) = through_a_restart("kafka", "produce");
    assert!(number(&run, "reconnects") >= 1.0, "{run}");
    assert_eq!((number(&run, "lost"), number(&run, "duplicated")), (0.0, 0.0), "{run}");
}

#[test]
fn idempotent_producers_send_again_what_was_not_answered() {
    let (run, is_sound) = through_a_restart(
        "kafka",
        "produce --idempotent --verify --partitions 2 --producers 2 --batch-bytes 1",
    );
    assert!(is_sound, "{}", run["failures"]);
    assert_sound(&run);
    assert!(number(&run, "reconnects") >= 2.0, "{run}");
}

#[test]
fn consumers_go_on_where_they_were_when_the_broker_comes_back() {
    for protocol in ["kafka", "native"] {
        let (run, _) = through_a_restart(protocol, "mixed --partitions 2 --consumers 2");
        assert!(number(&run, "reconnects") >= 3.0, "{run}");
        let [lost, duplicated] = ["lost", "duplicated"].map(|field| number(&run, field));
        assert_eq!((lost, duplicated), (0.0, 0.0), "{run}");
        assert!(number(&run["consume"], "records") >= number(&run["produce"], "records"), "{run}");
    }
}

#[test]
fn members_of_groups_and_idempotent_producers_lose_nothing_when_the_broker_comes_back() {
    let (run, is_sound) = through_a_restart(
        "kafka",
        "mixed --idempotent --partitions 4 --producers 2 --groups 2 --consumers 2 --group g --threads 2",
    );
    assert!(is_sound, "{}", run["failures"]);
    assert_sound(&run);
    // Producers, consumers, and members at their coordinator.
    assert!(number(&run, "reconnects") >= 10.0, "{run}");
    assert_eq!(number(&run["consume"], "records"), 2.0 * number(&run["produce"], "records"), "{run}");
}

#[test]
fn each_of_many_connections_is_opened_anew_when_the_broker_comes_back() {
    for protocol in ["kafka", "native"] {
        let asks = |broker: &Broker| {
            let admin = broker.addresses().admin.to_string();
            until("30 connections are open and asked", || {
                let metrics = ask(&admin, "GET", "/metrics?shards=sum", "");
                sum(&metrics, "ringlog_connections ") >= 30.0
                    && sum(&metrics, "ringlog_requests_total{") >= 500.0
            });
        };
        let (run, is_sound) =
            through_a_restart_once(protocol, "connections --connections 30 --threads 2", asks);
        assert!(is_sound, "{}", run["failures"]);
        assert_sound(&run);
        assert_eq!(number(&run, "reconnects"), 30.0, "{run}");
        assert!(number(&run["consume"], "records") > 500.0, "{run}");
    }
}

/// All numbers of a metric together.
fn sum(metrics: &str, name: &str) -> f64 {
    let lines = metrics.lines().filter(|line| line.starts_with(name));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

/// The end of partition 0 of topic `t` once it is beyond an offset.
fn wait_for_more_than(address: std::net::SocketAddr, offset: i64) -> i64 {
    let mut wire = Wire::connect(address);
    for _ in 0..600 {
        let reply = wire.ask(&wire::fetch("t", 0, 0, 0, 1)).unwrap();
        let (_, end, _) = wire::fetched("t", &reply);
        if end > offset {
            return end;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("partition 0 of t does not get beyond offset {offset}");
}
