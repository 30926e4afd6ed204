//! The `ringlog` executable.
#![forbid(unsafe_code)]

fn main() {}
