//! Owned memory for reads and receives.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::fmt;
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::Arc;

use bytes::Bytes;

use crate::arena::Arena;
use crate::shelf::Shelf;

/// Alignment of large buffers: a page, and what direct I/O asks for.
pub(crate) const PAGE: usize = 4096;
/// Alignment of buffers below a page.
const SMALL_ALIGNMENT: usize = 16;

/// An owned, fixed allocation with a filled part at its front, which is what it derefs to.
///
/// Its memory does not move while it is moved about, so the kernel may write to it. Buffers of 4,096 bytes or more
/// are aligned to 4,096. A buffer of capacity 0 allocates nothing, one of 512 bytes no more than that.
pub struct Buffer {
    memory: Memory,
    filled: usize,
}

impl Buffer {
    /// Memory from the heap.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { memory: Memory::heap(capacity), filled: 0 }
    }

    /// Memory from a registered arena, or from the heap where the arena has none left.
    pub(crate) fn from_arena(arena: &Arc<Arena>, capacity: usize) -> Self {
        Self { memory: Memory::arena(arena, capacity).unwrap_or_else(|| Memory::heap(capacity)), filled: 0 }
    }

    pub(crate) fn from_memory(memory: Memory) -> Self {
        Self { memory, filled: 0 }
    }

    /// Bytes it can hold in all.
    pub fn capacity(&self) -> usize {
        self.memory.capacity
    }

    /// Bytes it can still take.
    pub fn remaining(&self) -> usize {
        self.memory.capacity - self.filled
    }

    /// Forgets the filled part.
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Keeps the first `length` bytes of the filled part; does nothing if there are no more.
    pub fn truncate(&mut self, length: usize) {
        self.filled = self.filled.min(length);
    }

    /// Appends a copy of `bytes`.
    ///
    /// # Panics
    /// If they do not fit: capacity is fixed.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= self.remaining(), "{} bytes for {} of room", bytes.len(), self.remaining());
        // SAFETY: the target is inside the allocation (asserted), and exclusively ours, so it cannot overlap `bytes`.
        unsafe {
            std::ptr::copy_nonoverlapping(
                bytes.as_ptr(),
                self.memory.pointer.as_ptr().add(self.filled),
                bytes.len(),
            );
        }
        self.filled += bytes.len();
    }

    /// Drops the first `count` bytes of the filled part and moves the rest to the front.
    ///
    /// # Panics
    /// If fewer are filled.
    pub fn consume_front(&mut self, count: usize) {
        let filled = self.filled;
        self.copy_within(count..filled, 0);
        self.filled -= count;
    }

    /// Turns the filled part into shared bytes without copying. The whole allocation lives as long as they do.
    pub fn freeze(self) -> Bytes {
        if self.filled == 0 { Bytes::new() } else { Bytes::from_owner(self) }
    }

    /// The allocation itself, its contents forgotten.
    pub(crate) fn into_memory(self) -> Memory {
        self.memory
    }

    /// The unfilled part.
    pub(crate) fn spare(&mut self) -> &mut [MaybeUninit<u8>] {
        let room = self.remaining();
        // SAFETY: the range filled..capacity is inside the allocation and exclusively ours; `MaybeUninit` makes no
        // claim about its contents.
        unsafe { std::slice::from_raw_parts_mut(self.memory.pointer.as_ptr().add(self.filled).cast(), room) }
    }

    /// Address of the unfilled part.
    pub(crate) fn spare_address(&self) -> u64 {
        self.memory.pointer.as_ptr() as u64 + self.filled as u64
    }

    /// Where the unfilled part starts, for the kernel.
    pub(crate) fn spare_pointer(&mut self) -> *mut u8 {
        self.spare().as_mut_ptr().cast()
    }

    /// Counts `count` more bytes as filled.
    ///
    /// # Safety
    /// The first `count` bytes of the unfilled part must have been initialised.
    pub(crate) unsafe fn assume_filled(&mut self, count: usize) {
        assert!(count <= self.remaining(), "more bytes than the buffer has room for");
        self.filled += count;
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the first `filled` bytes are initialised (kept by every method that moves `filled`).
        unsafe { std::slice::from_raw_parts(self.memory.pointer.as_ptr(), self.filled) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `deref`, and `&mut self` makes the access exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.memory.pointer.as_ptr(), self.filled) }
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Buffer({} of {})", self.filled, self.memory.capacity)
    }
}

