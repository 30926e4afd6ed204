//! What runs in the simulator knows the world only through the reactor's handle: one thread runs many nodes there, and
//! the same seed has to give the same run in any process.
//!
//! Clippy's lists of disallowed methods catch calls; this catches names, imports, macros and items as well.

use super::sources::{code_of, is_word};
use super::{Complaint, Source};

/// The rooms that the simulator runs.
const ROOMS: &[&str] = &["node/", "storage/src/", "controller/", "client/src/"];
/// Adapters to the world that the simulator leaves out, each with its reason.
const ADAPTERS: &[&str] = &[
    // HTTP for people and their monitoring, on an ordinary thread that only reads counters.
    "node/src/control/",
    // openraft asks for its clock and its tasks through static functions; the reactor of the task being polled is found
    // through a thread local there, and nowhere else.
    "controller/src/runtime/",
];

const BANNED: &[(&str, &str)] = &[
    ("std::thread", "threads: Reactor::launch and mailboxes"),
    ("std::fs", "files: the reactor's File"),
    ("std::env", "the environment: options are arguments"),
    ("TcpStream", "sockets: the reactor's Stream"),
    ("TcpListener", "sockets: the reactor's Listener"),
    ("UdpSocket", "sockets: there is no such thing in the simulator"),
    ("SystemTime", "clocks: Reactor::wall_millis"),
    ("Instant::now", "clocks: Reactor::now_nanos"),
    ("std::time::Instant", "clocks: ringlog_model::Instant"),
    ("tokio", "runtimes: the reactor is the only one"),
    ("rand::", "random numbers: Reactor::random_u64"),
    ("quanta", "clocks: Reactor::now_nanos"),
    ("thread_local!", "state per thread: one thread runs many nodes"),
    ("static mut", "mutable statics: one process runs many nodes"),
    ("lazy_static", "lazy statics: one process runs many nodes"),
    ("OnceLock", "lazy statics: one process runs many nodes"),
    ("LazyLock", "lazy statics: one process runs many nodes"),
    ("HashMap::new", "maps with a random order: BTreeMap, or a hasher from Reactor::hash_state"),
    ("HashSet::new", "sets with a random order: BTreeSet, or a hasher from Reactor::hash_state"),
    ("HashMap::default", "maps with a random order: BTreeMap, or a hasher from Reactor::hash_state"),
    ("HashSet::default", "sets with a random order: BTreeSet, or a hasher from Reactor::hash_state"),
    ("HashMap::with_capacity(", "maps with a random order: with_capacity_and_hasher"),
    ("HashSet::with_capacity(", "sets with a random order: with_capacity_and_hasher"),
    ("RandomState::new", "hashers: Reactor::hash_state"),
    ("AHashMap", "maps with a hasher of their own: a hasher from Reactor::hash_state"),
    ("AHashSet", "sets with a hasher of their own: a hasher from Reactor::hash_state"),
];

pub(super) fn check(source: &Source) -> Vec<Complaint> {
    let runs_in_simulator = source.path.ends_with(".rs")
        && ROOMS.iter().any(|room| source.path.starts_with(room))
        && !ADAPTERS.iter().any(|adapter| source.path.starts_with(adapter))
        && !is_test(&source.path);
    if !runs_in_simulator {
        return Vec::new();
    }
    let mut complaints = Vec::new();
    for (index, line) in product_lines(&source.text).enumerate() {
        let code = code_of(line);
        for (name, instead) in BANNED {
            if code.match_indices(name).any(|(at, _)| !code[..at].ends_with(is_word)) {
                let rule = format!("not in the simulator: {name} ({instead})");
                complaints.push(Complaint::new(&source.path, index + 1, rule));
            }
        }
    }
    complaints
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "benches" | "examples") || part.ends_with("tests.rs"))
}

/// The lines before a module of tests, which stands last in its file.
fn product_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        let line = lines.next()?;
        let opens_tests = line.trim() == "#[cfg(test)]"
            && lines.peek().is_some_and(|next| next.trim_start().starts_with("mod ") && next.ends_with('{'));
        (!opens_tests).then_some(line)
    })
}
