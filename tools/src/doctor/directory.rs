//! A data directory and the disk below it.

use super::check::{Check, State, Subject};
use super::device::{self, Device, Kind};
use super::host::Host;
use super::measure::measure;
use super::mount::{self, Mount};
use super::profile::{self, CommitSizes, DiskProfile};
use super::sync;
use ringlog_reactor::{OpenOptions, Reactor};
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Whether to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measuring {
    /// Unless a node is at work.
    WhenIdle,
    Always,
    Never,
}

/// What was found about a directory.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) checks: Vec<Check>,
    pub(super) measured: Option<Measured>,
}

/// A measurement that has been written down.
#[derive(Debug, Serialize)]
pub(super) struct Measured {
    pub(super) directory: String,
    pub(super) file: String,
    pub(super) figures: DiskProfile,
}

const DIRECTORY: Subject =
    Subject { name: "directory", why: "A node makes its files there, as the user that it runs as." };

/// Looks at a directory; `progress` is told what is being measured.
pub(super) async fn examine(
    reactor: Reactor,
    host: Host,
    path: PathBuf,
    measuring: Measuring,
    duration: Duration,
    progress: impl Fn(&str),
) -> Findings {
    let shown = path.display().to_string();
    let mut findings = Findings { checks: Vec::new(), measured: None };
    let direct = match probe(&reactor, &path).await {
        Ok(direct) => direct,
        Err(refused) => {
            findings.checks.push(unusable(&path, &refused).of(&shown));
            return findings;
        }
    };
    let mount = mount_of(&host, &path);
    let device = mount.as_ref().and_then(|mount| device_of(&host, mount));
    let kind = match (&mount, &device) {
        (Some(mount), _) if mount.is_in_memory() => Kind::Memory,
        (_, Some(device)) => device.kind(),
        _ => Kind::Unknown,
    };
    let mut checks = vec![
        DIRECTORY.ok("files can be made here"),
        mount::file_system(mount.as_ref()),
        mount::mount_options(mount.as_ref()),
        direct,
        device::scheduler(device.as_ref()),
        device::write_cache(device.as_ref()),
    ];
    if let Ok(space) = reactor.space(&path).await {
        let low = ringlog_storage::low_water_mark(space.total);
        checks.push(mount::space(space.free, space.total, low));
    }
    let write_through =
        device.as_ref().and_then(|device| device.write_cache.as_deref()) == Some("write through");
    match reason_not_to_measure(&reactor, &path, measuring, &checks).await {
        Some(reason) => checks.push(sync::not_measured(&reason)),
        None => match measured(&reactor, &path, duration, progress).await {
            Ok(figures) => {
                checks.push(sync::judge(kind, write_through, figures.commit_us_p50, figures.commit_us_p99));
                let file = profile::file(&path).display().to_string();
                findings.measured = Some(Measured { directory: shown.clone(), file, figures });
            }
            Err(error) => checks.push(sync::not_measured(&error.to_string())),
        },
    }
    checks.push(commit_sizes(&path));
    findings.checks = checks.into_iter().map(|check| check.of(&shown)).collect();
    findings
}

const DIRECT: Subject = Subject {
    name: "direct-io",
    why: "Writes and reads of segments pass by the page cache, so that a sync has nothing to gather and memory holds \
          each byte once. Where that is refused they go through it, at about twice the cost.",
};

/// Makes a file, to see whether that is allowed and what direct I/O asks for.
async fn probe(reactor: &Reactor, path: &Path) -> io::Result<Check> {
    let name = path.join("doctor.probe");
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(true).direct(true);
    let file = reactor.open(&name, options).await?;
    reactor.remove_file(&name).await?;
    Ok(direct_io(file.is_direct(), file.alignment()))
}

fn direct_io(is_direct: bool, alignment: usize) -> Check {
    if !is_direct {
        return DIRECT
            .warn("refused: the page cache is used")
            .advise("tmpfs and some overlays know no direct I/O: take a directory on xfs or ext4.");
    }
    let found = format!("aligned to {alignment} bytes");
    if alignment > 4096 {
        return DIRECT.note(found).advise(
            "Small commits are padded to a whole block of this disk. If it can be formatted with blocks of 4,096 bytes:",
        ).command("nvme format /dev/DISK --block-size=4096   # destroys what is on it");
    }
    DIRECT.ok(found)
}

