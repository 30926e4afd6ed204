//! What the kernel says of a process, from `/proc`.

use std::fs;

/// Resident memory in bytes.
pub fn resident_bytes(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("a running process has resident memory");
    let kibibytes: u64 =
        line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("a number of kB");
    kibibytes * 1024
}

/// How many files it has open.
pub fn open_files(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).expect("the process runs").count()
}

/// The children of a process whose command line has the given word as an argument.
pub fn children(pid: u32, word: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("/proc is there").flatten() {
        let Some(child) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process that ended between the two reads is no child.
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        let command = fs::read_to_string(format!("/proc/{child}/cmdline")).unwrap_or_default();
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
        if parent == Some(&pid.to_string()) && command.split('\0').any(|argument| argument == word) {
            found.push(child);
        }
    }
    found
}
