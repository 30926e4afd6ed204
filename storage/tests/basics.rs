//! What a store does while nothing goes wrong.

mod support;

use ringlog_model::{LeaderEpoch, LogId, Offset, Timestamp};
use ringlog_reactor::simulation::{Crash, Simulation};
use ringlog_storage::{AppendError, AppendInput, LogError, OpenError, ReadError};
use support::*;

#[test]
fn what_was_flushed_is_there_after_power_loss() {
    let simulation = Simulation::new(1);
    let host = simulation.host("node");
    let written = simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 64 << 10)).await.unwrap();
        for tag in 0..200 {
            append(&rig.store, &log, 0, 3, 40 + (tag as usize * 97) % 6000, tag).await;
        }
        flushed(&rig.store, &log, log.end()).await;
        assert_eq!(log.marks().written, log.end());
        assert!(log.segments().len() > 3, "small segments roll");
        read_all(&reactor, &log).await.unwrap()
    });
    assert_eq!(written.len(), 200);
    host.crash(Crash::Power);
    let found = simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        assert!(!rig.report.clean);
        let log = rig.store.log(LogId(1)).unwrap();
        assert_eq!(log.end(), Offset(600));
        let found = read_all(&reactor, &log).await.unwrap();
        log.verify().await.unwrap();
        found
    });
    assert_eq!(found, written);
}
