//! Reads what the kernel shows of this machine. Everything may be missing: containers hide much of it.

use super::check::Check;
use super::{limits, memory, processors, system};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files below `/proc` and `/sys`.
#[derive(Clone, Debug)]
pub(super) struct Host {
    root: PathBuf,
}

impl Host {
    /// This machine.
    pub(super) fn here() -> Host {
        Host { root: PathBuf::from("/") }
    }

    /// A machine whose files lie below a directory.
    #[cfg(test)]
    pub(super) fn at(root: &Path) -> Host {
        Host { root: root.to_owned() }
    }

    pub(super) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// What a file says, without white space around it.
    pub(super) fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        let bytes = fs::read(self.path(path)).ok()?;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    /// The names in a directory, sorted.
    pub(super) fn names(&self, path: impl AsRef<Path>) -> Vec<String> {
        let entries = fs::read_dir(self.path(path)).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }
}

/// Everything but the disks. `ring` says how the reactor got on with io_uring, `processors` how many there are for
/// this process.
pub(super) fn checks(host: &Host, ring: Result<(), &str>, processors: usize) -> Vec<Check> {
    let text = |path: &str| host.text(path);
    let limits = text("/proc/self/limits");
    vec![
        system::kernel(text("/proc/sys/kernel/osrelease").as_deref()),
        system::io_uring(
            ring,
            text("/proc/sys/kernel/io_uring_disabled").as_deref(),
            text("/proc/self/status").as_deref(),
        ),
        limits::locked_memory(limits.as_deref(), processors),
        limits::open_files(limits.as_deref()),
        system::clock(text("/sys/devices/system/clocksource/clocksource0/current_clocksource").as_deref()),
        processors::governor(&governors(host)),
        processors::interrupts(text("/proc/interrupts").as_deref()),
        processors::numa(text("/sys/devices/system/node/online").as_deref()),
        memory::huge_pages(text("/sys/kernel/mm/transparent_hugepage/enabled").as_deref()),
        memory::swap(text("/proc/swaps").as_deref(), text("/proc/sys/vm/swappiness").as_deref()),
    ]
}

/// How many processors have which governor.
fn governors(host: &Host) -> BTreeMap<String, usize> {
    let folder = Path::new("/sys/devices/system/cpu");
    let mut governors = BTreeMap::new();
    for name in host.names(folder) {
        if let Some(governor) = host.text(folder.join(&name).join("cpufreq/scaling_governor")) {
            *governors.entry(governor).or_insert(0) += 1;
        }
    }
    governors
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn a_host_that_shows_nothing_is_no_failure() {
        let empty = tempfile::tempdir().unwrap();
        let checks = checks(&Host::at(empty.path()), Err("not permitted"), 4);
        assert_eq!(checks.len(), 10);
        assert!(checks.iter().all(|check| check.state < State::Fail), "{checks:?}");
        assert!(checks.iter().filter(|check| check.found == "not visible here").count() >= 6, "{checks:?}");
    }

    #[test]
    fn this_host_is_read() {
        let checks = checks(&Host::here(), Ok(()), 1);
        assert!(checks.iter().all(|check| !check.found.is_empty() && !check.why.is_empty()));
    }
}
