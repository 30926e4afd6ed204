use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use ringlog_reactor::{OpenOptions, Reactor};

use crate::{on_every_driver, on_kernel_drivers};

on_every_driver!(
    what_was_written_is_read_back,
    vectored_writes_keep_their_order,
    a_read_beyond_the_end_is_short,
    direct_files_demand_alignment,
    direct_writes_from_every_kind_of_memory_read_back,
    synchronous_writes_extend_the_file,
    rename_replaces_and_survives_a_directory_sync,
    directories_are_listed_by_name,
    missing_and_existing_files_are_told_apart,
    a_lock_excludes_a_second_open,
    allocated_and_zeroed_ranges_read_as_zeroes,
    a_file_is_replaced_as_a_whole,
    a_shared_file_works_on_another_shard,
    an_unlinked_file_is_closed_off_the_shard,
    dropping_a_read_in_flight_is_harmless,
    many_operations_in_flight_at_once,
);

mod handed_over {
    use super::{on_kernel_drivers, what_is_handed_over_is_under_way_before_the_next_turn};

    on_kernel_drivers!(what_is_handed_over_is_under_way_before_the_next_turn);
}

fn read_write() -> OpenOptions {
    OpenOptions::new().read(true).write(true).create(true)
}

/// A page of each kind of memory, filled with `byte`.
fn page_of(reactor: &Reactor, byte: u8) -> Bytes {
    let mut tail = reactor.tail_buffer(1 << 16);
    let range = tail.append(&[byte; 4096]);
    tail.slice(range)
}

async fn what_was_written_is_read_back(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let file = reactor.open(&directory.path().join("file"), read_write()).await.unwrap();
    file.write_at(Bytes::from_static(b"ringlog"), 3).await.unwrap();
    file.sync_data().await.unwrap();
    let (result, buffer) = file.read_at(reactor.buffer(64), 0, 10).await;
    assert_eq!(result.unwrap(), 10);
    assert_eq!(&buffer[..], b"\0\0\0ringlog");
    assert_eq!(file.length().await.unwrap(), 10);
}

async fn vectored_writes_keep_their_order(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let file = reactor.open(&directory.path().join("file"), read_write()).await.unwrap();
    // More parts than one system call takes.
    let parts: Vec<_> = (0..3000_u32).map(|number| Bytes::from(number.to_le_bytes().to_vec())).collect();
    file.write_all_at(parts.clone(), 0).await.unwrap();
    let (result, buffer) = file.read_at(reactor.buffer(12_000), 0, 12_000).await;
    assert_eq!(result.unwrap(), 12_000);
    assert_eq!(buffer[..], parts.concat()[..]);
}

async fn a_read_beyond_the_end_is_short(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let file = reactor.open(&directory.path().join("file"), read_write()).await.unwrap();
    file.write_at(Bytes::from_static(b"abc"), 0).await.unwrap();
    let (result, buffer) = file.read_at(reactor.buffer(10), 1, 10).await;
    assert_eq!((result.unwrap(), &buffer[..]), (2, &b"bc"[..]));
    let (result, _) = file.read_at(buffer, 100, 8).await;
    assert_eq!(result.unwrap(), 0);
    let (result, _) = file.read_at(reactor.buffer(10), 0, 11).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidInput);
}

async fn direct_files_demand_alignment(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let file = reactor.open(&directory.path().join("file"), read_write().direct(true)).await.unwrap();
    assert!(file.alignment() >= 4096 && file.alignment().is_power_of_two());
    if !file.is_direct() {
        return;
    }
    let page = page_of(&reactor, 7);
    for (bytes, offset) in [(page.slice(1..), 0), (page.slice(..512), 0), (page.clone(), 100)] {
        let error = file.write_at(bytes, offset).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("not a multiple"), "{error}");
    }
    file.write_at(page, 0).await.unwrap();
    let (result, _) = file.read_at(reactor.buffer(4096), 0, 100).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidInput);
}

