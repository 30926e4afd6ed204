//! Groups whose members assign among themselves (JoinGroup, SyncGroup).
//!
//! A member is *parked* while its join waits for the other members or its sync for the leader. Parked members need not send
//! heartbeats: they could not.
//!
//! Only finished generations are recorded (with the leader's assignment, or empty). A rebalance in flight is lost with
//! the process: its members find their generation unknown or the group rebalancing, and join again.

mod describe;
mod group;
mod heartbeat;
mod join;
mod leave;
mod member;
mod members;
mod rebalance;
mod subscription;
mod sync;
#[cfg(test)]
mod tests;
mod upgrade;

pub(crate) use describe::describe;
pub(crate) use group::ClassicGroup;
pub(crate) use heartbeat::heartbeat;
pub(crate) use join::join;
pub(crate) use leave::leave;
pub(crate) use sync::sync;
pub(crate) use {group::CONSUMER, subscription::read as read_subscription};
