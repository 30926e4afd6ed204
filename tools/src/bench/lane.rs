//! Record batches in the making: a stamp and a copied payload per record, and no allocation but the batch's own memory,
//! which comes back once the kernel has taken it.

use super::stamp::{STAMP_BYTES, Stamp};
use super::workload::Payload;
use bytes::{Bytes, BytesMut};
use ringlog_batch::{Attributes, BatchHeader, Compression, HEADER_SIZE, LENGTH_END, MAGIC, checksum};
use ringlog_model::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

/// Where a batch's checksum begins to count.
const CHECKED_FROM: usize = 21;
/// The most that lengths, deltas and attributes of one record take.
const RECORD_OVERHEAD_MAX: usize = 32;

/// What a batch in flight owes: who is to be counted when its answer comes.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) place: usize,
    /// The number of the first of its records.
    pub(crate) first: u64,
    pub(crate) records: u64,
    /// Keys and values.
    pub(crate) bytes: u64,
    /// Intended send times, and how many records in a row have them.
    pub(crate) times: Vec<(u64, u32)>,
}

/// What a broker knows an idempotent producer by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) id: ProducerId,
    pub(crate) epoch: ProducerEpoch,
}

/// One record to be.
pub(crate) struct Outgoing<'a> {
    pub(crate) run: u32,
    pub(crate) stream: u32,
    pub(crate) intended: u64,
    pub(crate) wall_ms: i64,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) payload: Payload<'a>,
}

/// One partition's batch of one producer.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    buffer: BytesMut,
    first_wall_ms: i64,
    last_wall_ms: i64,
    ledger: Ledger,
    /// The next record's number in this partition.
    sequence: u64,
    /// Who an idempotent producer is.
    identity: Option<Identity>,
    /// When the batch got its first record.
    opened: u64,
}

