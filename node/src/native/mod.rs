//! Ringlog's own protocol.
use crate::connection::{Connection, ConnectionError};
use bytes::Bytes;
use std::rc::Rc;

pub(crate) async fn serve(_connection: &Rc<Connection>, _received: Bytes) -> Result<(), ConnectionError> {
    Ok(())
}
