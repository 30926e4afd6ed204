//! The file system of one simulated host: a tree of names over file contents, each with a cached and a durable
//! state. It is a plain model: every method takes effect at once. When an operation takes effect, in which order,
//! and which of those in flight reach the disk in a crash is the driver's business.

mod content;
mod image;
mod names;
mod ranges;
mod survival;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use slab::Slab;

use content::Content;
pub(crate) use content::Sequence;
pub(crate) use image::{PAGE, SECTOR};
use names::Names;
pub use survival::Pattern;
use survival::Survival;

use super::random::Random;

/// Capacity of a disk nobody set one for.
const CAPACITY_DEFAULT: u64 = 64 << 30;

/// Identity of a file or directory on its disk.
pub(crate) type InodeId = u64;

const ROOT: InodeId = 0;

/// How a file is opened.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OpenMode {
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) create: bool,
    pub(crate) create_new: bool,
    pub(crate) truncate: bool,
    pub(crate) direct: bool,
}

/// One entry of a directory listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: OsString,
    pub(crate) is_directory: bool,
    pub(crate) length: u64,
}

/// A file system, its caches and its device. Cloning is cheap (pages are shared until written): a clone is a disk
/// frozen at this moment, from which a crash can be tried while the original runs on.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    names: Names,
    inodes: BTreeMap<InodeId, Inode>,
    next_inode: InodeId,
    handles: Slab<Handle>,
    sequence: Sequence,
    synced: Sequence,
    capacity: u64,
    used: u64,
}

#[derive(Debug, Clone)]
struct Inode {
    /// `None` for a directory. Shared between forks of the disk until one of them changes it.
    content: Option<Rc<Content>>,
    handles: u32,
    locked_by: Option<usize>,
}

#[derive(Debug, Clone)]
struct Handle {
    inode: InodeId,
    mode: OpenMode,
}

impl Inode {
    fn content_mut(&mut self) -> Option<&mut Content> {
        self.content.as_mut().map(Rc::make_mut)
    }
}

impl Default for Disk {
    fn default() -> Disk {
        let root = Inode { content: None, handles: 0, locked_by: None };
        Disk {
            names: Names::new(ROOT),
            inodes: BTreeMap::from([(ROOT, root)]),
            next_inode: ROOT + 1,
            handles: Slab::new(),
            sequence: 0,
            synced: 0,
            capacity: CAPACITY_DEFAULT,
            used: 0,
        }
    }
}

/// Names.
impl Disk {
    pub(crate) fn open(&mut self, path: &Path, mode: OpenMode) -> io::Result<usize> {
        let inode = match self.names.find(path) {
            Ok(_) if mode.create_new => return Err(error(libc::EEXIST)),
            Ok(inode) => inode,
            Err(_) if mode.create || mode.create_new => self.create(path, Some(Content::default()))?,
            Err(refusal) => return Err(refusal),
        };
        let is_directory = self.inode(inode).content.is_none();
        if is_directory && mode.write {
            return Err(error(libc::EISDIR));
        }
        if mode.truncate && mode.write {
            self.change(inode, |content, sequence| content.set_length(sequence, 0));
        }
        self.inode_mut(inode).handles += 1;
        Ok(self.handles.insert(Handle { inode, mode }))
    }

    pub(crate) fn close(&mut self, handle: usize) {
        let Some(Handle { inode, .. }) = self.handles.try_remove(handle) else { return };
        let node = self.inode_mut(inode);
        node.handles -= 1;
        if node.locked_by == Some(handle) {
            node.locked_by = None;
        }
        self.release_if_unseen(inode);
    }

    pub(crate) fn create_directory(&mut self, path: &Path) -> io::Result<()> {
        match self.names.find(path) {
            Ok(_) => Err(error(libc::EEXIST)),
            Err(_) => self.create(path, None).map(|_| ()),
        }
    }

