//! The floor: a server that does only what the job cannot be done without, a thread for each connection.
//!
//! Produce: receive the frame, checksum the batch, write it with direct I/O to a preallocated file, sync, answer.
//! Fetch: answer with a range of that file, sent from file to socket; of the small topic, with a range of the memory
//! that holds what was produced to it. It understands just the driver's frames.

use crate::{Options, drive};
use anyhow::{Context, ensure};
use ringlog_reactor::Buffer;
use rustix::fs::{FallocateFlags, OFlags};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

/// Where a frame holds its API key, correlation id and, in the driver's layouts, partition and offset.
const CORRELATION: usize = 4;
const HEADER: usize = 2 + 2 + 4 + 2 + "wire".len();
const PRODUCE_PARTITION: usize = HEADER + 2 + 2 + 4 + 4 + 2 + drive::TOPIC.len() + 4;
const PRODUCE_RECORDS: usize = PRODUCE_PARTITION + 4 + 4;
const FETCH_PARTITION: usize = HEADER + 16 + 1 + 4 + 2 + drive::TOPIC.len() + 4;
const FETCH_OFFSET: usize = FETCH_PARTITION + 4;
const FETCH_TOPIC: usize = FETCH_PARTITION - 4 - drive::TOPIC.len();
const PRODUCE_TOPIC: usize = PRODUCE_PARTITION - 4 - drive::TOPIC.len();
/// A fetch fits in this, a produce with its batch does not.
const SMALL_FRAME: usize = 128;

/// What was produced to the small topic, by partition.
type Tails = Arc<Mutex<BTreeMap<i32, Arc<Vec<u8>>>>>;

pub(crate) fn serve(folder: &Path, options: &Options) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    // However the benchmark ends, its end of this pipe closes, and the floor ends with it.
    thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    let tails = Tails::default();
    loop {
        let (connection, _) = listener.accept()?;
        let (folder, options, tails) = (folder.to_owned(), options.clone(), tails.clone());
        thread::spawn(move || {
            if let Err(error) = Connection::new(connection, folder, &options, tails).run() {
                eprintln!("floor: {error:#}");
            }
        });
    }
}

struct Connection {
    socket: TcpStream,
    folder: PathBuf,
    batch_bytes: usize,
    size: u64,
    file: Option<File>,
    written: u64,
    tails: Tails,
}

impl Connection {
    fn new(socket: TcpStream, folder: PathBuf, options: &Options, tails: Tails) -> Connection {
        let size = (drive::requests_each(options) * options.batch_bytes) as u64;
        Connection { socket, folder, batch_bytes: options.batch_bytes, size, file: None, written: 0, tails }
    }

    fn run(mut self) -> anyhow::Result<()> {
        self.socket.set_nodelay(true)?;
        let mut records = Buffer::with_capacity(self.batch_bytes);
        records.extend_from_slice(&vec![0; self.batch_bytes]);
        let mut head = vec![0; SMALL_FRAME];
        loop {
            let mut length = [0; 4];
            match self.socket.read_exact(&mut length) {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
                other => other?,
            }
            let length = u32::from_be_bytes(length) as usize;
            if length > SMALL_FRAME {
                ensure!(
                    length == PRODUCE_RECORDS + self.batch_bytes,
                    "a frame of {length} bytes is not the driver's"
                );
                self.socket.read_exact(&mut head[..PRODUCE_RECORDS])?;
                self.produce(&head, &mut records)?;
            } else {
                self.socket.read_exact(&mut head[..length])?;
                self.fetch(&head)?;
            }
        }
    }

    fn produce(&mut self, head: &[u8], records: &mut Buffer) -> anyhow::Result<()> {
        self.socket.read_exact(records)?;
        let stored = u32::from_be_bytes(records[17..21].try_into()?);
        ensure!(crc32c::crc32c(&records[21..self.batch_bytes]) == stored, "the checksum is wrong");
        let partition = number(head, PRODUCE_PARTITION);
        let topic = topic(head, PRODUCE_TOPIC);
        if topic == drive::TAIL_TOPIC {
            let mut tails = self.tails.lock().expect("nothing panics under this lock");
            Arc::make_mut(tails.entry(partition).or_default()).extend_from_slice(records);
        } else {
            if self.file.is_none() {
                self.file = Some(self.create(partition)?);
            }
            let file = self.file.as_ref().context("the file was just opened")?;
            file.write_all_at(records, self.written)?;
            file.sync_data()?;
        }
        let base_offset = (self.written / self.batch_bytes as u64) as i64 * drive::RECORDS;
        self.written += self.batch_bytes as u64;
        let mut reply = head[CORRELATION..CORRELATION + 4].to_vec();
        reply.extend_from_slice(&1i32.to_be_bytes());
        ringlog_harness::wire::put_text(&mut reply, topic);
        reply.extend_from_slice(&1i32.to_be_bytes());
        reply.extend_from_slice(&partition.to_be_bytes());
        reply.extend_from_slice(&0i16.to_be_bytes());
        reply.extend_from_slice(&base_offset.to_be_bytes());
        reply.extend_from_slice(&(-1i64).to_be_bytes());
        reply.extend_from_slice(&0i32.to_be_bytes());
        self.answer(&reply)
    }

