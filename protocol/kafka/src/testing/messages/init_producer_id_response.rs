// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::messages::init_producer_id_response::*;
use crate::testing::{Generate, Source};

impl<'a> Generate<'a> for InitProducerIdResponse {
    fn generate(source: &mut Source<'a>, version: i16) -> Self {
        Self {
            throttle_time_ms: source.int32(),
            error_code: source.error_code(),
            producer_id: source.int64(),
            producer_epoch: source.int16(),
            ongoing_txn_producer_id: if version >= 6 { source.int64() } else { -1 },
            ongoing_txn_producer_epoch: if version >= 6 { source.int16() } else { -1 },
        }
    }
}