    pub(crate) fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        let inode = self.names.find(path)?;
        if self.inode(inode).content.is_none() {
            return Err(error(libc::EISDIR));
        }
        let sequence = self.next_sequence();
        self.names.unlink(path, sequence)?;
        self.release_if_unseen(inode);
        Ok(())
    }

    pub(crate) fn remove_directory(&mut self, path: &Path) -> io::Result<()> {
        let inode = self.names.find(path)?;
        if self.inode(inode).content.is_some() {
            return Err(error(libc::ENOTDIR));
        }
        if inode == ROOT || !self.names.is_empty(inode) {
            return Err(error(libc::ENOTEMPTY));
        }
        let sequence = self.next_sequence();
        self.names.unlink(path, sequence)
    }

    pub(crate) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let moved = self.names.find(from)?;
        let replaced = self.names.find(to).ok();
        if replaced == Some(moved) {
            return Ok(());
        }
        if let Some(replaced) = replaced {
            let is_directory = |inode| self.inode(inode).content.is_none();
            match (is_directory(moved), is_directory(replaced)) {
                (false, true) => return Err(error(libc::EISDIR)),
                (true, false) => return Err(error(libc::ENOTDIR)),
                (true, true) if !self.names.is_empty(replaced) => return Err(error(libc::ENOTEMPTY)),
                _ => {}
            }
        }
        let sequence = self.next_sequence();
        self.names.rename(from, to, sequence)?;
        if let Some(replaced) = replaced {
            self.release_if_unseen(replaced);
        }
        Ok(())
    }

    pub(crate) fn read_directory(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let inode = self.names.find(path)?;
        if self.inode(inode).content.is_some() {
            return Err(error(libc::ENOTDIR));
        }
        let entry = |(name, inode): (&OsString, InodeId)| {
            let content = self.inode(inode).content.as_ref();
            Entry {
                name: name.clone(),
                is_directory: content.is_none(),
                length: content.map_or(0, |content| content.length()),
            }
        };
        Ok(self.names.entries(inode).map(entry).collect())
    }

    /// Makes durable the entries of a directory as they were when `upto` was the newest change.
    pub(crate) fn sync_directory(&mut self, path: &Path, upto: Sequence) -> io::Result<()> {
        let inode = self.names.find(path)?;
        if self.inode(inode).content.is_some() {
            return Err(error(libc::ENOTDIR));
        }
        let unlinked = self.names.sync(inode, upto);
        unlinked.into_iter().for_each(|inode| self.release_if_unseen(inode));
        Ok(())
    }

    /// Length and kind (`true`: a directory).
    pub(crate) fn metadata(&self, path: &Path) -> io::Result<(u64, bool)> {
        let content = self.inode(self.names.find(path)?).content.as_ref();
        Ok((content.map_or(0, |content| content.length()), content.is_none()))
    }

    /// Free and total bytes.
    pub(crate) fn space(&self) -> (u64, u64) {
        (self.capacity.saturating_sub(self.used), self.capacity)
    }

    pub(crate) fn set_capacity(&mut self, bytes: u64) {
        self.capacity = bytes;
    }

    fn create(&mut self, path: &Path, content: Option<Content>) -> io::Result<InodeId> {
        let inode = self.next_inode;
        let sequence = self.sequence + 1;
        self.names.link(path, inode, content.is_none(), sequence)?;
        self.sequence = sequence;
        self.next_inode += 1;
        self.inodes.insert(inode, Inode { content: content.map(Rc::new), handles: 0, locked_by: None });
        Ok(inode)
    }
}

/// Contents, by handle.
impl Disk {
    pub(crate) fn read(&self, handle: usize, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let (node, mode) = self.opened(handle)?;
        if !mode.read {
            return Err(error(libc::EBADF));
        }
        let content = node.content.as_ref().ok_or_else(|| error(libc::EISDIR))?;
        content.read(offset, out).ok_or_else(|| error(libc::EIO))
    }

    /// Writes all of `bytes`; `synchronous` makes exactly this write durable.
    pub(crate) fn write(
        &mut self,
        handle: usize,
        offset: u64,
        bytes: &[u8],
        synchronous: bool,
    ) -> io::Result<()> {
        let inode = self.writable(handle)?;
        let buffered = !self.is_direct(handle);
        let range = offset..offset + bytes.len() as u64;
        let content = self.inode(inode).content.as_ref();
        if buffered && content.is_some_and(|content| content.cannot_be_filled_up(&range)) {
            return Err(error(libc::EIO));
        }
        self.reserve(inode, offset..offset + bytes.len() as u64)?;
        self.change(inode, |content, sequence| {
            content.write(sequence, offset, bytes, buffered);
            if synchronous {
                content.sync_one(sequence);
            }
        });
        Ok(())
    }

