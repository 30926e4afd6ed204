//! The journal of a domain: two halves, written in turn. Where the next group goes, and when a half is free again.

use super::Domain;
use super::ahead::Prepared;
use crate::directory::Shared;
use crate::error::StoreFault;
use crate::format::group::GroupHeader;
use crate::format::{BLOCK, block_ceiling, block_floor, names};
use crate::space::is_full;
use ringlog_reactor::{Buffer, File, OpenOptions, Reactor};
use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::path::Path;

/// Bytes of the smallest half: room for a few deletes, which give back what the disk lacks.
const HALF_BYTES_MIN: u64 = 64 << 10;
/// On a full disk a half takes this part of what is free: several domains open at the same time.
const FULL_DISK_SHARE: u64 = 16;

/// The journal's files and the place of the next group.
#[derive(Debug)]
pub(crate) struct Journal {
    halves: [File; 2],
    half_bytes: u64,
    /// What a half should have; it has less if there was no space when the store was opened.
    half_bytes_wanted: u64,
    boot: u64,
    domain: u16,
    /// Of the half that is being written, from 1.
    pub(crate) generation: u64,
    position: u64,
    sequence: u64,
    previous: u32,
    /// Last sequence of the generation before.
    pub(crate) last_of_full: u64,
    /// Everything up to this generation is in the checkpoint.
    pub(crate) checkpointed: u64,
    /// Greatest sequence whose blocks, and those of all before, are written.
    pub(crate) written: u64,
    /// Greatest sequence whose blocks, and those of all before, are synced.
    pub(crate) synced: u64,
    /// Halves with blocks that are written and not synced.
    pub(crate) unsynced_halves: BTreeSet<usize>,
    /// Greatest sequence of which everything is synced, also what was written beside the journal.
    pub(crate) durable: u64,
    /// Bytes written to segments directly in this generation.
    pub(crate) external_bytes: u64,
    /// The last group written has nothing in it but the word that those before are durable.
    pub(crate) confirmed: bool,
    /// Groups behind `written` that were sent off, and how they arrived.
    sent: VecDeque<Option<Landing>>,
    /// Greatest sequence that was written without a sync of its own.
    unsynced_upto: u64,
    /// What was written ahead of the groups.
    pub(crate) prepared: Prepared,
}

/// How a group reached the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Landing {
    /// Its blocks are in that half and lack a sync.
    Written { half: usize },
    /// Its blocks are durable.
    Synced,
}

/// Where a group goes.
#[derive(Debug)]
pub(crate) struct GroupPlace {
    pub(crate) header: GroupHeader,
    pub(crate) file: File,
    pub(crate) half: usize,
    pub(crate) position: u64,
}

impl Journal {
    /// Opens the files of a domain, making them if need be. What is in them is of earlier boots and will be ignored.
    pub(crate) async fn open(
        reactor: &Reactor,
        directory: &Shared,
        domain: u16,
        half_bytes: u64,
    ) -> Result<Journal, StoreFault> {
        let wanted = block_ceiling(half_bytes.max(HALF_BYTES_MIN));
        let (halves, half_bytes) = prepare(reactor, directory, domain, wanted).await?;
        reactor
            .sync_directory(&directory.path)
            .await
            .map_err(|error| fault("syncing", &directory.path, &error))?;
        let last = [
            last_block(reactor, &halves[0], half_bytes).await,
            last_block(reactor, &halves[1], half_bytes).await,
        ];
        Ok(Journal {
            halves,
            half_bytes,
            half_bytes_wanted: wanted,
            boot: directory.boot,
            domain,
            generation: 1,
            position: 0,
            sequence: 1,
            previous: 0,
            last_of_full: 0,
            checkpointed: 0,
            written: 0,
            synced: 0,
            unsynced_halves: BTreeSet::new(),
            durable: 0,
            external_bytes: 0,
            confirmed: true,
            sent: VecDeque::new(),
            unsynced_upto: 0,
            prepared: Prepared::found(half_bytes, [&last[0], &last[1]]),
        })
    }

    /// Bytes of a half.
    pub(crate) fn half_bytes(&self) -> u64 {
        self.half_bytes
    }

