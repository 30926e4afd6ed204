//! The checks that bytes of a segment must pass before they are believed.

use super::index::FIELDS;
use ringlog_batch::{BatchError, BatchHeader, HEADER_SIZE, checksum_append};
use ringlog_model::{LeaderEpoch, Offset};

/// What bytes of whole batches must be.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The first batch's base offset.
    pub base_offset: Offset,
    /// One past the last record (at most, if sparse); `None` if only continuity matters.
    pub end_offset: Option<Offset>,
    /// Checksum of the fields outside Kafka's CRC: (of what comes before, with these batches).
    pub fields: Option<(u32, u32)>,
    /// Whether offsets may be missing before, between and behind the batches.
    pub sparse: bool,
    /// Leader epochs with their first offsets, ascending; empty if they do not matter.
    pub epochs: &'a [(LeaderEpoch, Offset)],
}

/// A failed check: how many bytes before it were good, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Bytes of good batches before it.
    pub position: usize,
    /// What is wrong.
    pub reason: String,
}

/// Compares every batch with its CRC, with its neighbours and with what is expected of all together.
pub fn check_batches(bytes: &[u8], expected: &Expected<'_>) -> Result<(), Failure> {
    let mut checker = Checker::new(*expected);
    checker.take(bytes)?;
    checker.finish()
}

/// The same for bytes that come in parts, cut anywhere.
#[derive(Debug)]
pub struct Checker<'a> {
    expected: Expected<'a>,
    /// Bytes of good batches.
    position: usize,
    /// The offset that is due.
    next: Offset,
    /// Checksum of the fields outside Kafka's CRC, so far.
    fields: u32,
    /// The front of the batch that is being taken.
    head: [u8; HEADER_SIZE],
    head_length: usize,
    /// That batch, once its header is whole.
    current: Option<Current>,
}

#[derive(Clone, Copy, Debug)]
struct Current {
    header: BatchHeader,
    /// Bytes that are still to come.
    missing: usize,
    checksum: u32,
}

impl<'a> Checker<'a> {
    /// Nothing taken yet.
    #[must_use]
    pub fn new(expected: Expected<'a>) -> Checker<'a> {
        Checker {
            expected,
            position: 0,
            next: expected.base_offset,
            fields: expected.fields.map_or(0, |(before, _)| before),
            head: [0; HEADER_SIZE],
            head_length: 0,
            current: None,
        }
    }

    /// Checks the next bytes.
    pub fn take(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        while !bytes.is_empty() {
            let Some(mut current) = self.current else {
                let (now, later) = bytes.split_at(bytes.len().min(HEADER_SIZE - self.head_length));
                self.head[self.head_length..self.head_length + now.len()].copy_from_slice(now);
                self.head_length += now.len();
                bytes = later;
                if self.head_length == HEADER_SIZE {
                    self.current = Some(self.begin()?);
                    self.end_if_whole()?;
                }
                continue;
            };
            let (now, later) = bytes.split_at(bytes.len().min(current.missing));
            current.checksum = checksum_append(current.checksum, now);
            current.missing -= now.len();
            self.current = Some(current);
            bytes = later;
            self.end_if_whole()?;
        }
        Ok(())
    }

    /// Says whether all that was taken is what was expected.
    pub fn finish(self) -> Result<(), Failure> {
        if self.head_length > 0 {
            let missing = self.current.map_or(HEADER_SIZE - self.head_length, |current| current.missing);
            return Err(self.failure(format!("the last batch is cut off: {missing} bytes are missing")));
        }
        let whole = |reason: String| Failure { position: 0, reason };
        if let Some(end) = self.expected.end_offset
            && end != self.next
            && !(self.expected.sparse && self.next < end)
        {
            return Err(whole(format!("the batches end at offset {}, not at {end}", self.next)));
        }
        if let Some((_, all)) = self.expected.fields
            && all != self.fields
        {
            return Err(whole("offset, length or epoch of a batch were changed".to_owned()));
        }
        Ok(())
    }

    fn begin(&self) -> Result<Current, Failure> {
        let header = BatchHeader::parse(&self.head).map_err(|error| self.failure(error.to_string()))?;
        let missing = header.size() - HEADER_SIZE;
        Ok(Current { header, missing, checksum: checksum_append(0, &self.head[FIELDS..]) })
    }

    fn end_if_whole(&mut self) -> Result<(), Failure> {
        let Some(Current { header, checksum, .. }) = self.current.filter(|current| current.missing == 0)
        else {
            return Ok(());
        };
        if checksum != header.checksum {
            let mismatch = BatchError::ChecksumMismatch { stored: header.checksum, computed: checksum };
            return Err(self.failure(mismatch.to_string()));
        }
        let (next, sparse) = (self.next, self.expected.sparse);
        let follows = header.base_offset == next || (sparse && header.base_offset > next);
        if !follows || header.next_offset() <= header.base_offset {
            return Err(self.failure(format!("batch at offset {} where {next} is due", header.base_offset)));
        }
        let epoch = epoch_of(self.expected.epochs, header.base_offset);
        if epoch.is_some_and(|epoch| epoch != header.leader_epoch) {
            let found = header.leader_epoch;
            return Err(self.failure(format!("batch at offset {next} has leader epoch {found}")));
        }
        self.next = header.next_offset();
        self.fields = checksum_append(self.fields, &self.head[..FIELDS]);
        self.position += header.size();
        (self.current, self.head_length) = (None, 0);
        Ok(())
    }

    fn failure(&self, reason: String) -> Failure {
        Failure { position: self.position, reason }
    }
}

/// The epoch in force at an offset.
fn epoch_of(epochs: &[(LeaderEpoch, Offset)], offset: Offset) -> Option<LeaderEpoch> {
    let after = epochs.partition_point(|&(_, first)| first <= offset);
    Some(epochs[after.checked_sub(1)?].0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringlog_batch::{BatchBuilder, Compression, patch_base_offset};
    use ringlog_model::Timestamp;

    fn batches() -> Vec<u8> {
        let mut all = Vec::new();
        for (number, size) in [0, 1, 300, 17].into_iter().enumerate() {
            let mut builder = BatchBuilder::new();
            builder.append(Timestamp(1), None, Some(&vec![7; size]), &[]).unwrap();
            let mut batch = builder.build(Compression::None).unwrap();
            patch_base_offset(&mut batch, Offset(number as i64), LeaderEpoch(0));
            all.extend_from_slice(&batch);
        }
        all
    }

    const EXPECTED: Expected<'_> = Expected {
        base_offset: Offset(0),
        end_offset: Some(Offset(4)),
        fields: None,
        sparse: false,
        epochs: &[(LeaderEpoch(0), Offset(0))],
    };

    #[test]
    fn parts_are_judged_as_the_whole_wherever_they_are_cut() {
        let bytes = batches();
        for cut in 0..=bytes.len() {
            let mut checker = Checker::new(EXPECTED);
            checker.take(&bytes[..cut]).unwrap();
            checker.take(&bytes[cut..]).unwrap();
            checker.finish().unwrap();
        }
    }

    #[test]
    fn a_flip_in_any_byte_and_every_cut_are_noticed() {
        let bytes = batches();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 4;
            assert!(check_batches(&changed, &EXPECTED).is_err(), "byte {place}");
            assert!(check_batches(&bytes[..place], &EXPECTED).is_err(), "cut at {place}");
        }
    }
}
