//! `ringlog doctor`: what it says, how it ends, and that a node goes by what it has measured.
#![allow(clippy::unwrap_used, reason = "a step that fails fails its test")]

mod support;

use serde_json::Value;
use std::path::Path;
use support::ringlog;

/// What it prints as JSON, with its exit code.
fn doctor(arguments: &[&str], data: &Path) -> (Value, i32) {
    let output =
        ringlog().args(["doctor", "--json"]).args(arguments).arg("--data").arg(data).output().unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "{error}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    });
    (report, output.status.code().unwrap())
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("no {name} in {report}"))
}

/// The configuration that a node would run with.
fn configuration(data: &Path, arguments: &[&str]) -> String {
    let printed = ringlog().args(["node", "--print-config", "--data"]).arg(data).args(arguments).assert();
    String::from_utf8(printed.success().get_output().stdout.clone()).unwrap()
}

#[test]
fn every_check_has_a_state_a_finding_and_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (report, code) = doctor(&["--no-measure"], folder.path());
    assert_eq!(report["version"], 1);
    let mut fails = false;
    for check in report["checks"].as_array().unwrap() {
        let state = check["state"].as_str().unwrap();
        assert!(["ok", "note", "warn", "fail"].contains(&state), "{check}");
        assert!(!check["found"].as_str().unwrap().is_empty() && !check["why"].as_str().unwrap().is_empty());
        fails |= state == "fail";
    }
    for name in [
        "kernel",
        "io-uring",
        "locked-memory",
        "open-files",
        "clock",
        "governor",
        "interrupts",
        "numa",
        "huge-pages",
        "swap",
        "directory",
        "file-system",
        "mount-options",
        "direct-io",
        "scheduler",
        "write-cache",
        "space",
        "sync-latency",
        "commit-sizes",
    ] {
        check(&report, name);
    }
    assert_eq!(code, i32::from(fails), "{report}");
    assert_eq!(report["measured"].as_array().unwrap().len(), 0);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
}

#[test]
fn a_directory_that_is_not_there_has_to_be_mended() {
    let folder = tempfile::tempdir().unwrap();
    let (report, code) = doctor(&[], &folder.path().join("missing"));
    assert_eq!(code, 1);
    let directory = check(&report, "directory");
    assert_eq!(directory["state"], "fail");
    assert!(directory["command"].as_str().unwrap().starts_with("install -d"), "{directory}");
}

#[test]
fn a_node_takes_its_commit_sizes_from_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let usual = configuration(data, &[]);
    assert!(!usual.contains("disk.toml"), "{usual}");
    let (report, _) = doctor(&["--seconds", "0.3"], data);
    let figures = &report["measured"][0]["figures"];
    for name in
        ["write-bytes-per-second", "read-bytes-per-second", "synced-writes-per-second", "commit-bytes"]
    {
        assert!(figures[name].as_u64().unwrap() > 0, "{report}");
    }
    assert!(data.join("disk.toml").is_file());

    // A figure of which it is known what follows.
    let text = std::fs::read_to_string(data.join("disk.toml")).unwrap();
    let commit = format!("commit-bytes = {}\n", figures["commit-bytes"]);
    std::fs::write(data.join("disk.toml"), text.replace(&commit, "commit-bytes = 1048576\n")).unwrap();
    let measured = configuration(data, &[]);
    assert!(
        measured.contains("disk.toml\n") && measured.contains("\ngroup-bytes-max = 1048576\n"),
        "{measured}"
    );
    let chosen = configuration(data, &["--set", "storage.group-bytes-max=131072"]);
    assert!(chosen.contains("\ngroup-bytes-max = 131072\n"), "{chosen}");

    std::fs::write(data.join("disk.toml"), "damaged").unwrap();
    let damaged = configuration(data, &[]);
    assert!(damaged.contains("disk.toml cannot be used"), "{damaged}");
    assert!(damaged.ends_with(&usual), "{damaged}");
}