    /// Whether the halves are smaller than they should be.
    pub(crate) fn is_short(&self) -> bool {
        self.half_bytes < self.half_bytes_wanted
    }

    /// Whether a group of `extent` bytes has room behind the last one.
    pub(crate) fn has_room(&self, extent: u64) -> bool {
        self.position + extent <= self.half_bytes
    }

    /// Whether this half may be full before the other one is free.
    pub(crate) fn is_pressed(&self) -> bool {
        !self.other_half_is_free() && self.position > self.half_bytes / 2
    }

    /// The half that is being written, and the end of its groups.
    pub(crate) fn front(&self) -> (usize, u64) {
        ((self.generation % 2) as usize, self.position)
    }

    /// Whether no group is on its way.
    pub(crate) fn is_idle(&self) -> bool {
        self.sent.is_empty()
    }

    /// Whether nothing is left to write ahead of the groups.
    pub(crate) fn is_prepared(&self) -> bool {
        self.prepared.is_complete(self.half_bytes)
    }

    /// Whether the next group may bring its own sync: else the sync that those before it lack covers it as well.
    pub(crate) fn may_sync_itself(&self) -> bool {
        self.unsynced_upto <= self.synced
    }

    /// Counts a group that is sent off.
    pub(crate) fn send(&mut self, sequence: u64, syncs_itself: bool) {
        self.sent.push_back(None);
        debug_assert_eq!(self.written + self.sent.len() as u64, sequence);
        if !syncs_itself {
            self.unsynced_upto = sequence;
        }
    }

    /// Counts a group that arrived; returns how many groups, from the first that was missing, are there because of it. One
    /// that arrives ahead of another counts only with that: recovery ends at the first hole.
    pub(crate) fn land(&mut self, sequence: u64, landing: Landing) -> usize {
        let place = (sequence - self.written - 1) as usize;
        self.sent[place] = Some(landing);
        let mut count = 0;
        while let Some(&Some(landing)) = self.sent.front() {
            self.sent.pop_front();
            self.written += 1;
            count += 1;
            match landing {
                Landing::Synced => {
                    debug_assert_eq!(self.synced + 1, self.written);
                    self.synced = self.written;
                }
                Landing::Written { half } => {
                    self.unsynced_halves.insert(half);
                }
            }
        }
        count
    }

    /// Whether the other half may be overwritten.
    pub(crate) fn other_half_is_free(&self) -> bool {
        self.checkpointed + 1 >= self.generation
    }

    /// Goes on at the front of the other half.
    pub(crate) fn switch(&mut self) {
        assert!(self.other_half_is_free(), "what the other half holds is not in a checkpoint");
        self.generation += 1;
        self.position = 0;
        self.last_of_full = self.sequence - 1;
        self.external_bytes = 0;
    }

    /// The place of the next group.
    pub(crate) fn place(&self) -> GroupPlace {
        let header = GroupHeader {
            boot: self.boot,
            generation: self.generation,
            sequence: self.sequence,
            durable: self.durable,
            length: 0,
            entries: 0,
            domain: self.domain,
            previous: self.previous,
            checksum: 0,
        };
        let half = (self.generation % 2) as usize;
        GroupPlace { header, file: self.halves[half].clone(), half, position: self.position }
    }

    /// Counts a group that goes to [`Journal::place`].
    pub(crate) fn advance(&mut self, extent: u64, checksum: u32, external_bytes: u64, confirms: bool) {
        assert!(self.has_room(extent));
        self.position += extent;
        self.sequence += 1;
        self.previous = checksum;
        self.external_bytes += external_bytes;
        self.confirmed = confirms;
    }

    /// One of the files.
    pub(crate) fn half(&self, half: usize) -> File {
        self.halves[half].clone()
    }

    /// Sequence of the last group written.
    pub(crate) fn last_sequence(&self) -> u64 {
        self.sequence - 1
    }
}

/// The last block of a half, empty if it cannot be read.
async fn last_block(reactor: &Reactor, half: &File, half_bytes: u64) -> Buffer {
    let buffer = reactor.disk_buffer(BLOCK as usize);
    half.read_at(buffer, half_bytes - BLOCK, BLOCK as usize).await.1
}

