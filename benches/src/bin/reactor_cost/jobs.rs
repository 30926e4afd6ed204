//! What all contenders share: the other end of the connection, the file, the clocks.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Bytes of one frame and of one append.
pub(crate) const FRAME: usize = 64 << 10;

/// One run of one job.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    pub(crate) processor_seconds: f64,
}

impl Measured {
    pub(crate) const NONE: Self = Self { seconds: 0.0, processor_seconds: 0.0 };
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Measures everything the process does meanwhile.
pub(crate) fn measure(job: impl FnOnce()) -> Measured {
    let (start, used) = (Instant::now(), processor_time(ClockId::ProcessCPUTime));
    job();
    let used = processor_time(ClockId::ProcessCPUTime) - used;
    Measured { seconds: start.elapsed().as_secs_f64(), processor_seconds: used.as_secs_f64() }
}

/// Runs a server against a plain blocking client that feeds it `bytes`, leaving out what the client uses.
pub(crate) fn ingest(bytes: u64, server: impl FnOnce(mpsc::Sender<SocketAddr>) + Send) -> Measured {
    against(server, move |mut stream| {
        let chunk = vec![7; 4 * FRAME];
        let mut left = bytes;
        while left > 0 {
            let count = left.min(chunk.len() as u64);
            stream.write_all(&chunk[..count as usize]).expect("the server reads everything");
            left -= count;
        }
    })
}

/// Runs a server against a plain blocking client that reads `bytes` from it.
pub(crate) fn egress(bytes: u64, server: impl FnOnce(mpsc::Sender<SocketAddr>) + Send) -> Measured {
    against(server, move |mut stream| {
        let mut chunk = vec![0; 4 * FRAME];
        let mut left = bytes;
        while left > 0 {
            let count = stream.read(&mut chunk).expect("the server sends everything");
            assert!(count > 0, "the server stopped before the end");
            left -= count as u64;
        }
    })
}

fn against(
    server: impl FnOnce(mpsc::Sender<SocketAddr>) + Send,
    client: impl FnOnce(TcpStream) + Send + 'static,
) -> Measured {
    let (address, listening) = mpsc::channel();
    let client = std::thread::spawn(move || {
        client(
            TcpStream::connect(listening.recv().expect("the server listens")).expect("the server accepts"),
        );
        processor_time(ClockId::ThreadCPUTime)
    });
    let mut used_by_client = Duration::ZERO;
    let whole = measure(|| {
        std::thread::scope(|scope| scope.spawn(|| server(address)).join().expect("the server works"));
        used_by_client = client.join().expect("the client works");
    });
    Measured { processor_seconds: whole.processor_seconds - used_by_client.as_secs_f64(), ..whole }
}

fn processor_time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// A file whose blocks are written already, so that the appends measure writes and not allocation.
pub(crate) struct AppendFile {
    directory: tempfile::TempDir,
}

impl AppendFile {
    pub(crate) fn prepare(parent: &Path, appends: u64) -> Self {
        std::fs::create_dir_all(parent).expect("the directory can be made");
        let directory = tempfile::tempdir_in(parent).expect("the directory can be written to");
        let prepared = Self { directory };
        let file = File::create(prepared.path()).expect("the file can be made");
        for number in 0..appends {
            file.write_all_at(&[1; FRAME], number * FRAME as u64).expect("there is room");
        }
        file.sync_all().expect("the disk syncs");
        prepared
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("append")
    }
}
