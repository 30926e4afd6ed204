//! One suite of behaviours, run on every production driver.
#![allow(missing_docs, clippy::unwrap_used)]

mod files;
mod sockets;
mod tasks;

use std::future::Future;

use ringlog_reactor::{DriverChoice, Options, Reactor, run};

/// Runs a behaviour on one driver. Where the system refuses io_uring, its half of the suite has nothing to run on.
pub(crate) fn run_on<F: Future<Output = ()> + 'static>(
    driver: DriverChoice,
    behaviour: impl FnOnce(Reactor) -> F,
) {
    match run(Options { driver, ..Options::default() }, behaviour) {
        Err(error) if driver == DriverChoice::Uring && is_refusal(&error) => {
            eprintln!("skipped: io_uring is refused here ({error})");
        }
        ended => ended.unwrap(),
    }
}

fn is_refusal(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported)
}

/// Makes two tests of each behaviour.
macro_rules! on_every_driver {
    ($($(#[$attribute:meta])* $behaviour:ident),* $(,)?) => {
        mod uring {
            $(#[test] $(#[$attribute])* fn $behaviour() {
                crate::run_on(ringlog_reactor::DriverChoice::Uring, super::$behaviour);
            })*
        }
        mod epoll {
            $(#[test] $(#[$attribute])* fn $behaviour() {
                crate::run_on(ringlog_reactor::DriverChoice::Epoll, super::$behaviour);
            })*
        }
    };
}
pub(crate) use on_every_driver;