/// Opens the halves and says how large they are. A full disk must not keep the store from starting: then the reserve is
/// given up, and the halves are as small as it takes.
async fn prepare(
    reactor: &Reactor,
    directory: &Shared,
    domain: u16,
    wanted: u64,
) -> Result<([File; 2], u64), StoreFault> {
    let mut bytes = wanted;
    if !is_affordable(reactor, directory, domain, wanted).await {
        let free = reactor.space(&directory.path).await.map_or(0, |space| space.free);
        bytes = block_floor(free / FULL_DISK_SHARE).clamp(HALF_BYTES_MIN.min(wanted), wanted);
        tracing::warn!(domain, bytes, wanted, free, "little space: the journal is smaller than it should be");
    }
    loop {
        match open_halves(reactor, &directory.path, domain, bytes).await {
            Err(error) if is_full(&error) && directory.reserve.is_there() => {
                directory.reserve.give_up(reactor, &directory.path).await;
            }
            Err(error) if is_full(&error) && bytes > HALF_BYTES_MIN => {
                bytes = block_floor(bytes / 2).max(HALF_BYTES_MIN);
            }
            Err(error) => {
                return Err(fault("preparing", &names::journal(&directory.path, domain, 0), &error));
            }
            Ok(halves) => return Ok((halves, bytes)),
        }
    }
}

/// Whether halves of that size leave at least half of the free space to others.
async fn is_affordable(reactor: &Reactor, directory: &Shared, domain: u16, bytes: u64) -> bool {
    let mut lacking = 0;
    for half in 0..2 {
        let path = names::journal(&directory.path, domain, half);
        let there = reactor.metadata(&path).await.map_or(0, |found| found.length);
        lacking += bytes.saturating_sub(there);
    }
    lacking == 0 || reactor.space(&directory.path).await.is_ok_and(|space| lacking <= space.free / 2)
}

async fn open_halves(reactor: &Reactor, directory: &Path, domain: u16, bytes: u64) -> io::Result<[File; 2]> {
    let first = open_half(reactor, directory, domain, 0).await?;
    let second = open_half(reactor, directory, domain, 1).await?;
    let before = first.length().await?;
    extend(&first, bytes).await?;
    if let Err(error) = extend(&second, bytes).await {
        first.truncate(before).await?;
        return Err(error);
    }
    Ok([first, second])
}

async fn open_half(reactor: &Reactor, directory: &Path, domain: u16, half: u64) -> io::Result<File> {
    let path = names::journal(directory, domain, half);
    let options = OpenOptions::new().read(true).write(true).create(true);
    let mut file = reactor.open(&path, options.direct(true)).await?;
    if file.is_direct() && file.alignment() as u64 > crate::format::BLOCK {
        file = reactor.open(&path, options).await?;
    }
    Ok(file)
}

/// Makes a file at least so long; on failure it has what it had.
async fn extend(file: &File, bytes: u64) -> io::Result<()> {
    let length = file.length().await?;
    if length < bytes
        && let Err(error) = file.allocate(length, bytes - length).await
    {
        // A part may have been allocated.
        file.truncate(length).await?;
        return Err(error);
    }
    file.sync_all().await
}

/// Gives a journal that was made on a full disk the size it should have.
pub(crate) async fn lengthen(domain: &Domain) {
    let (halves, wanted) = {
        let journal = domain.journal.borrow();
        (journal.halves.clone(), journal.half_bytes_wanted)
    };
    if !is_affordable(&domain.reactor, &domain.directory.shared, domain.number, wanted).await {
        return;
    }
    for half in halves {
        if let Err(error) = extend(&half, wanted).await {
            tracing::warn!(domain = domain.number, %error, "the journal stays smaller than it should be");
            return;
        }
    }
    domain.journal.borrow_mut().half_bytes = wanted;
    domain.wake_all();
}

fn fault(action: &'static str, path: &Path, error: &io::Error) -> StoreFault {
    StoreFault { action, file: path.display().to_string(), reason: error.to_string() }
}
