//! One file for everything, written a group at a time.

use crate::outbox::Outbox;
use crate::{Arguments, FetchFrom};
use bytes::Bytes;
use ringlog_reactor::local::Notify;
use ringlog_reactor::{File, OpenOptions, Reactor, TailBuffer};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::rc::Rc;

pub(crate) const FILE: &str = "floor.log";
/// Memory is filled in pieces of this size, group behind group; a batch is no larger.
pub(crate) const CHUNK_BYTES: usize = 4 << 20;
/// Zeroes are written in pieces of this size.
const ZEROES: usize = 1 << 20;

pub(crate) struct Log {
    reactor: Reactor,
    /// Direct, for writes.
    file: File,
    /// Through the page cache, for file to socket.
    reading: File,
    alignment: usize,
    fetch: FetchFrom,
    memory_bytes: usize,
    file_bytes: u64,
    is_synced: bool,
    state: RefCell<State>,
    /// Something to be written.
    work: Notify,
    /// A group has been written and synced.
    pub(crate) committed: Notify,
    groups_committed: Cell<u64>,
}

struct State {
    chunk: Chunk,
    /// Chunks to be filled again, once nobody holds a slice of them.
    used: VecDeque<TailBuffer>,
    group: Group,
    topics: BTreeMap<String, Vec<Partition>>,
    /// The newest batches in memory, oldest first: topic, partition, number.
    held: VecDeque<(String, usize, usize)>,
    held_bytes: usize,
}

struct Chunk {
    memory: TailBuffer,
    /// Where the group being filled begins in it.
    begin: usize,
}

/// The group being filled.
struct Group {
    /// The first is 1.
    number: u64,
    /// Where it will lie.
    position: u64,
    /// What it filled of chunks that are full.
    parts: Vec<Bytes>,
    parts_bytes: u64,
    /// Who is answered with what once it is on disk.
    answers: Vec<(Rc<Outbox>, Bytes)>,
}

#[derive(Default)]
pub(crate) struct Partition {
    pub(crate) next_offset: i64,
    batches: Vec<Batch>,
}

struct Batch {
    base_offset: i64,
    position: u64,
    length: usize,
    group: u64,
    memory: Option<Bytes>,
}

/// What a fetch is answered with.
pub(crate) enum Found {
    Memory(Bytes),
    File { position: u64, length: usize },
}

impl Log {
    pub(crate) async fn create(reactor: &Reactor, arguments: &Arguments) -> io::Result<Log> {
        let path = std::path::absolute(arguments.data.join(FILE))?;
        let options = OpenOptions::new().read(true).write(true).create(true).direct(true);
        let file = reactor.open(&path, options).await?;
        file.allocate(0, arguments.file_bytes).await?;
        // A sync of a block that was never written has to record that it is now.
        let mut zeroes = reactor.tail_buffer(ZEROES);
        zeroes.append_zeroes(ZEROES);
        for at in (0..arguments.written_bytes.min(arguments.file_bytes)).step_by(ZEROES) {
            file.write_at(zeroes.slice(0..ZEROES), at).await?;
        }
        file.sync_all().await?;
        let reading = reactor.open(&path, OpenOptions::new().read(true)).await?;
        Ok(Log {
            reactor: reactor.clone(),
            alignment: file.alignment(),
            file,
            reading,
            fetch: arguments.fetch,
            memory_bytes: arguments.memory_bytes,
            file_bytes: arguments.file_bytes,
            is_synced: !arguments.no_sync,
            state: RefCell::new(State {
                chunk: Chunk { memory: reactor.tail_buffer(CHUNK_BYTES), begin: 0 },
                used: VecDeque::new(),
                group: Group {
                    number: 1,
                    position: 0,
                    parts: Vec::new(),
                    parts_bytes: 0,
                    answers: Vec::new(),
                },
                topics: BTreeMap::new(),
                held: VecDeque::new(),
                held_bytes: 0,
            }),
            work: Notify::new(),
            committed: Notify::new(),
            groups_committed: Cell::new(0),
        })
    }

    pub(crate) fn reading(&self) -> &File {
        &self.reading
    }

    pub(crate) fn create_topic(&self, name: &str, partitions: usize) {
        let fresh = || (0..partitions).map(|_| Partition::default()).collect();
        self.state.borrow_mut().topics.entry(name.to_owned()).or_insert_with(fresh);
    }

    pub(crate) fn delete_topic(&self, name: &str) {
        self.state.borrow_mut().topics.remove(name);
    }

    /// How many partitions a topic has.
    pub(crate) fn partitions(&self, name: &str) -> Option<usize> {
        self.state.borrow().topics.get(name).map(Vec::len)
    }

    pub(crate) fn end(&self, topic: &str, partition: usize) -> Option<i64> {
        self.state.borrow().topics.get(topic)?.get(partition).map(|partition| partition.next_offset)
    }