    /// Whether a block of the file under the range cannot be read.
    pub(crate) fn is_unreadable(&self, handle: usize, range: &Range<u64>) -> bool {
        let content = self.opened(handle).ok().and_then(|(node, _)| node.content.as_ref());
        content.is_some_and(|content| content.is_unreadable(range))
    }

    /// Makes durable what had completed when `upto` was the newest change.
    pub(crate) fn sync(&mut self, handle: usize, upto: Sequence) -> io::Result<()> {
        let inode = self.handle(handle)?.inode;
        if let Some(content) = self.inode_mut(inode).content_mut() {
            content.sync(upto);
            self.synced = self.synced.max(upto);
        }
        Ok(())
    }

    /// A sync that fails: see `Content::fail_sync`.
    pub(crate) fn fail_sync(&mut self, handle: usize, upto: Sequence) {
        let Ok(Handle { inode, .. }) = self.handle(handle).cloned() else { return };
        if let Some(content) = self.inode_mut(inode).content_mut() {
            content.fail_sync(upto);
        }
    }

    pub(crate) fn allocate(&mut self, handle: usize, offset: u64, length: u64) -> io::Result<()> {
        let inode = self.writable(handle)?;
        self.reserve(inode, offset..offset + length)?;
        self.change(inode, |content, sequence| content.allocate(sequence, offset..offset + length));
        Ok(())
    }

    pub(crate) fn zero_range(&mut self, handle: usize, offset: u64, length: u64) -> io::Result<()> {
        let inode = self.writable(handle)?;
        self.reserve(inode, offset..offset + length)?;
        self.change(inode, |content, sequence| {
            content.zero(sequence, offset..offset + length);
            if offset + length > content.length() {
                content.set_length(sequence, offset + length);
            }
        });
        Ok(())
    }

    pub(crate) fn truncate(&mut self, handle: usize, length: u64) -> io::Result<()> {
        let inode = self.writable(handle)?;
        self.change(inode, |content, sequence| content.set_length(sequence, length));
        Ok(())
    }

    pub(crate) fn length(&self, handle: usize) -> io::Result<u64> {
        let (node, _) = self.opened(handle)?;
        Ok(node.content.as_ref().map_or(0, |content| content.length()))
    }

    /// Takes the exclusive lock of the file, which lasts until this handle is closed.
    pub(crate) fn lock(&mut self, handle: usize) -> io::Result<()> {
        let inode = self.handle(handle)?.inode;
        let node = self.inode_mut(inode);
        match node.locked_by {
            Some(holder) if holder != handle => Err(error(libc::EWOULDBLOCK)),
            _ => {
                node.locked_by = Some(handle);
                Ok(())
            }
        }
    }

    pub(crate) fn is_direct(&self, handle: usize) -> bool {
        self.handle(handle).is_ok_and(|handle| handle.mode.direct)
    }

    /// The newest completed change: what a sync submitted now will cover.
    pub(crate) fn newest(&self) -> Sequence {
        self.sequence
    }
}

/// Crashes and damage.
impl Disk {
    /// All processes died: handles and locks are gone, caches stay.
    pub(crate) fn lose_processes(&mut self) {
        self.handles.clear();
        for inode in self.inodes.values_mut() {
            inode.handles = 0;
            inode.locked_by = None;
        }
        self.recount();
    }

    /// The power failed: what was not durable survives as `pattern` has it.
    pub(crate) fn lose_power(
        &mut self,
        pattern: Pattern,
        torn_blocks_are_unreadable: bool,
        random: &mut Random,
    ) {
        let mut survival = Survival::draw(pattern, self.synced.min(self.sequence), self.sequence, random);
        survival.torn_blocks_are_unreadable = torn_blocks_are_unreadable;
        self.names.lose_power(&survival, random);
        let names = &self.names;
        self.inodes.retain(|inode, _| names.is_linked(*inode));
        for inode in self.inodes.values_mut() {
            if inode.content.as_ref().is_some_and(|content| content.is_dirty())
                && let Some(content) = inode.content_mut()
            {
                content.lose_power(&survival, random);
            }
        }
        self.lose_processes();
        self.synced = self.sequence;
    }

