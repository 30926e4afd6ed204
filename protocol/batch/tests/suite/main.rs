//! The record batch from outside: golden bytes, every refusal, properties, an independent codec, hostile bytes.
#![allow(clippy::unwrap_used, reason = "a test that fails should panic")]

mod descriptions;
mod golden;
mod hostile;
mod oracle;
mod properties;
mod refusals;

use ringlog_batch::{BatchBuilder, BatchView, RecordHeader, Scratch};
use ringlog_model::{Offset, Timestamp};

/// No test decodes to more.
pub(crate) const CAP: usize = 8 << 20;

/// A record that owns its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) timestamp: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Record {
    pub(crate) fn value(timestamp: i64, value: &[u8]) -> Record {
        Record { timestamp, value: Some(value.to_vec()), ..Record::default() }
    }
}

pub(crate) fn builder(records: &[Record]) -> BatchBuilder {
    let mut builder = BatchBuilder::new();
    append(&mut builder, records);
    builder
}

pub(crate) fn append(builder: &mut BatchBuilder, records: &[Record]) {
    for record in records {
        let headers: Vec<RecordHeader<'_>> =
            record.headers.iter().map(|(key, value)| RecordHeader { key, value: value.as_deref() }).collect();
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        builder.append(Timestamp(record.timestamp), key, value, &headers).unwrap();
    }
}

/// All records of a batch, with their offsets.
pub(crate) fn read(view: &BatchView<'_>) -> Vec<(Offset, Record)> {
    let mut scratch = Scratch::new();
    let records = view.records(&mut scratch, CAP).unwrap().map(|record| {
        let record = record.unwrap();
        let headers = record.headers().map(|header| (header.key.to_vec(), header.value.map(<[u8]>::to_vec)));
        let read = Record {
            timestamp: view.timestamp_of(&record).0,
            key: record.key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            headers: headers.collect(),
        };
        (view.offset_of(&record), read)
    });
    records.collect()
}