async fn direct_writes_from_every_kind_of_memory_read_back(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let file = reactor.open(&directory.path().join("file"), read_write().direct(true)).await.unwrap();
    let mut heap = reactor.buffer(4096);
    heap.extend_from_slice(&[2; 4096]);
    let mut registered = reactor.disk_buffer(4096);
    registered.extend_from_slice(&[3; 4096]);
    file.write_at(page_of(&reactor, 1), 0).await.unwrap();
    file.write_all_at(vec![heap.freeze(), registered.freeze()], 4096).await.unwrap();
    for room in [reactor.buffer(1 << 15), reactor.disk_buffer(1 << 15)] {
        let (result, buffer) = file.read_at(room, 0, 1 << 14).await;
        assert_eq!(result.unwrap(), 3 * 4096);
        for (page, byte) in buffer.chunks(4096).zip(1..) {
            assert!(page.iter().all(|found| *found == byte));
        }
    }
}

async fn synchronous_writes_extend_the_file(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let file = reactor.open(&directory.path().join("file"), read_write().direct(true)).await.unwrap();
    file.write_at_dsync(page_of(&reactor, 1), 0).await.unwrap();
    file.write_all_at_dsync(vec![page_of(&reactor, 2), page_of(&reactor, 3)], 4096).await.unwrap();
    assert_eq!(file.length().await.unwrap(), 3 * 4096);
    file.sync_all().await.unwrap();
    file.truncate(4096).await.unwrap();
    assert_eq!(file.length().await.unwrap(), 4096);
}

async fn rename_replaces_and_survives_a_directory_sync(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let (old, new) = (directory.path().join("old"), directory.path().join("new"));
    for (path, text) in [(&old, "old"), (&new, "new")] {
        reactor.write_file_durably(path, text.as_bytes()).await.unwrap();
    }
    reactor.rename(&old, &new).await.unwrap();
    reactor.sync_directory(directory.path()).await.unwrap();
    assert_eq!(reactor.read_file(&new).await.unwrap(), b"old");
    assert_eq!(reactor.metadata(&old).await.unwrap_err().kind(), ErrorKind::NotFound);
}

async fn directories_are_listed_by_name(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let path = directory.path();
    reactor.create_directory_all(&path.join("b/c/d")).await.unwrap();
    reactor.create_directory_all(&path.join("b/c")).await.unwrap();
    reactor.write_file_durably(&path.join("a"), b"12345").await.unwrap();
    let entries = reactor.read_directory(path).await.unwrap();
    let entries: Vec<_> = entries
        .iter()
        .map(|entry| (entry.name.to_str().unwrap(), entry.is_directory, entry.length))
        .collect();
    assert_eq!(entries, [("a", false, 5), ("b", true, 0)]);
    assert!(reactor.metadata(&path.join("b")).await.unwrap().is_directory);
    let error = reactor.remove_directory(&path.join("b")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DirectoryNotEmpty);
    reactor.remove_directory(&path.join("b/c/d")).await.unwrap();
    reactor.remove_file(&path.join("a")).await.unwrap();
    assert_eq!(reactor.read_directory(path).await.unwrap().len(), 1);
    let space = reactor.space(path).await.unwrap();
    assert!(space.free > 0 && space.free <= space.total);
}