impl Lane {
    pub(crate) fn new(identity: Option<Identity>) -> Lane {
        Lane { identity, ..Lane::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ledger.records == 0
    }

    pub(crate) fn opened(&self) -> u64 {
        self.opened
    }

    /// Whether a record fits; a batch takes one in any case.
    pub(crate) fn fits(&self, key_bytes: usize, payload_bytes: usize, batch_bytes: usize) -> bool {
        let record = key_bytes + STAMP_BYTES + payload_bytes + RECORD_OVERHEAD_MAX;
        self.is_empty() || self.buffer.len() + record <= batch_bytes
    }

    pub(crate) fn append(&mut self, now: u64, record: &Outgoing<'_>, memory: impl FnOnce() -> BytesMut) {
        if self.is_empty() {
            self.buffer = memory();
            self.buffer.resize(HEADER_SIZE, 0);
            self.first_wall_ms = record.wall_ms;
            self.opened = now;
        }
        self.last_wall_ms = record.wall_ms;
        let stamp = Stamp {
            run: record.run,
            stream: record.stream,
            sequence: self.sequence,
            intended: record.intended,
        };
        let value_bytes = STAMP_BYTES + record.payload.bytes.len();
        self.put(record, &stamp.bytes(&record.payload), value_bytes);
        self.sequence += 1;
        self.ledger.records += 1;
        self.ledger.bytes += (record.key.map_or(0, <[u8]>::len) + value_bytes) as u64;
        match self.ledger.times.last_mut().filter(|(time, _)| *time == record.intended) {
            Some((_, count)) => *count += 1,
            None => self.ledger.times.push((record.intended, 1)),
        }
    }

    /// length, attributes, timestamp delta, offset delta, key, value, no headers
    fn put(&mut self, record: &Outgoing<'_>, stamp: &[u8], value_bytes: usize) {
        let (timestamp, offset) = (record.wall_ms - self.first_wall_ms, self.ledger.records as i64);
        let key_length = record.key.map_or(-1, |key| key.len() as i64);
        let key_bytes = record.key.unwrap_or_default();
        let length = 1
            + varint_length(timestamp)
            + varint_length(offset)
            + varint_length(key_length)
            + key_bytes.len()
            + varint_length(value_bytes as i64)
            + value_bytes
            + 1;
        let buffer = &mut self.buffer;
        buffer.reserve(length + 5);
        put_varint(buffer, length as i64);
        buffer.extend_from_slice(&[0]);
        put_varint(buffer, timestamp);
        put_varint(buffer, offset);
        put_varint(buffer, key_length);
        buffer.extend_from_slice(key_bytes);
        put_varint(buffer, value_bytes as i64);
        buffer.extend_from_slice(stamp);
        buffer.extend_from_slice(record.payload.bytes);
        buffer.extend_from_slice(&[0]);
    }

    /// Takes the memory of a ledger that is done with.
    pub(crate) fn reuse(&mut self, mut spare: Ledger) {
        if self.is_empty() {
            spare.times.clear();
            self.ledger.times = spare.times;
        }
    }

    /// The batch and what it owes; the lane is empty then.
    pub(crate) fn close(&mut self, place: usize, compression: Compression) -> (Bytes, Ledger) {
        let mut batch = std::mem::take(&mut self.buffer);
        if compression != Compression::None {
            let mut compressed = Vec::with_capacity(batch.len());
            compressed.resize(HEADER_SIZE, 0);
            compression.compress(&batch[HEADER_SIZE..], &mut compressed);
            batch.clear();
            batch.extend_from_slice(&compressed);
        }
        let first = self.sequence - self.ledger.records;
        let mut header = BatchHeader {
            base_offset: Offset(0),
            batch_length: (batch.len() - LENGTH_END) as i32,
            leader_epoch: LeaderEpoch::UNKNOWN,
            magic: MAGIC,
            checksum: 0,
            attributes: Attributes::default().with_compression(compression),
            last_offset_delta: self.ledger.records as i32 - 1,
            base_timestamp: Timestamp(self.first_wall_ms),
            max_timestamp: Timestamp(self.last_wall_ms.max(self.first_wall_ms)),
            producer_id: self.identity.map_or(ProducerId::NONE, |identity| identity.id),
            producer_epoch: self.identity.map_or(ProducerEpoch::NONE, |identity| identity.epoch),
            // Sequence numbers begin anew behind the largest.
            base_sequence: self.identity.map_or(Sequence::NONE, |_| Sequence((first & 0x7fff_ffff) as i32)),
            record_count: self.ledger.records as i32,
        };
        batch[..HEADER_SIZE].copy_from_slice(&header.encode());
        header.checksum = checksum(&batch[CHECKED_FROM..]);
        batch[..HEADER_SIZE].copy_from_slice(&header.encode());
        let mut ledger = std::mem::take(&mut self.ledger);
        (ledger.place, ledger.first) = (place, first);
        (batch.freeze(), ledger)
    }
}

fn put_varint(buffer: &mut BytesMut, value: i64) {
    let mut rest = zigzag(value);
    let mut bytes = [0; 10];
    let mut length = 0;
    while rest >= 0x80 {
        bytes[length] = rest as u8 | 0x80;
        rest >>= 7;
        length += 1;
    }
    bytes[length] = rest as u8;
    buffer.extend_from_slice(&bytes[..=length]);
}

fn varint_length(value: i64) -> usize {
    (70 - (zigzag(value) | 1).leading_zeros() as usize) / 7
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::stamp::Read;
    use proptest::prelude::*;
    use ringlog_batch::{BatchView, Scratch};

    fn payload(bytes: &[u8]) -> Payload<'_> {
        Payload { bytes, checksum: checksum(bytes) }
    }

