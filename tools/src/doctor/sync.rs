//! What a measured sync latency says about the disk.

use super::check::{Check, Subject};
use super::device::Kind;

const SYNC: Subject = Subject {
    name: "sync-latency",
    why: "An acknowledged record is one that a sync has covered. The time of a sync is the floor of every \
          acknowledgement; a sync that is faster than the disk can be says that the bytes are not where they should \
          be, or that the disk keeps them alive through a loss of power by itself.",
};

/// Below these times (in microseconds) a disk of a kind cannot have stored anything: a rotating disk has to wait for
/// the place to come by, and flash takes some 200 us and more to be programmed.
const ROTATING_MIN: u64 = 2_000;
const FLASH_MIN: u64 = 150;
/// From here on a single producer that waits for each acknowledgement is slow, whatever else is done.
const SLOW: u64 = 2_000;
const VERY_SLOW: u64 = 20_000;

/// Judges the median (and shows the 99th percentile) of 4 KiB written and synced, in microseconds. `write_through`
/// says that the disk has no volatile cache, as far as the kernel knows.
pub(super) fn judge(kind: Kind, write_through: bool, median: u64, p99: u64) -> Check {
    let found = format!("4 KiB are written and synced in {median} us (p99 {p99} us) on a {}", kind.name());
    match kind {
        Kind::Memory => SYNC
            .fail(format!("{found}: nothing here outlives the power"))
            .advise("Take a directory on a disk:")
            .command("ringlog node --data /var/lib/ringlog/node"),
        Kind::Rotating if median < ROTATING_MIN => SYNC
            .warn(format!("{found}: less than a turn of its platters"))
            .advise(
                "Either a controller with a cache answers in its place: then that cache needs a battery or flash, and \
                 the disk's own cache must be off. Or the disk acknowledges flushes that it has not done: then what \
                 was acknowledged is lost with the power. Ask the controller; without one, switch the cache off:",
            )
            .command("hdparm -W 0 /dev/DISK   # a controller: storcli /c0/vall show all, `Cache` and `BBU`"),
        Kind::Nvme | Kind::SolidState if median < FLASH_MIN && write_through => {
            SYNC.ok(format!("{found}: its cache is protected against a loss of power, it says"))
        }
        Kind::Nvme | Kind::SolidState if median < FLASH_MIN => SYNC
            .warn(format!("{found}: faster than flash is written, and the disk says its cache is volatile"))
            .advise(
                "Either it has capacitors that carry the cache through a loss of power, as disks for servers have: \
                 look for \"power loss protection\" in its data sheet; then this is as good as it gets. Or it \
                 acknowledges flushes that it has not done. To know, write with `ringlog produce`, pull the plug, \
                 and compare what was acknowledged with what is there.",
            )
            .command("nvme id-ctrl /dev/DISK -H | grep -i -A1 vwc   # SATA: smartctl -i /dev/DISK"),
        Kind::Virtual if median < FLASH_MIN => SYNC
            .note(format!("{found}: faster than flash is written"))
            .advise(
                "The host answers, from the cache of its disk or from its memory. Make sure that it does not use \
                 cache=unsafe (or writeback without flushes): then a crash of the host takes what was acknowledged.",
            )
            .command("virsh dumpxml GUEST | grep -o \"cache='[a-z]*'\"   # on the host: want none or directsync"),
        _ if median >= VERY_SLOW => SYNC
            .warn(format!("{found}: very slow"))
            .advise(
                "Each acknowledgement waits that long. Give the node a disk with power loss protection, or let many \
                 producers share each sync (acks are grouped by themselves).",
            )
            .command("ringlog top   # the disk's share of a produce's time"),
        _ if median >= SLOW => SYNC
            .note(found)
            .advise(
                "Usual for a disk without power loss protection: a producer that waits for each acknowledgement is \
                 bound by it, many together are not. A disk for servers is 10 to 50 times faster.",
            ),
        _ => SYNC.ok(found),
    }
}

/// Nothing was measured.
pub(super) fn not_measured(reason: &str) -> Check {
    SYNC.note(format!("not measured: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::super::check::State::{Fail, Note, Ok as Fine, Warn};
    use super::*;

    #[test]
    fn a_sync_that_is_too_fast_for_the_disk_is_explained() {
        for (kind, write_through, median, state) in [
            (Kind::Rotating, false, 300, Warn),
            (Kind::Rotating, false, 9_000, Note),
            (Kind::Rotating, false, 30_000, Warn),
            (Kind::SolidState, false, 60, Warn),
            (Kind::SolidState, true, 60, Fine),
            (Kind::Nvme, false, 40, Warn),
            (Kind::Nvme, true, 20, Fine),
            (Kind::Nvme, false, 900, Fine),
            (Kind::SolidState, false, 4_000, Note),
            (Kind::Virtual, false, 60, Note),
            (Kind::Virtual, false, 700, Fine),
            (Kind::Unknown, false, 60, Fine),
            (Kind::Memory, false, 2, Fail),
        ] {
            let check = judge(kind, write_through, median, median * 2);
            assert_eq!(check.state, state, "{kind:?} {write_through} {median}");
            assert!(check.state == Fine || check.advice.is_some(), "{check:?}");
        }
        let both = judge(Kind::Nvme, false, 40, 60).advice.unwrap();
        assert!(both.contains("power loss protection") && both.contains("has not done"), "{both}");
    }
}
