//! The bytes of one file as a sparse map of pages, shared copy-on-write: the cached image, the durable image and
//! the unsynced writes between them hold the same page until one of them changes it, so that a disk can be forked
//! at every crash point of a workload.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// Bytes of a page, which is also the physical block of the simulated device.
pub(crate) const PAGE: u64 = 4096;
/// Bytes of a sector: what the device writes atomically.
pub(crate) const SECTOR: u64 = 512;
const SECTORS_PER_PAGE: u32 = (PAGE / SECTOR) as u32;

/// One page of content.
pub(crate) type Page = [u8; PAGE as usize];

/// Which of a page's eight sectors are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sectors(pub(crate) u8);

impl Sectors {
    pub(crate) const ALL: Sectors = Sectors(0xff);

    /// The sectors of page `page` that `range` (bytes of the file) touches.
    pub(crate) fn touched(page: u64, range: &Range<u64>) -> Sectors {
        let start = range.start.max(page * PAGE);
        let end = range.end.min((page + 1) * PAGE);
        if start >= end {
            return Sectors(0);
        }
        let first = (start % PAGE) / SECTOR;
        let last = (end - 1 - page * PAGE) / SECTOR;
        Sectors((first..=last).fold(0, |mask, sector| mask | (1 << sector)))
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn without(self, other: Sectors) -> Sectors {
        Sectors(self.0 & !other.0)
    }

    fn ranges(self) -> impl Iterator<Item = Range<usize>> {
        (0..SECTORS_PER_PAGE).filter(move |sector| self.0 & (1 << sector) != 0).map(|sector| {
            let start = (u64::from(sector) * SECTOR) as usize;
            start..start + SECTOR as usize
        })
    }
}

/// A sparse image: an absent page reads as zeros.
#[derive(Debug, Clone, Default)]
pub(crate) struct Image {
    pages: BTreeMap<u64, Rc<Page>>,
    length: u64,
}

impl Image {
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn page(&self, page: u64) -> Option<&Rc<Page>> {
        self.pages.get(&page)
    }

    /// Reads up to `out.len()` bytes from `offset`, less where the file ends.
    pub(crate) fn read(&self, offset: u64, out: &mut [u8]) -> usize {
        let available = self.length.saturating_sub(offset).min(out.len() as u64) as usize;
        let mut done = 0;
        while done < available {
            let position = offset + done as u64;
            let start = (position % PAGE) as usize;
            let count = (PAGE as usize - start).min(available - done);
            let target = &mut out[done..done + count];
            match self.pages.get(&(position / PAGE)) {
                Some(page) => target.copy_from_slice(&page[start..start + count]),
                None => target.fill(0),
            }
            done += count;
        }
        available
    }

    /// Writes `bytes` at `offset`, extending the file where needed.
    pub(crate) fn write(&mut self, offset: u64, bytes: &[u8]) {
        let mut done = 0;
        while done < bytes.len() {
            let position = offset + done as u64;
            let start = (position % PAGE) as usize;
            let count = (PAGE as usize - start).min(bytes.len() - done);
            let source = &bytes[done..done + count];
            if let Ok(whole) = Page::try_from(source) {
                self.pages.insert(position / PAGE, Rc::new(whole));
            } else {
                self.page_mut(position / PAGE)[start..start + count].copy_from_slice(source);
            }
            done += count;
        }
        self.length = self.length.max(offset + bytes.len() as u64);
    }

    /// Takes the given sectors of one page from a snapshot.
    pub(crate) fn write_sectors(&mut self, page: u64, snapshot: &Rc<Page>, sectors: Sectors) {
        if sectors == Sectors::ALL {
            self.pages.insert(page, Rc::clone(snapshot));
            return;
        }
        let target = self.page_mut(page);
        for range in sectors.ranges() {
            target[range.clone()].copy_from_slice(&snapshot[range]);
        }
    }

    /// Makes `range` read as zeros; the length stays.
    pub(crate) fn zero(&mut self, range: Range<u64>) {
        let pages: Vec<u64> =
            self.pages.range(range.start / PAGE..range.end.div_ceil(PAGE)).map(|(page, _)| *page).collect();
        for page in pages {
            let base = page * PAGE;
            let start = range.start.max(base) - base;
            let end = range.end.min(base + PAGE) - base;
            if start == 0 && end == PAGE {
                self.pages.remove(&page);
            } else {
                self.page_mut(page)[start as usize..end as usize].fill(0);
            }
        }
    }

    /// Sets the length. What lay beyond a shorter end reads as zeros should the file grow again.
    pub(crate) fn set_length(&mut self, length: u64) {
        if length < self.length {
            self.zero(length..u64::MAX - PAGE);
        }
        self.length = length;
    }

    /// Drops whatever lies beyond the end, as recovery of a file system does.
    pub(crate) fn cut_at_end(&mut self) {
        self.zero(self.length..u64::MAX - PAGE);
    }

    /// Flips one bit; a hole becomes a page of zeros with one bit set.
    pub(crate) fn flip(&mut self, offset: u64, bit: u8) {
        self.page_mut(offset / PAGE)[(offset % PAGE) as usize] ^= 1 << (bit & 7);
    }

    fn page_mut(&mut self, page: u64) -> &mut Page {
        Rc::make_mut(self.pages.entry(page).or_insert_with(|| Rc::new([0; PAGE as usize])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparse_reads_are_zero_and_end_at_the_length() {
        let mut image = Image::default();
        image.write(10_000, b"abc");
        let mut out = vec![1; 20_000];
        assert_eq!(image.read(0, &mut out), 10_003);
        assert!(out[..10_000].iter().all(|byte| *byte == 0));
        assert_eq!(&out[10_000..10_003], b"abc");
    }

    #[test]
    fn a_shorter_file_that_grows_again_reads_zeros() {
        let mut image = Image::default();
        image.write(0, &[7; 9000]);
        image.set_length(5000);
        image.set_length(9000);
        let mut out = vec![1; 9000];
        image.read(0, &mut out);
        assert!(out[..5000].iter().all(|byte| *byte == 7));
        assert!(out[5000..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_fork_keeps_its_bytes_when_the_original_changes() {
        let mut image = Image::default();
        image.write(0, &[1; 4096]);
        let fork = image.clone();
        image.write(100, &[2; 10]);
        let mut out = [0; 4096];
        fork.read(0, &mut out);
        assert!(out.iter().all(|byte| *byte == 1));
    }

    #[test]
    fn touched_sectors_cover_partial_ones() {
        assert_eq!(Sectors::touched(0, &(0..4096)), Sectors::ALL);
        assert_eq!(Sectors::touched(0, &(511..513)), Sectors(0b11));
        assert_eq!(Sectors::touched(1, &(0..4097)), Sectors(0b1));
        assert!(Sectors::touched(2, &(0..4097)).is_empty());
    }
}
