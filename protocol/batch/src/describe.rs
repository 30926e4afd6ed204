//! A batch in words, for `ringlog log inspect` and for error messages.

use crate::{BatchError, BatchHeader, BatchView, RecordView, Scratch};
use core::fmt;
use ringlog_model::{Offset, Timestamp};

/// How much of a batch is described.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// One line for the batch.
    #[default]
    Batch,
    /// A further line for each record, keys and values shortened.
    Records,
}

/// One batch, judged and ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Where the batch begins in the bytes described.
    pub position: usize,
    /// The header.
    pub header: BatchHeader,
    /// What is wrong with it, if anything.
    pub problem: Option<BatchError>,
    /// Its records, if asked for and readable.
    pub records: Vec<RecordDescription>,
}

/// One record, with its payloads shortened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordDescription {
    /// The record's offset.
    pub offset: Offset,
    /// The record's timestamp.
    pub timestamp: Timestamp,
    /// The key.
    pub key: Excerpt,
    /// The value.
    pub value: Excerpt,
    /// Number of headers.
    pub headers: usize,
}

/// The beginning of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Excerpt {
    /// No payload.
    Null,
    /// Its length in bytes and its first bytes.
    Bytes {
        /// Length of the whole payload.
        length: usize,
        /// At most [`EXCERPT_BYTES`] of it.
        start: Vec<u8>,
    },
}

/// How many bytes of a payload are shown.
pub const EXCERPT_BYTES: usize = 32;

/// Describes the batches that stand one after the other in `bytes`, each with what is wrong with it.
///
/// Returns what could be read, and the error that ended the walk before the end of `bytes`, if one did.
#[must_use]
pub fn describe(bytes: &[u8], detail: Detail, cap: usize) -> (Vec<Description>, Option<BatchError>) {
    let mut scratch = Scratch::new();
    let mut position = 0;
    let mut descriptions = Vec::new();
    for batch in crate::split_batches(bytes) {
        match batch {
            Ok(view) => {
                descriptions.push(describe_batch(&view, position, detail, &mut scratch, cap));
                position += view.bytes().len();
            }
            Err(error) => return (descriptions, Some(error)),
        }
    }
    (descriptions, None)
}

/// Describes one batch that begins at `position` of its file.
#[must_use]
pub fn describe_batch(
    view: &BatchView<'_>,
    position: usize,
    detail: Detail,
    scratch: &mut Scratch,
    cap: usize,
) -> Description {
    let mut records = Vec::new();
    let problem = view.verify_checksum().and_then(|()| {
        for record in view.records(scratch, cap)? {
            let record = record?;
            if detail == Detail::Records {
                records.push(describe_record(view, &record));
            }
        }
        Ok(())
    });
    Description { position, header: *view.header(), problem: problem.err(), records }
}

fn describe_record(view: &BatchView<'_>, record: &RecordView<'_>) -> RecordDescription {
    RecordDescription {
        offset: view.offset_of(record),
        timestamp: view.timestamp_of(record),
        key: Excerpt::of(record.key),
        value: Excerpt::of(record.value),
        headers: record.headers().len(),
    }
}

impl Excerpt {
    fn of(payload: Option<&[u8]>) -> Excerpt {
        match payload {
            None => Excerpt::Null,
            Some(bytes) => Excerpt::Bytes {
                length: bytes.len(),
                start: bytes[..bytes.len().min(EXCERPT_BYTES)].to_vec(),
            },
        }
    }
}

impl fmt::Display for Description {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = &self.header;
        write!(
            formatter,
            "position {} offsets {}..={} records {} bytes {} epoch {} timestamps {}..{} checksum {:#010x}",
            self.position,
            header.base_offset,
            header.last_offset(),
            header.record_count,
            header.size(),
            header.leader_epoch,
            header.base_timestamp.0,
            header.max_timestamp.0,
            header.checksum,
        )?;
        match header.attributes.compression() {
            Ok(codec) => write!(formatter, " compression {codec}")?,
            Err(error) => write!(formatter, " ({error})")?,
        }
        if header.has_producer() {
            let (id, epoch) = (header.producer_id, header.producer_epoch);
            write!(formatter, " producer {id} epoch {epoch} sequence {}", header.base_sequence.0)?;
        }
        for (is_set, word) in [
            (header.is_log_append_time(), " log-append-time"),
            (header.is_transactional(), " transactional"),
            (header.is_control(), " control"),
        ] {
            if is_set {
                formatter.write_str(word)?;
            }
        }
        if let Some(problem) = &self.problem {
            write!(formatter, " DAMAGED: {problem}")?;
        }
        for record in &self.records {
            write!(formatter, "\n  {record}")?;
        }
        Ok(())
    }
}

impl fmt::Display for RecordDescription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "offset {} timestamp {} key {} value {} headers {}",
            self.offset, self.timestamp.0, self.key, self.value, self.headers
        )
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Excerpt::Null => formatter.write_str("null"),
            Excerpt::Bytes { length, start } => {
                write!(formatter, "\"{}\"", start.escape_ascii())?;
                if *length > start.len() {
                    write!(formatter, "... ({length} bytes)")?;
                }
                Ok(())
            }
        }
    }
}