    fn fetch(&mut self, head: &[u8]) -> anyhow::Result<()> {
        let partition = number(head, FETCH_PARTITION);
        let offset = i64::from_be_bytes(head[FETCH_OFFSET..FETCH_OFFSET + 8].try_into()?);
        let position = (offset / drive::RECORDS) as u64 * self.batch_bytes as u64;
        let whole = (drive::FETCH_BYTES / self.batch_bytes * self.batch_bytes) as u64;
        let topic = topic(head, FETCH_TOPIC);
        if topic == drive::TAIL_TOPIC {
            let tail = self.tails.lock().expect("nothing panics under this lock").get(&partition).cloned();
            let tail = tail.context("nothing was produced to this partition")?;
            let end = (tail.len() as u64).min(position + whole);
            self.send_head(head, topic, offset, end - position, tail.len() as u64)?;
            return Ok(self.socket.write_all(&tail[position as usize + 8..end as usize])?);
        }
        if self.file.is_none() {
            self.file = Some(File::open(self.path(partition))?);
        }
        let count = whole.min(self.size - position);
        self.send_head(head, topic, offset, count, self.size)?;
        let file = self.file.as_ref().context("the file was just opened")?;
        let mut at = position + 8;
        while at < position + count {
            let left = (position + count - at) as usize;
            let sent = rustix::fs::sendfile(&self.socket, file, Some(&mut at), left)?;
            ensure!(sent > 0, "the file is shorter than it should be");
        }
        Ok(())
    }

    /// The batches lie there as they were received, all with base offset 0: the driver wants the real one in the first, so
    /// those eight bytes belong to the head.
    fn send_head(
        &mut self,
        asked: &[u8],
        topic: &str,
        offset: i64,
        count: u64,
        size: u64,
    ) -> anyhow::Result<()> {
        let mut reply = asked[CORRELATION..CORRELATION + 4].to_vec();
        reply.extend_from_slice(&0i32.to_be_bytes());
        reply.extend_from_slice(&1i32.to_be_bytes());
        ringlog_harness::wire::put_text(&mut reply, topic);
        reply.extend_from_slice(&1i32.to_be_bytes());
        reply.extend_from_slice(&number(asked, FETCH_PARTITION).to_be_bytes());
        reply.extend_from_slice(&0i16.to_be_bytes());
        reply.extend_from_slice(&(size as i64).to_be_bytes());
        reply.extend_from_slice(&(size as i64).to_be_bytes());
        reply.extend_from_slice(&0i32.to_be_bytes());
        reply.extend_from_slice(&(count as i32).to_be_bytes());
        let framed = (reply.len() as u64 + count) as u32;
        let mut head = framed.to_be_bytes().to_vec();
        head.extend_from_slice(&reply);
        head.extend_from_slice(&offset.to_be_bytes());
        Ok(self.socket.write_all(&head)?)
    }

    fn answer(&mut self, reply: &[u8]) -> anyhow::Result<()> {
        let mut frame = (reply.len() as u32).to_be_bytes().to_vec();
        frame.extend_from_slice(reply);
        Ok(self.socket.write_all(&frame)?)
    }

    fn create(&self, partition: i32) -> anyhow::Result<File> {
        let flags = OFlags::DIRECT.bits() as i32;
        let path = self.path(partition);
        let file = OpenOptions::new().write(true).create_new(true).custom_flags(flags).open(path)?;
        rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, self.size)?;
        file.sync_all()?;
        Ok(file)
    }

    fn path(&self, partition: i32) -> PathBuf {
        self.folder.join(format!("floor-{partition}"))
    }
}

fn topic(head: &[u8], at: usize) -> &'static str {
    if &head[at..at + drive::TAIL_TOPIC.len()] == drive::TAIL_TOPIC.as_bytes() {
        drive::TAIL_TOPIC
    } else {
        drive::TOPIC
    }
}

fn number(head: &[u8], at: usize) -> i32 {
    i32::from_be_bytes(head[at..at + 4].try_into().expect("four bytes"))
}
