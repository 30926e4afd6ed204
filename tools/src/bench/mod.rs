//! `ringlog bench`: the load generator.
//!
//! ```text
//! Settings (flags, scenario files)
//!    |  conduct::survey: topics, leaders, offsets           one control connection
//!    v
//! Job -> conduct::run                                        the conducting thread: time, sums, live line
//!    |  worker (one reactor a thread)
//!    v
//! Producer: Arrivals -> Lane (stamp, copy, checksum) -> Link      Consumer: Link -> Verifier
//!    |  Interval once a second, Summary at the end
//!    v
//! Measured -> Outcome (JSON, table, report)
//! ```
//!
//! In an open loop (`--rate`) every record has an intended send time that nothing the broker does can move, and its
//! latency counts from there. Every record carries a [`stamp`], by which readers find what was lost, reordered,
//! duplicated or damaged; such a run fails.

mod commands;
mod conduct;
mod connections;
mod consumer;
mod context;
mod flags;
mod flights;
mod group;
mod lane;
mod live;
mod outcome;
mod process;
mod producer;
mod ramp;
mod reader;
mod reconnect;
mod report;
mod scenario;
mod schedule;
mod settings;
mod stamp;
mod statistics;
mod table;
mod unanswered;
mod units;
mod verify;
mod wire;
mod worker;
mod workload;

pub(crate) use flags::BenchCommand;
pub(crate) use flags::Kind;
pub(crate) use flags::run;
