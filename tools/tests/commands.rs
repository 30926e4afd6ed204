//! Topics, produce and consume over the native protocol, right and wrong, against one broker.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use support::{Dev, ringlog};

#[test]
fn records_come_back_as_they_went_in() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(folder.path());
    assert_eq!(
        dev.run(&["topic", "create", "t", "--partitions", "3"]),
        "created topic t with 3 partitions\n"
    );

    for (at, compression) in ["none", "gzip", "snappy", "lz4", "zstd"].into_iter().enumerate() {
        let lines = format!("key:{compression}\nno key\n\n");
        dev.produce(&["t", "-p", "1", "-k", ":", "--compression", compression], &lines);
        let from = (at * 3).to_string();
        let printed =
            dev.run(&["consume", "t", "-p", "1", "--from", &from, "--format", r"%t/%p/%o %K %k|%S %s;"]);
        let (a, b, c) = (at * 3, at * 3 + 1, at * 3 + 2);
        let length = compression.len();
        assert_eq!(
            printed,
            format!("t/1/{a} 3 key|{length} {compression};t/1/{b} -1 |6 no key;t/1/{c} -1 |0 ;")
        );
    }

    // Many records, by key, with every kind of acknowledgement.
    let lines: String = (0..3000).map(|number| format!("{number}:{}\n", "x".repeat(number % 50))).collect();
    for acks in ["all", "1"] {
        dev.run(&["topic", "create", &format!("many-{acks}"), "--partitions", "3"]);
        dev.produce(&[&format!("many-{acks}"), "-k", ":", "--acks", acks, "--compression", "lz4"], &lines);
        let mut printed: Vec<_> = dev
            .run(&["consume", &format!("many-{acks}"), "--format", r"%k:%s\n"])
            .lines()
            .map(str::to_owned)
            .collect();
        printed.sort_by_key(|line| line.split(':').next().unwrap().parse::<u32>().unwrap());
        assert_eq!(printed.join("\n") + "\n", lines);
    }
    dev.produce(&["t", "-p", "0", "--acks", "0"], "nobody answers\n");
    assert_eq!(dev.run(&["consume", "t", "-p", "0", "--follow", "--count", "1"]), "nobody answers\n");

    // Where to begin and how many.
    assert_eq!(dev.run(&["consume", "many-all", "--count", "7"]).lines().count(), 7);
    assert_eq!(dev.run(&["consume", "t", "-p", "1", "--from", "-1", "--format", "%o"]), "14");
    assert_eq!(dev.run(&["consume", "t", "-p", "1", "--from", "end"]), "");
    assert_eq!(dev.run(&["consume", "t", "-p", "1", "--from", "2000-01-01", "--format", "%o "]).len(), 35);
    assert_eq!(dev.run(&["consume", "t", "-p", "2"]), "", "an empty partition");

    let described = dev.run(&["topic", "describe", "t"]);
    assert!(described.contains("partitions: 3"), "{described}");
    let row: Vec<_> =
        described.lines().find(|line| line.starts_with("1 ")).unwrap().split_whitespace().collect();
    assert_eq!(row[6..], ["0", "15"], "beginning and end");
    assert_eq!(dev.run(&["topic", "delete", "t"]), "deleted topic t\n");
    assert_eq!(dev.run(&["topic", "list", "-q"]), "many-1\nmany-all\n");
}

#[test]
fn a_follower_sees_records_as_they_come_and_a_closed_pipe_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(folder.path());
    dev.run(&["topic", "create", "t"]);
    let consume = |arguments: &[&str]| {
        std::process::Command::new(assert_cmd::cargo::cargo_bin("ringlog"))
            .args(["consume", "t", "--native", &dev.native])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut follower = consume(&["--follow"]);
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    for number in 0..5 {
        dev.produce(&["t"], &format!("{number}\n"));
        assert_eq!(lines.next().unwrap().unwrap(), number.to_string());
    }
    follower.kill().unwrap();
    follower.wait().unwrap();

    let lines: String = (0..50_000).map(|number| format!("{number}\n")).collect();
    dev.produce(&["t"], &lines);
    let mut reader = consume(&[]);
    drop(reader.stdout.take());
    let ended = reader.wait_with_output().unwrap();
    assert!(ended.status.success());
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

#[test]
fn lines_typed_by_hand_are_sent_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(folder.path());
    dev.run(&["topic", "create", "t"]);
    let mut producer = std::process::Command::new(assert_cmd::cargo::cargo_bin("ringlog"))
        .args(["produce", "t", "--native", &dev.native])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = producer.stdin.take().unwrap();
    input.write_all(b"typed\nhalf a li").unwrap();
    assert_eq!(dev.run(&["consume", "t", "--follow", "--count", "1"]), "typed\n");
    input.write_all(b"ne").unwrap();
    drop(input);
    assert!(producer.wait().unwrap().success());
    assert_eq!(dev.run(&["consume", "t", "--from", "1"]), "half a line\n");
}

