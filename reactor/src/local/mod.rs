//! Coordination of tasks on one shard: no atomics, no locks, not `Send`.

mod notify;
mod oneshot;
mod queue;
mod semaphore;

pub use notify::{Notified, Notify};
pub use oneshot::{OneshotReceiver, OneshotSender, oneshot};
pub use queue::{Full, Queue};
pub use semaphore::{Permit, Semaphore};
