//! What records hold behind their stamp: bytes prepared before the run, each with its checksum, so that producing a
//! record is a copy.

use super::{Random, Sizes};
use crate::bench::stamp::STAMP_BYTES;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Different payloads of one size; consecutive records differ, so that a compressor sees no run of equal ones.
const VARIANTS_OF_ONE_SIZE: usize = 16;
/// Payloads drawn from a distribution of sizes; the producer goes through them in order.
const VARIANTS_OF_MANY_SIZES: usize = 512;
/// The most that payloads take in memory.
const POOL_BYTES_MAX: usize = 256 << 20;
/// Compressible payloads alternate in pieces of this length between random and repeated bytes.
const PIECE: usize = 64;

/// The bytes of one record behind its stamp.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payload<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) checksum: u32,
}

/// All payloads of a run.
#[derive(Debug)]
pub(crate) struct Payloads {
    pool: Vec<u8>,
    entries: Vec<(usize, usize, u32)>,
}

impl Payloads {
    /// Payloads of values that have these sizes, stamp included. `compressibility` is the share of bytes that a
    /// compressor can do away with.
    pub(crate) fn generated(sizes: &Sizes, compressibility: f64, seed: u64) -> Payloads {
        let mut random = Random::new(seed ^ 0x7061_796c_6f61_6473);
        let wanted = if sizes.is_fixed() { VARIANTS_OF_ONE_SIZE } else { VARIANTS_OF_MANY_SIZES };
        let fitting = (POOL_BYTES_MAX / sizes.largest().max(1)).clamp(1, wanted);
        let mut payloads = Payloads { pool: Vec::new(), entries: Vec::new() };
        for _ in 0..fitting {
            let length = sizes.draw(&mut random).max(STAMP_BYTES) - STAMP_BYTES;
            let start = payloads.pool.len();
            fill(&mut payloads.pool, length, compressibility, &mut random);
            payloads.push(start);
        }
        payloads
    }

    /// Each line of a file behind a stamp.
    pub(crate) fn from_file(path: &Path) -> Result<Payloads> {
        let shown = path.display();
        let pool = std::fs::read(path).with_context(|| format!("cannot read records from {shown}"))?;
        if pool.len() > POOL_BYTES_MAX {
            bail!("{shown} is larger than {POOL_BYTES_MAX} bytes");
        }
        let mut payloads = Payloads { pool: Vec::with_capacity(pool.len()), entries: Vec::new() };
        for line in pool.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let start = payloads.pool.len();
            payloads.pool.extend_from_slice(line);
            payloads.push(start);
        }
        if payloads.entries.is_empty() {
            bail!("{shown} has no line with a record in it");
        }
        Ok(payloads)
    }

    fn push(&mut self, start: usize) {
        let checksum = ringlog_batch::checksum(&self.pool[start..]);
        self.entries.push((start, self.pool.len(), checksum));
    }

    /// The payload of the `number`th record.
    pub(crate) fn get(&self, number: u64) -> Payload<'_> {
        let (start, end, checksum) = self.entries[(number % self.entries.len() as u64) as usize];
        Payload { bytes: &self.pool[start..end], checksum }
    }

    /// Mean size of a value, stamp included.
    pub(crate) fn mean_size(&self) -> f64 {
        self.pool.len() as f64 / self.entries.len() as f64 + STAMP_BYTES as f64
    }
}

fn fill(pool: &mut Vec<u8>, length: usize, compressibility: f64, random: &mut Random) {
    let end = pool.len() + length;
    let random_share = ((1.0 - compressibility) * PIECE as f64).round() as usize;
    while pool.len() < end {
        let piece = PIECE.min(end - pool.len());
        for at in 0..piece {
            pool.push(if at < random_share { random.next() as u8 } else { b'=' });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringlog_batch::Compression;

    #[test]
    fn payloads_have_the_sizes_asked_for_and_their_checksums() {
        let payloads = Payloads::generated(&Sizes::Fixed(1024), 0.0, 1);
        for number in 0..100 {
            let payload = payloads.get(number);
            assert_eq!(payload.bytes.len(), 1024 - STAMP_BYTES);
            assert_eq!(payload.checksum, ringlog_batch::checksum(payload.bytes));
        }
        assert_ne!(payloads.get(0).bytes, payloads.get(1).bytes);
        assert_eq!(payloads.mean_size(), 1024.0);
        assert_eq!(Payloads::generated(&Sizes::Fixed(STAMP_BYTES), 0.0, 1).get(3).bytes.len(), 0);
    }

    #[test]
    fn a_compressor_gets_about_as_much_as_was_asked_for() {
        for share in [0.0, 0.5, 0.9] {
            let payloads = Payloads::generated(&Sizes::Fixed(65_536), share, 1);
            let mut out = Vec::new();
            Compression::Zstd.compress(payloads.get(0).bytes, &mut out);
            let kept = out.len() as f64 / 65_536.0;
            assert!((kept - (1.0 - share)).abs() < 0.12, "{share}: {kept} kept");
        }
    }

    #[test]
    fn lines_of_a_file_are_records() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "one\n\ntwo").unwrap();
        let payloads = Payloads::from_file(file.path()).unwrap();
        assert_eq!(
            [payloads.get(0).bytes, payloads.get(1).bytes, payloads.get(2).bytes],
            [&b"one"[..], b"two", b"one"]
        );
        std::fs::write(file.path(), "\n").unwrap();
        assert!(Payloads::from_file(file.path()).is_err());
    }
}
