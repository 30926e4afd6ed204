//! Making what lies on disk cold, and reading the disk with nothing in between.

use anyhow::Result;
use rustix::fs::Advice;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Drops the pages of all files below a folder, after what is dirty has been written.
pub(crate) fn forget(folder: &Path) -> Result<()> {
    rustix::fs::sync();
    visit(folder, &mut |file| {
        let file = File::open(file)?;
        Ok(rustix::fs::fadvise(&file, 0, None, Advice::DontNeed)?)
    })
}

fn visit(folder: &Path, act: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            visit(&entry.path(), act)?;
        } else if kind.is_file() {
            act(&entry.path())?;
        }
    }
    Ok(())
}

/// How many megabytes (10^6 bytes) a second the device gives, read from front to end, and by which program.
pub(crate) struct Device {
    pub(crate) mb_per_s: f64,
    pub(crate) program: &'static str,
}

const PIECE: usize = 1 << 20;

/// Writes a file of so many pieces of 1 MiB and reads it as fio does with readahead of its own, or else by a plain loop
/// through the page cache, whose readahead is the kernel's.
pub(crate) fn device(parent: Option<&Path>, pieces: u64) -> Result<Device> {
    let folder = match parent {
        Some(parent) => tempfile::TempDir::new_in(parent)?,
        None => tempfile::TempDir::new()?,
    };
    let path = folder.path().join("device");
    let mut random = 1u64;
    let piece: Vec<u8> = std::iter::repeat_with(|| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (random >> 56) as u8
    })
    .take(PIECE)
    .collect();
    let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
    for number in 0..pieces {
        file.write_all_at(&piece, number * PIECE as u64)?;
    }
    file.sync_all()?;
    forget(folder.path())?;
    if let Some(mb_per_s) = fio(&path) {
        return Ok(Device { mb_per_s, program: "fio" });
    }
    let file = File::open(&path)?;
    let (mut buffer, begun) = (vec![0; PIECE], Instant::now());
    for number in 0..pieces {
        file.read_exact_at(&mut buffer, number * PIECE as u64)?;
    }
    let bytes = (pieces * PIECE as u64) as f64;
    Ok(Device { mb_per_s: bytes / 1e6 / begun.elapsed().as_secs_f64(), program: "own loop" })
}

/// Four reads of 1 MiB under way, past the page cache.
fn fio(path: &Path) -> Option<f64> {
    let output = Command::new("fio")
        .args(["--name=device", "--rw=read", "--bs=1M", "--direct=1", "--ioengine=io_uring", "--iodepth=4"])
        .args(["--output-format=json", "--filename"])
        .arg(path)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    report["jobs"][0]["read"]["bw_bytes"].as_f64().map(|rate| rate / 1e6)
}

/// The device's rate as a row beside those of servers.
pub(crate) fn outcome(device: &Device) -> serde_json::Value {
    serde_json::json!({ "mb_per_s": device.mb_per_s, "program": device.program })
}
