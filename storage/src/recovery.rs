//! From what lies on disk to the logs as they are: parse, fold, decide, then move what is only in journals into
//! segments or, if it is little, into the next catalog.
//!
//! The decision is pure ([`replay`]): parsed groups go in, states and the ranges still to be proven come out. Only
//! [`journal`] (reading), [`blocks`] (mending what was being written again) and [`execute`] (proving and moving) touch files.

pub mod blocks;
pub mod execute;
pub mod journal;
pub mod replay;

pub use replay::{JournalPlace, Pending, PendingBytes, Replay, ReplayedLog};