async fn missing_and_existing_files_are_told_apart(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let path = directory.path().join("file");
    let missing = reactor.open(&path, OpenOptions::new().read(true)).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let create_new = OpenOptions::new().write(true).create_new(true);
    reactor.open(&path, create_new).await.unwrap();
    assert_eq!(reactor.open(&path, create_new).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(reactor.open(&path, OpenOptions::new()).await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

async fn a_lock_excludes_a_second_open(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let path = directory.path().join("lock");
    let lock = reactor.lock_exclusively(&path).await.unwrap();
    assert_eq!(reactor.lock_exclusively(&path).await.unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(lock);
    reactor.lock_exclusively(&path).await.unwrap();
}

async fn allocated_and_zeroed_ranges_read_as_zeroes(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let file = reactor.open(&directory.path().join("file"), read_write()).await.unwrap();
    file.write_at(Bytes::from(vec![1; 8192]), 0).await.unwrap();
    file.allocate(0, 16384).await.unwrap();
    file.zero_range(4096, 4096).await.unwrap();
    let (result, buffer) = file.read_at(reactor.buffer(16384), 0, 16384).await;
    assert_eq!(result.unwrap(), 16384);
    assert!(buffer[..4096].iter().all(|byte| *byte == 1));
    assert!(buffer[4096..].iter().all(|byte| *byte == 0));
    file.sync_data().await.unwrap();
    file.advise_dont_need(0..16384).await.unwrap();
}

async fn a_file_is_replaced_as_a_whole(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let path = directory.path().join("file");
    reactor.write_file_durably(&path, b"a longer first version").await.unwrap();
    reactor.write_file_durably(&path, b"second").await.unwrap();
    assert_eq!(reactor.read_file(&path).await.unwrap(), b"second");
    assert_eq!(reactor.read_directory(directory.path()).await.unwrap().len(), 1);
}

async fn a_shared_file_works_on_another_shard(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let file = reactor.open(&directory.path().join("file"), read_write()).await.unwrap();
    file.write_at(Bytes::from_static(b"shared"), 0).await.unwrap();
    let shared = file.share();
    drop(file);
    let shard = reactor
        .launch(Default::default(), move |reactor| {
            Box::pin(async move {
                let file = reactor.adopt_file(shared);
                let (result, buffer) = file.read_at(reactor.buffer(6), 0, 6).await;
                assert_eq!((result.unwrap(), &buffer[..]), (6, &b"shared"[..]));
            })
        })
        .unwrap();
    shard.join().await.unwrap();
}

async fn an_unlinked_file_is_closed_off_the_shard(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let path = directory.path().join("file");
    let file = reactor.open(&path, read_write()).await.unwrap();
    file.write_at(Bytes::from_static(b"still there"), 0).await.unwrap();
    reactor.remove_file(&path).await.unwrap();
    let other = file.clone();
    file.close().await;
    let (result, buffer) = other.read_at(reactor.buffer(11), 0, 11).await;
    assert_eq!((result.unwrap(), &buffer[..]), (11, &b"still there"[..]));
    other.close().await;
}

async fn dropping_a_read_in_flight_is_harmless(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let file = reactor.open(&directory.path().join("file"), read_write()).await.unwrap();
    file.write_at(Bytes::from(vec![9; 1 << 16]), 0).await.unwrap();
    for _ in 0..100 {
        let mut read = Box::pin(file.read_at(reactor.disk_buffer(1 << 16), 0, 1 << 16));
        let _ = futures_lite::future::poll_once(&mut read).await;
        drop(read);
        let mut write = Box::pin(file.write_at(Bytes::from(vec![9; 1 << 16]), 0));
        let _ = futures_lite::future::poll_once(&mut write).await;
    }
    let (result, buffer) = file.read_at(reactor.disk_buffer(1 << 16), 0, 1 << 16).await;
    assert_eq!(result.unwrap(), 1 << 16);
    assert!(buffer.iter().all(|byte| *byte == 9));
}

async fn many_operations_in_flight_at_once(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let file = reactor.open(&directory.path().join("file"), read_write()).await.unwrap();
    // More than the submission queue holds.
    let writes: Vec<_> = (0..3000_u64)
        .map(|number| {
            let file = file.clone();
            reactor
                .spawn(async move { file.write_at(Bytes::from(vec![number as u8; 16]), number * 16).await })
        })
        .collect();
    for write in writes {
        write.await.unwrap();
    }
    let (result, buffer) = file.read_at(reactor.buffer(48_000), 0, 48_000).await;
    assert_eq!(result.unwrap(), 48_000);
    assert!(buffer.chunks(16).zip(0_u64..).all(|(part, number)| part == [number as u8; 16]));
}

async fn what_is_handed_over_is_under_way_before_the_next_turn(reactor: Reactor) {
    let directory = crate::directory(&reactor).await;
    let path = directory.path().join("file");
    let file = reactor.open(&path, read_write()).await.unwrap();
    let mut writing = Box::pin(file.write_at(Bytes::from_static(b"ringlog"), 0));
    let is_there = poll_fn(|context| {
        assert!(writing.as_mut().poll(context).is_pending());
        reactor.hand_over();
        // As long as this task runs no turn comes.
        let looks = (0..2000).any(|_| {
            std::thread::sleep(Duration::from_millis(1));
            std::fs::read(&path).unwrap() == b"ringlog"
        });
        Poll::Ready(looks)
    });
    assert!(is_there.await);
    writing.await.unwrap();
}
