//! A broker for a test: `ringlog dev` in a directory that vanishes, on free ports.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses some of it; a broken fixture ends the test"
)]

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// More than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The executable under test, not yet started.
pub(crate) fn ringlog() -> Command {
    Command::from_std(std::process::Command::new(cargo_bin("ringlog")))
}

/// `ringlog dev` that has said it is ready.
pub(crate) struct Dev {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    pub(crate) ready: String,
    pub(crate) kafka: String,
    pub(crate) native: String,
    pub(crate) admin: String,
}

impl Dev {
    pub(crate) fn start(data: &Path) -> Dev {
        Dev::start_with(data, &[])
    }

    pub(crate) fn start_with(data: &Path, options: &[&str]) -> Dev {
        let mut command = std::process::Command::new(cargo_bin("ringlog"));
        command.arg("dev").arg("--data").arg(data).args(["--shards", "2"]);
        for listener in ["--kafka", "--native", "--admin"] {
            if !options.contains(&listener) {
                command.args([listener, "127.0.0.1:0"]);
            }
        }
        let mut child =
            command.args(options).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        output.read_line(&mut ready).unwrap();
        let address = |name: &str| {
            let entry = ready.split_whitespace().find_map(|entry| entry.strip_prefix(&format!("{name}=")));
            entry.unwrap_or_else(|| panic!("no {name} in {ready:?}")).to_owned()
        };
        let (kafka, native, admin) = (address("kafka"), address("native"), address("admin"));
        Dev { child, output, ready, kafka, native, admin }
    }

    /// A command that asks this broker.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = ringlog();
        command.args(arguments).args(["--native", &self.native]).timeout(PATIENCE);
        command
    }

    /// What a command that succeeds prints.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.command(arguments).assert().success().get_output().stdout.clone()).unwrap()
    }

    /// What a command that fails says.
    pub(crate) fn fail(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.command(arguments).assert().code(1).get_output().stderr.clone()).unwrap()
    }

    pub(crate) fn produce(&self, arguments: &[&str], lines: &str) {
        let produce: Vec<_> = ["produce"].iter().chain(arguments).copied().collect();
        self.command(&produce).write_stdin(lines).assert().success().stdout("");
    }

    /// The numbers of the child processes by role.
    pub(crate) fn child(&self, role: &str) -> u32 {
        children(self.child.id())
            .into_iter()
            .find(|&pid| command_line(pid).get(1).is_some_and(|argument| argument == role))
            .unwrap_or_else(|| panic!("no {role} process"))
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits for its end; gives its status and what it printed after the ready line.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "dev does not end");
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (status, rest)
    }
}

impl Drop for Dev {
    /// Its children end with it.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a broker answers over HTTP, from the status line on.
pub(crate) fn ask(admin: &str, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(admin).unwrap();
    let length = body.len();
    write!(stream, "{method} {path} HTTP/1.0\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

pub(crate) fn signal(pid: u32, name: &str) {
    let status =
        std::process::Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap();
    assert!(status.success());
}

pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "still waiting: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process exists that has not merely been left to be waited for.
pub(crate) fn is_alive(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.is_empty() && !status.lines().any(|line| line.starts_with("State:") && line.contains('Z'))
}

fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let is_child = status.lines().any(|line| line.trim() == format!("PPid:\t{parent}"));
        is_child.then_some(pid)
    });
    processes.collect()
}

fn command_line(pid: u32) -> Vec<String> {
    let bytes = std::fs::read(PathBuf::from(format!("/proc/{pid}/cmdline"))).unwrap_or_default();
    bytes.split(|&byte| byte == 0).map(|part| String::from_utf8_lossy(part).into_owned()).collect()
}
