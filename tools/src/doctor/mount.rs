//! The file system that a data directory lies on.

use super::check::{Check, Subject, bytes};
use std::path::{Path, PathBuf};

/// A line of `/proc/self/mountinfo`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mount {
    /// The device's number, `253:0`; `0:N` where no single device is below.
    pub(super) number: String,
    pub(super) point: PathBuf,
    pub(super) kind: String,
    pub(super) source: String,
    /// Those of the mount and those of the file system.
    pub(super) options: Vec<String>,
}

impl Mount {
    /// The mount that an absolute path is on: the last one that covers it.
    pub(super) fn of(mountinfo: &str, path: &Path) -> Option<Mount> {
        let mounts =
            mountinfo.lines().filter_map(Mount::parse).filter(|mount| path.starts_with(&mount.point));
        // A later mount over the same place hides an earlier one, so ties go to the last.
        mounts.max_by_key(|mount| mount.point.components().count())
    }

    /// `36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue` (proc(5)).
    fn parse(line: &str) -> Option<Mount> {
        let (left, right) = line.split_once(" - ")?;
        let left: Vec<&str> = left.split_whitespace().collect();
        let mut right = right.split_whitespace();
        let (kind, source) = (right.next()?, right.next()?);
        let options = left.get(5)?.split(',').chain(right.next().unwrap_or("").split(','));
        let mut unique: Vec<String> = Vec::new();
        for option in options.filter(|option| !option.is_empty()) {
            if !unique.iter().any(|known| known == option) {
                unique.push(option.to_owned());
            }
        }
        Some(Mount {
            number: (*left.get(2)?).to_owned(),
            point: PathBuf::from(unescape(left.get(4)?)),
            kind: kind.to_owned(),
            source: unescape(source),
            options: unique,
        })
    }

    pub(super) fn is_in_memory(&self) -> bool {
        matches!(self.kind.as_str(), "tmpfs" | "ramfs")
    }

    fn has(&self, wanted: &[&str]) -> Option<&str> {
        self.options.iter().map(String::as_str).find(|option| wanted.contains(option))
    }
}

/// Blanks and the like are written in octal: `\040`.
fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        match after.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                plain.push(char::from(byte));
                rest = &after[3..];
            }
            None => {
                plain.push('\\');
                rest = after;
            }
        }
    }
    plain + rest
}

const FILE_SYSTEM: Subject = Subject {
    name: "file-system",
    why: "Segments are preallocated and written directly, in place, at many places at once, and synced file by file. \
          xfs and ext4 do that without copying; file systems that copy on write give a file new blocks with each \
          write, and those of a network or a container promise less, or do it more slowly.",
};

pub(super) fn file_system(mount: Option<&Mount>) -> Check {
    let Some(mount) = mount else { return FILE_SYSTEM.unseen() };
    let found = format!("{} on {} ({})", mount.kind, mount.point.display(), mount.source);
    let own = "Give the data a file system of its own:";
    let make = "mkfs.xfs /dev/DISK && mount -o noatime /dev/DISK /var/lib/ringlog/node";
    match mount.kind.as_str() {
        "xfs" | "ext4" => FILE_SYSTEM.ok(found),
        "tmpfs" | "ramfs" => FILE_SYSTEM
            .fail(format!("{found}: memory, which a restart of the machine empties"))
            .advise(own)
            .command(make),
        "nfs" | "nfs4" | "cifs" | "smb3" | "ceph" | "9p" | "virtiofs" | "fuse" | "fuseblk" => FILE_SYSTEM
            .warn(format!("{found}: not a local disk; its syncs and locks may promise less"))
            .advise(own)
            .command(make),
        "overlay" => FILE_SYSTEM
            .warn(format!("{found}: a container's layer, gone with the container"))
            .advise("Mount a directory of the host into the container:")
            .command("docker run -v /var/lib/ringlog:/var/lib/ringlog ..."),
        "btrfs" => FILE_SYSTEM
            .warn(found)
            .advise("Switch copying on write off before the first file is made, or take xfs or ext4:")
            .command(format!("chattr +C {}", mount.point.display())),
        "zfs" => FILE_SYSTEM
            .warn(found)
            .advise("Choose records of the size of commits and no second cache, or take xfs or ext4:")
            .command(format!("zfs set recordsize=64K primarycache=metadata {}", mount.source)),
        _ => {
            FILE_SYSTEM.note(format!("{found}: not one that Ringlog is tested on")).advise(own).command(make)
        }
    }
}

const OPTIONS: Subject = Subject {
    name: "mount-options",
    why: "Without barriers a sync does not flush the disk's cache, and what was acknowledged is lost with the power. \
          Access times, online discard and journalled data cost writes that nobody needs.",
};

