//! One suite of behaviours, run on every driver: io_uring, epoll, and the simulator under a few seeds.
#![allow(missing_docs, clippy::unwrap_used)]

mod files;
mod sockets;
mod tasks;

use std::future::Future;

use ringlog_reactor::simulation::Simulation;
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

/// Runs a behaviour in the simulator, where a seed is one of many worlds.
pub(crate) fn simulate<F: Future<Output = ()> + 'static>(behaviour: impl Fn(Reactor) -> F) {
    for seed in 0..3 {
        let simulation = Simulation::new(seed);
        let host = simulation.host("host");
        simulation.run_on(&host, &behaviour);
    }
}

/// A directory of its own, which exists on the machine (and goes with the value) and in the simulator.
pub(crate) async fn directory(reactor: &Reactor) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    reactor.create_directory_all(directory.path()).await.unwrap();
    directory
}

/// Makes three tests of each behaviour.
macro_rules! on_every_driver {
    ($($(#[$attribute:meta])* $behaviour:ident),* $(,)?) => {
        crate::on_kernel_drivers!($($(#[$attribute])* $behaviour),*);
        mod simulated {
            $(#[test] $(#[$attribute])* fn $behaviour() {
                crate::simulate(super::$behaviour);
            })*
        }
    };
}
pub(crate) use on_every_driver;

/// Makes the two tests of a behaviour that the simulator does not share.
macro_rules! on_kernel_drivers {
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
pub(crate) use on_kernel_drivers;
