//! Processes as the kernel sees them: who listens on a port of this machine, what they have used.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{SocketAddr, UdpSocket};

/// What processes have used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// User and system time.
    pub(crate) cpu_s: f64,
    pub(crate) resident_bytes: u64,
}

/// The broker's processes, where they can be seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Servers {
    addresses: Vec<SocketAddr>,
    /// With what each was last seen to have used.
    processes: BTreeMap<u32, f64>,
    /// What processes had used that have ended since.
    ended_cpu_s: f64,
    /// Whether there ever was one that could be looked at.
    is_visible: bool,
}

impl Servers {
    /// Those that listen on these addresses, if the addresses are this machine's and the processes may be looked at.
    pub(crate) fn find(addresses: impl IntoIterator<Item = SocketAddr>) -> Servers {
        let addresses: Vec<_> = addresses.into_iter().filter(is_local).collect();
        let processes: BTreeMap<_, _> = listeners(&addresses).into_iter().map(|pid| (pid, 0.0)).collect();
        let is_visible = !processes.is_empty();
        Servers { addresses, processes, ended_cpu_s: 0.0, is_visible }
    }

    /// What they have used together; none if one is missing. What one had used that has ended counts on, and another in
    /// its place is looked for: a broker may be started again during a run.
    pub(crate) fn usage(&mut self) -> Option<Usage> {
        if !self.is_visible {
            return None;
        }
        let mut total = Usage { cpu_s: self.ended_cpu_s, resident_bytes: 0 };
        let mut ended = Vec::new();
        for (&pid, cpu_s) in &mut self.processes {
            let Some(usage) = usage(&pid.to_string()) else {
                ended.push(pid);
                continue;
            };
            *cpu_s = usage.cpu_s;
            total.cpu_s += usage.cpu_s;
            total.resident_bytes += usage.resident_bytes;
        }
        if ended.is_empty() && !self.processes.is_empty() {
            return Some(total);
        }
        for pid in ended {
            self.ended_cpu_s += self.processes.remove(&pid).unwrap_or_default();
        }
        for pid in listeners(&self.addresses) {
            self.processes.entry(pid).or_default();
        }
        None
    }
}

/// The processes that listen on addresses of this machine.
fn listeners(addresses: &[SocketAddr]) -> BTreeSet<u32> {
    let mut sockets = BTreeSet::new();
    for address in addresses {
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            let table = fs::read_to_string(table).unwrap_or_default();
            sockets.extend(listening_sockets(&table, address.port()));
        }
    }
    if sockets.is_empty() {
        return BTreeSet::new();
    }
    processes().filter(|pid| holds_any(*pid, &sockets)).collect()
}

/// What this process has used.
pub(crate) fn own_usage() -> Usage {
    usage("self").unwrap_or_default()
}

fn usage(pid: &str) -> Option<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let page = rustix::param::page_size() as u64;
    let ticks = rustix::param::clock_ticks_per_second() as f64;
    parse_stat(&stat).map(|(cpu, pages)| Usage { cpu_s: cpu as f64 / ticks, resident_bytes: pages * page })
}

/// Clock ticks used and pages resident.
fn parse_stat(stat: &str) -> Option<(u64, u64)> {
    // The name in parentheses may hold anything, so fields count from behind the last parenthesis; the first is number 3.
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some((field(14)? + field(15)?, field(24)?))
}

/// Inodes of the sockets that listen on a port, in a table as `/proc/net/tcp`.
fn listening_sockets(table: &str, port: u16) -> Vec<u64> {
    const LISTEN: &str = "0A";
    let socket = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (_, bound) = fields.get(1)?.rsplit_once(':')?;
        let is_wanted = u16::from_str_radix(bound, 16) == Ok(port) && *fields.get(3)? == LISTEN;
        is_wanted.then(|| fields.get(9)?.parse().ok()).flatten()
    };
    table.lines().skip(1).filter_map(socket).collect()
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn holds_any(pid: u32, sockets: &BTreeSet<u64>) -> bool {
    // Other users' processes may not be looked into.
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    descriptors.flatten().any(|descriptor| {
        let target = fs::read_link(descriptor.path()).unwrap_or_default();
        let inode =
            target.to_str().and_then(|text| text.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
        inode.is_some_and(|inode: u64| sockets.contains(&inode))
    })
}

fn is_local(address: &SocketAddr) -> bool {
    address.ip().is_loopback() || UdpSocket::bind((address.ip(), 0)).is_ok()
}

/// The monotonic clock, the one that reactors read.
pub(crate) fn now_nanos() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Allows as many open files as the system does without asking anybody.
pub(crate) fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Too few files show as an error that names them.
    let _ = setrlimit(Resource::Nofile, limit);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_process_is_found_by_the_port_it_listens_on() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut servers = Servers::find([listener.local_addr().unwrap()]);
        assert!(servers.usage().is_some());
        assert_eq!(servers.processes.into_keys().collect::<Vec<_>>(), [std::process::id()]);
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert!(Servers::find([address]).usage().is_none());
    }

    #[test]
    fn usage_is_read_whatever_the_process_is_called() {
        let fields: Vec<String> = (3..=52).map(|number| number.to_string()).collect();
        let stat = format!("77 (a) b (c)) {}", fields.join(" "));
        assert_eq!(parse_stat(&stat), Some((14 + 15, 24)));
        assert!(own_usage().resident_bytes > 1 << 20);
    }
}
