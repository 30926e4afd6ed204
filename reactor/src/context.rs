//! What one shard's handle, tasks, timers and operations share.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;

use slab::Slab;

use crate::metrics::ReactorMetrics;
use crate::remote::LocalQueue;
use crate::slots::Slots;
use crate::timers::Timers;
use crate::{Driver, Remote, Shutdown};

/// The inside of one executor.
pub(crate) struct ShardContext {
    pub(crate) driver: Rc<dyn Driver>,
    pub(crate) slots: Slots,
    pub(crate) timers: Timers,
    pub(crate) queue: Rc<LocalQueue>,
    pub(crate) remote: Arc<Remote>,
    pub(crate) shutdown: Arc<Shutdown>,
    pub(crate) metrics: Arc<ReactorMetrics>,
    /// Wakers of all tasks that have not finished, so that they can be cancelled together.
    pub(crate) tasks: RefCell<Slab<Waker>>,
}
