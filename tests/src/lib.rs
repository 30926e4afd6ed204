//! Tests of the whole: simulator, end to end, real clients.
#![forbid(unsafe_code)]
