//! Looking at a broker and setting it up: configuration, metrics, log levels, partitions, groups, `top`.
#![allow(clippy::unwrap_used, reason = "a step that fails fails its test")]

mod support;

use support::{Dev, ask, ringlog};

#[test]
fn a_broker_tells_what_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(folder.path());
    dev.run(&["topic", "create", "orders", "--partitions", "2"]);
    dev.produce(&["orders", "-p", "1"], "one\ntwo\nthree\n");
    dev.run(&["consume", "orders", "-p", "1"]);

    assert!(ask(&dev.admin, "GET", "/ready", "").starts_with("HTTP/1.0 200"));
    let metrics = ask(&dev.admin, "GET", "/metrics?shards=sum", "");
    for expected in [
        "ringlog_requests_total{protocol=\"native\",api=\"produce\"} 1\n",
        "ringlog_request_seconds_count{protocol=\"native\",api=\"produce\"} 1\n",
        "ringlog_partitions 2\n",
        "ringlog_topic_appended_bytes_total{topic=\"orders\"}",
        "ringlog_disk_sync_seconds_count{directory=",
        "ringlog_shard_responds 2\n",
        "ringlog_build_info{version=",
    ] {
        assert!(metrics.contains(expected), "no {expected:?} in\n{metrics}");
    }
    let changed = ask(&dev.admin, "PUT", "/log-levels", "{\"ringlog_node\":\"debug\"}");
    assert!(changed.contains("\"ringlog_node\":\"debug\""), "{changed}");
    assert!(ask(&dev.admin, "PUT", "/log-levels", "{\"ringlog_node\":\"loud\"}").starts_with("HTTP/1.0 400"));

    let all = dev.run(&["partition", "describe", "orders"]);
    let row: Vec<_> = all.lines().nth(2).unwrap().split_whitespace().collect();
    assert_eq!((row[0], &row[2..6]), ("1", &["0", "3", "3", "3"][..]), "{all}");
    let one = dev.run(&["partition", "describe", "orders", "1"]);
    assert!(one.contains("end:            3") && one.contains("active"), "{one}");
    dev.command(&["partition", "describe", "orders", "7"]).assert().failure().code(1);

    let snapshot = ringlog().args(["top", "--once", "--admin", &dev.admin]).assert().success();
    let snapshot = String::from_utf8(snapshot.get_output().stdout.clone()).unwrap();
    assert!(snapshot.starts_with("node 1") && snapshot.contains("\norders  "), "{snapshot}");
    let wrong = ringlog().args(["top", "--once", "--admin", &dev.native]).assert().failure();
    let wrong = String::from_utf8(wrong.get_output().stderr.clone()).unwrap();
    assert!(wrong.contains("admin listener"), "{wrong}");
}

#[test]
fn offsets_of_groups_are_shown_moved_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(folder.path());
    dev.run(&["topic", "create", "orders", "--partitions", "2"]);
    dev.produce(&["orders", "-p", "0"], "one\ntwo\nthree\n");
    let missing = dev.command(&["group", "describe", "billing"]).assert().failure();
    assert!(String::from_utf8_lossy(&missing.get_output().stderr).contains("there is no group \"billing\""));

    let reset = ["group", "reset", "billing", "--topic", "orders"];
    let with = |more: &[&str]| dev.run(&[&reset[..], more].concat());
    assert!(with(&["--to-latest"]).contains("nothing was changed"));
    assert!(dev.run(&["group", "list", "--quiet"]).is_empty());
    assert!(with(&["--to-latest", "--execute"]).ends_with("done\n"));
    assert_eq!(dev.run(&["group", "list", "--quiet"]), "billing\n");
    with(&["--shift-by", "-2", "--execute"]);
    let described = dev.run(&["group", "describe", "billing"]);
    let row = described.lines().find(|line| line.starts_with("orders  0")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["orders", "0", "1", "3", "2", "-"]);

    let exported = with(&["--to-current", "--export"]);
    assert_eq!(exported, "orders,0,1\norders,1,0\n");
    let file = folder.path().join("offsets.csv");
    std::fs::write(&file, "orders,0,2\n").unwrap();
    dev.run(&["group", "reset", "billing", "--from-file", file.to_str().unwrap(), "--execute"]);
    assert!(with(&["--to-current", "--export"]).starts_with("orders,0,2\n"));
    assert!(with(&["--to-datetime", "2000-01-01", "--export"]).starts_with("orders,0,0\n"));
    assert!(with(&["--by-duration", "PT0S", "--export"]).starts_with("orders,0,3\n"));

    let metrics = ask(&dev.admin, "GET", "/metrics", "");
    assert!(metrics.contains("ringlog_group_lag{group=\"billing\",topic=\"orders\"} 1\n"), "{metrics}");
    assert_eq!(dev.run(&["group", "delete", "billing"]), "deleted group billing\n");
    assert!(dev.run(&["group", "list", "--quiet"]).is_empty());
}

#[test]
fn a_configuration_is_printed_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    for process in ["node", "controller"] {
        let printed = ringlog().args([process, "--print-config"]).assert().success();
        let printed = String::from_utf8(printed.get_output().stdout.clone()).unwrap();
        let file = folder.path().join(format!("{process}.toml"));
        std::fs::write(&file, &printed).unwrap();
        let file = file.to_str().unwrap();
        let check = [process, "--config", file, "--check-config"];
        let refused = ringlog().args(check).assert().failure().code(1);
        assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("needs a data directory"));
        ringlog().args(check).args(["--data", "/data"]).assert().success();
        std::fs::write(file, format!("{printed}\n[lgo]\nformat = \"text\"\n")).unwrap();
        let refused = ringlog().args(check).args(["--data", "/data"]).assert().failure();
        assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("lgo is no setting"));
    }
    let variable = ringlog()
        .args(["node", "--check-config", "--data", "/data"])
        .env("RINGLOG_NODE_SHARDZ", "2")
        .assert()
        .failure();
    let said = String::from_utf8_lossy(&variable.get_output().stderr).into_owned();
    assert!(said.contains("did you mean RINGLOG_NODE_SHARDS?"), "{said}");
}
