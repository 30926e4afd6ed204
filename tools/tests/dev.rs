//! `ringlog dev` as its user sees it: ready, killed, stopped, in the way of others.

mod support;

use ringlog_harness::{listeners_of_its_own, port_of_its_own};
use std::net::TcpListener;
use support::{Dev, PATIENCE, is_alive, ringlog, signal, until};

#[test]
fn it_says_once_where_it_listens_and_stops_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(folder.path());
    let Dev { kafka, native, admin, .. } = &dev;
    assert_eq!(dev.ready, format!("ringlog ready: kafka={kafka} native={native} admin={admin}\n"));
    let children = [dev.child("controller"), dev.child("node")];
    dev.signal("TERM");
    let (status, rest) = dev.wait();
    assert_eq!((status.code(), rest.as_str()), (Some(0), ""));
    assert!(children.iter().all(|&pid| !is_alive(pid)));
    let log = std::fs::read_to_string(folder.path().join("addresses")).unwrap();
    assert!(log.contains("cluster=127.0.0.1:"), "{log}");
}

#[test]
fn what_is_acknowledged_survives_the_death_of_either_child_and_of_dev() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start_with(folder.path(), &listeners_of_its_own().each_ref().map(String::as_str));
    dev.run(&["topic", "create", "orders", "--partitions", "2"]);
    dev.produce(&["orders", "--key-separator", ":"], "alice:one\nbob:two\n");

    signal(dev.child("node"), "KILL");
    until("the node answers again", || dev.command(&["topic", "list"]).output().unwrap().status.success());
    dev.produce(&["orders", "--key-separator", ":"], "carol:three\n");

    let controller = dev.child("controller");
    signal(controller, "KILL");
    until("the controller has ended", || !is_alive(controller));
    dev.produce(&["orders", "--key-separator", ":"], "dave:four\n");
    until("topics can be created again", || {
        let created = dev.command(&["topic", "create", "more"]).output().unwrap();
        created.status.success() || String::from_utf8_lossy(&created.stderr).contains("already exists")
    });

    let children = [dev.child("controller"), dev.child("node")];
    dev.signal("KILL");
    dev.wait();
    until("the children have ended with dev", || children.iter().all(|&pid| !is_alive(pid)));

    let dev = Dev::start(folder.path());
    let mut lines: Vec<_> =
        dev.run(&["consume", "orders", "--format", r"%k=%s\n"]).lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["alice=one", "bob=two", "carol=three", "dave=four"]);
    assert_eq!(dev.run(&["topic", "list", "--quiet"]), "more\norders\n");
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for option in ["--kafka", "--native", "--admin"] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = ringlog();
        command.arg("dev").arg("--data").arg(folder.path());
        for listener in ["--kafka", "--native", "--admin"] {
            command.args([listener, if listener == option { &address } else { "127.0.0.1:0" }]);
        }
        let failed = command.timeout(PATIENCE).assert().code(1).stdout("");
        let errors = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(errors.contains(&address) && errors.to_lowercase().contains("in use"), "{option}: {errors}");
    }
}

#[test]
fn a_data_directory_belongs_to_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(folder.path());
    let mut other = ringlog();
    other.arg("dev").arg("--data").arg(folder.path());
    other.args(["--kafka", "127.0.0.1:0", "--native", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    let second = other.timeout(PATIENCE).assert().code(1);
    let errors = String::from_utf8_lossy(&second.get_output().stderr).into_owned();
    assert!(errors.contains("locked by another process"), "{errors}");

    let mut node = ringlog();
    node.arg("node").arg("--data").arg(folder.path().join("node"));
    node.args(["--kafka", "127.0.0.1:0", "--native", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    let second = node.timeout(PATIENCE).assert().code(1);
    let errors = String::from_utf8_lossy(&second.get_output().stderr).into_owned();
    assert!(errors.contains("locked by another process"), "{errors}");
    drop(dev);
}

#[test]
fn data_of_another_format_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(folder.path());
    dev.signal("INT");
    assert!(dev.wait().0.success());
    let format = folder.path().join("node").join("ringlog.format");
    let text = std::fs::read_to_string(&format).unwrap();
    std::fs::write(&format, text.replace("version 1", "version 99")).unwrap();

    let mut command = ringlog();
    command.arg("dev").arg("--data").arg(folder.path());
    command.args(["--kafka", "127.0.0.1:0", "--native", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    let failed = command.timeout(PATIENCE).assert().code(1);
    let errors = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
    assert!(errors.contains("format version 99"), "{errors}");
}

#[test]
fn it_runs_where_io_uring_is_not_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start_with(folder.path(), &["--io-driver", "epoll"]);
    dev.run(&["topic", "create", "t"]);
    dev.produce(&["t"], "over epoll\n");
    assert_eq!(dev.run(&["consume", "t"]), "over epoll\n");
}

#[test]
fn localhost_is_answered_over_ipv6_as_well() {
    if TcpListener::bind("[::1]:0").is_err() {
        return; // a machine without IPv6
    }
    let port = port_of_its_own().port();
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start_with(folder.path(), &["--native", &format!("127.0.0.1:{port}")]);
    let listed = ringlog().args(["topic", "list", "-q", "--native", &format!("[::1]:{port}")]).assert();
    listed.success().stdout("");
    drop(dev);
}
