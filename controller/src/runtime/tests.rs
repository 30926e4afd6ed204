use super::*;
use openraft_rt::testing::Suite;
use ringlog_reactor::Reactor;
use ringlog_reactor::simulation::Simulation;

type Runtime = Suite<ReactorRuntime>;

fn simulated<F: Future<Output = ()> + 'static>(body: impl FnOnce(Reactor) -> F) {
    let simulation = Simulation::new(1);
    let host = simulation.host("controller");
    simulation.run_on(&host, |reactor| {
        let future = body(reactor.clone());
        on(&reactor, future)
    });
}

#[test]
fn time_and_tasks_are_as_openraft_expects() {
    simulated(|_| async {
        Runtime::test_spawn_join_handle().await;
        Runtime::test_thread_rng().await;
        Runtime::test_sleep().await;
        Runtime::test_instant().await;
        Runtime::test_instant_arithmetic().await;
        Runtime::test_instant_sub_instant().await;
        Runtime::test_instant_saturating_duration_since().await;
        Runtime::test_instant_ord().await;
        Runtime::test_sleep_until().await;
        Runtime::test_timeout().await;
        Runtime::test_timeout_at().await;
    });
}

#[test]
fn queues_are_as_openraft_expects() {
    simulated(|_| async {
        Runtime::test_mpsc_recv_empty().await;
        Runtime::test_mpsc_recv_channel_closed().await;
        Runtime::test_mpsc_weak_sender_wont_prevent_channel_close().await;
        Runtime::test_mpsc_weak_sender_upgrade().await;
        Runtime::test_mpsc_send().await;
        Runtime::test_mpsc_send_to_closed_channel().await;
        Runtime::test_mpsc_backpressure().await;
    });
}

#[test]
fn watches_are_as_openraft_expects() {
    simulated(|_| async {
        Runtime::test_watch_init_value().await;
        Runtime::test_watch_overwrite_init_value().await;
        Runtime::test_watch_send_error_no_receiver().await;
        Runtime::test_watch_send_if_modified().await;
        Runtime::test_watch_wait_until_ge().await;
        Runtime::test_watch_wait_until().await;
        Runtime::test_watch_changed_marks_as_seen().await;
        Runtime::test_watch_borrow_and_update_marks_seen().await;
        Runtime::test_watch_changed_returns_immediately_when_unseen().await;
        Runtime::test_watch_multiple_borrow_then_changed().await;
        Runtime::test_watch_wait_loop_pattern().await;
        Runtime::test_watch_multiple_receivers().await;
        Runtime::test_watch_subscribe().await;
        Runtime::test_watch_send_if_different().await;
        Runtime::test_watch_send_if_greater().await;
    });
}

#[test]
fn oneshots_and_locks_are_as_openraft_expects() {
    simulated(|_| async {
        Runtime::test_oneshot_drop_tx().await;
        Runtime::test_oneshot().await;
        Runtime::test_oneshot_send_from_another_task().await;
        Runtime::test_oneshot_send_to_dropped_rx().await;
        Runtime::test_mutex_contention().await;
        Runtime::test_mutex().await;
        Runtime::test_mutex_lock_owned().await;
    });
}

#[test]
fn two_reactors_on_one_thread_do_not_mix() {
    let simulation = Simulation::new(2);
    let [one, other] = ["one", "other"].map(|name| {
        simulation.host(name).start(name, |reactor| {
            on(&reactor.clone(), async move {
                let mut least = u64::MAX;
                for _ in 0..20 {
                    <ReactorRuntime as AsyncRuntime>::sleep(Duration::from_millis(3)).await;
                    let drift = reactor.now_nanos().abs_diff(scope::current().now_nanos());
                    least = least.min(drift);
                    assert_eq!(drift, 0, "the clock is the one of this host");
                }
                least
            })
        })
    });
    simulation.run_until(|| one.is_finished() && other.is_finished()).unwrap();
}
