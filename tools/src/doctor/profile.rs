//! What was measured of a disk, as a file in the data directory, and the commit sizes that follow from it.

use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// The file in a data directory.
pub(crate) const FILE: &str = "disk.toml";
/// The version of its format.
pub(super) const VERSION: u32 = 1;
/// Larger files are not what we wrote.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// A disk in figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct DiskProfile {
    /// Of this format.
    pub(crate) version: u32,
    /// When, in UTC.
    pub(crate) measured_at: String,
    /// How long it took.
    pub(crate) measured_ms: u64,
    /// Whether the page cache was passed by.
    pub(crate) direct: bool,
    /// What direct reads and writes must be aligned to, bytes.
    pub(crate) alignment: u64,
    /// 4 KiB written and synced, one after another: the median, microseconds.
    pub(crate) commit_us_p50: u64,
    /// The same, 99th percentile.
    pub(crate) commit_us_p99: u64,
    /// The smallest write that reaches, each with its sync, 80 % of the best throughput.
    pub(crate) commit_bytes: u64,
    /// 1 MiB each, 8 in flight.
    pub(crate) write_bytes_per_second: u64,
    /// 1 MiB each, 8 in flight.
    pub(crate) read_bytes_per_second: u64,
    /// 4 KiB each, 32 in flight.
    pub(crate) random_reads_per_second: u64,
    /// 4 KiB each, 32 in flight.
    pub(crate) random_writes_per_second: u64,
    /// 4 KiB each, durable on completion, 16 in flight.
    pub(crate) synced_writes_per_second: u64,
}

impl DiskProfile {
    /// The file's text.
    pub(super) fn text(&self) -> String {
        let body = toml::to_string(self).expect("numbers and a text have a form in TOML");
        format!(
            "# The disk of this directory, measured by `ringlog doctor`. `ringlog node` takes its commit sizes from it where\n\
             # its configuration says nothing; without this file it takes its defaults.\n{body}"
        )
    }

    /// What a file says, or what is wrong with it.
    fn parse(text: &str) -> Result<DiskProfile, String> {
        let profile: DiskProfile = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        if profile.version != VERSION {
            return Err(format!("version {} where {VERSION} is known", profile.version));
        }
        let figures =
            [profile.write_bytes_per_second, profile.synced_writes_per_second, profile.commit_bytes];
        if figures.contains(&0) {
            return Err("a speed of nothing".to_owned());
        }
        Ok(profile)
    }

    /// Reads the file of a data directory; `None` if there is none.
    pub(crate) fn read(directory: &Path) -> Result<Option<DiskProfile>, String> {
        let path = directory.join(FILE);
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
            Ok(metadata) if metadata.len() > FILE_BYTES_MAX => return Err("it is too large".to_owned()),
            Ok(_) => {}
        }
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        DiskProfile::parse(&text).map(Some)
    }
}

/// Where the file of a directory is.
pub(crate) fn file(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

/// What a node is set to by what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CommitSizes {
    /// `storage.group-bytes-max`
    pub(crate) group_bytes_max: u64,
    /// `storage.external-bytes-min`
    pub(crate) external_bytes_min: u64,
    /// `storage.unflushed-bytes-max`, for each shard
    pub(crate) unflushed_bytes_max: u64,
}

/// Bounds of what follows from a measurement, which may be a bad one.
const GROUP_BYTES: (u64, u64) = (512 << 10, 3 << 20);
const EXTERNAL_BYTES: (u64, u64) = (16 << 10, 512 << 10);
const UNFLUSHED_BYTES: (u64, u64) = (16 << 20, 256 << 20);
/// Syncs whose time the bytes in flight have to fill: one under way, one gathering, and two for those that take longer.
const SYNCS: u64 = 4;
/// What one more synced write costs is compared with bytes that are written twice, and copied on the way.
const TWICE_AND_COPIED: u64 = 4;

impl CommitSizes {
    /// The sizes for a disk that so many shards share.
    ///
    /// - *In flight*: what the disk writes in the time of four slow syncs, and at least eight commits of the best size.
    ///   More only waits longer.
    /// - *Group*: the best commit; a larger one is no faster.
    /// - *Beside the journal*: from the size on at which writing twice costs as much as one more synced write.
    pub(crate) fn of(profile: &DiskProfile, shards: u64) -> CommitSizes {
        let speed = profile.write_bytes_per_second;
        let in_slow_syncs = speed.saturating_mul(profile.commit_us_p99.saturating_mul(SYNCS)) / 1_000_000;
        let in_flight = in_slow_syncs.max(profile.commit_bytes.saturating_mul(8)) / shards.max(1);
        let external = speed / profile.synced_writes_per_second.max(1) / TWICE_AND_COPIED;
        CommitSizes {
            group_bytes_max: within(profile.commit_bytes, GROUP_BYTES),
            external_bytes_min: power_of_two_below(within(external, EXTERNAL_BYTES)),
            unflushed_bytes_max: within(in_flight, UNFLUSHED_BYTES) >> 20 << 20,
        }
    }

