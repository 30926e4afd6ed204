//! The limits of a process: locked memory, open files.

use super::check::{Check, Subject, bytes};

const LOCKED: Subject = Subject {
    name: "locked-memory",
    why: "Rings and the buffers registered with them count as locked memory, 4 MiB and a ring for each shard, within \
          half of the limit. With less a node registers less, and each byte to or from a disk costs more.",
};

/// `limits` is `/proc/self/limits`: those of this process. The ones of a service are in its unit.
pub(super) fn locked_memory(limits: Option<&str>, processors: usize) -> Check {
    let Some(limit) = limits.and_then(|limits| soft(limits, "Max locked memory")) else {
        return LOCKED.unseen();
    };
    let wanted = processors as u64 * (8 << 20);
    let check = match limit {
        Limit::Unlimited => return LOCKED.ok("unlimited"),
        Limit::Is(limit) if limit >= wanted => return LOCKED.ok(bytes(limit)),
        Limit::Is(limit) => {
            let found = format!("{} where {processors} shards can use {}", bytes(limit), bytes(wanted));
            if limit < 1 << 20 { LOCKED.warn(found) } else { LOCKED.note(found) }
        }
    };
    check
        .advise(
            "The limit is this process's; the packaged unit sets LimitMEMLOCK=infinity. In a shell, as root:",
        )
        .command("ulimit -l unlimited")
}

const FILES: Subject = Subject {
    name: "open-files",
    why: "A connection is an open file, and so is each segment in use (512 per shard and directory). At the limit new \
          connections are refused.",
};

/// `limits` is `/proc/self/limits`.
pub(super) fn open_files(limits: Option<&str>) -> Check {
    let Some(limit) = limits.and_then(|limits| soft(limits, "Max open files")) else {
        return FILES.unseen();
    };
    let check = match limit {
        Limit::Unlimited => return FILES.ok("unlimited"),
        Limit::Is(limit) if limit >= 65_536 => return FILES.ok(limit.to_string()),
        Limit::Is(limit) if limit >= 8_192 => FILES.note(limit.to_string()),
        Limit::Is(limit) => FILES.warn(limit.to_string()),
    };
    check
        .advise("The limit is this process's; the packaged unit sets LimitNOFILE=1048576. In a shell:")
        .command("ulimit -n 65536")
}

enum Limit {
    Unlimited,
    Is(u64),
}

fn soft(limits: &str, name: &str) -> Option<Limit> {
    let rest = limits.lines().find_map(|line| line.strip_prefix(name))?;
    match rest.split_whitespace().next()? {
        "unlimited" => Some(Limit::Unlimited),
        number => number.parse().ok().map(Limit::Is),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State::{Note, Ok as Fine, Warn};
    use super::*;

    fn limits(locked: &str, files: &str) -> String {
        format!(
            "Limit                     Soft Limit           Hard Limit           Units     \n\
             Max open files            {files}                {files}                files     \n\
             Max locked memory         {locked}              unlimited              bytes     \n"
        )
    }

    #[test]
    fn locked_memory_is_compared_with_what_the_shards_can_use() {
        for (limit, processors, state) in [
            ("unlimited", 64, Fine),
            ("8388608", 1, Fine),
            ("8388608", 2, Note),
            ("65536", 1, Warn),
            ("0", 1, Warn),
        ] {
            let check = locked_memory(Some(&limits(limit, "1")), processors);
            assert_eq!(check.state, state, "{limit} {processors}");
        }
        assert_eq!(locked_memory(Some("nonsense"), 1).found, "not visible here");
        assert_eq!(locked_memory(None, 1).found, "not visible here");
    }

    #[test]
    fn few_open_files_are_warned_about() {
        for (limit, state) in [("1048576", Fine), ("unlimited", Fine), ("20000", Note), ("1024", Warn)] {
            assert_eq!(open_files(Some(&limits("1", limit))).state, state, "{limit}");
        }
        assert_eq!(open_files(None).state, Note);
    }
}
