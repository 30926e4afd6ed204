use super::*;
use ringlog_native::cluster::{AllocateProducerIdsReplyV1, AllocateProducerIdsV1, RefusalKind};
use ringlog_reactor::simulation::{Crash, Simulation};

struct Quorum {
    simulation: Simulation,
    hosts: Vec<Host>,
    peers: BTreeMap<ControllerId, SocketAddr>,
    addresses: Vec<SocketAddr>,
}

fn three(seed: u64) -> Quorum {
    let simulation = Simulation::new(seed);
    let hosts: Vec<Host> = (1..=3).map(|id| simulation.host(&format!("controller-{id}"))).collect();
    let addresses: Vec<SocketAddr> = hosts.iter().map(|host| host.socket_address(PORT)).collect();
    let peers: BTreeMap<_, _> = (1..=3).map(ControllerId).zip(addresses.iter().copied()).collect();
    for (id, host) in (1..=3).zip(&hosts) {
        let _ = start(host, id, &peers);
    }
    Quorum { simulation, hosts, peers, addresses }
}

/// Which of them took the registration of a probe: the leader.
async fn leader(reactor: &Reactor, addresses: &[SocketAddr]) -> usize {
    loop {
        for (at, address) in addresses.iter().enumerate() {
            let probing = TestNode::try_register(reactor, 9, 1, *address);
            if let Ok(Ok(_)) = reactor.timeout(Duration::from_secs(1), probing).await {
                return at;
            }
        }
        reactor.sleep(Duration::from_millis(50)).await;
    }
}

/// Creates the topic whatever happens to the leader meanwhile.
async fn create_surely(reactor: &Reactor, addresses: &[SocketAddr], name: &str) {
    loop {
        let mut node = TestNode::register(reactor, 1, 1, addresses).await;
        // Created before, without having been told: fine as well.
        if let Ok(Ok(_)) = reactor.timeout(Duration::from_secs(8), node.create(name)).await {
            return;
        }
    }
}

#[test]
fn every_leader_may_be_lost_and_nothing_acknowledged_is() {
    for seed in 0..6 {
        let Quorum { simulation, hosts, peers, addresses } = three(seed);
        let node = simulation.host("node");
        simulation.run_on(&node, move |reactor| async move {
            for round in 0..5usize {
                create_surely(&reactor, &addresses, &format!("t{round}")).await;
                let leads = leader(&reactor, &addresses).await;
                hosts[leads].crash(if round % 2 == 0 { Crash::Power } else { Crash::Process });
                // The other two elect one of them, and it knows everything.
                create_surely(&reactor, &addresses, &format!("u{round}")).await;
                let seen = TestNode::register(&reactor, 1, 1, &addresses).await;
                assert_eq!(
                    seen.image.topic_count(),
                    2 * (round + 1),
                    "seed {seed}: {:?}",
                    names(&seen.image)
                );
                let _ = start(&hosts[leads], leads as u64 + 1, &peers);
            }
        });
    }
}

#[test]
fn followers_say_who_leads() {
    let Quorum { simulation, addresses, .. } = three(21);
    let node = simulation.host("node");
    simulation.run_on(&node, move |reactor| async move {
        let leads = leader(&reactor, &addresses).await;
        reactor.sleep(Duration::from_secs(2)).await;
        for (at, address) in addresses.iter().enumerate() {
            let asked = TestNode::try_register(&reactor, 1, 1, *address).await;
            match asked {
                Ok(_) => assert_eq!(at, leads),
                Err(refusal) => {
                    assert_eq!(refusal.kind(), Some(RefusalKind::NotLeader));
                    assert_eq!(refusal.leader, Some(addresses[leads].to_string()));
                }
            }
        }
    });
}

/// A leader that is cut off from the others confirms nothing and stops calling itself one; the others go on.
#[test]
fn a_leader_that_is_cut_off_steps_aside() {
    let Quorum { simulation, hosts, addresses, .. } = three(22);
    let node = simulation.host("node");
    let inside = addresses.clone();
    let leads = simulation.run_on(&node, move |reactor| async move {
        create_surely(&reactor, &inside, "before").await;
        leader(&reactor, &inside).await
    });
    for other in (0..3).filter(|other| *other != leads) {
        simulation.cut(&hosts[leads], &hosts[other]);
        simulation.cut(&hosts[other], &hosts[leads]);
    }
    simulation.run_for(Duration::from_secs(5));
    simulation.run_on(&node, {
        let addresses = addresses.clone();
        move |reactor| async move {
            let old = TestNode::try_register(&reactor, 1, 1, addresses[leads]).await;
            assert_eq!(old.err().unwrap().kind(), Some(RefusalKind::NotLeader));
            create_surely(&reactor, &addresses, "meanwhile").await;
        }
    });
    simulation.heal_all();
    simulation.run_for(Duration::from_secs(5));
    simulation.run_on(&node, move |reactor| async move {
        create_surely(&reactor, &addresses, "after").await;
        let seen = TestNode::register(&reactor, 1, 1, &addresses).await;
        assert_eq!(names(&seen.image), ["after", "before", "meanwhile"]);
    });
}

/// A voter that was away for longer than the log reaches back gets a snapshot.
#[test]
fn a_voter_that_lags_too_far_gets_a_snapshot() {
    let Quorum { simulation, hosts, peers, addresses } = three(23);
    let node = simulation.host("node");
    simulation.run_on(&node, move |reactor| async move {
        create_surely(&reactor, &addresses, "t").await;
        let leads = leader(&reactor, &addresses).await;
        let away = (leads + 1) % 3;
        hosts[away].crash(Crash::Power);
        let mut node = TestNode::register(&reactor, 1, 1, &addresses).await;
        let request = AllocateProducerIdsV1 { node: 1, incarnation: [1; 16] };
        for _ in 0..2_600 {
            let _: AllocateProducerIdsReplyV1 = node.ask(&request).await.unwrap();
        }
        let _ = start(&hosts[away], away as u64 + 1, &peers);
        reactor.sleep(Duration::from_secs(5)).await;
        // Only the one that was away and one other are left: what it knows must be right, or nobody could lead.
        hosts[leads].crash(Crash::Power);
        create_surely(&reactor, &addresses, "u").await;
        let third = 3 - leads - away;
        let _ = start(&hosts[leads], leads as u64 + 1, &peers);
        reactor.sleep(Duration::from_secs(5)).await;
        hosts[third].crash(Crash::Power);
        create_surely(&reactor, &addresses, "v").await;
        let seen = TestNode::register(&reactor, 1, 1, &addresses).await;
        assert_eq!(names(&seen.image), ["t", "u", "v"]);
        assert_eq!(seen.image.next_producer_id().0, 2_600_000);
    });
}
