//! The disk below a data directory: what kind it is, its scheduler, its write cache.

use super::check::{Check, Subject};
use super::host::Host;
use super::memory::chosen;
use std::path::{Path, PathBuf};

/// What carries the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Nvme,
    SolidState,
    Rotating,
    /// A hypervisor's.
    Virtual,
    /// Memory: nothing survives a loss of power.
    Memory,
    /// Not visible.
    Unknown,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Nvme => "NVMe disk",
            Kind::SolidState => "solid state disk",
            Kind::Rotating => "rotating disk",
            Kind::Virtual => "virtual disk",
            Kind::Memory => "memory",
            Kind::Unknown => "disk of unknown kind",
        }
    }
}

/// What the kernel shows of a disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Device {
    pub(super) name: String,
    pub(super) model: Option<String>,
    /// `queue/rotational`
    pub(super) rotational: Option<String>,
    /// `queue/scheduler`
    pub(super) scheduler: Option<String>,
    /// `queue/write_cache`
    pub(super) write_cache: Option<String>,
}

impl Device {
    /// The disk with this number (`253:0`): of a partition its disk, of a volume of the device mapper its first disk.
    pub(super) fn read(host: &Host, number: &str) -> Option<Device> {
        let link = host.path(Path::new("/sys/dev/block").join(number));
        let mut folder: PathBuf = std::fs::canonicalize(link).ok()?;
        // Eight layers of volumes on volumes are more than anybody has.
        for _ in 0..8 {
            if folder.join("partition").exists() {
                folder.pop();
            }
            let mut below: Vec<_> =
                std::fs::read_dir(folder.join("slaves")).into_iter().flatten().flatten().collect();
            below.sort_by_key(std::fs::DirEntry::file_name);
            match below.first().and_then(|slave| std::fs::canonicalize(slave.path()).ok()) {
                Some(slave) => folder = slave,
                None => break,
            }
        }
        let text =
            |name: &str| std::fs::read_to_string(folder.join(name)).ok().map(|text| text.trim().to_owned());
        Some(Device {
            name: folder.file_name()?.to_str()?.to_owned(),
            model: text("device/model").filter(|model| !model.is_empty()),
            rotational: text("queue/rotational"),
            scheduler: text("queue/scheduler"),
            write_cache: text("queue/write_cache"),
        })
    }

    pub(super) fn kind(&self) -> Kind {
        let is = |prefix: &str| self.name.starts_with(prefix);
        let virtual_model = self.model.as_deref().is_some_and(|model| {
            ["QEMU", "Virtual", "VBOX", "PersistentDisk", "Elastic Block"]
                .iter()
                .any(|word| model.contains(word))
        });
        if is("ram") || is("zram") || is("pmem") {
            return if is("pmem") { Kind::Unknown } else { Kind::Memory };
        }
        // A hypervisor's disk calls itself rotating or not as it likes.
        if is("vd") || is("xvd") || virtual_model {
            return Kind::Virtual;
        }
        if is("nvme") {
            return Kind::Nvme;
        }
        match self.rotational.as_deref() {
            Some("1") => Kind::Rotating,
            Some("0") => Kind::SolidState,
            _ => Kind::Unknown,
        }
    }
}

const SCHEDULER: Subject = Subject {
    name: "scheduler",
    why: "A node orders its writes itself. On disks without moving parts a scheduler in between costs processor time, \
          and bfq holds back synced writes; a rotating disk gains from mq-deadline.",
};

/// `device` is what the kernel shows, if it shows anything.
pub(super) fn scheduler(device: Option<&Device>) -> Check {
    let Some(device) = device else { return SCHEDULER.unseen() };
    let Some(list) = &device.scheduler else { return SCHEDULER.unseen() };
    let current = chosen(list).unwrap_or(list);
    let rotating = device.kind() == Kind::Rotating;
    let wanted = if rotating { "mq-deadline" } else { "none" };
    let check = match current {
        "bfq" | "cfq" => SCHEDULER.warn(format!("{current} on {}", device.name)),
        "none" | "noop" if rotating => SCHEDULER.note(format!("{current} on {}", device.name)),
        _ => return SCHEDULER.ok(format!("{current} on {} ({})", device.name, device.kind().name())),
    };
    check
        .advise(
            "Until the next start; a udev rule (ACTION==\"add|change\", ATTR{queue/scheduler}=...) keeps it:",
        )
        .command(format!("echo {wanted} > /sys/block/{}/queue/scheduler", device.name))
}

