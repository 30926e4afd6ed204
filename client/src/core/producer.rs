//! The producer: records in, batches out, receipts back.

use super::lane::{BatchNumber, Failure, Lane, Outcome, Transmit};
use core::time::Duration;
use ringlog_batch::{BatchError, Compression, RecordHeader};
use ringlog_model::{Instant, PartitionIndex, ProducerEpoch, ProducerId, Timestamp};
use ringlog_native::body::{Acks, Receipt};
use ringlog_native::{ErrorBody, ErrorCode};
use std::collections::{BTreeMap, VecDeque};

/// How a producer behaves; the defaults are Kafka's, but for the linger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerOptions {
    /// What an acknowledgement waits for.
    pub acks: Acks,
    /// How records are compressed.
    pub compression: Compression,
    /// How long a batch waits for more records.
    pub linger: Duration,
    /// A batch is closed when it has this many bytes before compression. A larger record travels alone.
    pub batch_bytes: usize,
    /// Bytes of records that may wait for their acknowledgement; beyond it, pushing has to wait.
    pub buffer_bytes_max: usize,
    /// Batches in flight per partition. One without idempotence, so that retries keep the order.
    pub in_flight_max: usize,
    /// From a record's push until it counts as failed.
    pub delivery_timeout: Duration,
    /// How long the node may take for one request.
    pub request_timeout: Duration,
    /// How long to wait before a retry.
    pub retry_backoff: Duration,
    /// Whether the node is asked for an identity, so that retries are recognised.
    pub idempotent: bool,
}

impl Default for ProducerOptions {
    fn default() -> ProducerOptions {
        ProducerOptions {
            acks: Acks::All,
            compression: Compression::None,
            linger: Duration::from_millis(5),
            batch_bytes: 16 * 1024,
            buffer_bytes_max: 32 << 20,
            in_flight_max: 5,
            delivery_timeout: Duration::from_secs(120),
            request_timeout: Duration::from_secs(30),
            retry_backoff: Duration::from_millis(100),
            idempotent: true,
        }
    }
}

/// A record to be sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutgoingRecord<'a> {
    /// Which partition; chosen by key if `None`.
    pub partition: Option<PartitionIndex>,
    /// When it happened; [`Timestamp::NONE`] stands for now.
    pub timestamp: Timestamp,
    /// The key, which may be null.
    pub key: Option<&'a [u8]>,
    /// The value, which may be null.
    pub value: Option<&'a [u8]>,
    /// Names and values beside it.
    pub headers: &'a [RecordHeader<'a>],
}

/// What a record takes in a batch at most: its bytes, and the largest varints around them.
fn size_of(record: &OutgoingRecord<'_>) -> usize {
    const AROUND_RECORD: usize = 36;
    const AROUND_HEADER: usize = 10;
    let headers = record.headers.iter();
    let headers =
        headers.map(|header| header.key.len() + header.value.map_or(0, <[u8]>::len) + AROUND_HEADER);
    let payload = record.key.map_or(0, <[u8]>::len) + record.value.map_or(0, <[u8]>::len);
    AROUND_RECORD + payload + headers.sum::<usize>()
}

/// Where a pushed record went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The batch it will be acknowledged with.
    pub batch: BatchNumber,
    /// Its place in the batch: its offset is the receipt's base offset plus this.
    pub index: i32,
    /// Whether this record began the batch.
    pub opened: bool,
}

/// The producer of one topic, without I/O.
#[derive(Debug)]
pub struct ProducerCore {
    options: ProducerOptions,
    identity: Option<(ProducerId, ProducerEpoch)>,
    lanes: BTreeMap<PartitionIndex, Lane>,
    batch_partitions: BTreeMap<BatchNumber, PartitionIndex>,
    next_batch: u64,
    buffered_bytes: usize,
    closed: Vec<PartitionIndex>,
    outcomes: VecDeque<Outcome>,
}

impl ProducerCore {
    /// A producer with the identity that the node gave it, if it is an idempotent one.
    #[must_use]
    pub fn new(options: ProducerOptions, identity: Option<(ProducerId, ProducerEpoch)>) -> ProducerCore {
        // Without idempotence a retry would change the order of what is in flight; without acknowledgements there is none.
        let keeps_order = identity.is_some() || options.acks == Acks::None;
        let in_flight_max = if keeps_order { options.in_flight_max.clamp(1, 5) } else { 1 };
        ProducerCore {
            options: ProducerOptions { in_flight_max, ..options },
            identity,
            lanes: BTreeMap::new(),
            batch_partitions: BTreeMap::new(),
            next_batch: 0,
            buffered_bytes: 0,
            closed: Vec::new(),
            outcomes: VecDeque::new(),
        }
    }

