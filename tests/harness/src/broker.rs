//! `ringlog dev` on free ports, as a child process that does not outlive its test.

use crate::executable;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};
use tempfile::TempDir;

/// Where a broker listens.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// For Kafka clients.
    pub kafka: SocketAddr,
    /// For native clients.
    pub native: SocketAddr,
    /// HTTP: health and metrics.
    pub admin: SocketAddr,
}

/// A running `ringlog dev`. Dropped, it is killed, and its children with it.
pub struct Broker {
    child: Child,
    addresses: Addresses,
    data: PathBuf,
    /// Kept so that the folder lives as long as the broker.
    _folder: Option<TempDir>,
}

impl Broker {
    /// Starts a broker on an empty folder that goes away with it.
    pub fn start(arguments: &[&str]) -> Broker {
        let folder =
            tempfile::Builder::new().prefix("ringlog-test-").tempdir().expect("a folder for the data");
        let mut broker = Broker::start_in(folder.path(), arguments);
        broker._folder = Some(folder);
        broker
    }

    /// Starts a broker on the given folder, waits until it is ready. It listens on free ports, unless `arguments` name
    /// one (`--kafka ADDRESS`), as a broker needs that comes back for the clients of an earlier one.
    ///
    /// # Panics
    /// If it ends before it is ready, with what it said.
    pub fn start_in(data: &Path, arguments: &[&str]) -> Broker {
        let log = data.with_extension("txt");
        let listeners = ["--kafka", "--native", "--admin"];
        let free = listeners.into_iter().filter(|listener| !arguments.contains(listener));
        let mut child = Command::new(executable())
            .arg("dev")
            .arg("--data")
            .arg(data)
            .args(free.flat_map(|listener| [listener, "127.0.0.1:0"]))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a file for what the broker says"))
            .spawn()
            .expect("the executable starts");
        let lines = BufReader::new(child.stdout.take().expect("its output is a pipe")).lines();
        let ready = lines.map_while(Result::ok).find_map(|line| parse_ready(&line));
        let Some(addresses) = ready else {
            let status = child.wait().expect("the broker can be waited for");
            panic!("the broker ended with {status} before it was ready: {}", read(&log));
        };
        Broker { child, addresses, data: data.to_owned(), _folder: None }
    }

    /// Where it listens.
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The process id of `ringlog dev` itself.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said on standard error so far.
    pub fn said(&self) -> String {
        read(&self.data.with_extension("txt"))
    }

    /// Asks it to stop (SIGTERM) and waits for its end.
    pub fn stop(mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.child.wait().expect("the broker can be waited for")
    }

    /// Kills it without warning (SIGKILL) and waits for its end. Its children die with it.
    pub fn kill(mut self) {
        self.end();
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("the broker is our own child and not waited for yet");
    }

    fn end(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal(Signal::KILL);
            self.child.wait().expect("the broker can be waited for");
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.end();
        // A test that fails is understood from what the broker said.
        if std::thread::panicking() {
            eprintln!("--- the broker said:\n{}", self.said());
        }
    }
}

fn parse_ready(line: &str) -> Option<Addresses> {
    let mut words = line.strip_prefix("ringlog ready: ")?.split(' ');
    let mut address = |name: &str| words.next()?.strip_prefix(name)?.strip_prefix('=')?.parse().ok();
    Some(Addresses { kafka: address("kafka")?, native: address("native")?, admin: address("admin")? })
}

fn read(path: &Path) -> String {
    let mut text = String::new();
    // The file is ours; that it cannot be read is told instead of its text.
    match File::open(path).and_then(|mut file| file.read_to_string(&mut text)) {
        Ok(_) => text,
        Err(error) => format!("({}: {error})", path.display()),
    }
}
