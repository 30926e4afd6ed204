//! On the real drivers: the kernel's sockets and files.

use super::*;
use ringlog_reactor::{DriverChoice, Options};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

/// Starts a controller on this thread, registers a node, creates a topic, stops; gives how long it took to lead.
fn one_life(driver: DriverChoice, data: &Path, life: u8) -> Duration {
    let options = ControllerOptions::alone(data.to_owned(), "127.0.0.1:0".parse().unwrap());
    ringlog_reactor::run(Options { driver, ..Options::default() }, |reactor| async move {
        let bound: Rc<RefCell<Option<SocketAddr>>> = Rc::default();
        let begun = reactor.now_nanos();
        let telling = bound.clone();
        let controller = reactor.spawn(crate::run(reactor.clone(), options, move |address| {
            *telling.borrow_mut() = Some(address);
        }));
        while bound.borrow().is_none() {
            reactor.sleep(Duration::from_millis(1)).await;
        }
        let address = bound.borrow().unwrap();
        let mut node = TestNode::register(&reactor, 1, life, &[address]).await;
        let took = Duration::from_nanos(reactor.now_nanos() - begun);
        assert_eq!(node.image.topic_count(), usize::from(life) - 1);
        assert_eq!(node.create(&format!("t{life}")).await, Ok(true));
        reactor.shutdown_trigger().request();
        controller.await.unwrap();
        took
    })
    .unwrap()
}

#[test]
fn a_controller_lives_on_every_driver_and_finds_its_data_again() {
    let directory = tempfile::tempdir().unwrap();
    for (life, driver) in [(1, DriverChoice::Auto), (2, DriverChoice::Epoll), (3, DriverChoice::Auto)] {
        let took = one_life(driver, directory.path(), life);
        // Generous: the machine may be busy with other tests.
        assert!(took < Duration::from_secs(5), "life {life} took {took:?} to lead");
    }
}
