//! Processors: their clock rate, who takes the interrupts, how near memory is.

use super::check::{Check, Subject};
use std::collections::BTreeMap;

const GOVERNOR: Subject = Subject {
    name: "governor",
    why: "A shard sleeps between requests. A governor that saves power lets the processor slow down meanwhile, and the \
          next request pays for its waking up.",
};

/// How many processors have which `scaling_governor`.
pub(super) fn governor(governors: &BTreeMap<String, usize>) -> Check {
    if governors.is_empty() {
        return GOVERNOR.note("not visible here: set by the firmware or the hypervisor");
    }
    let shown: Vec<_> = governors.iter().map(|(name, count)| format!("{name} on {count}")).collect();
    if governors.keys().all(|name| name == "performance") {
        return GOVERNOR.ok(shown.join(", "));
    }
    GOVERNOR
        .warn(shown.join(", "))
        .advise(
            "Choose `performance` on machines that serve (a profile of tuned, or cpufrequtils, keeps it):",
        )
        .command("cpupower frequency-set -g performance")
}

const INTERRUPTS: Subject = Subject {
    name: "interrupts",
    why: "Interrupts of disks and network cards are served by the processor they are routed to. If one processor takes \
          all of them, its shard is slower than the others and everybody waits for it.",
};

/// What of the interrupts of disks and network cards one processor may take before it is worth a word.
const SHARE_MAX: f64 = 0.8;
/// Interrupts since the start of the machine below which nothing can be said.
const COUNT_MIN: u64 = 100_000;

/// `interrupts` is `/proc/interrupts`.
pub(super) fn interrupts(interrupts: Option<&str>) -> Check {
    let Some(text) = interrupts.filter(|text| !text.is_empty()) else { return INTERRUPTS.unseen() };
    let per_processor = device_interrupts(text);
    let total: u64 = per_processor.iter().sum();
    let Some((busiest, &most)) = per_processor.iter().enumerate().max_by_key(|(_, count)| **count) else {
        return INTERRUPTS.unseen();
    };
    let share = most as f64 / total.max(1) as f64;
    let found = format!("processor {busiest} took {:.0} % of {total} interrupts of devices", share * 100.0);
    if per_processor.len() < 2 || total < COUNT_MIN || share <= SHARE_MAX {
        return INTERRUPTS.ok(found);
    }
    let check = if per_processor.len() < 4 { INTERRUPTS.note(found) } else { INTERRUPTS.warn(found) };
    check
        .advise(
            "Spread them over processors: irqbalance does it by itself; by hand, for each line of /proc/interrupts \
             that belongs to a disk or a network card:",
        )
        .command("echo PROCESSOR > /proc/irq/NUMBER/smp_affinity_list")
}

/// Interrupts of numbered lines (devices have numbers, the kernel's own have names), by processor.
fn device_interrupts(text: &str) -> Vec<u64> {
    let mut lines = text.lines();
    let processors = lines.next().map_or(0, |header| header.split_whitespace().count());
    let mut counts = vec![0; processors];
    for line in lines {
        let Some((name, rest)) = line.split_once(':') else { continue };
        if name.trim().parse::<u32>().is_err() {
            continue;
        }
        for (count, column) in counts.iter_mut().zip(rest.split_whitespace()) {
            *count += column.parse::<u64>().unwrap_or(0);
        }
    }
    counts
}

const NUMA: Subject = Subject {
    name: "numa",
    why: "Memory and devices of another NUMA node are reached over a link between the sockets: each access costs up to \
          twice the time. A shard's memory is near it as long as it is pinned; a disk or a card is near one node only.",
};

/// `online` is `/sys/devices/system/node/online`.
pub(super) fn numa(online: Option<&str>) -> Check {
    match online {
        None => NUMA.unseen(),
        Some("0") => NUMA.ok("one node"),
        Some(nodes) => NUMA
            .note(format!("nodes {nodes}"))
            .advise(
                "Run one `ringlog node` per NUMA node, or one on the node that has network card and disks \
                 (/sys/class/net/IF/device/numa_node), by CPUAffinity=numa and NUMAMask= in its unit:",
            )
            .command(
                "systemctl edit ringlog-node   # [Service] CPUAffinity=numa, NUMAPolicy=bind, NUMAMask=0",
            ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State::{Note, Ok as Fine, Warn};
    use super::*;

    #[test]
    fn governors_that_save_power_are_warned_about() {
        let of = |names: &[&str]| {
            let names = names.iter().map(|name| ((*name).to_owned(), 2));
            governor(&names.collect()).state
        };
        assert_eq!(of(&["performance"]), Fine);
        assert_eq!(of(&["performance", "powersave"]), Warn);
        assert_eq!(of(&["schedutil"]), Warn);
        assert_eq!(of(&[]), Note);
    }

    fn table(counts: &[&[u64]]) -> String {
        let header: Vec<_> = (0..counts[0].len()).map(|number| format!("CPU{number}")).collect();
        let mut text = format!("           {}\n", header.join("       "));
        for (number, line) in counts.iter().enumerate() {
            let columns: Vec<_> = line.iter().map(ToString::to_string).collect();
            text += &format!(" {}:  {}  PCI-MSI  nvme0q{number}\n", number + 30, columns.join("  "));
        }
        text + "LOC:  900000000  0  0  0  Local timer interrupts\nERR:  0\n"
    }

    #[test]
    fn one_processor_that_takes_all_interrupts_is_named() {
        let spread = table(&[&[500_000, 0, 0, 0], &[0, 500_000, 0, 0], &[0, 0, 400_000, 0]]);
        assert_eq!(interrupts(Some(&spread)).state, Fine);
        let one = table(&[&[10, 0, 900_000, 0], &[0, 20_000, 0, 0]]);
        let check = interrupts(Some(&one));
        assert_eq!(check.state, Warn);
        assert!(check.found.starts_with("processor 2 took 98 %"), "{}", check.found);
        assert_eq!(interrupts(Some(&table(&[&[900_000, 10]]))).state, Note);
        assert_eq!(interrupts(Some(&table(&[&[900, 0, 0, 0]]))).state, Fine, "too few to say");
        assert_eq!(interrupts(Some(&table(&[&[900_000]]))).state, Fine, "there is only one");
        assert_eq!(interrupts(None).state, Note);
        assert_eq!(interrupts(Some("")).state, Note);
    }

    #[test]
    fn several_numa_nodes_are_worth_a_note() {
        for (online, state) in [(Some("0"), Fine), (Some("0-1"), Note), (None, Note)] {
            assert_eq!(numa(online).state, state, "{online:?}");
        }
    }
}
