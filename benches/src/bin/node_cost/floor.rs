//! The floor: a server that does only what the job cannot be done without, a thread for each connection.
//!
//! Produce: receive the frame, checksum the batch, write it with direct I/O to a preallocated file, sync, answer.
//! Fetch: answer with a range of that file, sent from file to socket. It understands just the driver's frames.

use crate::{Options, drive};
use anyhow::{Context, ensure};
use ringlog_reactor::Buffer;
use rustix::fs::{FallocateFlags, OFlags};
use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
};

/// Where a frame holds its API key, correlation id and, in the driver's layouts, partition and offset.
const CORRELATION: usize = 4;
const HEADER: usize = 2 + 2 + 4 + 2 + "wire".len();
const PRODUCE_PARTITION: usize = HEADER + 2 + 2 + 4 + 4 + 2 + drive::TOPIC.len() + 4;
const PRODUCE_RECORDS: usize = PRODUCE_PARTITION + 4 + 4;
const FETCH_PARTITION: usize = HEADER + 16 + 1 + 4 + 2 + drive::TOPIC.len() + 4;
const FETCH_OFFSET: usize = FETCH_PARTITION + 4;
/// A fetch fits in this, a produce with its batch does not.
const SMALL_FRAME: usize = 128;

pub(crate) fn serve(folder: &Path, options: &Options) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    // However the benchmark ends, its end of this pipe closes, and the floor ends with it.
    thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    loop {
        let (connection, _) = listener.accept()?;
        let folder = folder.to_owned();
        let options = options.clone();
        thread::spawn(move || {
            if let Err(error) = Connection::new(connection, folder, &options).run() {
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
}

impl Connection {
    fn new(socket: TcpStream, folder: PathBuf, options: &Options) -> Connection {
        let size = (drive::requests_each(options) * options.batch_bytes) as u64;
        Connection { socket, folder, batch_bytes: options.batch_bytes, size, file: None, written: 0 }
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
        if self.file.is_none() {
            self.file = Some(self.create(partition)?);
        }
        let file = self.file.as_ref().context("the file was just opened")?;
        file.write_all_at(records, self.written)?;
        file.sync_data()?;
        let base_offset = (self.written / self.batch_bytes as u64) as i64 * drive::RECORDS;
        self.written += self.batch_bytes as u64;
        let mut reply = head[CORRELATION..CORRELATION + 4].to_vec();
        reply.extend_from_slice(&1i32.to_be_bytes());
        ringlog_harness::wire::put_text(&mut reply, drive::TOPIC);
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
        if self.file.is_none() {
            self.file = Some(File::open(self.path(partition))?);
        }
        let position = (offset / drive::RECORDS) as u64 * self.batch_bytes as u64;
        let whole = drive::FETCH_BYTES / self.batch_bytes * self.batch_bytes;
        let count = (whole as u64).min(self.size - position);
        let mut reply = head[CORRELATION..CORRELATION + 4].to_vec();
        reply.extend_from_slice(&0i32.to_be_bytes());
        reply.extend_from_slice(&1i32.to_be_bytes());
        ringlog_harness::wire::put_text(&mut reply, drive::TOPIC);
        reply.extend_from_slice(&1i32.to_be_bytes());
        reply.extend_from_slice(&partition.to_be_bytes());
        reply.extend_from_slice(&0i16.to_be_bytes());
        reply.extend_from_slice(&(self.size as i64).to_be_bytes());
        reply.extend_from_slice(&(self.size as i64).to_be_bytes());
        reply.extend_from_slice(&0i32.to_be_bytes());
        reply.extend_from_slice(&(count as i32).to_be_bytes());
        // The batches lie in the file as they were received, all with base offset 0: the driver wants the real one in
        // the first, so those eight bytes are sent from here.
        let framed = (reply.len() as u64 + count) as u32;
        let mut head = framed.to_be_bytes().to_vec();
        head.extend_from_slice(&reply);
        head.extend_from_slice(&offset.to_be_bytes());
        self.socket.write_all(&head)?;
        let file = self.file.as_ref().context("the file was just opened")?;
        let mut at = position + 8;
        while at < position + count {
            let left = (position + count - at) as usize;
            let sent = rustix::fs::sendfile(&self.socket, file, Some(&mut at), left)?;
            ensure!(sent > 0, "the file is shorter than it should be");
        }
        Ok(())
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

fn number(head: &[u8], at: usize) -> i32 {
    i32::from_be_bytes(head[at..at + 4].try_into().expect("four bytes"))
}
