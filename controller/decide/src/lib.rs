//! The controller's decisions as functions, pure.
#![forbid(unsafe_code)]