    /// Puts a batch of so many records into the group being filled; gives its base offset and the group, whose
    /// answers go out once it is on disk. A batch is at most [`CHUNK_BYTES`] long.
    pub(crate) fn append(
        &self,
        topic: &str,
        partition: usize,
        batch: &[u8],
        records: i64,
        answer: impl FnOnce(i64) -> anyhow::Result<Option<(Rc<Outbox>, Bytes)>>,
    ) -> anyhow::Result<()> {
        let state = &mut *self.state.borrow_mut();
        let State { chunk, used, group, topics, held, held_bytes } = state;
        let partitions = topics.get_mut(topic);
        let Some(log) = partitions.and_then(|partitions| partitions.get_mut(partition)) else {
            anyhow::bail!("there is no partition {partition} of {topic:?}");
        };
        if chunk.memory.remaining() < batch.len() {
            chunk.close(group, self.alignment);
            let next = self.next_chunk(used);
            used.push_back(std::mem::replace(&mut chunk.memory, next));
            chunk.begin = 0;
        }
        let base_offset = log.next_offset;
        // Base offset and leader epoch, which the checksum leaves out.
        let (head, rest) = batch.split_at(16);
        let mut patched = [0; 16];
        patched.copy_from_slice(head);
        patched[..8].copy_from_slice(&base_offset.to_be_bytes());
        patched[12..].fill(0);
        let start = chunk.memory.append(&patched).start;
        let range = start..chunk.memory.append(rest).end;
        let is_held = self.fetch == FetchFrom::Memory;
        log.next_offset += records;
        log.batches.push(Batch {
            base_offset,
            position: group.position + group.parts_bytes + (start - chunk.begin) as u64,
            length: batch.len(),
            group: group.number,
            memory: is_held.then(|| chunk.memory.slice(range)),
        });
        if is_held {
            held.push_back((topic.to_owned(), partition, log.batches.len() - 1));
            *held_bytes += batch.len();
        }
        group.answers.extend(answer(base_offset)?);
        self.work.notify_all();
        Ok(())
    }

    /// Memory that was used before, if nobody holds a slice of it any more.
    fn next_chunk(&self, used: &mut VecDeque<TailBuffer>) -> TailBuffer {
        match used.front_mut().map(TailBuffer::reclaim) {
            Some(true) => used.pop_front().expect("there is a first"),
            _ => self.reactor.tail_buffer(CHUNK_BYTES),
        }
    }

    /// Batches on disk from this offset on, about so many bytes, all from memory or all from the file.
    pub(crate) fn read(&self, topic: &str, partition: usize, offset: i64, bytes: usize) -> Vec<Found> {
        let state = self.state.borrow();
        let Some(log) = state.topics.get(topic).and_then(|topic| topic.get(partition)) else {
            return Vec::new();
        };
        let first = log.batches.partition_point(|batch| batch.base_offset <= offset).saturating_sub(1);
        let mut found = Vec::new();
        let mut total = 0;
        for batch in
            log.batches[first..].iter().take_while(|batch| batch.group <= self.groups_committed.get())
        {
            if offset >= log.next_offset || (total > 0 && total + batch.length > bytes) {
                break;
            }
            let one = match &batch.memory {
                Some(memory) => Found::Memory(memory.clone()),
                None => Found::File { position: batch.position, length: batch.length },
            };
            match (found.last_mut(), one) {
                (Some(Found::File { position, length }), Found::File { position: next, length: more })
                    if *position + *length as u64 == next =>
                {
                    *length += more;
                }
                (_, one) => found.push(one),
            }
            total += batch.length;
        }
        found
    }

    /// Writes one group after the other.
    pub(crate) async fn commit_groups(&self) -> io::Result<()> {
        loop {
            let work = self.work.notified();
            let Some(group) = self.take_group()? else {
                work.await;
                continue;
            };
            let Group { number, position, parts, answers, .. } = group;
            if self.is_synced {
                self.file.write_all_at_dsync(parts, position).await?;
            } else {
                self.file.write_all_at(parts, position).await?;
            }
            self.groups_committed.set(number);
            for (outbox, answer) in answers {
                outbox.push(answer);
            }
            self.committed.notify_all();
        }
    }

    fn take_group(&self) -> io::Result<Option<Group>> {
        let state = &mut *self.state.borrow_mut();
        state.chunk.close(&mut state.group, self.alignment);
        if state.group.parts.is_empty() {
            return Ok(None);
        }
        let next = Group {
            number: state.group.number + 1,
            position: state.group.position + state.group.parts_bytes,
            parts: Vec::new(),
            parts_bytes: 0,
            answers: Vec::new(),
        };
        if next.position > self.file_bytes {
            return Err(io::Error::other("the file is full: give --file-bytes"));
        }
        while state.held_bytes > self.memory_bytes {
            let Some((topic, partition, number)) = state.held.pop_front() else { break };
            let topic = state.topics.get_mut(&topic);
            if let Some(batch) = topic.and_then(|topic| topic.get_mut(partition)?.batches.get_mut(number)) {
                state.held_bytes -= batch.length;
                batch.memory = None;
            }
        }
        Ok(Some(std::mem::replace(&mut state.group, next)))
    }
}

impl Chunk {
    /// Gives what the group has filled of it to the group, in whole blocks.
    fn close(&mut self, group: &mut Group, alignment: usize) {
        if self.memory.filled() > self.begin {
            self.memory.pad_to(alignment);
            let part = self.memory.slice(self.begin..self.memory.filled());
            group.parts_bytes += part.len() as u64;
            group.parts.push(part);
            self.begin = self.memory.filled();
        }
    }
}

impl Found {
    pub(crate) fn length(&self) -> usize {
        match self {
            Found::Memory(bytes) => bytes.len(),
            Found::File { length, .. } => *length,
        }
    }
}
