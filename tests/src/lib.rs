//! Tests of the whole product: the executable as users run it, under real clients, hostile bytes and `kill -9`.
//!
//! The tests are in `tests/tests/`; what they share is the crate in `tests/harness/`.
#![forbid(unsafe_code)]
