//! Memory: huge pages, swap.

use super::check::{Check, Subject};

const HUGE: Subject = Subject {
    name: "huge-pages",
    why: "With transparent huge pages for everybody (`always`) memory grows in steps of 2 MiB, and the kernel's \
          compaction of memory stalls the threads that ask for some. `madvise` leaves it to programs that want them.",
};

/// `enabled` is `/sys/kernel/mm/transparent_hugepage/enabled`.
pub(super) fn huge_pages(enabled: Option<&str>) -> Check {
    match enabled.map(|enabled| chosen(enabled).unwrap_or(enabled)) {
        None => HUGE.unseen(),
        Some("always") => HUGE
            .warn("always")
            .advise(
                "Let only programs have them that ask; in /etc/rc.local or a kernel parameter to keep it:",
            )
            .command("echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"),
        Some(chosen) => HUGE.ok(chosen),
    }
}

/// The word in brackets of a list such as `always [madvise] never`.
pub(super) fn chosen(list: &str) -> Option<&str> {
    list.split_whitespace().find_map(|word| word.strip_prefix('[')?.strip_suffix(']'))
}

const SWAP: Subject = Subject {
    name: "swap",
    why: "A shard that waits for a swapped page answers nobody meanwhile. A node bounds its memory itself and needs no \
          swap.",
};

/// `swaps` is `/proc/swaps`, `swappiness` is `/proc/sys/vm/swappiness`.
pub(super) fn swap(swaps: Option<&str>, swappiness: Option<&str>) -> Check {
    let Some(swaps) = swaps else { return SWAP.unseen() };
    let areas: Vec<_> = swaps.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    if areas.is_empty() {
        return SWAP.ok("none");
    }
    let found = format!("{}, vm.swappiness {}", areas.join(", "), swappiness.unwrap_or("unknown"));
    match swappiness.and_then(|swappiness| swappiness.parse::<u32>().ok()) {
        Some(0 | 1) => SWAP.note(found),
        _ if areas.iter().all(|area| area.contains("zram")) => SWAP.note(found),
        _ => SWAP
            .warn(found)
            .advise("Switch it off (`swapoff -a`, and its line in /etc/fstab), forbid it to the service alone (MemorySwapMax=0 in its unit), or at least:")
            .command("sysctl -w vm.swappiness=1"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State::{Note, Ok as Fine, Warn};
    use super::*;

    #[test]
    fn huge_pages_for_everybody_are_warned_about() {
        for (enabled, state) in [
            (Some("always [madvise] never"), Fine),
            (Some("always madvise [never]"), Fine),
            (Some("[always] madvise never"), Warn),
            (None, Note),
        ] {
            assert_eq!(huge_pages(enabled).state, state, "{enabled:?}");
        }
    }

    #[test]
    fn swap_is_warned_about_unless_it_is_hardly_used() {
        let none = "Filename\tType\tSize\tUsed\tPriority";
        let disk = format!("{none}\n/dev/sda3 partition 8388604 0 -2\n");
        let zram = format!("{none}\n/dev/zram0 partition 8388604 0 100\n");
        for (swaps, swappiness, state) in [
            (Some(none), Some("60"), Fine),
            (Some(disk.as_str()), Some("60"), Warn),
            (Some(disk.as_str()), Some("1"), Note),
            (Some(disk.as_str()), None, Warn),
            (Some(zram.as_str()), Some("60"), Note),
            (None, None, Note),
        ] {
            assert_eq!(swap(swaps, swappiness).state, state, "{swaps:?} {swappiness:?}");
        }
    }
}
