//! The journal of a domain: two halves, written in turn. Where the next group goes, and when a half is free again.

use crate::directory::Shared;
use crate::error::StoreFault;
use crate::format::group::GroupHeader;
use crate::format::{block_ceiling, names};
use ringlog_reactor::{File, OpenOptions, Reactor};
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

/// The journal's files and the place of the next group.
#[derive(Debug)]
pub(crate) struct Journal {
    halves: [File; 2],
    half_bytes: u64,
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
    /// Greatest sequence whose blocks are written.
    pub(crate) written: u64,
    /// Greatest sequence whose blocks are synced.
    pub(crate) synced: u64,
    /// Halves with blocks that are written and not synced.
    pub(crate) unsynced_halves: BTreeSet<usize>,
    /// Greatest sequence of which everything is synced, also what was written beside the journal.
    pub(crate) durable: u64,
    /// Bytes written to segments directly in this generation.
    pub(crate) external_bytes: u64,
    /// The last group written has nothing in it but the word that those before are durable.
    pub(crate) confirmed: bool,
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
        let half_bytes = block_ceiling(half_bytes.max(1 << 20));
        let first = open_half(reactor, &directory.path, domain, 0, half_bytes).await?;
        let second = open_half(reactor, &directory.path, domain, 1, half_bytes).await?;
        reactor
            .sync_directory(&directory.path)
            .await
            .map_err(|error| fault("syncing", &directory.path, &error))?;
        Ok(Journal {
            halves: [first, second],
            half_bytes,
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
        })
    }

    /// Bytes of a half.
    pub(crate) fn half_bytes(&self) -> u64 {
        self.half_bytes
    }

    /// Whether a group of `extent` bytes has room behind the last one.
    pub(crate) fn has_room(&self, extent: u64) -> bool {
        self.position + extent <= self.half_bytes
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

async fn open_half(
    reactor: &Reactor,
    directory: &Path,
    domain: u16,
    half: u64,
    bytes: u64,
) -> Result<File, StoreFault> {
    let path = names::journal(directory, domain, half);
    let open = async {
        let options = OpenOptions::new().read(true).write(true).create(true);
        let mut file = reactor.open(&path, options.direct(true)).await?;
        if file.is_direct() && file.alignment() as u64 > crate::format::BLOCK {
            file = reactor.open(&path, options).await?;
        }
        let length = file.length().await?;
        if length < bytes {
            file.allocate(length, bytes - length).await?;
        }
        file.sync_all().await?;
        Ok(file)
    };
    open.await.map_err(|error: io::Error| fault("preparing", &path, &error))
}

fn fault(action: &'static str, path: &Path, error: &io::Error) -> StoreFault {
    StoreFault { action, file: path.display().to_string(), reason: error.to_string() }
}