    pub(crate) fn flip_bit(&mut self, path: &Path, offset: u64, bit: u8) -> io::Result<()> {
        self.content_at(path)?.flip(offset, bit);
        Ok(())
    }

    pub(crate) fn make_unreadable(&mut self, path: &Path, offset: u64) -> io::Result<()> {
        self.content_at(path)?.make_unreadable(offset);
        Ok(())
    }

    /// The whole file as readers see it, without a handle.
    pub(crate) fn peek(&self, path: &Path) -> io::Result<Vec<u8>> {
        let node = self.inode(self.names.find(path)?);
        let content = node.content.as_ref().ok_or_else(|| error(libc::EISDIR))?;
        let mut bytes = vec![0; content.length() as usize];
        content.read(0, &mut bytes).ok_or_else(|| error(libc::EIO))?;
        Ok(bytes)
    }

    fn content_at(&mut self, path: &Path) -> io::Result<&mut Content> {
        let inode = self.names.find(path)?;
        self.inode_mut(inode).content_mut().ok_or_else(|| error(libc::EISDIR))
    }
}

impl Disk {
    fn handle(&self, handle: usize) -> io::Result<&Handle> {
        self.handles.get(handle).ok_or_else(|| error(libc::EBADF))
    }

    fn opened(&self, handle: usize) -> io::Result<(&Inode, OpenMode)> {
        let handle = self.handle(handle)?;
        Ok((self.inode(handle.inode), handle.mode))
    }

    fn writable(&self, handle: usize) -> io::Result<InodeId> {
        let handle = self.handle(handle)?;
        if handle.mode.write { Ok(handle.inode) } else { Err(error(libc::EBADF)) }
    }

    fn inode(&self, inode: InodeId) -> &Inode {
        self.inodes.get(&inode).expect("names and handles refer to existing inodes")
    }

    fn inode_mut(&mut self, inode: InodeId) -> &mut Inode {
        self.inodes.get_mut(&inode).expect("names and handles refer to existing inodes")
    }

    fn next_sequence(&mut self) -> Sequence {
        self.sequence += 1;
        self.sequence
    }

    /// Applies a change to a file's content under the next sequence, keeping account of space.
    fn change(&mut self, inode: InodeId, change: impl FnOnce(&mut Content, Sequence)) {
        let sequence = self.next_sequence();
        let Some(content) = self.inode_mut(inode).content_mut() else { return };
        let before = content.occupied();
        change(content, sequence);
        let after = content.occupied();
        self.used = self.used + after - before;
    }

    fn reserve(&self, inode: InodeId, range: std::ops::Range<u64>) -> io::Result<()> {
        let needed = self.inode(inode).content.as_ref().map_or(0, |content| content.needed(&range));
        if needed > 0 && self.used + needed > self.capacity { Err(error(libc::ENOSPC)) } else { Ok(()) }
    }

    /// Frees the blocks of a file that neither a name nor a handle shows any more, and forgets the file once no
    /// power loss can bring its name back.
    fn release_if_unseen(&mut self, inode: InodeId) {
        let Some(node) = self.inodes.get(&inode) else { return };
        if node.handles > 0 || self.names.is_linked(inode) {
            return;
        }
        if !self.names.may_return(inode) {
            self.inodes.remove(&inode);
        }
        self.recount();
    }

    fn recount(&mut self) {
        let names = &self.names;
        let seen = self.inodes.iter().filter(|(inode, node)| node.handles > 0 || names.is_linked(**inode));
        self.used =
            seen.filter_map(|(_, node)| node.content.as_ref()).map(|content| content.occupied()).sum();
    }
}

/// An error of the operating system by its number.
pub(crate) fn error(number: i32) -> io::Error {
    io::Error::from_raw_os_error(number)
}

#[cfg(test)]
mod tests;
