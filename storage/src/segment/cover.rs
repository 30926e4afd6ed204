//! Blocks that are written again. A segment's last block is written when it is full; until then its bytes are in the journal, in
//! the checkpoint or, of a log that was quiet for a while, in the block all the same. To go on there, the block is
//! written again, and a device may leave it unreadable if the power fails meanwhile. So what the block begins with is put
//! aside first, durably, for all who ask for it at the same time in one file.

use super::live::LiveSegment;
use crate::concurrent;
use crate::directory::Shared;
use crate::format::cover::{self, CoveredBlock};
use crate::format::{block_floor, names};
use crate::space::is_full;
use ringlog_model::{LogId, Offset};
use ringlog_reactor::Reactor;
use ringlog_reactor::local::Semaphore;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::{Rc, Weak};
use std::sync::Arc;

/// Blocks read at the same time.
const READ_AT_ONCE: usize = 32;

/// What a domain has put aside.
#[derive(Debug)]
pub(crate) struct Cover {
    reactor: Reactor,
    directory: Arc<Shared>,
    domain: u16,
    /// Who wants to write its last block again.
    asking: RefCell<BTreeMap<Key, Rc<LiveSegment>>>,
    /// What the file holds and still may be needed.
    blocks: RefCell<BTreeMap<Key, Kept>>,
    turn: Semaphore,
}

/// A segment, by its log and its first offset.
type Key = (LogId, Offset);

type Kept = (Weak<LiveSegment>, CoveredBlock);

impl Cover {
    pub(crate) fn new(reactor: Reactor, directory: Arc<Shared>, domain: u16) -> Cover {
        let (asking, blocks) = (RefCell::default(), RefCell::default());
        Cover { reactor, directory, domain, asking, blocks, turn: Semaphore::new(1) }
    }

    /// Puts aside what the last blocks of these segments begin with, as far as that is necessary. When it returns they may be
    /// written again.
    pub(crate) async fn cover(&self, segments: impl IntoIterator<Item = Rc<LiveSegment>>) -> io::Result<()> {
        let mine: Vec<_> = segments.into_iter().filter(|segment| segment.needs_cover()).collect();
        if mine.is_empty() {
            return Ok(());
        }
        let key = |segment: &Rc<LiveSegment>| (segment.header.log, segment.base);
        self.asking.borrow_mut().extend(mine.iter().map(|segment| (key(segment), segment.clone())));
        let _turn = self.turn.acquire(1).await;
        if !mine.iter().any(|segment| segment.needs_cover()) {
            return Ok(());
        }
        let asking: Vec<_> = std::mem::take(&mut *self.asking.borrow_mut()).into_values().collect();
        let asking = asking.into_iter().filter(|segment| segment.needs_cover());
        let read = concurrent::for_each(&self.reactor, READ_AT_ONCE, asking, |segment| async move {
            let block = block_of(&segment).await;
            block.map(|block| (segment, block))
        })
        .await;
        let read = read.into_iter().collect::<io::Result<Vec<_>>>()?;
        let bytes = {
            let mut blocks = self.blocks.borrow_mut();
            blocks.retain(|_, (segment, block)| is_needed(segment, block));
            for (segment, block) in &read {
                blocks.insert(key(segment), (Rc::downgrade(segment), block.clone()));
            }
            let all: Vec<_> = blocks.values().map(|(_, block)| block).collect();
            cover::encode(self.directory.boot, all.into_iter())
        };
        self.write(&bytes).await?;
        for (segment, block) in read {
            segment.covered.set(Some(block.position + block.bytes.len() as u64));
        }
        Ok(())
    }

    async fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let directory = &self.directory.path;
        let path = names::cover(directory, self.domain);
        let written = self.reactor.write_file_durably(&path, bytes).await;
        if written.as_ref().is_err_and(is_full) {
            self.directory.reserve.give_up(&self.reactor, directory).await;
            return self.reactor.write_file_durably(&path, bytes).await;
        }
        written
    }
}

async fn block_of(segment: &Rc<LiveSegment>) -> io::Result<CoveredBlock> {
    let (end, incarnation) = (segment.written.get(), segment.incarnation.get());
    let bytes = segment.written_part_of_block(end).await?;
    Ok(CoveredBlock {
        log: segment.header.log,
        base_offset: segment.base,
        incarnation,
        file: segment.lease.file,
        position: block_floor(end),
        bytes,
    })
}

/// Whether the block may be on its way to the disk, or may be written at any moment.
fn is_needed(segment: &Weak<LiveSegment>, block: &CoveredBlock) -> bool {
    let Some(segment) = segment.upgrade() else { return false };
    let end = block.position + block.bytes.len() as u64;
    let is_same = segment.incarnation.get() == block.incarnation && !segment.released.get();
    is_same && segment.synced.get() <= end
}
