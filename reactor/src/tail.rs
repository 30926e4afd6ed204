//! One aligned allocation that a single writer fills front to back while many readers hold slices of it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::buffer::Memory;

/// A chunk being filled. Bytes once appended never change, so a slice of them can be given to the disk, to sockets
/// and to other shards while later bytes are still being appended behind it.
///
/// ```text
///   0            filled                 capacity
///   | appended    | room                 |
///     ^ slices point here, shared          ^ only the writer touches this
/// ```
///
/// A direct write takes whole aligned blocks: fill up the last block with [`TailBuffer::pad_to`], slice the aligned
/// range, and append the partial block's bytes again behind it if the block is to be continued.
pub struct TailBuffer {
    memory: Arc<Memory>,
    filled: usize,
}

impl TailBuffer {
    pub(crate) fn new(memory: Memory) -> Self {
        Self { memory: Arc::new(memory), filled: 0 }
    }

    /// Memory from the heap, aligned to 4,096 bytes if it is at least that large.
    pub fn with_capacity(capacity: usize) -> Self {
        Self::new(Memory::heap(capacity))
    }

    /// Bytes it can hold in all.
    pub fn capacity(&self) -> usize {
        self.memory.capacity
    }

    /// Bytes appended so far.
    pub fn filled(&self) -> usize {
        self.filled
    }

    /// Bytes it can still take.
    pub fn remaining(&self) -> usize {
        self.memory.capacity - self.filled
    }

    /// Appends a copy of `bytes`; gives the range they took.
    ///
    /// # Panics
    /// If they do not fit.
    pub fn append(&mut self, bytes: &[u8]) -> Range<usize> {
        assert!(bytes.len() <= self.remaining(), "{} bytes for {} of room", bytes.len(), self.remaining());
        let start = self.filled;
        // SAFETY: the target lies inside the allocation (asserted) and behind `filled`: no slice covers it, and
        // `&mut self` of the only writer excludes a second append.
        unsafe {
            std::ptr::copy_nonoverlapping(
                bytes.as_ptr(),
                self.memory.pointer.as_ptr().add(start),
                bytes.len(),
            );
        }
        self.filled += bytes.len();
        start..self.filled
    }

    /// Appends `count` zero bytes; gives the range they took.
    ///
    /// # Panics
    /// If they do not fit.
    pub fn append_zeroes(&mut self, count: usize) -> Range<usize> {
        assert!(count <= self.remaining(), "{count} zeroes for {} of room", self.remaining());
        let start = self.filled;
        // SAFETY: as in `append`.
        unsafe { std::ptr::write_bytes(self.memory.pointer.as_ptr().add(start), 0, count) };
        self.filled += count;
        start..self.filled
    }

    /// Appends zeroes up to the next multiple of `alignment` bytes; gives the range they took (empty if there).
    ///
    /// # Panics
    /// If they do not fit.
    pub fn pad_to(&mut self, alignment: usize) -> Range<usize> {
        self.append_zeroes(self.filled.next_multiple_of(alignment) - self.filled)
    }

    /// Shares a range of what was appended. The allocation lives as long as any slice.
    ///
    /// # Panics
    /// If the range reaches beyond what was appended.
    pub fn slice(&self, range: Range<usize>) -> Bytes {
        assert!(range.start <= range.end && range.end <= self.filled, "{range:?} of {} bytes", self.filled);
        if range.is_empty() {
            return Bytes::new();
        }
        Bytes::from_owner(Slice { memory: self.memory.clone(), range })
    }

    /// Borrows everything appended so far.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the first `filled` bytes are initialised and never change; a later append needs `&mut self`.
        unsafe { std::slice::from_raw_parts(self.memory.pointer.as_ptr(), self.filled) }
    }

    /// Forgets what was appended, so that the memory can be filled again; `false` if a slice is still held.
    pub fn reclaim(&mut self) -> bool {
        // No slice, no other reference: nobody can see the bytes that later appends overwrite.
        let is_free = Arc::get_mut(&mut self.memory).is_some();
        if is_free {
            self.filled = 0;
        }
        is_free
    }

    /// Whether slices of it are still held somewhere.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.memory) > 1
    }
}

impl fmt::Debug for TailBuffer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TailBuffer({} of {})", self.filled, self.memory.capacity)
    }
}

/// The owner behind shared bytes.
struct Slice {
    memory: Arc<Memory>,
    range: Range<usize>,
}

impl AsRef<[u8]> for Slice {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: the range was appended before this slice was made (asserted in `slice`), and appended bytes are
        // never written again, so a shared view of them is sound beside the writer's appends.
        unsafe {
            std::slice::from_raw_parts(self.memory.pointer.as_ptr().add(self.range.start), self.range.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_stay_while_more_is_appended() {
        let mut tail = TailBuffer::with_capacity(8192);
        let first = tail.append(b"first");
        let shared = tail.slice(first);
        let padding = tail.pad_to(4096);
        assert_eq!(padding, 5..4096);
        let second = tail.append(b"second");
        assert_eq!(second.start, 4096);
        assert!(tail.is_shared());
        let block = tail.slice(0..4096);
        drop(tail);
        assert_eq!(&shared[..], b"first");
        assert_eq!(block.as_ptr() as usize % 4096, 0);
        assert!(block[5..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn memory_is_filled_again_only_once_nobody_sees_it() {
        let mut tail = TailBuffer::with_capacity(16);
        let range = tail.append(b"old");
        let shared = tail.slice(range);
        assert!(!tail.reclaim());
        assert_eq!(tail.filled(), 3);
        drop(shared);
        assert!(tail.reclaim());
        assert_eq!(tail.append(b"new"), 0..3);
    }

    #[test]
    #[should_panic(expected = "bytes")]
    fn a_slice_beyond_what_was_appended_panics() {
        TailBuffer::with_capacity(16).slice(0..1);
    }
}
