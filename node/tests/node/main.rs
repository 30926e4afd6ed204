//! A whole node with a controller in memory and small clients: in the simulator and on this machine.
#![allow(clippy::unwrap_used)] // A step that fails fails its test.

mod client;
mod controller;
mod harness;

mod administration;
mod alterations;
mod basics;
mod fetching;
mod groups;
mod hostile;
mod moves;
mod native;
mod stored;
mod versions;
