//! The io_uring driver.

use std::io;
use std::rc::Rc;
use std::sync::Arc;

use rustix::thread::CpuSet;

use crate::{Driver, Options, Remote};

pub(crate) struct Uring;

impl Uring {
    pub(crate) fn start(
        _options: &Options,
        _processors: Option<CpuSet>,
    ) -> io::Result<(Rc<dyn Driver>, Arc<Remote>)> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
