//! Shards where the system holds back: a seccomp filter that forbids io_uring, little lockable memory, an ordinary
//! user. Filters, capabilities and user ids belong to a thread, so each test confines a thread of its own.
#![allow(missing_docs, unsafe_code, clippy::unwrap_used)]

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use ringlog_reactor::{DriverChoice, DriverKind, OpenOptions, Options, Reactor, Receive, run};

/// The first of some user numbers that nobody has, so that nobody else's locked memory counts.
const ORDINARY_USERS: libc::c_long = 54_321;

/// Runs a test on a thread that `confine` has confined. What it confines cannot be undone, but ends with the thread.
fn confined(confine: impl FnOnce() + Send + 'static, test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::spawn(|| {
        confine();
        test();
    });
    thread.join().unwrap();
}

/// Makes the three calls of io_uring fail with EPERM, as the default filter of container engines does.
fn forbid_io_uring() {
    let statement = |code: u32, value: u32| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k: value };
    let mut filter = vec![statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0)];
    for call in [libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register] {
        let skip_if_other = libc::sock_filter {
            jf: 1,
            ..statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, call as u32)
        };
        filter.push(skip_if_other);
        filter.push(statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32));
    }
    filter.push(statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW));
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: the program and its filter live until the calls have returned; they confine this thread only.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let set = libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program);
        assert_eq!(set, 0, "{}", io::Error::last_os_error());
    }
}

/// Gives up root (if it is root) for this thread, and with it the right to lock any amount of memory.
fn become_ordinary(user: libc::c_long) {
    // SAFETY: plain system calls, made directly because the C library's would change all threads.
    unsafe {
        if libc::geteuid() == 0 {
            assert_eq!(libc::syscall(libc::SYS_setresgid, user, user, user), 0);
            assert_eq!(libc::syscall(libc::SYS_setresuid, user, user, user), 0);
        }
    }
}

/// Lowers the limit on locked memory of the whole process; to more than it is would be refused.
fn limit_locked_memory(bytes: libc::rlim_t) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure outlives the calls.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_MEMLOCK, &raw mut limit), 0);
        limit.rlim_cur = bytes.min(limit.rlim_max);
        assert_eq!(libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const limit), 0);
    }
}

/// A directory that every user may write to.
fn open_directory() -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let path = directory.path().join("file");
    (directory, path)
}

/// A bit of everything: registered memory, direct files, a connection, another shard.
async fn works(reactor: Reactor, path: PathBuf) {
    let options = OpenOptions::new().read(true).write(true).create(true).direct(true);
    let file = reactor.open(&path, options).await.unwrap();
    let mut tail = reactor.tail_buffer(1 << 20);
    let range = tail.append(&[42; 65536]);
    file.write_at(tail.slice(range), 0).await.unwrap();
    file.sync_data().await.unwrap();
    let (result, buffer) = file.read_at(reactor.disk_buffer(65536), 0, 65536).await;
    assert_eq!(result.unwrap(), 65536);
    assert!(buffer.iter().all(|byte| *byte == 42));

    let listener = reactor.listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_address();
    let fell_back = reactor.fallback_reason().is_some();
    let shard = reactor.launch(Default::default(), move |reactor| {
        Box::pin(async move {
            // Said once, not by every shard.
            assert!(!fell_back || reactor.fallback_reason().is_none());
            let stream = reactor.connect(address).await.unwrap();
            stream.send(vec![Bytes::from_static(b"hello")]).await.unwrap();
        })
    });
    let (stream, _) = listener.accept().await.unwrap();
    let (result, buffer) = stream.receive(reactor.buffer(512), Receive::All(5)).await;
    assert_eq!((result.unwrap(), &buffer[..]), (5, &b"hello"[..]));
    shard.unwrap().join().await.unwrap();
}

#[test]
fn auto_takes_epoll_where_a_filter_forbids_io_uring_and_says_why_once() {
    confined(forbid_io_uring, || {
        let (_directory, path) = open_directory();
        run(Options::default(), |reactor| async move {
            assert_eq!(reactor.driver(), DriverKind::Epoll);
            let reason = reactor.fallback_reason().unwrap().to_owned();
            assert!(reason.contains("io_uring is not available") && !reason.contains('\n'), "{reason}");
            works(reactor, path).await;
        })
        .unwrap();
    });
}

#[test]
fn uring_by_choice_is_an_error_where_a_filter_forbids_it() {
    confined(forbid_io_uring, || {
        let options = Options { driver: DriverChoice::Uring, ..Options::default() };
        let error = run(options, |_| async {}).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    });
}

#[test]
fn epoll_by_choice_gives_no_reason() {
    let options = Options { driver: DriverChoice::Epoll, ..Options::default() };
    run(options, |reactor| async move { assert_eq!(reactor.fallback_reason(), None) }).unwrap();
}

#[test]
fn an_ordinary_user_with_little_lockable_memory_gets_the_same_driver() {
    let usual = run(Options::default(), |reactor| async move { reactor.driver() }).unwrap();
    // A user each: the kernel frees what a ring had locked some time after its end.
    for (limit, enough, user) in [(8 << 20, true, 0), (128 << 10, true, 1), (0, false, 2)] {
        let (_directory, path) = open_directory();
        let confine = move || {
            limit_locked_memory(limit);
            become_ordinary(ORDINARY_USERS + user);
        };
        confined(confine, move || {
            let test = |reactor: Reactor| async move {
                assert!(!enough || reactor.driver() == usual, "{:?}", reactor.fallback_reason());
                works(reactor, path).await;
            };
            run(Options::default(), test).unwrap();
        });
    }
}

#[test]
fn a_waiting_shard_uses_no_processor_time() {
    for driver in [DriverChoice::Auto, DriverChoice::Epoll] {
        let options = Options { driver, ..Options::default() };
        run(options, |reactor| async move {
            let listener = reactor.listen("127.0.0.1:0".parse().unwrap()).unwrap();
            let mut accepting = Box::pin(listener.accept());
            assert!(futures_lite::future::poll_once(&mut accepting).await.is_none());
            let before = thread_time();
            reactor.sleep(Duration::from_millis(500)).await;
            let used = thread_time() - before;
            assert!(used < Duration::from_millis(5), "{used:?} in half a second of waiting");
        })
        .unwrap();
    }
}

/// Processor time that this thread has used.
fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure outlives the call.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) }, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
