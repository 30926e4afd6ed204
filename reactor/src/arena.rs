//! Memory registered with the kernel once, so that writes from it skip the pinning of pages on every operation.

use std::collections::BTreeSet;
use std::ptr::NonNull;
use std::sync::Mutex;

use crate::buffer::PAGE;

/// One contiguous region, handed out in blocks of powers of two (a buddy allocator). Buffers may be given back from
/// any thread: frozen bytes travel.
pub(crate) struct Arena {
    base: NonNull<u8>,
    length: usize,
    free: Mutex<Free>,
}

/// Offsets of free blocks, by order: order 0 is a page.
type Free = Vec<BTreeSet<usize>>;

// SAFETY: the region is only handed out block by block (each to one owner), and the book is behind a mutex.
unsafe impl Send for Arena {}
// SAFETY: as above.
unsafe impl Sync for Arena {}

impl Arena {
    /// Maps `length` bytes (a power of two of at least one page), or nothing if the system refuses.
    pub(crate) fn new(length: usize) -> Option<Self> {
        assert!(length.is_power_of_two() && length >= PAGE, "arena of {length} bytes");
        // SAFETY: a fresh private anonymous mapping; no existing memory is touched.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                length,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return None;
        }
        let mut free = vec![BTreeSet::new(); order_of(length) + 1];
        free[order_of(length)].insert(0);
        Some(Self { base: NonNull::new(base.cast())?, length, free: Mutex::new(free) })
    }

    /// The whole region as the kernel registers it.
    pub(crate) fn region(&self) -> libc::iovec {
        libc::iovec { iov_base: self.base.as_ptr().cast(), iov_len: self.length }
    }

    /// Whether a range of memory lies inside.
    pub(crate) fn contains(&self, pointer: *const u8, length: usize) -> bool {
        let (start, base) = (pointer as usize, self.base.as_ptr() as usize);
        start >= base && start.saturating_add(length) <= base + self.length
    }

    /// Takes a block of at least `capacity` bytes, if there is one.
    pub(crate) fn take(&self, capacity: usize) -> Option<NonNull<u8>> {
        if capacity == 0 || capacity > self.length {
            return None;
        }
        let order = order_of(capacity);
        let mut free = self.lock();
        let found = (order..free.len()).find(|&order| !free[order].is_empty())?;
        let offset = free[found].pop_first()?;
        for order in (order..found).rev() {
            free[order].insert(offset + (PAGE << order));
        }
        // SAFETY: the offset of a free block is inside the region.
        Some(unsafe { self.base.add(offset) })
    }

    /// Takes back what `take` gave for this capacity.
    pub(crate) fn give_back(&self, pointer: NonNull<u8>, capacity: usize) {
        let mut offset = pointer.as_ptr() as usize - self.base.as_ptr() as usize;
        let mut order = order_of(capacity);
        let mut free = self.lock();
        while order + 1 < free.len() {
            let buddy = offset ^ (PAGE << order);
            if !free[order].remove(&buddy) {
                break;
            }
            offset = offset.min(buddy);
            order += 1;
        }
        free[order].insert(offset);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Free> {
        self.free.lock().expect("no code under this lock panics")
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: mapped in `new` with this length; every block holds a reference to the arena, so none is left. The
        // kernel keeps its own references to pages that a ring still has registered.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.length) };
    }
}

/// The smallest order whose block holds `length` bytes.
fn order_of(length: usize) -> usize {
    length.div_ceil(PAGE).next_power_of_two().trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_do_not_overlap_and_come_back_whole() {
        let arena = Arena::new(16 * PAGE).unwrap();
        let mut blocks = Vec::new();
        for capacity in [PAGE, 3 * PAGE, 100, 2 * PAGE, PAGE + 1] {
            blocks.push((arena.take(capacity).unwrap(), capacity));
        }
        for (index, (pointer, capacity)) in blocks.iter().enumerate() {
            for (other, _) in &blocks[index + 1..] {
                let distance = (pointer.as_ptr() as usize).abs_diff(other.as_ptr() as usize);
                assert!(distance >= PAGE);
            }
            assert!(arena.contains(pointer.as_ptr(), *capacity));
        }
        for (pointer, capacity) in blocks {
            arena.give_back(pointer, capacity);
        }
        assert!(arena.take(16 * PAGE).is_some());
        assert!(arena.take(1).is_none());
    }
}