pub(super) fn mount_options(mount: Option<&Mount>) -> Check {
    let Some(mount) = mount else { return OPTIONS.unseen() };
    let point = mount.point.display();
    let shown = mount.options.join(",");
    let remount = |option: &str| format!("mount -o remount,{option} {point}   # and in /etc/fstab");
    if mount.has(&["ro"]).is_some() {
        return OPTIONS.fail(format!("{shown}: read only")).command(remount("rw"));
    }
    if let Some(option) = mount.has(&["nobarrier", "barrier=0"]) {
        return OPTIONS
            .fail(format!("{shown}: {option} takes the meaning from every sync"))
            .advise(
                "Only a disk whose cache outlives the power may do without, and it gains nothing from it.",
            )
            .command(remount("barrier"));
    }
    if let Some(option) = mount.has(&["sync", "dirsync", "data=journal"]) {
        return OPTIONS
            .warn(format!("{shown}: {option} writes more than is needed"))
            .advise("A node syncs what it must; let the file system do the rest at leisure.")
            .command(match option {
                "sync" => remount("async"),
                _ => {
                    format!("edit /etc/fstab: take {option} from the options of {point}, then mount it anew")
                }
            });
    }
    if mount.has(&["discard"]).is_some() {
        return OPTIONS
            .note(format!("{shown}: discard trims with every delete"))
            .advise("Trim once a week instead:")
            .command("systemctl enable --now fstrim.timer");
    }
    if mount.has(&["strictatime"]).is_some() {
        return OPTIONS.note(format!("{shown}: each read writes an access time")).command(remount("noatime"));
    }
    OPTIONS.ok(shown)
}

const SPACE: Subject = Subject {
    name: "space",
    why: "Below the low-water mark a node refuses to take records (reads and deletes go on); it needs the rest to \
          checkpoint, delete and start again.",
};

/// `free` and `total` bytes of the file system; `low` is the low-water mark.
pub(super) fn space(free: u64, total: u64, low: u64) -> Check {
    let found = format!("{} of {} free, low-water mark {}", bytes(free), bytes(total), bytes(low));
    if free < low {
        return SPACE
            .fail(found)
            .advise("Free some space: shorten what topics keep, or move directories to a larger disk.")
            .command("ringlog config set topic TOPIC retention.bytes=BYTES");
    }
    if free < low.saturating_mul(4).max(total / 20) {
        return SPACE
            .warn(found)
            .advise("Bound what topics keep:")
            .command("ringlog config set nodes log.retention.bytes=BYTES_PER_PARTITION");
    }
    SPACE.ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::check::State::{self, Fail, Note, Ok as Fine, Warn};
    use super::*;

    const INFO: &str = "\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 253:0 / / rw,noatime shared:1 - ext4 /dev/vda rw,errors=remount-ro
30 27 8:17 / /srv/my\\040disk rw,relatime shared:2 master:1 - xfs /dev/sdb1 rw,attr2,inode64
31 27 0:30 / /srv rw - tmpfs none rw,size=1g
";

    #[test]
    fn the_mount_of_a_path_is_the_deepest_that_covers_it() {
        for (path, point, kind, number) in [
            ("/var/lib", "/", "ext4", "253:0"),
            ("/srv/my disk/data", "/srv/my disk", "xfs", "8:17"),
            ("/srv/other", "/srv", "tmpfs", "0:30"),
            ("/srvx", "/", "ext4", "253:0"),
        ] {
            let mount = Mount::of(INFO, Path::new(path)).unwrap();
            assert_eq!((mount.point.to_str().unwrap(), mount.kind.as_str()), (point, kind), "{path}");
            assert_eq!(mount.number, number);
        }
        assert_eq!(Mount::of("", Path::new("/")), None);
        assert_eq!(Mount::of("not a mount\n - \n", Path::new("/")), None);
        let root = Mount::of(INFO, Path::new("/")).unwrap();
        assert_eq!(root.options, ["rw", "noatime", "errors=remount-ro"]);
    }

    fn mount(kind: &str, options: &str) -> Mount {
        Mount {
            kind: kind.to_owned(),
            options: options.split(',').map(str::to_owned).collect(),
            ..Mount::default()
        }
    }

    #[test]
    fn file_systems_are_judged() {
        let table: [(&str, State); 8] = [
            ("ext4", Fine),
            ("xfs", Fine),
            ("btrfs", Warn),
            ("zfs", Warn),
            ("overlay", Warn),
            ("nfs4", Warn),
            ("f2fs", Note),
            ("tmpfs", Fail),
        ];
        for (kind, state) in table {
            assert_eq!(file_system(Some(&mount(kind, "rw"))).state, state, "{kind}");
        }
        assert_eq!(file_system(None).state, Note);
    }

    #[test]
    fn options_that_break_a_promise_fail() {
        let table: [(&str, State); 8] = [
            ("rw,noatime", Fine),
            ("rw,relatime,errors=remount-ro", Fine),
            ("rw,nobarrier", Fail),
            ("rw,barrier=0", Fail),
            ("ro,relatime", Fail),
            ("rw,data=journal", Warn),
            ("rw,discard", Note),
            ("rw,strictatime", Note),
        ];
        for (options, state) in table {
            assert_eq!(mount_options(Some(&mount("ext4", options))).state, state, "{options}");
        }
    }

    #[test]
    fn space_is_compared_with_the_low_water_mark() {
        let (total, low) = (1000 << 30, 256 << 20);
        for (free, state) in [(500 << 30, Fine), (40 << 30, Warn), (100 << 20, Fail), (0, Fail)] {
            assert_eq!(space(free, total, low).state, state, "{free}");
        }
    }
}
