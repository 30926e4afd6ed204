//! What `ringlog doctor` measured of the node's disks: the defaults of its commit sizes.

use crate::doctor::profile::{self, CommitSizes, DiskProfile};
use crate::settings::{Flag, Settings};
use std::path::{Path, PathBuf};

/// What the files in the data directories say.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    /// Files that could be read.
    files: Vec<PathBuf>,
    /// Files that could not, and why.
    unusable: Vec<(PathBuf, String)>,
    sizes: Option<CommitSizes>,
}

impl Measured {
    /// Reads the files of the data directories. One that is damaged never keeps a node from starting.
    pub(super) fn read(settings: &Settings) -> Measured {
        let processors = super::processors().map_or(1, |processors| processors.len());
        let shards = u64::from(super::shards(settings, processors));
        Measured::of(settings.list("data").iter().map(Path::new), shards)
    }

    fn of<'a>(directories: impl Iterator<Item = &'a Path>, shards: u64) -> Measured {
        let mut measured = Measured::default();
        for directory in directories {
            match DiskProfile::read(directory) {
                Ok(Some(profile)) => {
                    let sizes = CommitSizes::of(&profile, shards);
                    measured.sizes = Some(measured.sizes.map_or(sizes, |others| others.and(sizes)));
                    measured.files.push(profile::file(directory));
                }
                Ok(None) => {}
                Err(reason) => measured.unusable.push((profile::file(directory), reason)),
            }
        }
        measured
    }

    /// The settings that follow.
    pub(super) fn defaults(&self) -> Vec<Flag> {
        let of = |sizes: CommitSizes| {
            [
                ("storage.group-bytes-max", sizes.group_bytes_max),
                ("storage.external-bytes-min", sizes.external_bytes_min),
                ("storage.unflushed-bytes-max", sizes.unflushed_bytes_max),
            ]
        };
        let defaults = self.sizes.into_iter().flat_map(of);
        defaults.map(|(key, value)| (profile::FILE, key, vec![value.to_string()])).collect()
    }

    /// What to say above a printed configuration; empty if nothing was measured.
    pub(super) fn comment(&self) -> String {
        let used = self.files.iter().map(|file| {
            let file = file.display();
            format!("# Commit sizes that nobody chose follow from the measured disk: {file}\n")
        });
        let unusable = self.unusable.iter().map(|(file, reason)| {
            let reason = reason.replace('\n', " ");
            format!("# {} cannot be used: {reason}\n", file.display())
        });
        used.chain(unusable).collect()
    }

    /// Says where the commit sizes come from.
    pub(super) fn log(&self) {
        for (file, reason) in &self.unusable {
            let file = file.display();
            tracing::warn!(%file, reason, "the measurement of this disk cannot be used; commit sizes are the defaults");
        }
        if let Some(sizes) = self.sizes {
            tracing::info!(
                files = ?self.files,
                group_bytes_max = sizes.group_bytes_max,
                external_bytes_min = sizes.external_bytes_min,
                unflushed_bytes_max = sizes.unflushed_bytes_max,
                "commit sizes follow from the measured disks where the configuration says nothing"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::TABLE;
    use super::*;

    const DISK: &str = "version = 1\nmeasured-at = \"2026-01-01T00:00:00.000Z\"\nmeasured-ms = 1\ndirect = true\n\
        alignment = 4096\ncommit-us-p50 = 2000\ncommit-us-p99 = 6000\ncommit-bytes = 1048576\n\
        write-bytes-per-second = 1500000000\nread-bytes-per-second = 1\nrandom-reads-per-second = 1\n\
        random-writes-per-second = 1\nsynced-writes-per-second = 2000\n";

    fn measured(text: &str) -> (tempfile::TempDir, Measured) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(profile::file(folder.path()), text).unwrap();
        let measured = Measured::of([folder.path()].into_iter(), 1);
        (folder, measured)
    }

    #[test]
    fn a_measured_disk_gives_defaults_that_the_configuration_goes_over() {
        let (_folder, measured) = measured(DISK);
        let chosen = [("RINGLOG_NODE_STORAGE_EXTERNAL_BYTES_MIN".to_owned(), "32768".to_owned())];
        let settings = TABLE.resolve_over(&measured.defaults(), None, chosen, &[]).unwrap();
        assert_eq!(settings.number("storage.group-bytes-max"), 1 << 20);
        assert_eq!(settings.number("storage.unflushed-bytes-max"), 34 << 20);
        assert_eq!(settings.number("storage.external-bytes-min"), 32 << 10);
        assert!(measured.comment().contains("disk.toml"));
    }

    #[test]
    fn a_damaged_or_missing_measurement_leaves_the_defaults() {
        let (_folder, damaged) = measured(&DISK[..DISK.len() / 2]);
        assert!(damaged.defaults().is_empty());
        assert!(damaged.comment().contains("cannot be used"));
        let missing = Measured::of([Path::new("/nonexistent")].into_iter(), 1);
        assert!(missing.defaults().is_empty() && missing.comment().is_empty());
    }

    #[test]
    fn whatever_follows_from_a_measurement_is_allowed() {
        for figure in ["1", "9000000000000000000"] {
            let text = DISK.replace("1500000000", figure).replace("1048576", figure).replace("6000", figure);
            let (_folder, measured) = measured(&text);
            for (_, key, values) in measured.defaults() {
                let setting = TABLE.setting(key).unwrap();
                assert!(setting.kind.check(&values[0]).is_ok(), "{key} {values:?}");
            }
        }
    }
}
