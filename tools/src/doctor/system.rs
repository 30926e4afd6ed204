//! The kernel: its version, io_uring, the clock.

use super::check::{Check, Subject};

const KERNEL: Subject = Subject {
    name: "kernel",
    why: "Shards use io_uring: 5.11 has every operation they need, 5.15 is the oldest that is supported, 5.19 and 6.1 \
          have the flags that save wake-ups and switches.",
};

/// `release` is `/proc/sys/kernel/osrelease`.
pub(super) fn kernel(release: Option<&str>) -> Check {
    let Some(release) = release else { return KERNEL.unseen() };
    let newer = "Take a kernel of 6.1 or newer; long-term distributions have one.";
    match version(release) {
        None => KERNEL.note(format!("{release}: no version that could be compared")),
        Some(version) if version < (5, 15) => KERNEL.warn(release).advise(newer),
        Some(version) if version < (6, 1) => KERNEL.note(release).advise(newer),
        Some(_) => KERNEL.ok(release),
    }
}

fn version(release: &str) -> Option<(u32, u32)> {
    let mut parts = release.split(|letter: char| !letter.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

const RING: Subject = Subject {
    name: "io-uring",
    why: "Disk and network go through io_uring. Where it is refused, epoll and file threads do the work: everything \
          holds, at a higher cost in processor time and latency.",
};

/// `probe` is what the reactor's own attempt said, `disabled` is `/proc/sys/kernel/io_uring_disabled`, `status` is
/// `/proc/self/status`.
pub(super) fn io_uring(probe: Result<(), &str>, disabled: Option<&str>, status: Option<&str>) -> Check {
    let Err(reason) = probe else { return RING.ok("available, with every operation that shards need") };
    let check = RING.warn(format!("refused: {reason}"));
    match disabled {
        Some("1") => check
            .advise(
                "kernel.io_uring_disabled is 1: only members of kernel.io_uring_group and privileged processes may use it.",
            )
            .command("sysctl -w kernel.io_uring_group=$(getent group ringlog | cut -d: -f3)"),
        Some("2") => check
            .advise("kernel.io_uring_disabled is 2: nobody may use it.")
            .command("sysctl -w kernel.io_uring_disabled=0"),
        _ if is_filtered(status) => check
            .advise(
                "A seccomp filter is in force, as container runtimes set one: let it allow io_uring_setup, \
                 io_uring_enter and io_uring_register.",
            )
            .command("docker run --security-opt seccomp=PROFILE.json ..."),
        _ => check.advise("The kernel is too old, or was built without it; see the reason."),
    }
}

fn is_filtered(status: Option<&str>) -> bool {
    let line = status.and_then(|status| status.lines().find_map(|line| line.strip_prefix("Seccomp:")));
    line.is_some_and(|mode| mode.trim() == "2")
}

const CLOCK: Subject = Subject {
    name: "clock",
    why: "The clock is read several times per request. Read from the processor (tsc, kvm-clock, arch_sys_counter) that \
          takes some 25 ns; through hpet or acpi_pm it is a system call and a slow device.",
};

/// `current` is `.../clocksource0/current_clocksource`.
pub(super) fn clock(current: Option<&str>) -> Check {
    match current {
        None => CLOCK.unseen(),
        Some(slow @ ("hpet" | "acpi_pm" | "jiffies" | "refined-jiffies")) => CLOCK
            .warn(slow)
            .advise("See in the kernel's log why tsc was given up (`dmesg | grep -i -e tsc -e clocksource`); where it is sound:")
            .command("echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource"),
        Some("xen") => CLOCK
            .note("xen")
            .advise("tsc is faster where the hypervisor offers it.")
            .command("echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource"),
        Some(current) => CLOCK.ok(current),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State::{self, Note, Ok as Fine, Warn};
    use super::*;

    #[test]
    fn kernels_are_judged_by_what_their_io_uring_has() {
        let table: [(Option<&str>, State); 7] = [
            (Some("6.1.0-18-amd64"), Fine),
            (Some("6.18.44"), Fine),
            (Some("5.15.0-91-generic"), Note),
            (Some("5.10.209"), Warn),
            (Some("4.18.0-513.el8"), Warn),
            (Some("strange"), Note),
            (None, Note),
        ];
        for (release, state) in table {
            assert_eq!(kernel(release).state, state, "{release:?}");
        }
    }

    #[test]
    fn a_refused_io_uring_names_what_refuses_it() {
        let refused = Err("Operation not permitted");
        let table = [
            (Some("1"), None, "io_uring_group"),
            (Some("2"), None, "nobody"),
            (Some("0"), Some("Name:\tringlog\nSeccomp:\t2\n"), "seccomp"),
            (Some("0"), Some("Name:\tringlog\nSeccomp:\t0\n"), "too old"),
            (None, None, "too old"),
        ];
        for (disabled, status, expected) in table {
            let check = io_uring(refused, disabled, status);
            assert_eq!(check.state, Warn);
            assert!(check.advice.unwrap().contains(expected), "{disabled:?} {status:?}");
        }
        assert_eq!(io_uring(Ok(()), Some("0"), None).state, Fine);
    }

    #[test]
    fn slow_clocks_are_told_from_fast_ones() {
        for (current, state) in [
            (Some("tsc"), Fine),
            (Some("kvm-clock"), Fine),
            (Some("arch_sys_counter"), Fine),
            (Some("hpet"), Warn),
            (Some("acpi_pm"), Warn),
            (Some("xen"), Note),
            (None, Note),
        ] {
            assert_eq!(clock(current).state, state, "{current:?}");
        }
    }
}