/// An allocation of fixed size.
pub(crate) struct Memory {
    pub(crate) pointer: NonNull<u8>,
    pub(crate) capacity: usize,
    home: Home,
}

/// Where memory goes when it is dropped.
enum Home {
    Heap,
    Arena(Arc<Arena>),
    Shelf(Arc<Shelf>),
}

// SAFETY: the memory is exclusively owned by this value, and the heap, the arena and the shelf (whose books are behind
// a mutex) may be returned to from any thread.
unsafe impl Send for Memory {}
// SAFETY: a shared `Memory` offers no access to its bytes; the types around it decide that.
unsafe impl Sync for Memory {}

impl Memory {
    pub(crate) fn heap(capacity: usize) -> Self {
        let pointer = if capacity == 0 { NonNull::dangling() } else { allocate(capacity) };
        Self { pointer, capacity, home: Home::Heap }
    }

    pub(crate) fn arena(arena: &Arc<Arena>, capacity: usize) -> Option<Self> {
        let pointer = arena.take(capacity)?;
        Some(Self { pointer, capacity, home: Home::Arena(arena.clone()) })
    }

    /// `pointer` is of `allocate(capacity)`, and the shelf is the one for this capacity.
    pub(crate) fn of_shelf(pointer: NonNull<u8>, capacity: usize, shelf: Arc<Shelf>) -> Self {
        Self { pointer, capacity, home: Home::Shelf(shelf) }
    }
}

/// Memory from the heap, for a capacity above 0.
pub(crate) fn allocate(capacity: usize) -> NonNull<u8> {
    assert!(capacity > 0, "an allocation of nothing");
    let layout = heap_layout(capacity);
    // SAFETY: the layout's size is not zero.
    let pointer = unsafe { alloc(layout) };
    NonNull::new(pointer).unwrap_or_else(|| handle_alloc_error(layout))
}

/// Gives memory back to the heap.
///
/// # Safety
/// It must be of `allocate` with this capacity, and nobody may use it any more.
pub(crate) unsafe fn deallocate(pointer: NonNull<u8>, capacity: usize) {
    // SAFETY: the caller promises the same layout as in `allocate`, and that this is the end of it.
    unsafe { dealloc(pointer.as_ptr(), heap_layout(capacity)) };
}

impl Drop for Memory {
    fn drop(&mut self) {
        match &self.home {
            Home::Arena(arena) => arena.give_back(self.pointer, self.capacity),
            Home::Shelf(shelf) => shelf.give_back(self.pointer),
            Home::Heap if self.capacity == 0 => {}
            // SAFETY: allocated in `heap` with the same capacity, and freed only here.
            Home::Heap => unsafe { deallocate(self.pointer, self.capacity) },
        }
    }
}

fn heap_layout(capacity: usize) -> Layout {
    let alignment = if capacity >= PAGE { PAGE } else { SMALL_ALIGNMENT };
    Layout::from_size_align(capacity, alignment).expect("a capacity below isize::MAX")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_buffers_are_aligned_to_a_page() {
        for capacity in [4096, 5000, 1 << 20] {
            assert_eq!(Buffer::with_capacity(capacity).memory.pointer.as_ptr() as usize % PAGE, 0);
        }
    }

    #[test]
    fn what_is_appended_is_what_it_derefs_to() {
        let mut buffer = Buffer::with_capacity(10);
        buffer.extend_from_slice(b"ring");
        buffer.extend_from_slice(b"log");
        assert_eq!((&buffer[..], buffer.remaining()), (&b"ringlog"[..], 3));
        buffer.consume_front(4);
        assert_eq!(&buffer[..], b"log");
        assert_eq!(&buffer.freeze()[..], b"log");
    }

    #[test]
    #[should_panic(expected = "bytes for")]
    fn appending_beyond_the_capacity_panics() {
        Buffer::with_capacity(3).extend_from_slice(b"four");
    }
}