    proptest! {
        #[test]
        fn batches_are_what_any_reader_of_the_format_expects(
            records in prop::collection::vec((prop::option::of(prop::collection::vec(any::<u8>(), 0..20)),
                prop::collection::vec(any::<u8>(), 0..300), 0i64..100_000), 1..50),
            codec in prop::sample::select(vec![Compression::None, Compression::Lz4, Compression::Zstd]),
        ) {
            let mut lane = Lane::default();
            // Two batches: the second begins where the first ended.
            for round in 0..2u64 {
                for (number, (key, value, wall)) in records.iter().enumerate() {
                    let outgoing = Outgoing {
                        run: 3, stream: 4, intended: 50 + number as u64, wall_ms: 1_700_000_000_000 + wall,
                        key: key.as_deref(), payload: payload(value),
                    };
                    lane.append(9, &outgoing, BytesMut::new);
                }
                let (bytes, ledger) = lane.close(7, codec);
                prop_assert_eq!((ledger.place, ledger.records), (7, records.len() as u64));
                prop_assert_eq!(ledger.times.len(), records.len());
                let batch = BatchView::parse_only(&bytes).unwrap();
                batch.verify_checksum().unwrap();
                prop_assert_eq!(batch.header().record_count as usize, records.len());
                let mut scratch = Scratch::new();
                let mut seen = 0;
                for (record, (key, value, wall)) in batch.records(&mut scratch, 1 << 20).unwrap().zip(&records) {
                    let record = record.unwrap();
                    prop_assert_eq!(record.key, key.as_deref());
                    prop_assert_eq!(batch.timestamp_of(&record).0, 1_700_000_000_000 + wall);
                    let sequence = round * records.len() as u64 + seen;
                    let stamp = Stamp { run: 3, stream: 4, sequence, intended: 50 + seen };
                    prop_assert_eq!(Stamp::read(record.value.unwrap()), Read::Stamped(stamp));
                    prop_assert_eq!(&record.value.unwrap()[STAMP_BYTES..], &value[..]);
                    seen += 1;
                }
                prop_assert_eq!(seen as usize, records.len());
            }
        }
    }

    #[test]
    fn a_batch_takes_one_record_of_any_size_and_then_only_what_fits() {
        let mut lane = Lane::default();
        assert!(lane.fits(0, 1_000_000, 1));
        let bytes = [7; 500];
        let outgoing =
            Outgoing { run: 0, stream: 0, intended: 5, wall_ms: 0, key: None, payload: payload(&bytes) };
        let mut appended = 0;
        while lane.fits(0, 500, 4096) {
            lane.append(1, &outgoing, BytesMut::new);
            appended += 1;
        }
        let (batch, ledger) = lane.close(0, Compression::None);
        assert!(batch.len() <= 4096 && batch.len() > 3400, "{}", batch.len());
        assert_eq!(ledger.times, [(5, appended)], "records of one time share an entry");
        assert!(lane.is_empty());
    }

    #[test]
    fn an_idempotent_producers_batches_are_numbered_from_where_the_last_one_ended() {
        let mut lane = Lane::new(Some(Identity { id: ProducerId(7), epoch: ProducerEpoch(1) }));
        let outgoing =
            Outgoing { run: 0, stream: 0, intended: 5, wall_ms: 0, key: None, payload: payload(&[]) };
        for (records, base) in [(3, 0), (2, 3), (1, 5)] {
            (0..records).for_each(|_| lane.append(1, &outgoing, BytesMut::new));
            let (batch, _) = lane.close(0, Compression::None);
            let header = BatchHeader::parse(&batch).unwrap();
            assert_eq!((header.producer_id, header.producer_epoch), (ProducerId(7), ProducerEpoch(1)));
            assert_eq!(header.base_sequence, Sequence(base));
        }
    }

    #[test]
    fn lengths_of_varints_are_counted_right() {
        for value in [0, -1, 1, 63, 64, -64, -65, 8191, 8192, 1 << 40, i64::MIN, i64::MAX] {
            let mut buffer = BytesMut::new();
            put_varint(&mut buffer, value);
            assert_eq!(buffer.len(), varint_length(value), "{value}");
        }
    }
}
