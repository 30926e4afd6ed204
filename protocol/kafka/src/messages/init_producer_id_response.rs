// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Gives a producer its id and epoch, fencing older holders (KIP-98, KIP-360, KIP-588).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitProducerIdResponse {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub ongoing_txn_producer_id: i64,
    pub ongoing_txn_producer_epoch: i16,
}

impl Default for InitProducerIdResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            producer_id: -1,
            producer_epoch: 0,
            ongoing_txn_producer_id: -1,
            ongoing_txn_producer_epoch: -1,
        }
    }
}

impl<'a> Decode<'a> for InitProducerIdResponse {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 16,
            2..=5 => 17,
            _ => 27,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            throttle_time_ms: reader.int32("InitProducerIdResponse.throttle_time_ms")?,
            error_code: reader.error_code("InitProducerIdResponse.error_code")?,
            producer_id: reader.int64("InitProducerIdResponse.producer_id")?,
            producer_epoch: reader.int16("InitProducerIdResponse.producer_epoch")?,
            ongoing_txn_producer_id: if version >= 6 {
                reader.int64("InitProducerIdResponse.ongoing_txn_producer_id")?
            } else {
                -1
            },
            ongoing_txn_producer_epoch: if version >= 6 {
                reader.int16("InitProducerIdResponse.ongoing_txn_producer_epoch")?
            } else {
                -1
            },
        };
        reader.skip_tags(form, "InitProducerIdResponse")?;
        Ok(value)
    }
}

impl Encode for InitProducerIdResponse {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.throttle_time_ms);
        sink.error_code(self.error_code);
        sink.int64(self.producer_id);
        sink.int16(self.producer_epoch);
        if version >= 6 {
            sink.int64(self.ongoing_txn_producer_id);
        }
        if version >= 6 {
            sink.int16(self.ongoing_txn_producer_epoch);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for InitProducerIdResponse {
    const API: ApiKey = ApiKey::InitProducerId;
    const VERSIONS: Versions = super::versions::INIT_PRODUCER_ID;
}
