//! Turns queued items into the bytes of a journal group.

use super::queue::{Item, ItemKind, QueuedAppend};
use crate::format::entry::{self, APPEND_FIELDS, ENTRY_HEADER};
use crate::format::group::{GROUP_HEADER, GroupHeader, seal_group};
use crate::format::{BLOCK, Encoder, block_ceiling, block_floor};
use crate::log::core::LogCore;
use crate::segment::live::LiveSegment;
use bytes::Bytes;
use ringlog_reactor::{Buffer, Reactor};
use std::rc::Rc;

/// A group ready to be written.
#[derive(Debug)]
pub(crate) struct PlannedGroup {
    /// Entries one after another, and the batches that stand between them.
    pieces: Vec<Piece>,
    body: u64,
    entries: u32,
    /// Segments that are written beside it.
    pub(crate) externals: Vec<External>,
    /// Bytes of them.
    pub(crate) external_bytes: u64,
}

/// A segment that is written beside the journal.
#[derive(Debug)]
pub(crate) struct External {
    pub(crate) log: Rc<LogCore>,
    pub(crate) segment: Rc<LiveSegment>,
    /// The end of what the group speaks of.
    pub(crate) end: u64,
    /// The end of what is written beside it.
    pub(crate) upto: u64,
    /// Bytes of that.
    pub(crate) bytes: u64,
}

#[derive(Debug)]
enum Piece {
    Fields(Vec<u8>),
    Batches(Vec<Bytes>),
}

impl PlannedGroup {
    /// Decides for every item how it travels and encodes it.
    pub(crate) fn plan(items: &[Item], external_min: u64) -> PlannedGroup {
        let mut planned = PlannedGroup {
            pieces: Vec::new(),
            body: 0,
            entries: 0,
            externals: Vec::new(),
            external_bytes: 0,
        };
        let mut fields = Encoder::default();
        for item in items {
            planned.entries += 1;
            match &item.kind {
                ItemKind::Change(change) => entry::encode(&mut fields, item.log.id, item.version, change),
                ItemKind::Append(append) => planned.add_append(&mut fields, item, append, external_min),
            }
        }
        planned.add_fields(&mut fields);
        planned
    }

    fn add_append(&mut self, fields: &mut Encoder, item: &Item, append: &QueuedAppend, external_min: u64) {
        let (appended, segment) = (&append.appended, &append.segment);
        let end = appended.position + appended.length;
        // A checkpoint may have written the bytes and memory may have let go of them already.
        let in_memory = segment.in_memory_from() <= appended.position;
        if appended.length < external_min && in_memory {
            entry::encode_inline_head(fields, item.log.id, item.version, append.steps, appended);
            self.add_fields(fields);
            self.body += appended.length;
            self.pieces.push(Piece::Batches(segment.tail.borrow().slices(appended.position, end)));
            return;
        }
        // What does not fill a block of the segment travels here: the block is written when it is full, and once only.
        let full = block_floor(end);
        let upto = if segment.written.get() <= full && appended.position < full { full } else { end };
        let (log, version, left) = (item.log.id, item.version, (end - upto) as usize);
        entry::encode_external(fields, log, version, append.steps, appended, append.checksum, left);
        if left > 0 {
            self.add_fields(fields);
            self.body += left as u64;
            self.pieces.push(Piece::Batches(segment.tail.borrow().slices(upto, end)));
        }
        self.external_bytes += appended.length;
        self.externals.push(External {
            log: item.log.clone(),
            segment: segment.clone(),
            end,
            upto,
            bytes: appended.length,
        });
    }

    fn add_fields(&mut self, fields: &mut Encoder) {
        let bytes = std::mem::take(&mut fields.bytes);
        self.body += bytes.len() as u64;
        self.pieces.push(Piece::Fields(bytes));
    }

    /// Bytes it takes in the journal.
    pub(crate) fn extent(&self) -> u64 {
        block_ceiling(GROUP_HEADER as u64 + self.body)
    }

    /// The group's blocks, and its checksum. Length, entries and checksum of `header` are filled in here.
    pub(crate) fn assemble(&self, reactor: &Reactor, header: GroupHeader) -> (Bytes, u32) {
        let mut buffer: Buffer = reactor.disk_buffer(self.extent() as usize);
        buffer.extend_from_slice(&[0; GROUP_HEADER]);
        for piece in &self.pieces {
            match piece {
                Piece::Fields(bytes) => buffer.extend_from_slice(bytes),
                Piece::Batches(slices) => slices.iter().for_each(|slice| buffer.extend_from_slice(slice)),
            }
        }
        let header = GroupHeader { entries: self.entries, ..header };
        let checksum = seal_group(&mut buffer, &header);
        let padding = self.extent() as usize - buffer.len();
        buffer.extend_from_slice(&[0; BLOCK as usize][..padding]);
        (buffer.freeze(), checksum)
    }
}

/// Bound of the fields of one item: the name of a topic is the only long thing in them.
pub(crate) const ITEM_FIELDS_MAX: usize = ENTRY_HEADER + APPEND_FIELDS + 1024;