#[test]
fn errors_say_what_is_wrong_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(folder.path());
    let refused = |arguments: &[&str], expected: &str| {
        let failed = dev.command(arguments).write_stdin("line\n").assert().code(1).stdout("");
        let errors = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(errors.starts_with("ringlog: ") && errors.contains(expected), "{arguments:?}: {errors}");
    };
    for command in [["consume", "none"].as_slice(), &["produce", "none"]] {
        refused(command, "there is no topic \"none\". `ringlog topic create none` creates it");
    }
    refused(&["topic", "describe", "none"], "there is no topic \"none\"");
    refused(&["topic", "delete", "none"], "there is no topic \"none\"");
    dev.run(&["topic", "create", "t", "--config", "max.message.bytes=1000"]);
    refused(&["topic", "create", "t"], "already exists");
    refused(&["topic", "create", "a b"], "a b");
    refused(&["topic", "create", "u", "--config", "no.such=1"], "no.such");
    refused(&["topic", "create", "u", "--replication-factor", "3"], "InvalidReplicationFactor");
    refused(&["consume", "t", "--from", "5"], "offset 5 of partition 0 is behind its end, 0");
    refused(&["consume", "t", "--partition", "7"], "no partition 7");
    refused(&["produce", "t", "--partition", "7"], "no partition 7");

    // One line too many does not take the others with it.
    let lines = format!("small\n{}\nsmall too\n", "x".repeat(5000));
    let produce = ["produce", "t", "--native", &dev.native];
    let failed = ringlog().args(produce).write_stdin(lines).assert().code(1);
    let errors = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
    let expected = "1 of 3 records were not acknowledged";
    assert!(errors.contains(expected) && errors.contains("max.message.bytes is the bound"), "{errors}");
    assert_eq!(dev.run(&["consume", "t"]), "small\nsmall too\n");
    // Small records make batches within the limit, however many they are.
    dev.produce(&["t"], &"x\n".repeat(5000));

    let kafka = ["topic", "list", "--native", &dev.kafka];
    let failed = ringlog().args(kafka).assert().code(1);
    assert!(String::from_utf8_lossy(&failed.get_output().stderr).contains("not the Kafka port"));
}

#[test]
fn files_of_a_stopped_broker_can_be_looked_into() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(folder.path());
    dev.run(&["topic", "create", "t"]);
    dev.produce(&["t", "--key-separator", ":"], "alice:one\nbob:two\n");
    dev.signal("TERM");
    assert!(dev.wait().0.success());

    let node = folder.path().join("node");
    let segment = std::fs::read_dir(node.join("segments"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "segment"))
        .unwrap();
    let log = |command: &str, file: &std::path::Path| {
        let mut ringlog = ringlog();
        ringlog.args(["log", command]).arg(file);
        ringlog
    };
    let inspected = log("inspect", &segment).arg("--records").assert().success();
    let text = String::from_utf8_lossy(&inspected.get_output().stdout).into_owned();
    assert!(text.contains("offsets 0..=1") && text.contains("\"alice\" value \"one\""), "{text}");
    for file in [segment.clone(), node.join("catalog"), node.join("journal-0-0")] {
        log("verify", &file).assert().success();
    }
    let mut bytes = std::fs::read(&segment).unwrap();
    let at = bytes.windows(5).position(|window| window == b"alice").unwrap();
    bytes[at] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let damaged = log("verify", &segment).assert().code(1);
    let text = String::from_utf8_lossy(&damaged.get_output().stdout).into_owned();
    assert!(text.contains("checksum") || text.contains("damaged"), "{text}");
    log("verify", &folder.path().join("nowhere")).assert().code(1);
}

#[test]
fn topics_and_configurations_are_altered() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(folder.path());
    dev.run(&["topic", "create", "t"]);
    dev.run(&["topic", "alter", "t", "--partitions", "3", "--config", "retention.ms=5000"]);
    let described = dev.run(&["topic", "describe", "t"]);
    assert!(described.contains("partitions: 3") && described.contains("retention.ms=5000"), "{described}");
    dev.run(&["config", "set", "nodes", "log.segment.bytes=2000000"]);
    let all = dev.run(&["config", "get", "topic", "t", "--all"]);
    let line = |name: &str| {
        let line = all.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {all}"));
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("retention.ms "), "5000 topic");
    assert_eq!(line("segment.bytes "), "2000000 all nodes");
    assert_eq!(line("segment.ms "), "604800000 default");
    dev.run(&["config", "set", "topic", "t", "--delete", "retention.ms"]);
    let left = dev.run(&["config", "get", "topic", "t"]);
    assert!(!left.contains("retention.ms"), "{left}");
    let one = dev.run(&["config", "get", "node", "1", "node.id"]);
    assert!(one.contains("node's start"), "{one}");
    for (wrong, words) in [
        (["config", "set", "topic", "t", "no.such=1"].as_slice(), "Unknown topic config name: no.such"),
        (&["config", "get", "topic", "none"], "does not host"),
        (&["topic", "alter", "t", "--partitions", "2"], "would not be an increase"),
        (&["topic", "alter", "t"], "nothing to change"),
    ] {
        let failed = dev.fail(wrong);
        assert!(failed.contains(words), "{wrong:?}: {failed}");
    }
}

#[test]
fn nothing_listening_and_wrong_usage_are_told_apart() {
    let failed = ringlog().args(["topic", "list", "--native", "127.0.0.1:1"]).assert().code(1);
    let errors = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
    assert!(errors.contains("cannot connect to 127.0.0.1:1") && errors.contains("ringlog dev"), "{errors}");
    for wrong in [
        ["consume", "t", "--from", "yesterday"].as_slice(),
        &["consume", "t", "--format", "%z"],
        &["produce", "t", "--acks", "2"],
        &["topic", "create", "t", "--partitions", "0"],
        &["topic", "create", "t", "--config", "novalue"],
        &["no-such-command"],
    ] {
        ringlog().args(wrong).assert().code(2);
    }
    for command in [["--help"].as_slice(), &["dev", "--help"], &["consume", "--help"], &["produce", "--help"]]
    {
        let help = ringlog().args(command).assert().success();
        let text = String::from_utf8_lossy(&help.get_output().stdout).into_owned();
        assert!(text.contains("Examples:"), "{command:?}");
    }
}
