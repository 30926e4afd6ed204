//! An independent implementation (the crate `kafka-protocol`, with the C libraries of LZ4 and Zstandard) reads what is built
//! here, and what it builds is read here.

use super::properties::codec;
use super::*;
use bytes::{Bytes, BytesMut};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records as other;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use ringlog_batch::{Compression, Limits};
use ringlog_model::{LeaderEpoch, ProducerEpoch, ProducerId, Sequence};

fn their(codec: Compression) -> other::Compression {
    match codec {
        Compression::None => other::Compression::None,
        Compression::Gzip => other::Compression::Gzip,
        Compression::Snappy => other::Compression::Snappy,
        Compression::Lz4 => other::Compression::Lz4,
        Compression::Zstd => other::Compression::Zstd,
    }
}

/// Header names are distinct text there.
fn record() -> impl Strategy<Value = Record> {
    let payload = || option::of(vec(any::<u8>(), 0..2000));
    let headers = proptest::collection::btree_map("[a-z]{1,8}", option::of(vec(any::<u8>(), 0..10)), 0..4);
    (0..4_000_000_000_000i64, payload(), payload(), headers).prop_map(|(timestamp, key, value, headers)| {
        let headers = headers.into_iter().map(|(name, value)| (name.into_bytes(), value)).collect();
        Record { timestamp, key, value, headers }
    })
}

fn their_record(place: i64, record: &Record) -> other::Record {
    let headers: IndexMap<StrBytes, Option<Bytes>> = record
        .headers
        .iter()
        .map(|(name, value)| {
            let name = StrBytes::from_string(String::from_utf8(name.clone()).unwrap());
            (name, value.clone().map(Bytes::from))
        })
        .collect();
    other::Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: 5,
        producer_id: 77,
        producer_epoch: 2,
        timestamp_type: other::TimestampType::Creation,
        offset: 1000 + place,
        sequence: 40 + place as i32,
        timestamp: record.timestamp,
        key: record.key.clone().map(Bytes::from),
        value: record.value.clone().map(Bytes::from),
        headers,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn they_read_what_we_build(records in vec(record(), 1..20), codec in codec()) {
        let bytes = builder(&records)
            .at(Offset(1000), LeaderEpoch(5))
            .producer(ProducerId(77), ProducerEpoch(2), Sequence(40))
            .build(codec)
            .unwrap();
        let set = other::RecordBatchDecoder::decode(&mut Bytes::from(bytes)).unwrap();
        let expected: Vec<_> = (0..).zip(&records).map(|(place, record)| their_record(place, record)).collect();
        prop_assert_eq!(set.records, expected);
        prop_assert_eq!(set.compression, their(codec));
    }

    #[test]
    fn we_read_what_they_build(records in vec(record(), 1..20), codec in codec()) {
        let theirs: Vec<_> = (0..).zip(&records).map(|(place, record)| their_record(place, record)).collect();
        let mut bytes = BytesMut::new();
        let options = other::RecordEncodeOptions { version: 2, compression: their(codec) };
        other::RecordBatchEncoder::encode(&mut bytes, &theirs, &options).unwrap();
        let view = BatchView::parse_only(&bytes).unwrap();
        view.validate(&Limits::default(), &mut Scratch::new()).unwrap();
        let expected: Vec<_> = (0..).map(|place| Offset(1000 + place)).zip(records).collect();
        prop_assert_eq!(read(&view), expected);
        prop_assert_eq!(view.header().producer_id, ProducerId(77));
        prop_assert_eq!(view.header().base_sequence, Sequence(40));
        prop_assert_eq!(view.header().leader_epoch, LeaderEpoch(5));
    }
}
