//! The native protocol: a 32-byte header, fixed bodies, raw record batches.
#![forbid(unsafe_code)]