    /// For several disks: the needs of each are met.
    pub(crate) fn and(self, other: CommitSizes) -> CommitSizes {
        CommitSizes {
            group_bytes_max: self.group_bytes_max.max(other.group_bytes_max),
            external_bytes_min: self.external_bytes_min.max(other.external_bytes_min),
            unflushed_bytes_max: self.unflushed_bytes_max.max(other.unflushed_bytes_max),
        }
    }
}

fn within(value: u64, (least, most): (u64, u64)) -> u64 {
    value.clamp(least, most)
}

fn power_of_two_below(value: u64) -> u64 {
    1 << value.max(1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(megabytes: u64, p99: u64, synced: u64, commit: u64) -> DiskProfile {
        DiskProfile {
            version: VERSION,
            measured_at: "2026-01-01T00:00:00.000Z".to_owned(),
            measured_ms: 5_000,
            direct: true,
            alignment: 4096,
            commit_us_p50: p99 / 2,
            commit_us_p99: p99,
            commit_bytes: commit,
            write_bytes_per_second: megabytes * 1_000_000,
            read_bytes_per_second: megabytes * 1_000_000,
            random_reads_per_second: 10_000,
            random_writes_per_second: 10_000,
            synced_writes_per_second: synced,
        }
    }

    #[test]
    fn the_file_can_be_read_again() {
        let written = profile(1_000, 200, 9_000, 1 << 18);
        assert_eq!(DiskProfile::parse(&written.text()).unwrap(), written);
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(DiskProfile::read(folder.path()), Ok(None));
        std::fs::write(file(folder.path()), written.text()).unwrap();
        assert_eq!(DiskProfile::read(folder.path()), Ok(Some(written)));
    }

    #[test]
    fn damaged_files_are_refused_with_a_reason() {
        let whole = profile(1_000, 200, 9_000, 1 << 18).text();
        for text in [
            "",
            "\0\0\0\0",
            &whole[..whole.len() / 2],
            &whole.replace("version = 1", "version = 2"),
            &whole.replace("commit-bytes = 262144", "commit-bytes = 0"),
            &whole.replace("commit-bytes = 262144", "commit-bytes = -5"),
            &format!("{whole}more = 1\n"),
        ] {
            assert!(!DiskProfile::parse(text).unwrap_err().is_empty(), "{text}");
        }
    }

    #[test]
    fn commit_sizes_follow_the_disk_within_bounds() {
        let sizes = |profile: &DiskProfile, shards| {
            let sizes = CommitSizes::of(profile, shards);
            (sizes.group_bytes_max >> 10, sizes.external_bytes_min >> 10, sizes.unflushed_bytes_max >> 20)
        };
        // A rotating disk: 150 MB/s, 100 synced writes a second, large commits.
        assert_eq!(sizes(&profile(150, 25_000, 100, 4 << 20), 1), (3072, 256, 32));
        // A disk for desktops: each flush takes milliseconds.
        assert_eq!(sizes(&profile(1_500, 6_000, 2_000, 1 << 20), 1), (1024, 128, 34));
        // A disk for servers, shared by 16 shards.
        assert_eq!(sizes(&profile(3_000, 100, 200_000, 64 << 10), 16), (512, 16, 16));
        // Nonsense stays within bounds.
        assert_eq!(sizes(&profile(u64::MAX / 1_000_000, u64::MAX / 8, 1, u64::MAX), 1), (3072, 512, 256));
        assert_eq!(sizes(&profile(0, 0, 0, 0), 0), (512, 16, 16));
    }

    #[test]
    fn several_disks_get_the_needs_of_each() {
        let slow = CommitSizes::of(&profile(150, 25_000, 100, 4 << 20), 1);
        let fast = CommitSizes::of(&profile(3_000, 100, 200_000, 64 << 10), 1);
        assert_eq!(slow.and(fast), slow);
        assert_eq!(fast.and(slow), slow);
    }
}