const CACHE: Subject = Subject {
    name: "write-cache",
    why: "A disk with a volatile cache loses what is in it with the power, unless it is told to flush: a node's syncs \
          do that, and each takes as long as the disk needs. A disk whose cache is protected (or that has none) \
          answers syncs at once and honestly.",
};

/// What the kernel believes about the cache.
pub(super) fn write_cache(device: Option<&Device>) -> Check {
    let Some(device) = device else { return CACHE.unseen() };
    match device.write_cache.as_deref() {
        None => CACHE.unseen(),
        Some("write through") => CACHE.ok(format!(
            "{}: write through: no cache that could lose anything, or a protected one",
            device.name
        )),
        Some("write back") => {
            CACHE.ok(format!("{}: write back: the kernel flushes it with every sync", device.name))
        }
        Some(other) => CACHE.note(format!("{}: {other}", device.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State::{Note, Ok as Fine, Warn};
    use super::*;

    fn device(name: &str, rotational: &str, scheduler: &str) -> Device {
        Device {
            name: name.to_owned(),
            rotational: Some(rotational.to_owned()),
            scheduler: Some(scheduler.to_owned()),
            ..Device::default()
        }
    }

    #[test]
    fn kinds_of_disks_are_told_apart() {
        for (name, rotational, kind) in [
            ("nvme0n1", "0", Kind::Nvme),
            ("sda", "1", Kind::Rotating),
            ("sdb", "0", Kind::SolidState),
            ("vda", "1", Kind::Virtual),
            ("xvda", "0", Kind::Virtual),
            ("zram0", "0", Kind::Memory),
            ("dasda", "", Kind::Unknown),
        ] {
            assert_eq!(device(name, rotational, "").kind(), kind, "{name}");
        }
        let cloud = Device { model: Some("Amazon Elastic Block Store".into()), ..device("nvme1n1", "0", "") };
        assert_eq!(cloud.kind(), Kind::Virtual);
    }

    #[test]
    fn schedulers_are_judged_by_the_kind_of_disk() {
        for (name, rotational, list, state) in [
            ("nvme0n1", "0", "[none] mq-deadline kyber", Fine),
            ("nvme0n1", "0", "none [mq-deadline] kyber", Fine),
            ("nvme0n1", "0", "none mq-deadline [bfq]", Warn),
            ("sda", "1", "[mq-deadline] none", Fine),
            ("sda", "1", "mq-deadline [none]", Note),
            ("dm-0", "0", "none", Fine),
        ] {
            assert_eq!(scheduler(Some(&device(name, rotational, list))).state, state, "{name} {list}");
        }
        assert_eq!(scheduler(None).state, Note);
        let bfq = scheduler(Some(&device("sda", "1", "[bfq]")));
        assert_eq!(bfq.command.unwrap(), "echo mq-deadline > /sys/block/sda/queue/scheduler");
    }

    #[test]
    fn a_partition_is_looked_up_as_its_disk_and_a_volume_as_the_disk_below_it() {
        let root = tempfile::tempdir().unwrap();
        let make = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        make("sys/block/sda/queue/rotational", "0\n");
        make("sys/block/sda/device/model", "FASTDISK 1000\n");
        make("sys/block/sda/sda1/partition", "1\n");
        make("sys/block/dm-0/queue/rotational", "1\n");
        let link = |from: &str, to: &str| {
            let from = root.path().join(from);
            std::fs::create_dir_all(from.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(root.path().join(to), from).unwrap();
        };
        link("sys/dev/block/8:1", "sys/block/sda/sda1");
        link("sys/dev/block/254:0", "sys/block/dm-0");
        link("sys/block/dm-0/slaves/sda1", "sys/block/sda/sda1");
        for number in ["8:1", "254:0"] {
            let device = Device::read(&Host::at(root.path()), number).unwrap();
            assert_eq!((device.name.as_str(), device.kind()), ("sda", Kind::SolidState), "{number}");
            assert_eq!(device.model.as_deref(), Some("FASTDISK 1000"));
        }
        assert_eq!(Device::read(&Host::at(root.path()), "9:9"), None);
    }

    #[test]
    fn caches_are_shown() {
        for (text, state) in [(Some("write through"), Fine), (Some("write back"), Fine), (None, Note)] {
            let device = Device { write_cache: text.map(str::to_owned), ..device("sda", "0", "") };
            assert_eq!(write_cache(Some(&device)).state, state, "{text:?}");
        }
    }
}
