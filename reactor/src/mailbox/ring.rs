//! A bounded ring with a sequence number per cell (after Dmitry Vyukov's bounded queue): a push or pop is one
//! compare-and-swap and touches no lock.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Keeps the two ends on cache lines of their own.
#[repr(align(128))]
struct Padded(AtomicUsize);

struct Cell<T> {
    /// `position`: free for the push at that position. `position + 1`: filled by it, free for the pop there.
    /// `position + capacity`: emptied, free for the push one round later.
    sequence: AtomicUsize,
    value: UnsafeCell<MaybeUninit<T>>,
}

/// Many producers, many consumers (the mailbox uses one).
pub(super) struct Ring<T> {
    cells: Box<[Cell<T>]>,
    push: Padded,
    pop: Padded,
}

// SAFETY: a value is moved in by one thread and out by one thread, each having claimed the cell through its sequence
// number; so `T: Send` is enough.
unsafe impl<T: Send> Send for Ring<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Ring<T> {}

impl<T> Ring<T> {
    pub(super) fn new(capacity: usize) -> Self {
        // With a single cell, "filled" and "free one round later" would be the same number.
        let capacity = capacity.next_power_of_two().max(2);
        let cell =
            |index| Cell { sequence: AtomicUsize::new(index), value: UnsafeCell::new(MaybeUninit::uninit()) };
        Self {
            cells: (0..capacity).map(cell).collect(),
            push: Padded(AtomicUsize::new(0)),
            pop: Padded(AtomicUsize::new(0)),
        }
    }

    /// About how many values there are: others push and pop meanwhile.
    pub(super) fn length(&self) -> usize {
        let pop = self.pop.0.load(Ordering::Relaxed);
        self.push.0.load(Ordering::Relaxed).wrapping_sub(pop).min(self.cells.len())
    }

    /// Puts a value in, or gives it back if the ring is full.
    pub(super) fn push(&self, value: T) -> Result<(), T> {
        let Some((cell, position)) = self.claim(&self.push.0, 0) else { return Err(value) };
        // SAFETY: the claim made this thread the only one to touch the cell until its sequence number moves on.
        unsafe { (*cell.value.get()).write(value) };
        cell.sequence.store(position.wrapping_add(1), Ordering::Release);
        Ok(())
    }

    /// Takes the oldest value out.
    pub(super) fn pop(&self) -> Option<T> {
        let (cell, position) = self.claim(&self.pop.0, 1)?;
        // SAFETY: the claim made this thread the only one to touch the cell; the sequence number said it was filled.
        let value = unsafe { (*cell.value.get()).assume_init_read() };
        cell.sequence.store(position.wrapping_add(self.cells.len()), Ordering::Release);
        Some(value)
    }

    /// Claims the next cell of one end once its sequence number is `position + ahead`; none if it is behind that.
    fn claim(&self, end: &AtomicUsize, ahead: usize) -> Option<(&Cell<T>, usize)> {
        let mut position = end.load(Ordering::Relaxed);
        loop {
            let cell = &self.cells[position & (self.cells.len() - 1)];
            let sequence = cell.sequence.load(Ordering::Acquire);
            let distance = sequence.wrapping_sub(position.wrapping_add(ahead)).cast_signed();
            if distance < 0 {
                return None;
            }
            if distance > 0 {
                position = end.load(Ordering::Relaxed);
                continue;
            }
            let next = position.wrapping_add(1);
            match end.compare_exchange_weak(position, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Some((cell, position)),
                Err(current) => position = current,
            }
        }
    }
}

impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        while self.pop().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn full_gives_back_and_order_is_kept() {
        let ring = Ring::new(4);
        for value in 0..4 {
            ring.push(value).unwrap();
        }
        assert_eq!(ring.push(4), Err(4));
        assert_eq!((0..4).map(|_| ring.pop().unwrap()).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(ring.pop(), None);
    }

    #[test]
    fn many_producers_lose_and_double_nothing() {
        let ring = Arc::new(Ring::new(8));
        let producers: Vec<_> = (0..3_u64)
            .map(|producer| {
                let ring = ring.clone();
                std::thread::spawn(move || {
                    for value in 0..10_000 {
                        while ring.push((producer, value)).is_err() {
                            std::thread::yield_now();
                        }
                    }
                })
            })
            .collect();
        let mut next = [0; 3];
        while next.iter().sum::<u64>() < 30_000 {
            match ring.pop() {
                Some((producer, value)) => {
                    assert_eq!(next[producer as usize], value);
                    next[producer as usize] += 1;
                }
                None => std::thread::yield_now(),
            }
        }
        producers.into_iter().for_each(|producer| producer.join().unwrap());
    }

    #[test]
    fn what_was_never_taken_is_dropped_once() {
        let value = Arc::new(());
        let ring = Ring::new(4);
        ring.push(value.clone()).unwrap();
        ring.push(value.clone()).unwrap();
        drop(ring.pop());
        drop(ring);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
