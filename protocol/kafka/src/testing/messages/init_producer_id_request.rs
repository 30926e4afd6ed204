// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::init_producer_id_request::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for InitProducerIdRequest<'a> {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            transactional_id: source.optional(|source| source.string()),
            transaction_timeout_ms: source.int32(),
            producer_id: if version >= 3 { source.int64() } else { -1 },
            producer_epoch: if version >= 3 { source.int16() } else { -1 },
            enable2_pc: if version >= 6 { source.boolean() } else { false },
            keep_prepared_txn: if version >= 6 { source.boolean() } else { false },
        }
    }
}
