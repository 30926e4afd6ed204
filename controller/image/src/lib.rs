//! The cluster's metadata as an immutable image, pure.
#![forbid(unsafe_code)]
