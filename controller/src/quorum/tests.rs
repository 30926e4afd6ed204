use super::*;
use crate::store::{Database, LogStore};
use ringlog_image::MetadataRecord;
use ringlog_model::{ClusterId, Uuid};
use ringlog_reactor::Reactor;
use ringlog_reactor::simulation::{Crash, Simulation};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

fn formed() -> MetadataRecord {
    MetadataRecord::ClusterFormed { cluster: ClusterId(Uuid([7; 16])), format: 1 }
}

async fn alone(reactor: &Reactor) -> (Quorum, Database) {
    let database = Database::open(reactor, Path::new("/data")).await.unwrap();
    let store = LogStore::open(reactor, database.clone(), 1).await.unwrap();
    let options = QuorumOptions {
        id: 1,
        voters: BTreeMap::from([(1, "127.0.0.1:9".parse().unwrap())]),
        heartbeat: Duration::from_millis(500),
        election: Duration::from_millis(1500),
    };
    (Quorum::start(reactor, store, options).await.unwrap(), database)
}

/// Waits until it leads; gives the term.
async fn lead(quorum: &Quorum) -> u64 {
    loop {
        let changed = quorum.role_changed();
        if let Role::Leader { term } = quorum.role() {
            return term;
        }
        changed.await;
    }
}

#[test]
fn a_quorum_of_one_leads_at_once_and_keeps_what_it_committed() {
    let simulation = Simulation::new(3);
    let host = simulation.host("controller");
    let first = simulation.run_on(&host, |reactor| async move {
        let begun = reactor.now_nanos();
        let (quorum, _database) = alone(&reactor).await;
        lead(&quorum).await;
        let elected = reactor.now_nanos() - begun;
        let position = quorum.propose(0, vec![formed()]).await.unwrap();
        assert_eq!(quorum.metadata().position(), position);
        // What was decided on an older image is not applied.
        let late = quorum.propose(0, vec![formed()]).await;
        assert_eq!(late, Err(ProposeError::Superseded));
        assert!(elected < 200_000_000, "elected after {elected} ns");
        position
    });
    for (term, crash) in (2..).zip([Crash::Process, Crash::Power, Crash::Power]) {
        host.crash(crash);
        simulation.run_on(&host, move |reactor| async move {
            let begun = reactor.now_nanos();
            let (quorum, _database) = alone(&reactor).await;
            // Each life is a term of its own, so that "caught up with its own term" means everything before it.
            assert_eq!(lead(&quorum).await, term);
            let (image, position) = quorum.metadata().get();
            assert_eq!(position, first);
            assert_eq!(image.cluster(), Some(ClusterId(Uuid([7; 16]))));
            let took = reactor.now_nanos() - begun;
            assert!(took < 200_000_000, "leads again after {took} ns");
        });
    }
}

/// Long enough for snapshots and purges; what is rebuilt from them is what was committed.
#[test]
fn the_log_is_cut_by_snapshots_and_the_image_survives() {
    let simulation = Simulation::new(4);
    let host = simulation.host("controller");
    let position = simulation.run_on(&host, |reactor| async move {
        let (quorum, _database) = alone(&reactor).await;
        lead(&quorum).await;
        let mut position = quorum.propose(0, vec![formed()]).await.unwrap();
        for next in 1..2_500 {
            let record = MetadataRecord::ProducerIdsAllocated {
                next: ringlog_model::ProducerId(next * 1000),
                node: ringlog_model::NodeId(1),
            };
            position = quorum.propose(position, vec![record]).await.unwrap();
        }
        reactor.sleep(Duration::from_secs(1)).await;
        position
    });
    host.crash(Crash::Power);
    simulation.run_on(&host, move |reactor| async move {
        let (quorum, _database) = alone(&reactor).await;
        lead(&quorum).await;
        let (image, found) = quorum.metadata().get();
        assert_eq!(found, position);
        assert_eq!(image.next_producer_id().0, 2_499_000);
        let length = reactor.metadata(Path::new("/data/metadata.redb")).await.unwrap().length;
        assert!(length < 8 << 20, "the database has grown to {length} bytes");
    });
}
