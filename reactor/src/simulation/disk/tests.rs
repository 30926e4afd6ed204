//! Names, space, locks and crashes of a whole disk.

use std::collections::BTreeSet;

use super::*;

const READ_WRITE: OpenMode =
    OpenMode { read: true, write: true, create: true, create_new: false, truncate: false, direct: false };

fn path(text: &str) -> &Path {
    Path::new(text)
}

fn names(disk: &Disk, directory: &str) -> Vec<String> {
    let entries = disk.read_directory(path(directory)).unwrap();
    entries.into_iter().map(|entry| entry.name.into_string().unwrap()).collect()
}

fn cut_power(disk: &Disk, pattern: Pattern, seed: u64) -> Disk {
    let mut disk = disk.clone();
    disk.lose_power(pattern, false, &mut Random::new(seed));
    disk
}

fn write_file(disk: &mut Disk, name: &str, bytes: &[u8]) -> usize {
    let handle = disk.open(path(name), READ_WRITE).unwrap();
    disk.write(handle, 0, bytes, false).unwrap();
    disk.sync(handle, disk.newest()).unwrap();
    handle
}

#[test]
fn a_synced_file_without_a_synced_name_is_lost_with_it() {
    let mut disk = Disk::default();
    write_file(&mut disk, "/a", b"abc");
    assert!(names(&cut_power(&disk, Pattern::Nothing, 0), "/").is_empty());
    disk.sync_directory(path("/"), disk.newest()).unwrap();
    let after = cut_power(&disk, Pattern::Nothing, 0);
    assert_eq!(after.peek(path("/a")).unwrap(), b"abc");
}

#[test]
fn an_unsynced_rename_leaves_the_old_file_or_the_new_one() {
    let mut disk = Disk::default();
    write_file(&mut disk, "/state", b"old");
    disk.sync_directory(path("/"), disk.newest()).unwrap();
    write_file(&mut disk, "/state.new", b"new");
    disk.rename(path("/state.new"), path("/state")).unwrap();
    let found: BTreeSet<Vec<u8>> =
        (0..100).map(|seed| cut_power(&disk, Pattern::Any, seed).peek(path("/state")).unwrap()).collect();
    assert_eq!(found, [b"old".to_vec(), b"new".to_vec()].into());
    disk.sync_directory(path("/"), disk.newest()).unwrap();
    for seed in 0..100 {
        let after = cut_power(&disk, Pattern::Any, seed);
        assert_eq!(after.peek(path("/state")).unwrap(), b"new");
        assert_eq!(names(&after, "/"), ["state"]);
    }
}

#[test]
fn a_synced_entry_in_an_unsynced_directory_is_lost_with_the_directory() {
    let mut disk = Disk::default();
    disk.create_directory(path("/d")).unwrap();
    write_file(&mut disk, "/d/f", b"1");
    disk.sync_directory(path("/d"), disk.newest()).unwrap();
    assert!(names(&cut_power(&disk, Pattern::Nothing, 0), "/").is_empty());
    disk.sync_directory(path("/"), disk.newest()).unwrap();
    assert_eq!(names(&cut_power(&disk, Pattern::Nothing, 0), "/d"), ["f"]);
}

#[test]
fn an_empty_directory_survives_as_a_directory() {
    let mut disk = Disk::default();
    disk.create_directory(path("/d")).unwrap();
    disk.sync_directory(path("/"), disk.newest()).unwrap();
    let mut after = cut_power(&disk, Pattern::Nothing, 0);
    assert_eq!(after.metadata(path("/d")).unwrap(), (0, true));
    write_file(&mut after, "/d/f", b"1");
    assert_eq!(names(&after, "/d"), ["f"]);
}

#[test]
fn an_unsynced_unlink_may_bring_the_file_back() {
    let mut disk = Disk::default();
    let handle = write_file(&mut disk, "/a", b"abc");
    disk.sync_directory(path("/"), disk.newest()).unwrap();
    disk.remove_file(path("/a")).unwrap();
    disk.close(handle);
    let outcomes: BTreeSet<bool> =
        (0..50).map(|seed| cut_power(&disk, Pattern::Any, seed).peek(path("/a")).is_ok()).collect();
    assert_eq!(outcomes, [false, true].into());
    disk.sync_directory(path("/"), disk.newest()).unwrap();
    assert!(cut_power(&disk, Pattern::Everything, 0).peek(path("/a")).is_err());
}

#[test]
fn processes_die_with_their_locks_and_caches_stay() {
    let mut disk = Disk::default();
    let first = disk.open(path("/lock"), READ_WRITE).unwrap();
    let second = disk.open(path("/lock"), READ_WRITE).unwrap();
    disk.write(first, 0, b"unsynced", false).unwrap();
    disk.lock(first).unwrap();
    assert_eq!(disk.lock(second).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    disk.lose_processes();
    let third = disk.open(path("/lock"), READ_WRITE).unwrap();
    disk.lock(third).unwrap();
    assert_eq!(disk.peek(path("/lock")).unwrap(), b"unsynced");
}

#[test]
fn space_is_refused_at_the_capacity_and_returns_with_the_last_handle() {
    let mut disk = Disk::default();
    disk.set_capacity(3 * PAGE);
    let handle = disk.open(path("/a"), READ_WRITE).unwrap();
    disk.allocate(handle, 0, 2 * PAGE).unwrap();
    disk.write(handle, 0, &[1; PAGE as usize], false).unwrap();
    assert_eq!(disk.space(), (PAGE, 3 * PAGE));
    let refused = disk.write(handle, 2 * PAGE, &[1; 2 * PAGE as usize], false).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::StorageFull);
    disk.remove_file(path("/a")).unwrap();
    assert_eq!(disk.space().0, PAGE);
    disk.close(handle);
    assert_eq!(disk.space().0, 3 * PAGE);
}

#[test]
fn rot_is_seen_by_readers_and_outlives_the_crash() {
    let mut disk = Disk::default();
    write_file(&mut disk, "/a", &[0; 5000]);
    disk.sync_directory(path("/"), disk.newest()).unwrap();
    disk.flip_bit(path("/a"), 4999, 3).unwrap();
    assert_eq!(disk.peek(path("/a")).unwrap()[4999], 8);
    assert_eq!(cut_power(&disk, Pattern::Nothing, 0).peek(path("/a")).unwrap()[4999], 8);
}

#[test]
fn refusals_are_those_of_the_operating_system() {
    let mut disk = Disk::default();
    let missing = disk.open(path("/none"), OpenMode { read: true, ..OpenMode::default() }).unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    write_file(&mut disk, "/a", b"");
    let exists = disk.open(path("/a"), OpenMode { write: true, create_new: true, ..OpenMode::default() });
    assert_eq!(exists.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(disk.create_directory(path("/x/y")).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(disk.create_directory(path("/a/y")).unwrap_err().kind(), io::ErrorKind::NotADirectory);
    disk.create_directory(path("/d")).unwrap();
    write_file(&mut disk, "/d/f", b"");
    assert_eq!(disk.remove_directory(path("/d")).unwrap_err().kind(), io::ErrorKind::DirectoryNotEmpty);
}
