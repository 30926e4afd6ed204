//! Buffers of one size that are used again: memory that was touched before costs no page faults.

use std::fmt;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::Buffer;
use crate::buffer::{Memory, PAGE, allocate, deallocate};

/// Hands out buffers of one size and takes them back when they (or the bytes they were frozen into) are dropped, on
/// whatever thread. The one given back last is handed out first: its memory is the likeliest to be in a cache.
#[derive(Clone)]
pub struct BufferShelf {
    shelf: Arc<Shelf>,
}

impl BufferShelf {
    /// Keeps up to `kept_max` unused buffers of `capacity` bytes, a multiple of 4,096.
    pub fn new(capacity: usize, kept_max: usize) -> Self {
        assert!(capacity > 0 && capacity.is_multiple_of(PAGE), "a shelf for buffers of {capacity} bytes");
        Self { shelf: Arc::new(Shelf { capacity, kept_max, kept: Mutex::default() }) }
    }

    /// An empty buffer.
    pub fn take(&self) -> Buffer {
        let kept = self.shelf.lock().pop();
        let pointer = kept.map_or_else(|| allocate(self.shelf.capacity), |Kept(pointer)| pointer);
        Buffer::from_memory(Memory::of_shelf(pointer, self.shelf.capacity, self.shelf.clone()))
    }

    /// Frees the unused ones.
    pub fn clear(&self) {
        self.shelf.clear();
    }
}

impl fmt::Debug for BufferShelf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (capacity, kept) = (self.shelf.capacity, self.shelf.lock().len());
        write!(formatter, "BufferShelf({kept} unused of {capacity} bytes)")
    }
}

pub(crate) struct Shelf {
    capacity: usize,
    kept_max: usize,
    kept: Mutex<Vec<Kept>>,
}

/// Memory that nobody refers to, allocated by `allocate` with the shelf's capacity.
struct Kept(NonNull<u8>);

// SAFETY: nobody else refers to the memory (its `Memory` was dropped), and the heap may be returned to from any thread.
unsafe impl Send for Kept {}

impl Shelf {
    /// Takes memory back that `BufferShelf::take` gave.
    pub(crate) fn give_back(&self, pointer: NonNull<u8>) {
        let mut kept = self.lock();
        if kept.len() < self.kept_max {
            kept.push(Kept(pointer));
            return;
        }
        drop(kept);
        // SAFETY: allocated with this capacity (a shelf has one), and nobody else refers to it.
        unsafe { deallocate(pointer, self.capacity) };
    }

    fn clear(&self) {
        for Kept(pointer) in std::mem::take(&mut *self.lock()) {
            // SAFETY: as above; it was just taken off the shelf.
            unsafe { deallocate(pointer, self.capacity) };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().expect("no code under this lock panics")
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_handed_out_again_once_the_last_bytes_are_gone() {
        let shelf = BufferShelf::new(2 * PAGE, 1);
        let mut first = shelf.take();
        first.extend_from_slice(b"kept");
        let address = first.as_ptr();
        let bytes = first.freeze();
        let second = shelf.take();
        assert_ne!(second.as_ptr(), address);
        let slice = bytes.slice(1..);
        drop(bytes);
        assert_eq!(&slice[..], b"ept");
        drop(slice);
        let again = shelf.take();
        assert_eq!((again.as_ptr(), again.len(), again.capacity()), (address, 0, 2 * PAGE));
        // One is kept, the other freed.
        drop((second, again));
        shelf.clear();
        assert_eq!(shelf.take().remaining(), 2 * PAGE);
    }
}