    /// Whether there is room for another record.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.buffered_bytes < self.options.buffer_bytes_max
    }

    /// Takes a record for a partition. `None` if the partition has given up ([`Failure::Unknown`]).
    ///
    /// # Errors
    /// [`BatchError`] if the record does not fit any batch.
    pub fn push(
        &mut self,
        now: Instant,
        partition: PartitionIndex,
        record: &OutgoingRecord<'_>,
    ) -> Result<Option<Pushed>, BatchError> {
        let identity = self.identity;
        let lane = self.lanes.entry(partition).or_insert_with(|| Lane::new(partition, identity));
        if lane.given_up {
            return Ok(None);
        }
        let length = size_of(record);
        if lane.open_size() > 0 && lane.open_size() + length > self.options.batch_bytes {
            self.close(partition)?;
        }
        let lane = self.lanes.get_mut(&partition).expect("put there above");
        let before = lane.open_size();
        let (batch, builder) = lane.open(now, &mut self.next_batch);
        let index = builder.record_count();
        builder.append(record.timestamp, record.key, record.value, record.headers)?;
        self.buffered_bytes += builder.size() - before;
        if index == 0 {
            self.batch_partitions.insert(batch, partition);
        }
        if lane.open_size() >= self.options.batch_bytes {
            self.close(partition)?;
        }
        Ok(Some(Pushed { batch, index, opened: index == 0 }))
    }

    /// Closes all open batches, so that nothing lingers.
    ///
    /// # Errors
    /// [`BatchError`] if a batch cannot be built.
    pub fn flush(&mut self) -> Result<(), BatchError> {
        let partitions: Vec<_> = self.lanes.keys().copied().collect();
        partitions.into_iter().try_for_each(|partition| self.close(partition))
    }

    /// The next batch to send now, if any.
    ///
    /// # Errors
    /// [`BatchError`] if a batch whose linger is over cannot be built.
    pub fn poll_transmit(&mut self, now: Instant) -> Result<Option<Transmit>, BatchError> {
        let lingered: Vec<_> = self
            .lanes
            .iter()
            .filter(|(_, lane)| lane.lingered(now, self.options.linger))
            .map(|(&partition, _)| partition)
            .collect();
        lingered.into_iter().try_for_each(|partition| self.close(partition))?;
        self.expire(now);
        let in_flight_max = self.options.in_flight_max;
        Ok(self.lanes.values_mut().find_map(|lane| lane.transmit(now, in_flight_max)))
    }

    /// A batch that nobody will acknowledge (`acks` 0) has left.
    pub fn sent(&mut self, batch: BatchNumber) {
        self.finish(batch, Ok(None));
    }

    /// The node acknowledged a batch.
    pub fn acknowledged(&mut self, batch: BatchNumber, receipt: Receipt) {
        self.finish(batch, Ok(Some(receipt)));
    }

    /// The node refused a batch.
    pub fn refused(&mut self, now: Instant, batch: BatchNumber, error: ErrorBody) {
        let lane = self.batch_partitions.get(&batch).and_then(|partition| self.lanes.get_mut(partition));
        let Some(lane) = lane else { return };
        if error.code == ErrorCode::DuplicateSequenceNumber {
            // It is in the log, at an offset nobody remembers.
            return self.finish(batch, Ok(None));
        }
        if let Some((size, error)) = lane.refused(batch, error, now.plus(self.options.retry_backoff)) {
            self.report(batch, size, Err(Failure::Refused(error)));
        }
    }

    /// The answer will never come: the connection is gone or the request took too long.
    pub fn lost(&mut self, now: Instant, batch: BatchNumber) {
        let lane = self.batch_partitions.get(&batch).and_then(|partition| self.lanes.get_mut(partition));
        if let Some(lane) = lane {
            lane.lost(batch, now.plus(self.options.retry_backoff));
        }
    }

    /// The batch did not leave after all: its partition's leader could not be reached.
    pub fn not_sent(&mut self, now: Instant, batch: BatchNumber) {
        let lane = self.batch_partitions.get(&batch).and_then(|partition| self.lanes.get_mut(partition));
        if let Some(lane) = lane {
            lane.not_sent(batch, now.plus(self.options.retry_backoff));
        }
    }

    /// What became of batches, in the order in which it was learned.
    pub fn next_outcome(&mut self) -> Option<Outcome> {
        self.outcomes.pop_front()
    }

    /// Partitions whose open batch was closed since the last call, for the partitioner.
    pub fn take_closed(&mut self) -> Vec<PartitionIndex> {
        std::mem::take(&mut self.closed)
    }

    /// When to call [`ProducerCore::poll_transmit`] at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.lanes
            .values()
            .filter_map(|lane| lane.next_deadline(self.options.linger, self.options.in_flight_max))
            .min()
    }

    /// Whether a closed batch waits to be sent.
    #[must_use]
    pub fn has_ready(&self) -> bool {
        self.lanes.values().any(Lane::has_ready)
    }

    /// Whether nothing waits to be acknowledged.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.lanes.values().all(Lane::is_idle)
    }

    fn close(&mut self, partition: PartitionIndex) -> Result<(), BatchError> {
        let Some(lane) = self.lanes.get_mut(&partition) else { return Ok(()) };
        if lane.open_size() == 0 {
            return Ok(());
        }
        // The buffer is counted by what batches take closed, which compression makes less.
        self.buffered_bytes -= lane.open_size();
        self.buffered_bytes += lane.close(self.options.compression, self.options.delivery_timeout)?;
        self.closed.push(partition);
        Ok(())
    }

    fn expire(&mut self, now: Instant) {
        let mut failures = Vec::new();
        for lane in self.lanes.values_mut() {
            failures.extend(lane.expire(now));
        }
        for (batch, size, failure) in failures {
            self.report(batch, size, Err(failure));
        }
    }

    fn finish(&mut self, batch: BatchNumber, result: Result<Option<Receipt>, Failure>) {
        let lane = self.batch_partitions.get(&batch).and_then(|partition| self.lanes.get_mut(partition));
        if let Some(size) = lane.and_then(|lane| lane.succeeded(batch)) {
            self.report(batch, size, result);
        }
    }

    fn report(&mut self, batch: BatchNumber, size: usize, result: Result<Option<Receipt>, Failure>) {
        if let Some(partition) = self.batch_partitions.remove(&batch) {
            self.buffered_bytes = self.buffered_bytes.saturating_sub(size);
            self.outcomes.push_back(Outcome { partition, batch, result });
        }
    }
}