fn unusable(path: &Path, refused: &io::Error) -> Check {
    let shown = path.display();
    let check = DIRECTORY.fail(format!("no file can be made: {refused}"));
    match refused.kind() {
        io::ErrorKind::NotFound => check
            .advise("There is no such directory:")
            .command(format!("install -d -o ringlog -g ringlog -m 0750 {shown}")),
        io::ErrorKind::PermissionDenied => check
            .advise("It must belong to the user that the node runs as; or run this as that user:")
            .command(format!(
                "chown ringlog:ringlog {shown}   # or: runuser -u ringlog -- ringlog doctor --data {shown}"
            )),
        io::ErrorKind::StorageFull => check.advise("The disk is full: free some space."),
        _ => check,
    }
}

fn mount_of(host: &Host, path: &Path) -> Option<Mount> {
    let path = std::fs::canonicalize(path).ok()?;
    Mount::of(&host.text("/proc/self/mountinfo")?, &path)
}

fn device_of(host: &Host, mount: &Mount) -> Option<Device> {
    Device::read(host, &mount.number).or_else(|| {
        // btrfs and overlays have numbers of their own; the source may be a device all the same.
        use std::os::unix::fs::MetadataExt;
        let source = std::fs::metadata(&mount.source).ok()?;
        let (major, minor) = (rustix::fs::major(source.rdev()), rustix::fs::minor(source.rdev()));
        if major == 0 { None } else { Device::read(host, &format!("{major}:{minor}")) }
    })
}

async fn reason_not_to_measure(
    reactor: &Reactor,
    path: &Path,
    measuring: Measuring,
    checks: &[Check],
) -> Option<String> {
    if measuring == Measuring::Never {
        return Some("not asked for".to_owned());
    }
    if checks.iter().any(|check| check.check == "space" && check.state == State::Fail) {
        return Some("the disk is full".to_owned());
    }
    if measuring == Measuring::Always {
        return None;
    }
    let lock = path.join("lock");
    if reactor.metadata(&lock).await.is_err() {
        return None;
    }
    let locked = reactor.lock_exclusively(&lock).await;
    let is_locked = locked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
    is_locked.then(|| "a node is at work in it; --measure does it all the same".to_owned())
}

async fn measured(
    reactor: &Reactor,
    path: &Path,
    duration: Duration,
    progress: impl Fn(&str),
) -> io::Result<DiskProfile> {
    let profile = measure(reactor, path, duration, progress).await?;
    reactor.write_file_durably(&profile::file(path), profile.text().as_bytes()).await?;
    Ok(profile)
}

const SIZES: Subject = Subject {
    name: "commit-sizes",
    why: "How much is written at once, and how much is under way, follows from how fast the disk writes and syncs. A \
          node takes both from the measurement in its data directory where its configuration says nothing.",
};

/// What a node started now would take, by the file in the directory.
fn commit_sizes(path: &Path) -> Check {
    match DiskProfile::read(path) {
        Ok(Some(profile)) => {
            let sizes = CommitSizes::of(&profile, 1);
            SIZES.ok(format!(
                "measured {}: groups of {}, beside the journal from {}, in flight {} (shared by the shards)",
                profile.measured_at,
                super::check::bytes(sizes.group_bytes_max),
                super::check::bytes(sizes.external_bytes_min),
                super::check::bytes(sizes.unflushed_bytes_max),
            ))
        }
        Ok(None) => SIZES
            .note("the defaults: this disk has not been measured")
            .command(format!("ringlog doctor --measure --data {}", path.display())),
        Err(reason) => SIZES
            .warn(format!("the defaults: {} cannot be used: {reason}", profile::FILE))
            .advise("Measure anew, or delete it:")
            .command(format!("ringlog doctor --measure --data {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State::{Fail, Note, Ok as Fine, Warn};
    use super::*;

    #[test]
    fn direct_io_is_judged() {
        assert_eq!(direct_io(true, 4096).state, Fine);
        assert_eq!(direct_io(true, 16384).state, Note);
        assert_eq!(direct_io(false, 4096).state, Warn);
    }

    #[test]
    fn a_directory_that_cannot_be_used_says_how_to_mend_it() {
        for (kind, expected) in
            [(io::ErrorKind::NotFound, "install -d"), (io::ErrorKind::PermissionDenied, "chown")]
        {
            let check = unusable(Path::new("/data"), &kind.into());
            assert_eq!(check.state, Fail);
            assert!(check.command.unwrap().starts_with(expected));
        }
    }

    #[test]
    fn commit_sizes_say_where_they_come_from() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(commit_sizes(folder.path()).state, Note);
        std::fs::write(profile::file(folder.path()), "version = 1").unwrap();
        assert_eq!(commit_sizes(folder.path()).state, Warn);
    }
}
