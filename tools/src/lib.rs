//! The ringlog executable: every subcommand.
#![forbid(unsafe_code)]
