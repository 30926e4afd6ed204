// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Gives a producer its id and epoch, fencing older holders (KIP-98, KIP-360, KIP-588).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitProducerIdRequest<'a> {
    /// Null for a producer that is idempotent only.
    pub transactional_id: Option<&'a str>,
    pub transaction_timeout_ms: i32,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub enable2_pc: bool,
    pub keep_prepared_txn: bool,
}

impl Default for InitProducerIdRequest<'_> {
    fn default() -> Self {
        Self {
            transactional_id: None,
            transaction_timeout_ms: 0,
            producer_id: -1,
            producer_epoch: -1,
            enable2_pc: false,
            keep_prepared_txn: false,
        }
    }
}

impl<'a> Decode<'a> for InitProducerIdRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 6,
            3..=5 => 16,
            _ => 18,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            transactional_id: reader.nullable_string(form, "InitProducerIdRequest.transactional_id")?,
            transaction_timeout_ms: reader.int32("InitProducerIdRequest.transaction_timeout_ms")?,
            producer_id: if version >= 3 { reader.int64("InitProducerIdRequest.producer_id")? } else { -1 },
            producer_epoch: if version >= 3 {
                reader.int16("InitProducerIdRequest.producer_epoch")?
            } else {
                -1
            },
            enable2_pc: if version >= 6 {
                reader.boolean("InitProducerIdRequest.enable2_pc")?
            } else {
                false
            },
            keep_prepared_txn: if version >= 6 {
                reader.boolean("InitProducerIdRequest.keep_prepared_txn")?
            } else {
                false
            },
        };
        reader.skip_tags(form, "InitProducerIdRequest")?;
        Ok(value)
    }
}

impl Encode for InitProducerIdRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.nullable_string(form, self.transactional_id);
        sink.int32(self.transaction_timeout_ms);
        if version >= 3 {
            sink.int64(self.producer_id);
        } else if self.producer_id != -1 {
            sink.unsupported("InitProducerIdRequest.producer_id", version);
        }
        if version >= 3 {
            sink.int16(self.producer_epoch);
        } else if self.producer_epoch != -1 {
            sink.unsupported("InitProducerIdRequest.producer_epoch", version);
        }
        if version >= 6 {
            sink.boolean(self.enable2_pc);
        } else if self.enable2_pc {
            sink.unsupported("InitProducerIdRequest.enable2_pc", version);
        }
        if version >= 6 {
            sink.boolean(self.keep_prepared_txn);
        } else if self.keep_prepared_txn {
            sink.unsupported("InitProducerIdRequest.keep_prepared_txn", version);
        }
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for InitProducerIdRequest<'a> {
    const API: ApiKey = ApiKey::InitProducerId;
    const VERSIONS: Versions = super::versions::INIT_PRODUCER_ID;
}
