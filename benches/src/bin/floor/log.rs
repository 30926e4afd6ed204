//! One file for everything, written a group at a time.

use crate::{Arguments, FetchFrom};
use bytes::Bytes;
use ringlog_reactor::local::Notify;
use ringlog_reactor::{File, OpenOptions, Reactor, TailBuffer};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::io;

pub(crate) const FILE: &str = "floor.log";
/// A group is at most this large, and a batch no larger than a group.
const GROUP_BYTES: usize = 4 << 20;

pub(crate) struct Log {
    reactor: Reactor,
    /// Direct, for writes.
    file: File,
    /// Through the page cache, for file to socket.
    reading: File,
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
    current: TailBuffer,
    /// The number of the group being filled; the first is 1.
    group: u64,
    /// Where it will lie.
    position: u64,
    topics: BTreeMap<String, Vec<Partition>>,
    /// The newest batches in memory, oldest first: topic, partition, number.
    held: VecDeque<(String, usize, usize)>,
    held_bytes: usize,
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
        file.sync_all().await?;
        let reading = reactor.open(&path, OpenOptions::new().read(true)).await?;
        Ok(Log {
            reactor: reactor.clone(),
            file,
            reading,
            fetch: arguments.fetch,
            memory_bytes: arguments.memory_bytes,
            file_bytes: arguments.file_bytes,
            is_synced: !arguments.no_sync,
            state: RefCell::new(State {
                current: reactor.tail_buffer(GROUP_BYTES),
                group: 1,
                position: 0,
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

    /// Puts a batch of so many records into the group being filled; gives its base offset, once it is on disk.
    pub(crate) async fn append(
        &self,
        topic: &str,
        partition: usize,
        batch: &mut [u8],
        records: i64,
    ) -> Option<i64> {
        while self.state.borrow().current.remaining() < batch.len() + 4096 {
            self.committed.notified().await;
        }
        let (base_offset, group) = self.put(topic, partition, batch, records)?;
        self.work.notify_all();
        loop {
            let committed = self.committed.notified();
            if self.groups_committed.get() >= group {
                return Some(base_offset);
            }
            committed.await;
        }
    }

    fn put(&self, topic: &str, partition: usize, batch: &mut [u8], records: i64) -> Option<(i64, u64)> {
        let state = &mut *self.state.borrow_mut();
        let log = state.topics.get_mut(topic)?.get_mut(partition)?;
        let base_offset = log.next_offset;
        ringlog_batch::patch_base_offset(
            batch,
            ringlog_model::Offset(base_offset),
            ringlog_model::LeaderEpoch(0),
        );
        let range = state.current.append(batch);
        let is_held = self.fetch == FetchFrom::Memory;
        log.next_offset += records;
        log.batches.push(Batch {
            base_offset,
            position: state.position + range.start as u64,
            length: batch.len(),
            group: state.group,
            memory: is_held.then(|| state.current.slice(range)),
        });
        if is_held {
            state.held.push_back((topic.to_owned(), partition, log.batches.len() - 1));
            state.held_bytes += batch.len();
        }
        Some((base_offset, state.group))
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
            let Some((group, position, bytes)) = self.take_group()? else {
                work.await;
                continue;
            };
            self.file.write_at(bytes, position).await?;
            if self.is_synced {
                self.file.sync_data().await?;
            }
            self.groups_committed.set(group);
            self.committed.notify_all();
        }
    }

    fn take_group(&self) -> io::Result<Option<(u64, u64, Bytes)>> {
        let state = &mut *self.state.borrow_mut();
        if state.current.filled() == 0 {
            return Ok(None);
        }
        let mut full = std::mem::replace(&mut state.current, self.reactor.tail_buffer(GROUP_BYTES));
        full.pad_to(self.file.alignment());
        let bytes = full.slice(0..full.filled());
        let (group, position) = (state.group, state.position);
        state.group += 1;
        state.position += bytes.len() as u64;
        if state.position > self.file_bytes {
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
        Ok(Some((group, position, bytes)))
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
