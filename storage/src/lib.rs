//! Logs on disk: append, group commit, index, read plan, recovery.
#![forbid(unsafe_code)]
